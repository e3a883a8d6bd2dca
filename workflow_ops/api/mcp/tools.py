"""The tools that models see, and the results of their calls."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator
from mcp_types import (
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    Tool,
    ToolAnnotations,
)

from ticketflower.clean_json import JsonError, clean_json, pointer
from workflow_ops.api.mcp.calls import Answer, File
from workflow_ops.api.mcp.operations import FILE, MEMBER, WHOLE, Json, Operation, all_operations
from workflow_ops.api.problems import MEDIA_TYPE

NO_TOOLS: Final[Mapping[str, str]] = {}
"""Operations that are not offered as tools, each with the reason."""

STORES_NOTHING: Final = frozenset({"check_workflow", "play_workflow"})
"""Operations that change nothing although they take a POST."""
ONLY_ADDS: Final = frozenset(
    {
        *("add_comment", "create_draft", "create_report", "create_version", "follow_ticket", "link_ticket"),
        *("make_scenario", "submit_ticket", "upload_file"),
    }
)
"""Operations that only add rows. All others that store something count as destructive."""
_BEFORE: Final[Mapping[str, str]] = {
    "complete_task": "read_task",
    "correct_ticket": "read_ticket",
    "create_draft": "check_workflow",
    "edit_ticket": "read_desk_ticket",
    "fill_in_task": "read_desk_task",
    "publish_workflow": "read_workflow_report",
    "read_ticket_type": "list_ticket_types",
    "replace_draft": "read_workflow_file",
    "save_task_draft": "read_task",
    "submit_ticket": "read_ticket_type",
}
"""For tools that need a result of another tool: the name of that tool."""
MOST_BYTES: Final = 2_500_000
"""A file of this size is a message of 3.4 MB; larger ones go over the API."""

_MOST_BYTES_OF_ARGUMENTS: Final = 4 * 1024 * 1024
"""The same limit as for a message over HTTP."""

_UPLOAD: Final[Json] = {
    "file_name": {"type": "string", "description": "Name with its extension, such as “offer.pdf”."},
    "text": {"type": "string", "description": "Content of a text file. Pass either this or base64."},
    "base64": {"type": "string", "description": "Content of any other file, encoded in base64."},
}


class ArgumentsRefusedError(Exception):
    """A tool can't be called with these arguments; `problems` are as in problem details."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        super().__init__("The arguments are not valid.")
        self.problems = [{"pointer": place, "detail": text, "code": "invalid"} for place, text in problems]


@cache
def all_tools() -> Mapping[str, Tool]:
    """Return the tools by their names, those for reading first in each group of the API."""
    operations = all_operations().values()
    return {each.name: _tool(each) for each in operations if each.name not in NO_TOOLS}


def tools_of(scopes: Collection[str]) -> list[Tool]:
    """Return the tools that a token with these scopes may call: fewer are easier to choose from."""
    operations = all_operations()
    return [tool for name, tool in all_tools().items() if operations[name].scopes <= set(scopes)]


def _tool(operation: Operation) -> Tool:
    stores = operation.method != "GET" and operation.name not in STORES_NOTHING
    title = operation.name.replace("_", " ").capitalize()
    return Tool(
        name=operation.name,
        title=title,
        description=_description(operation),
        input_schema=_input_schema(operation),
        output_schema=_output_schema(operation),
        annotations=ToolAnnotations(
            title=title,
            read_only_hint=not stores,
            destructive_hint=stores and operation.name not in ONLY_ADDS,
            idempotent_hint=not stores or operation.method == "PUT",
            open_world_hint=False,
        ),
    )


def _description(operation: Operation) -> str:
    # The names that headers have as arguments and in results.
    text = operation.description.replace("If-Match", "if_match").replace("ETag", "etag")
    names = {each.name for each in operation.at("query")}
    if "before" in names and "after" not in names:
        text += " Pagination: pass “next” as before."
    before = _BEFORE.get(operation.name)
    return f"{text} Call {before} first." if before else text


def _input_schema(operation: Operation) -> Json:
    if operation.is_upload:
        properties = {**_UPLOAD, **{each.name: each.schema for each in operation.at("header")}}
        return _object(properties, ["file_name"])
    properties = {each.name: each.schema for each in operation.arguments}
    return _object(properties, [each.name for each in operation.arguments if each.is_required])


def _output_schema(operation: Operation) -> Json | None:
    if operation.answer is None:
        return None
    etag = {"type": "string", "description": "Version of what was read. Pass it as if_match to change it."}
    return {
        "type": "object",
        "properties": {"body": operation.answer, "etag": etag},
        "required": ["body"],
    }


