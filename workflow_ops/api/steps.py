"""The steps of a ticket: what was written, what followed, and why, for those who may see its conditions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms import Form
from ninja import Schema
from pydantic import Field

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
    """A field that a step changed."""

    field: str = Field(description="Name of the field.")
    title: str
    before: str = Field(description="Value before the step, as text; “” for none.")
    after: str = Field(description="Value after the step, as text; “” for none.")


class Step(Schema):
    """A step: one write of values to the data of a ticket."""

    step: int
    at: datetime
    who: str
    what: str = Field(description="What caused it, such as the completion of a task.")
    changes: list[ChangedField]
    emptied: list[str] = Field(description="Fields that were emptied because they will be asked again.")
    followed: list[str] = Field(description="What it started, changed or ended, in sentences.")


class Decision(Schema):
    """What was decided about a task or completion in a step."""

    kind: str = Field(description="`task` or `completion`.")
    title: str
    was_asked: bool = Field(description="True if the step wrote a field that it reads.")
    outcome: str = Field(description="Such as `started`, `reached`, `condition-false` or `not-asked`.")
    why: str = Field(description="The reason, in a sentence.")


class StepDetail(Step):
    """A step with the data after it and all decisions."""

    data: dict[str, Any] = Field(description="Data of the ticket after the step, by field name.")
    decisions: list[Decision]


@router.get(
    "/tickets/{int:number}/steps",
    auth=Token(Scope.READ),
    response=Page[Step],
    openapi_extra=list_parameters({}, STEP_SORTS),
)
def list_steps(request: ApiRequest, number: int) -> dict[str, Any]:
    """List the changes of a ticket's data, newest first: who wrote which values, and what followed.

    403 unless you administer its workflow, or design workflows and may see the ticket. For a history in
    sentences, use `read_timeline`.
    """
    ticket = find_explained_ticket(request, number)
    page = steps_page(request, ticket)
    entries = {entry.number: entry for entry in read_steps(ticket, page.rows) if isinstance(entry, StepEntry)}
    return page_of(request, (Form(), page), lambda row: _step(entries[row.step]))


@router.get("/tickets/{int:number}/steps/{int:step}", auth=Token(Scope.READ), response=StepDetail)
def read_step(request: ApiRequest, number: int, step: int) -> dict[str, Any]:
    """Explain a step of a ticket: why each task and completion did or did not start, and the data after it.

    403 as in `list_steps`.
    """
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
