"""The API itself, and how a request finds its operation.

The site imports this module with the first request of a program (docs/architecture.md, "What is loaded by
whom"), so the patterns of its addresses are resolved here and not by the URLs of the site.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from ticketflower.clean_json import parse_json
from users.models import CustomUser
from workflow_ops.api import (
    bulk,
    catalogue,
    choices,
    comments,
    company,
    definitions,
    desk_calls,
    desk_errors,
    desk_tasks,
    desk_tickets,
    drafts,
    reports,
    scenarios,
    search,
    steps,
    tasks,
    tickets,
)
from workflow_ops.api.calls import free_key
from workflow_ops.api.docs_pages import docs_page
from workflow_ops.api.document import build_document, list_operations
from workflow_ops.api.problems import handle_problems, problem_response

PREFIX = "/api/1/"
_POLICY_OF_DATA = "default-src 'none'; frame-ancestors 'none'"
DOCS = "docs/"
_READ = ("GET", "HEAD")
_PARTS = (
    *(catalogue, tickets, steps, search, comments, tasks),
    *(desk_tickets, desk_tasks, desk_errors, desk_calls, bulk, reports, choices),
    *(definitions, drafts, scenarios, company),
)

# Operations with the same path need the same router, so two modules may share one.
_ROUTERS = tuple(dict.fromkeys(part.router for part in _PARTS))


class CleanParser(Parser):
    """Parses bodies like all other untrusted JSON (docs/security.md, "Untrusted input")."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value. Raise JsonError."""
        return parse_json(request.body)


class _Renderer(BaseRenderer):
    """Renders times with microseconds, so that a program can send back exactly what it has read."""

    media_type = "application/json"
    charset = "utf-8"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return JSON. Times are in UTC, as they come from the database; texts may be lazy translations."""
        return to_json(data, fallback=str)


class Api(NinjaAPI):
    """The API, whose operations are named like their functions."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Answer an error, and roll back the request's changes unless the error has `effects_stay`."""
        response: HttpResponse = super().on_exception(request, exc)
        if getattr(exc, "effects_stay", False):
            free_key(request)
        else:
            transaction.set_rollback(True)
        return response

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, which is unique."""
        name: str = operation.view_func.__name__
        return name


def make_api() -> Api:
    """Return the API with all of its operations."""
    api = Api(
        title="TicketFlower",
        version="1",
        description=_(
            "Submit tickets, complete tasks, administer tickets and design workflows, within the rights of "
            "the token's person and the scopes of the token. Lists are paginated with cursors, POST requests "
            "take an idempotency key, and errors are problem details (RFC 9457)."
        ),
        docs_url=None,
        openapi_url=None,
        parser=CleanParser(),
        renderer=_Renderer(),
    )
    handle_problems(api)
    for router in _ROUTERS:
        api.add_router("", router)
    return api


@cache
def _resolver() -> tuple[Api, URLResolver]:
    api = make_api()
    patterns, _app, _namespace = api.urls
    return api, URLResolver(RegexPattern(r"^"), list(patterns))


@cache
def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document, in which each operation may also answer with problem details."""
    api, _patterns = _resolver()
    return build_document(api, _ROUTERS, prefix=PREFIX)


def operation_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions of the operations by their names."""
    return {each.view_func.__name__: each.view_func for each in list_operations(_ROUTERS)}


@csrf_exempt
def api_view(request: HttpRequest, path: str) -> HttpResponse:
    """Answer a request of a program."""
    person = request.user
    token = person.token if isinstance(person, CustomUser) else None
    if token is not None and token.requests > token.allowed:
        response = problem_response(429, _("This token has made too many requests. Try again later."))
    else:
        response = _answer(request, path)
    if token is not None:
        seconds = max(math.ceil((token.window_ends_at - timezone.now()).total_seconds()), 1)
        response.headers["RateLimit-Limit"] = str(token.allowed)
        response.headers["RateLimit-Remaining"] = str(max(token.allowed - token.requests, 0))
        response.headers["RateLimit-Reset"] = str(seconds)
        if response.status_code == 429:  # noqa: PLR2004
            response.headers.setdefault("Retry-After", str(seconds))
    response.headers["Cache-Control"] = "private, no-store"
    if "json" in response.headers.get("Content-Type", ""):  # files have their own policy
        response.headers.setdefault("Content-Security-Policy", _POLICY_OF_DATA)
    return response


def _answer(request: HttpRequest, path: str) -> HttpResponse:
    if path == "openapi.json" and request.method in _READ:
        return JsonResponse(openapi_document())
    if path.startswith(DOCS) and request.method in _READ:
        return docs_page(request, openapi_document(), path.removeprefix(DOCS))
    _api, resolver = _resolver()
    try:
        match = resolver.resolve(path)
    except Resolver404:
        return problem_response(404, _("There is nothing at this address."))
    request.operation = f"{request.method} {match.route}"  # type: ignore[attr-defined]
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if response.status_code == 405:  # noqa: PLR2004
        allow = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else None
        return problem_response(405, _("This address does not take this method."), headers=allow)
    return response
