"""The steps of a ticket: what was written, what followed, and why, for those who may see its conditions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms import Form
from ninja import Schema

from users.models import Scope
from workflow_design.workspace.reading import read_layout
from workflow_ops.api.calls import ApiRequest, Token
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.tickets import router
from workflow_ops.api.values import only, plain_text
from workflow_ops.desk.history_pages import STEP_SORTS, StepPage, steps_page
from workflow_ops.desk.shared import find_explained_ticket
from workflow_ops.history.steps import StepEntry, read_steps


class ChangedField(Schema):
    """A field with its values before and after a step, in words; "" means none."""

    field: str
    title: str
    before: str
    after: str


class Step(Schema):
    """A step: values that were written, by whom, what they changed, and what followed.

    `emptied` are the fields that were emptied because they are asked again.
    """

    step: int
    at: datetime
    who: str
    what: str
    changes: list[ChangedField]
    emptied: list[str]
    followed: list[str]


class Decision(Schema):
    """What came of a task or an end of the workflow in a step, and why."""

    kind: str
    title: str
    was_asked: bool
    outcome: str
    why: str


class StepDetail(Step):
    """A step with the data after it, and what was decided about each task and end of the workflow."""

    data: dict[str, Any]
    decisions: list[Decision]


@router.get(
    "/tickets/{int:number}/steps",
    auth=Token(Scope.READ),
    response=Page[Step],
    openapi_extra=list_parameters({}, STEP_SORTS),
)
def list_steps(request: ApiRequest, number: int) -> dict[str, Any]:
    """List how a ticket's data came about, step by step, the newest first: who wrote what, and what followed.

    This is for those who administer its workflow, or design workflows and may see the ticket.
    """
    ticket = find_explained_ticket(request, number)
    page = steps_page(request, ticket)
    entries = {entry.number: entry for entry in read_steps(ticket, page.rows) if isinstance(entry, StepEntry)}
    return page_of(request, (Form(), page), lambda row: _step(entries[row.step]))


@router.get("/tickets/{int:number}/steps/{int:step}", auth=Token(Scope.READ), response=StepDetail)
def read_step(request: ApiRequest, number: int, step: int) -> dict[str, Any]:
    """Read why each task and end of a workflow did or did not start in a step, and the data after it."""
    ticket = find_explained_ticket(request, number)
    page, layout = StepPage.find(ticket, step), ticket.workflow_instance.workflow.display_layout
    return {
        **_step(page.entry),
        "data": only(page.step.data, read_layout(layout, fields=page.fields).fields_in_order),
        "decisions": [
            {
                "kind": part.kind,
                "title": part.title,
                "was_asked": verdict.was_asked,
                "outcome": verdict.name,
                "why": verdict.answer,
            }
            for part, verdict in page.verdicts
        ],
    }


def _step(entry: StepEntry) -> dict[str, Any]:
    return {
        "step": entry.number,
        "at": entry.at,
        "who": entry.who,
        "what": entry.what,
        "changes": [
            {
                "field": change.name,
                "title": change.label,
                "before": plain_text(change.before),
                "after": plain_text(change.after),
            }
            for change in entry.changes
        ],
        "emptied": entry.resets,
        "followed": entry.followed,
    }
