"""The API documentation: an introduction, and a page for each group of operations."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from users.models import Scope
from workflow_ops.api.examples import JSON, follow
from workflow_ops.api.problems import list_refusals

_PROBLEM: Final = {
    "type": "/api/1/docs/#invalid",
    "title": "Not valid",
    "status": 422,
    "detail": "The values are not valid.",
    "errors": [{"pointer": "/values/amount", "detail": "Enter a number.", "code": "wrong-type"}],
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, with its location and type."""

    name: str
    place: str
    what: str
    text: SafeString
    is_required: bool


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as its page shows it, with the lines of an example request and an example response."""

    name: str
    method: str
    path: str
    summary: SafeString
    more: SafeString
    scope: str
    inputs: list[Parameter]
    request: str
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class Group:
    """Operations with the same tag; `slug` is the last part of the URL of their page."""

    title: str
    slug: str
    operations: list[Described]


def docs_page(request: HttpRequest, document: Mapping[str, Any], path: str) -> HttpResponse:
    """Return the first page, or the page of a group; `path` is the rest of the address. Raise Http404."""
    host = request.build_absolute_uri("/").rstrip("/")
    groups = build_groups(document, host=host)
    if not path:
        context = {
            "groups": groups,
            "first_request": f'curl {host}/api/1/tickets \\\n  -H "Authorization: Bearer $TOKEN"',
            "scopes": [(scope.value, scope.label) for scope in Scope],
            "problem": json.dumps(_PROBLEM, indent=2),
            "refusals": list_refusals(),
        }
        return render(request, "workflow_ops/api_docs.html", context)
    group = next((each for each in groups if f"{each.slug}/" == path), None)
    if group is None:
        raise Http404
    return render(request, "workflow_ops/api_docs_group.html", {"groups": groups, "group": group})


def build_groups(document: Mapping[str, Any], *, host: str) -> list[Group]:
    """Return the operations by their tag, in the order of the document."""
    found: dict[str, list[Described]] = {}
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            described = _describe(method.upper(), path, operation, schemas, host)
            found.setdefault(operation["tags"][0], []).append(described)
    return [Group(title, slugify(title), described) for title, described in found.items()]


def _describe(
    method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any], host: str
) -> Described:
    status, answer = next(iter(operation["responses"].items()))
    body = operation.get("requestBody", {}).get("content", {})
    return Described(
        name=operation["operationId"],
        method=method,
        path=path,
        summary=_with_code(operation["summary"]),
        more=_with_code(" ".join(operation["description"].removeprefix(operation["summary"]).split())),
        scope=operation["x-scope"],
        inputs=[
            *(_parameter(each, schemas) for each in operation.get("parameters", ())),
            *_members(body, schemas),
        ],
        request="\n".join(_curl(method, path, operation, body, host)),
        status=str(status),
        answer=_answer(answer.get("content", {})),
    )


def _with_code(text: str) -> SafeString:
    """Return the text as HTML, with the parts between backquotes marked up as code."""
    parts = enumerate(text.split("`"))
    marked = (format_html("<code>{}</code>", part) if number % 2 else part for number, part in parts)
    return format_html_join("", "{}", ((part,) for part in marked))


def _parameter(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> Parameter:
    places = {"path": _("path"), "query": _("query"), "header": _("header")}
    return Parameter(
        name=parameter["name"],
        place=places[parameter["in"]],
        what=_what(parameter["schema"], schemas),
        text=_with_code(parameter.get("description", "")),
        is_required=parameter.get("required", False),
    )


def _members(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Parameter]:
    """Yield the members of the body, if it is an object that names them."""
    for content in body.values():
        schema = follow(content["schema"], schemas)
        for name, member in schema.get("properties", {}).items():
            is_required = name in schema.get("required", ())
            what, text = _what(member, schemas), _with_code(member.get("description", ""))
            yield Parameter(name, _("body"), what, text, is_required)


def _what(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the type of a value in words: "string", "one of: a, b", "list of integer"."""
    schema = follow(schema, schemas)
    if "anyOf" in schema:
        return _(" or ").join(dict.fromkeys(_what(each, schemas) for each in schema["anyOf"]))
    if "enum" in schema:
        return _("one of: %(values)s") % {"values": ", ".join(map(str, schema["enum"]))}
    if schema.get("type") == "array":
        return _("list of %(what)s") % {"what": _what(schema["items"], schemas)}
    return str(schema.get("format") or schema.get("type", ""))


def _curl(
    method: str, path: str, operation: Mapping[str, Any], body: Mapping[str, Any], host: str
) -> Iterator[str]:
    """Yield the lines of an example request."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _SAMPLES.get(parameter["name"], "57"))
    lines = [f"curl {host}{path}" if method in ("GET", "POST") else f"curl -X {method} {host}{path}"]
    lines.append('-H "Authorization: Bearer $TOKEN"')
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"]
    if "If-Match" in names:
        lines.append("""-H 'If-Match: "3"'""")
    if "Idempotency-Key" in names:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if JSON in body:
        text = json.dumps(body[JSON]["example"], ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(text)}"]
    elif body:
        lines.append("-F file=@invoice.pdf")
    elif method == "POST":
        lines.append("-X POST")
    yield from " \\\n  ".join(lines).split("\n")


_SAMPLES: Final = {"number": "215", "other": "217", "name": "vacation"}


def _answer(content: Mapping[str, Any]) -> str:
    """Return an example response; "" if the response is not JSON."""
    if JSON not in content:
        return next((f"({kind})" for kind in content), "")
    return json.dumps(content[JSON]["example"], ensure_ascii=False, indent=2)
