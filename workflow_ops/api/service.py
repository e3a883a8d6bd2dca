"""The API itself, and how a request finds its operation.

The site imports this module with the first request of a program (docs/architecture.md, "What is loaded by
whom"), so the patterns of its addresses are resolved here and not by the URLs of the site.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.parser import Parser

from ticketflower.clean_json import parse_json
from users.models import CustomUser
from workflow_ops.api import (
    catalogue,
    comments,
    definitions,
    desk_tasks,
    desk_tickets,
    drafts,
    tasks,
    tickets,
)
from workflow_ops.api.calls import Token
from workflow_ops.api.problems import ProblemDetails, handle_problems, problem_response

PREFIX = "/api/1/"
_BAD = 400
_PARTS = (catalogue, tickets, tasks, comments, desk_tickets, desk_tasks, definitions, drafts)


class CleanParser(Parser):
    """Reads bodies as the rest of the product reads untrusted JSON (docs/security.md, "Untrusted input")."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body's value. Raise JsonError."""
        return parse_json(request.body)


class Api(NinjaAPI):
    """The operations, each called as its function."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function, which is unique."""
        name: str = operation.view_func.__name__
        return name


def make_api() -> Api:
    """Return the API with all of its operations."""
    api = Api(
        title="TicketFlower",
        version="1",
        description=_("Submit tickets, do tasks, administer and design workflows, within your own rights."),
        docs_url=None,
        openapi_url=None,
        parser=CleanParser(),
    )
    handle_problems(api)
    # Operations at one address need one router, which two modules may share.
    for router in dict.fromkeys(part.router for part in _PARTS):
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
    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    document["components"]["schemas"]["ProblemDetails"] = ProblemDetails.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas = document["components"]["schemas"]
    schemas |= schemas["ProblemDetails"].pop("$defs", {})
    refused = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    scopes = {operation.view_func.__name__: _scope(operation) for operation in _operations()}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refused
            operation["x-scope"] = scopes[operation["operationId"]]
    return document


def _operations() -> Iterator[Operation]:
    for router in dict.fromkeys(part.router for part in _PARTS):
        for view in router.path_operations.values():
            yield from view.operations


def _scope(operation: Operation) -> str:
    return next((str(each.scope) for each in operation.auth_callbacks if isinstance(each, Token)), "")


def _groups() -> Iterator[dict[str, Any]]:
    """Yield the operations by their tag, for reading."""
    found = defaultdict(list)
    for path, operations in openapi_document()["paths"].items():
        for method, operation in operations.items():
            scope, body = operation.get("x-scope", ""), operation.get("requestBody")
            schema = body["content"][next(iter(body["content"]))]["schema"] if body else {}
            found[operation["tags"][0]].append(
                {
                    "method": method.upper(),
                    "path": path,
                    "text": operation.get("description", ""),
                    "scope": scope,
                    "parameters": [each["name"] for each in operation.get("parameters", ())],
                    "body": str(schema.get("$ref", "")).rpartition("/")[2],
                }
            )
    for tag, operations in found.items():
        yield {"title": tag, "operations": operations}


@csrf_exempt
def api_view(request: HttpRequest, path: str) -> HttpResponse:
    """Answer a request of a program; what it did is undone if it is refused."""
    person = request.user
    token = person.token if isinstance(person, CustomUser) else None
    if token is not None and token.requests > token.allowed:
        response = problem_response(429, _("This token has made too many requests. Try again later."))
    else:
        response = _answer(request, path)
    if response.status_code >= _BAD:
        transaction.set_rollback(True)
    if token is not None:
        seconds = max(math.ceil((token.window_ends_at - timezone.now()).total_seconds()), 1)
        response.headers["RateLimit-Limit"] = str(token.allowed)
        response.headers["RateLimit-Remaining"] = str(max(token.allowed - token.requests, 0))
        response.headers["RateLimit-Reset"] = str(seconds)
        if response.status_code == 429:  # noqa: PLR2004
            response.headers.setdefault("Retry-After", str(seconds))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _answer(request: HttpRequest, path: str) -> HttpResponse:
    if path == "openapi.json" and request.method == "GET":
        return JsonResponse(openapi_document())
    if path == "docs/" and request.method == "GET":
        return render(request, "workflow_ops/api_docs.html", {"groups": list(_groups())})
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
