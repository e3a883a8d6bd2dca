"""The OpenAPI document: django-ninja's description of the operations, and parts that all of them share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ninja import NinjaAPI, Router
from ninja.operation import Operation

from workflow_ops.api.calls import LONGEST_KEY, Token
from workflow_ops.api.examples import JSON, example_of
from workflow_ops.api.problems import MEDIA_TYPE, ProblemDetails

_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "Idempotency key: a retry with the same key takes effect only once.",
}
_REFUSED: Final = {
    "description": "The request was refused or failed: problem details (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}
_IN_PATH: Final = {
    "bulk_id": "Id of the bulk action.",
    "call_id": "Id of the call.",
    "comment_id": "Id of the comment.",
    "connection_id": "Id of the connection.",
    "error_id": "Id of the error.",
    "file_id": "Id of the file.",
    "name": "Name of the gallery workflow.",
    "number": "Number of the ticket.",
    "other": "Number of the other ticket.",
    "other_id": "Id of the other version.",
    "person_id": "Id of the person.",
    "report_id": "Id of the report.",
    "step": "Number of the step.",
    "task_id": "Id of the task.",
    "ticket_type_id": "Id of the ticket type.",
    "workflow_id": "Id of the version of the workflow.",
}
"""Descriptions of parameters in the path that an operation does not describe itself, by their names."""


def build_document(api: NinjaAPI, routers: Iterable[Router], *, prefix: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API, which has these routers; addresses begin with `prefix`."""
    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=prefix))
    schemas = document["components"]["schemas"]
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["ProblemDetails"].pop("$defs", {})
    functions = {operation.view_func.__name__: operation for operation in list_operations(routers)}
    for operations in document["paths"].values():
        for method, described in operations.items():
            _complete(method, described, functions[described["operationId"]], schemas)
    return document


def list_operations(routers: Iterable[Router]) -> Iterator[Operation]:
    """Yield the operations of routers."""
    for router in routers:
        for view in router.path_operations.values():
            yield from view.operations


def _complete(method: str, described: dict[str, Any], operation: Operation, schemas: dict[str, Any]) -> None:
    """Add to an operation its scope, summary, headers, examples and the response to refused requests."""
    described["summary"] = re.split(r"(?<=[.?])\s", described["description"], maxsplit=1)[0]
    # Separated by spaces, as in OAuth.
    described["x-scope"] = next(
        " ".join(each.scopes) for each in operation.auth_callbacks if isinstance(each, Token)
    )
    for parameter in described.get("parameters", ()):
        if parameter["in"] == "path":
            parameter.setdefault("description", _IN_PATH[parameter["name"]])
    if method == "post":
        described["parameters"] = [*described.get("parameters", ()), _KEY]
    contents = [described["requestBody"]["content"]] if "requestBody" in described else []
    contents += [each["content"] for each in described["responses"].values() if "content" in each]
    for content in contents:
        if JSON in content:
            content[JSON]["example"] = example_of(content[JSON]["schema"], schemas)
    described["responses"]["default"] = _REFUSED
