"""The header Server-Timing, from which the browser's developer tools show the duration of a page."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

Respond = Callable[[HttpRequest], HttpResponse]


def server_timing_middleware(get_response: Respond) -> Respond:
    """Send the duration of a request and its statements to the browser; only in development."""

    def middleware(request: HttpRequest) -> HttpResponse:
        statements: list[float] = []

        def note(execute: Callable[..., Any], *arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(*arguments)
            finally:
                statements.append(time.perf_counter() - began)

        began = time.perf_counter()
        with connection.execute_wrapper(note):
            response = get_response(request)
        total = (time.perf_counter() - began) * 1000
        response.headers["Server-Timing"] = (
            f'db;desc="{len(statements)} statements";dur={sum(statements) * 1000:.1f}, total;dur={total:.1f}'
        )
        return response

    return middleware
