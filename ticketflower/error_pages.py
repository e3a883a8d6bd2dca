"""The plain pages for 400, 403, 404, 405 and 500: each shows the reference that is in the log."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader
from structlog.contextvars import get_contextvars


def request_id() -> str:
    """The id of the request under way, as every line of its log bears it."""
    return str(get_contextvars().get("request_id", ""))


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    return render(request, template, {"request_id": request_id()}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a page of the own company that the person may not use."""
    return _page(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what is another company's."""
    return _page(request, "404.html", 404)


def wrong_method_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """405: Django has no handler for it, and its answer is an empty page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = _page(request, "405.html", response.status_code).content
        return response

    return middleware


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that was open for too long, or came from elsewhere."""
    return _page(request, "403_csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the request, its person and the database, any of which may be the fault."""
    context: dict[str, Any] = {"request_id": request_id()}
    return HttpResponse(loader.render_to_string("500.html", context), status=500)
