"""Resources that models can read before they begin: workflow format, its meaning, gallery, and names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from mcp_types import Resource, TextResourceContents

from workflow_ops.api.mcp.calls import Answer
from workflow_ops.api.mcp.operations import JSON

MARKDOWN: Final = "text/markdown"
_SCHEME: Final = "ticketflower://"
GALLERY: Final = f"{_SCHEME}gallery/"
_OK: Final = 200

Call = Callable[[str, Mapping[str, Any]], Answer]
"""Calls an operation of the API as the client's person, by its name."""


class ResourceRefusedError(Exception):
    """There is no such resource, or the token may not read it; the text says which."""


class _Document(NamedTuple):
    name: str
    title: str
    description: str


_DOCUMENTS: Final[Mapping[str, _Document]] = {
    f"{_SCHEME}docs/workflow-format": _Document(
        "workflow-format", "Workflow format", "Reference of the members of workflow files, with examples."
    ),
    f"{_SCHEME}docs/engine-in-short": _Document(
        "engine-in-short",
        "What a workflow means",
        "When tasks start, what ends a workflow, and common mistakes. Read this before you write one.",
    ),
}
_OPERATIONS: Final[Mapping[str, _Document]] = {
    f"{_SCHEME}workflow-schema": _Document(
        "read_workflow_format", "Schema of workflow files", "JSON Schema of workflow files."
    ),
    f"{_SCHEME}names": _Document(
        "list_names_for_workflows",
        "Roles, connections and chats",
        "Names of the company's roles, connections and chats, which a workflow file may contain.",
    ),
}
"""Resources that are the response of an operation, with the operation's name first."""


def list_resources(call: Call) -> list[Resource]:
    """Return the resources that the client may read, by its token's scopes and its person's rights."""
    return [*_documents(), *_answers(call), *_templates(call)]


def _documents() -> Iterator[Resource]:
    for uri, each in _DOCUMENTS.items():
        yield Resource(
            uri=uri, name=each.name, title=each.title, description=each.description, mime_type=MARKDOWN
        )


def _answers(call: Call) -> Iterator[Resource]:
    for uri, each in _OPERATIONS.items():
        if call(each.name, {}).status != _OK:
            continue
        yield Resource(
            uri=uri,
            name=uri.removeprefix(_SCHEME),
            title=each.title,
            description=each.description,
            mime_type=JSON,
        )


def _templates(call: Call) -> Iterator[Resource]:
    answer = call("list_templates", {})
    if answer.status != _OK:  # this token or person may not design workflows
        return
    for each in json.loads(answer.content):
        yield Resource(
            uri=GALLERY + each["name"],
            name=f"gallery/{each['name']}",
            title=each["title"],
            description=each["description"],
            mime_type=JSON,
        )


def read_resource(uri: str, call: Call) -> TextResourceContents:
    """Return the content of a resource. Raise ResourceRefusedError."""
    if uri in _DOCUMENTS:
        path = settings.BASE_DIR / "docs" / f"{_DOCUMENTS[uri].name}.md"
        return TextResourceContents(uri=uri, mime_type=MARKDOWN, text=path.read_text(encoding="utf-8"))
    if uri in _OPERATIONS:
        body = _answer(_OPERATIONS[uri].name, call)
    elif uri.startswith(GALLERY):
        body = _answer("read_template", call, name=uri.removeprefix(GALLERY))
    else:
        raise ResourceRefusedError(f"There is no resource {uri}.")
    return TextResourceContents(uri=uri, mime_type=JSON, text=json.dumps(body, ensure_ascii=False))


def _answer(operation: str, call: Call, /, **arguments: str) -> Any:
    answer = call(operation, arguments)
    if answer.status != _OK:
        raise ResourceRefusedError(json.loads(answer.content)["detail"])
    return json.loads(answer.content)
