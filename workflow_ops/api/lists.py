"""Pages of lists, with the same filters, orders and cursors as the pages for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, Final, Generic, TypeVar

from django import forms
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from ticketflower.clean_json import pointer
from ticketflower.listing import ListPage, Sort
from workflow_design.definition.problems import Problem
from workflow_ops.api.calls import ApiRequest, RowId
from workflow_ops.api.problems import RequestRefusedError, form_problems

_CONTROLS: Final = frozenset({"sort", "after", "before"})
"""Parameters of lists that are not filters."""

ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT")


class Page(Schema, Generic[ItemT]):
    """A page of a list. `next` and `previous` are URLs of the neighbouring pages, or null."""

    items: list[ItemT]
    next: str | None = Field(description="URL of the next page (in MCP, its cursor); null on the last page.")
    previous: str | None = Field(description="URL of the previous page (in MCP, its cursor), or null.")


Before = Annotated[RowId | None, Query(description="Cursor of the next page, from `next`.")]
"""The cursor of lists that can only be read from the newest row to the oldest."""
DESK_FILTERS: Final[Mapping[str, str]] = {
    "q": "Words in the subject, data or comments of the ticket, its number, or the name of a person.",
    "workflow": "Id of a workflow: the `line` that all its versions share.",
    "waits_for": "Title of an unfinished task, or `nothing` for tickets that have stopped.",
    "type": "Title of a ticket type of the chosen `workflow`, which is required for this filter.",
    "assigned": "Assignee: id of a person, `me`, `nobody`, or `gone` (deactivated or away).",
    "submitter": "Requester: id of a person.",
    "responsible": "Responsible person: id, `me`, `nobody`, or `gone` (deactivated).",
    "priority": "Priority: `0` is the most urgent, `none` means that there is none.",
    "due": "Due time: `overdue`, `today`, or `week` (within 7 days).",
    "age": "Minimum age in days.",
    "day": "What `since` and `until` refer to: the submission by default, or `changed` (the last change).",
    "since": "First day, such as 2026-01-31.",
    "until": "Last day, such as 2026-01-31.",
    "held": "`past` for tickets on hold whose hold should have ended by now.",
    "still": "`1` for tickets in which nothing has happened for 10 working days.",
}
"""Descriptions of the filters that lists of the desk share, by their names."""


def page_of(
    request: ApiRequest, found: tuple[forms.Form, ListPage], item: Callable[[Any], ItemT], *, note: str = ""
) -> dict[str, Any]:
    """Return a page of a list as the response of an operation, each row converted by `item`.

    `found` is the filter form and the page, and `note` says why the rows are not in the requested order.
    Raise RequestRefusedError if there is a note, and for unknown or invalid filters, orders and cursors.
    Pages for people ignore what they don't know, and show an error beside the control or the first page
    instead; a program would mistake unfiltered rows for the filtered ones, or the first page for the next.
    """
    form, page = found
    order = request.GET.get("sort", "").removeprefix("-")
    has_order = not order or order in {sort.name for sort in page.sorts}
    refuse_invalid(request, form, has_order=has_order, bad_cursor=page.bad_cursor, note=note)

    def address(query: str | None) -> str | None:
        return None if query is None else f"{request.path}{query}"

    return {
        "items": [item(row) for row in page.rows],
        "next": address(page.older_url),
        "previous": address(page.newer_url),
    }


def refuse_invalid(
    request: ApiRequest, form: forms.Form, *, has_order: bool = True, bad_cursor: str = "", note: str = ""
) -> None:
    """Raise RequestRefusedError for invalid filters, or if the list has no such filter, order or cursor.

    `bad_cursor` is the name of the parameter with an invalid cursor. `note` says why the rows can't be sorted
    as requested.
    """
    problems = form_problems(form, under=pointer("query"))
    for name in sorted(request.GET.keys() - form.fields.keys() - _CONTROLS):
        text = _("This list has no such filter, or only together with another one.")
        problems.append(Problem(pointer("query", name), text, "invalid"))
    if not has_order:
        problems.append(Problem(pointer("query", "sort"), _("This list has no such order."), "invalid"))
    if note:
        problems.append(Problem(pointer("query", "sort"), note, "invalid"))
    if bad_cursor:
        text = _("This is no place in the list. Take the address in “next” or “previous”.")
        problems.append(Problem(pointer("query", bad_cursor), text, "invalid"))
    if problems:
        raise RequestRefusedError(422, _("The filters are not valid."), problems=problems)


def list_parameters(
    filters: Mapping[str, Any], sorts: Sequence[Sort], texts: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the OpenAPI description of a list's parameters: its filters, orders and cursors.

    `filters` are the filters of a FilterSet, or the fields of a filter form. `texts` describe parameters by
    name; a filter that they do not describe has its label.
    """
    known = texts or {}
    # A filter creates its form field once, and the filters of each request are copies of these filters.
    # Without deepcopy, they would keep the choices that exist outside of any company.
    fields = {
        name: each if isinstance(each, forms.Field) else deepcopy(each).field
        for name, each in filters.items()
    }
    orders = [f"{sign}{sort.name}" for sort in sorts for sign in ("", "-")]
    parameters = [
        _parameter(name, _schema(field), known.get(name) or force_str(field.label or ""))
        for name, field in fields.items()
    ]
    if orders:
        order = {"type": "string", "enum": orders}
        text = known.get("sort", "Sort order; a leading “-” reverses it.")
        parameters.append(_parameter("sort", order, text))
    parameters += [
        _parameter("after", {"type": "string"}, "Cursor of the next page, from `next`."),
        _parameter("before", {"type": "string"}, "Cursor of the previous page, from `previous`."),
    ]
    return {"parameters": parameters}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "schema": schema, "description": description}


def _schema(field: forms.Field) -> dict[str, Any]:
    # Choices that are rows differ between companies, so only fixed choices are listed.
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices: list[tuple[str, str]] = list(field.choices)  # type: ignore[arg-type]  # of ours alone
        values = [str(value) for value, _label in choices if value != ""]
        return {"type": "string", "enum": values} if values else {"type": "string"}
    if isinstance(field, forms.IntegerField):
        return {"type": "integer", "minimum": field.min_value or 0, "maximum": field.max_value or 2**63 - 1}
    if isinstance(field, forms.DateField):
        return {"type": "string", "format": "date"}
    return {"type": "string"}
