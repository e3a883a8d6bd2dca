"""The kinds of tickets that the person may submit, with their forms as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from users.models import Scope
from workflow_design.models import TicketDefinition
from workflow_ops.api.calls import ApiRequest, Token
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.work.finding import find_ticket_type
from workflow_ops.work.own_lists import CATALOGUE_SORTS, CatalogueFilter, find_catalogue

router = Router(tags=["Tickets"])


class TicketType(Schema):
    """A ticket type: a form with which tickets of a workflow are submitted."""

    id: int
    title: str
    description: str
    workflow: str = Field(description="Title of the workflow.")


class TicketTypeForm(TicketType):
    """A ticket type with its form."""

    form: dict[str, Any] = Field(description="JSON Schema of `values` for `submit_ticket`.")


@router.get(
    "/ticket-types",
    auth=Token(Scope.READ),
    response=Page[TicketType],
    openapi_extra=list_parameters(
        CatalogueFilter.base_filters, CATALOGUE_SORTS, {"q": "Words in the title or description."}
    ),
)
def list_ticket_types(request: ApiRequest) -> dict[str, Any]:
    """List the ticket types that you may submit, for yourself or for others."""
    return page_of(request, find_catalogue(request, request.user), _ticket_type)


@router.get("/ticket-types/{int:ticket_type_id}", auth=Token(Scope.READ), response=TicketTypeForm)
def read_ticket_type(request: ApiRequest, ticket_type_id: int) -> dict[str, Any]:
    """Read a ticket type with its form: a JSON Schema of the values that `submit_ticket` takes."""
    definition = find_ticket_type(request.user, ticket_type_id)
    return {
        **_ticket_type(definition),
        "form": form_schema(get_rules(definition.workflow_id).schema, definition.fields),
    }


def form_schema(fields_schema: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the JSON Schema of the values of a form with these fields of a workspace."""
    properties = fields_schema.get("properties", {})
    schema = {
        "type": "object",
        "properties": {name: properties[name] for name in names},
        "required": [name for name in names if name in fields_schema.get("required", [])],
        "additionalProperties": False,
    }
    return {**schema, "$defs": fields_schema["$defs"]} if "$defs" in fields_schema else schema


def _ticket_type(definition: TicketDefinition) -> dict[str, Any]:
    return {
        "id": definition.pk,
        "title": definition.title,
        "description": definition.description,
        "workflow": definition.workflow.title,
    }
