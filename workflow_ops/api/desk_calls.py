"""Calls of other systems, with what was sent and what came back, for those who administer their tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import Field

from ticketflower.clean_json import pointer
from users.models import Scope
from workflow_design.access import may_administer_something
from workflow_design.definition.problems import Problem
from workflow_ops.api.calls import ApiRequest, Token, require
from workflow_ops.api.desk_tasks import router
from workflow_ops.api.lists import DESK_FILTERS, Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.desk.calls.filters import ALL, SLOW_ONES, WHEN, CallFilterForm, CallList
from workflow_ops.desk.shared import find_call
from workflow_ops.models import ActionCall, CallKind, CallOutcome, TaskInstance

_SHOW = forms.ChoiceField(
    label=gettext_lazy("“slow” for calls that took more than five seconds."),
    choices=[(ALL, ALL), (SLOW_ONES, SLOW_ONES)],
)


class CallItem(Schema):
    """One call of another system for a task, or its callback."""

    id: int
    ticket: int = Field(description="Number of the ticket.")
    task: int = Field(description="Id of the task.")
    task_title: str
    system: str = Field(description="Name of the other system.")
    kind: CallKind = Field(description="`CALL` (to the other system), or `CALLBACK` (from it).")
    outcome: CallOutcome = Field(
        description="`ACCEPTED`: the answer comes later; `OUTDATED`: it came too late to count."
    )
    status: int | None = Field(description="HTTP status of the response.")
    started_at: datetime
    seconds: float | None = Field(description="Duration.")


class CallDetail(CallItem):
    """A call with its request and response."""

    request: dict[str, Any] = Field(description="What was sent, without secrets.")
    response: dict[str, Any] | None = Field(description="What came back.")
    error: str = Field(description="Why it failed, or “”.")


@router.get(
    "/desk/calls",
    auth=Token(Scope.ADMINISTER),
    response=Page[CallItem],
    openapi_extra=list_parameters(
        {**CallFilterForm.base_fields, "show": _SHOW},
        (WHEN,),
        {**DESK_FILTERS, "connection": "Id of the connection.", "task": "Id of the task."},
    ),
)
def list_calls(request: ApiRequest) -> dict[str, Any]:
    """List the calls that actions made to other systems, and callbacks, of tickets that you administer."""
    require(request, may_administer_something)
    tab = request.GET.get("show") or ALL
    if tab not in (ALL, SLOW_ONES):
        problem = Problem(pointer("query", "show"), _("Choose “all” or “slow”."), "invalid")
        raise RequestRefusedError(422, _("The filters are not valid."), problems=[problem])
    found = CallList(request.GET, request.user, tab=tab)
    return page_of(request, (found.form, found.page(request)), _listed)


def _listed(call: ActionCall) -> dict[str, Any]:
    assert call.task is not None
    return _item(call, call.task)


@router.get("/desk/calls/{int:call_id}", auth=Token(Scope.ADMINISTER), response=CallDetail)
def read_call(request: ApiRequest, call_id: int) -> dict[str, Any]:
    """Read one call of another system: the request, the response, and why it failed. Secrets are left out."""
    call, task = find_call(request, call_id)
    return {
        **_item(call, task),
        "request": call.request,
        "response": call.response,
        "error": call.error,
    }


def _item(call: ActionCall, task: TaskInstance) -> dict[str, Any]:
    return {
        "id": call.pk,
        "ticket": task.workflow_instance.ticket.number,
        "task": task.pk,
        "task_title": task.task_definition.title,
        "system": task.system_name,
        "kind": call.kind,
        "outcome": call.outcome,
        "status": call.status,
        "started_at": call.started_at,
        "seconds": None if call.duration is None else call.duration.total_seconds(),
    }
