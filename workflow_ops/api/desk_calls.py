"""Calls of other systems, with what was sent and what came back, for those who administer their tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema

from ticketflower.clean_json import pointer
from users.models import Scope
from workflow_design.access import may_administer_something
from workflow_design.definition.problems import Problem
from workflow_ops.api.calls import ApiRequest, Token, require
from workflow_ops.api.desk_tasks import router
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.desk.calls.filters import ALL, SLOW_ONES, WHEN, CallFilterForm, CallList
from workflow_ops.desk.shared import find_call
from workflow_ops.models import ActionCall, CallKind, CallOutcome, TaskInstance

_SHOW = forms.ChoiceField(
    label=gettext_lazy("“slow” for those that took more than five seconds"),
    choices=[(ALL, ALL), (SLOW_ONES, SLOW_ONES)],
)


class CallItem(Schema):
    """One try of a call for a task, or a callback of the other system. `status` is that of HTTP."""

    id: int
    ticket: int
    task: int
    task_title: str
    system: str
    kind: CallKind
    outcome: CallOutcome
    status: int | None
    started_at: datetime
    seconds: float | None


class CallDetail(CallItem):
    """A call with what was sent (`request`) and came back, without secrets. `error` says why it failed."""

    request: dict[str, Any]
    response: dict[str, Any] | None
    error: str


@router.get(
    "/desk/calls",
    auth=Token(Scope.ADMINISTER),
    response=Page[CallItem],
    openapi_extra=list_parameters({**CallFilterForm.base_fields, "show": _SHOW}, (WHEN,)),
)
def list_calls(request: ApiRequest) -> dict[str, Any]:
    """List calls of other systems for tasks that you administer, newest first; `task` is the id of one."""
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
    """Read a call of another system: what was sent, and what came back."""
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