def _object(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# --- Arguments -----------------------------------------------------------------------


def read_arguments(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments for `call_operation`. Raise ArgumentsRefusedError.

    Only arguments that are not passed on unchanged in a body are validated here; the API validates bodies.
    But NUL and everything else that `clean_json` refuses is refused everywhere: HTTP headers could not carry
    it.
    """
    try:
        clean_json(dict(given), max_bytes=_MOST_BYTES_OF_ARGUMENTS)
    except JsonError as error:
        raise ArgumentsRefusedError([(error.pointer, error.message)]) from error
    schema = all_tools()[operation.name].input_schema
    in_body = {each.name for each in operation.at(MEMBER)}
    looked_at = {
        **schema,
        "properties": {name: {} if name in in_body else each for name, each in schema["properties"].items()},
        "required": [name for name in schema["required"] if name not in in_body],
    }
    errors = list(Draft202012Validator(looked_at).iter_errors(dict(given)))
    if errors:
        raise ArgumentsRefusedError((pointer(*error.absolute_path), error.message) for error in errors)
    if not operation.is_upload:
        return dict(given)
    (file,) = operation.at(FILE)
    return {**given, file.name: File(given["file_name"], _content(given))}


def _content(given: Mapping[str, Any]) -> bytes:
    if ("text" in given) == ("base64" in given):
        raise ArgumentsRefusedError([("", "Give the content as either “text” or “base64”.")])
    if "text" in given:
        return str(given["text"]).encode()
    try:
        return base64.b64decode(given["base64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArgumentsRefusedError([("/base64", "This is not base64.")]) from error


# --- Results -------------------------------------------------------------------------


def result_of(operation: Operation, answer: Answer) -> CallToolResult:
    """Return the API's response as a result for the model: JSON and version, a file, or problem details."""
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return refusal(_problem(operation, answer, media_type))
    if answer.status == HTTPStatus.NO_CONTENT:
        return CallToolResult(content=[TextContent(text="Done.")], structured_content={})
    if operation.answer is None:
        return _file_result(answer, media_type)
    body = json.loads(answer.content) if media_type == "application/json" else answer.content.decode()
    content: Json = {"body": _with_cursors(body)}
    if "etag" in answer.headers:
        content["etag"] = answer.headers["etag"]
    return CallToolResult(content=[_text(content)], structured_content=content)


def refusal(problem: Mapping[str, Any]) -> CallToolResult:
    """Return the result that tells a model why it was refused, with a pointer to each argument at fault."""
    return CallToolResult(content=[_text(problem)], structured_content=dict(problem), is_error=True)


def _text(value: Any) -> TextContent:
    return TextContent(text=json.dumps(value, ensure_ascii=False))


def _problem(operation: Operation, answer: Answer, media_type: str) -> Json:
    if media_type != MEDIA_TYPE:  # an HTML error page; the error is in the log
        return {"status": answer.status, "title": "Error", "detail": "The call failed.", "errors": []}
    problem: Json = json.loads(answer.content)
    for whole in operation.at(WHOLE):
        for each in problem["errors"]:
            each["pointer"] = f"/{whole.name}{each['pointer']}"
    if "retry-after" in answer.headers:
        problem["retry_after"] = int(answer.headers["retry-after"])
    return problem


def _with_cursors(body: Any) -> Any:
    """Return a page of a list with its URLs replaced by their cursors, because tools take no URLs."""
    if not is_page(body):
        return body
    return {**body, "next": cursor_of(body["next"]), "previous": cursor_of(body["previous"])}


def is_page(body: Any) -> bool:
    """Return whether an answer is a page of a list."""
    return isinstance(body, dict) and body.keys() >= {"items", "next", "previous"}


def cursor_of(address: str | None) -> str | None:
    """Return the cursor in the address of a page, or None if there is no such page."""
    query = parse_qs(urlsplit(address or "").query)
    return next((query[name][0] for name in ("after", "before") if name in query), None)


def _file_result(answer: Answer, media_type: str) -> CallToolResult:
    size = len(answer.content)
    if size > MOST_BYTES:
        text = f"The file has {size:,} bytes; a tool returns at most {MOST_BYTES:,}. Use the API."
        return refusal({"status": 413, "title": "Too large", "detail": text, "errors": []})
    return CallToolResult(
        content=[_file(answer.content, media_type)],
        structured_content={"media_type": media_type, "size": size},
    )


def _file(content: bytes, media_type: str) -> ContentBlock:
    if media_type.startswith("text/") or media_type == "image/svg+xml":
        return TextContent(text=content.decode(errors="replace"))
    data = base64.b64encode(content).decode()
    if media_type.startswith("image/"):
        return ImageContent(data=data, mime_type=media_type)
    return EmbeddedResource(
        resource=BlobResourceContents(uri="ticketflower://file", blob=data, mime_type=media_type)
    )
