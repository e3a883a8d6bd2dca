"""Rows and contexts of actions and their calls for the pages of ticket admins."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import JsonError, format_json, parse_json
from ticketflower.template_tags import badge, status, time, waiting
from workflow_design.models import Connection
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.actions import describe_action
from workflow_design.wording.rules import Vocabulary
from workflow_ops.actions.states import describe_state
from workflow_ops.desk.lists.cells import small_line
from workflow_ops.desk.lists.rows import SYSTEM_COLUMNS, task_title
from workflow_ops.models import ActionCall, CallKind, CallOutcome, TaskInstance, TaskStatus

MAX_CALLS = 20
MAX_SHOWN = 500
"""Maximum number of characters of a request or response in a list; the call's page shows the rest."""
_OUTCOMES = {
    CallOutcome.RUNNING: ("info", gettext_lazy("Running")),
    CallOutcome.ANSWERED: ("success", gettext_lazy("Answered")),
    CallOutcome.ACCEPTED: ("success", gettext_lazy("Accepted")),
    CallOutcome.FAILED: ("danger", gettext_lazy("Failed")),
    CallOutcome.OUTDATED: ("neutral", gettext_lazy("Not used")),
    CallOutcome.INTERRUPTED: ("warning", gettext_lazy("Interrupted")),
}
"""The tone and a short word of each outcome."""
_NOT_USED = gettext_lazy("Before the answer came, the data of the task had changed or the task had ended.")
_TASK = (
    "run",
    "task_definition__title",
    *(f"task_definition__{name}" for name in SYSTEM_COLUMNS),
)
_TICKET = ("number", "workflow_instance", "type_title", "subject")
_OF_TASK = (*_TASK, *(f"workflow_instance__ticket__{name}" for name in _TICKET))
_OF_CALL = ("kind", "outcome", "status", "started_at", "duration")


def listed_actions(tasks: "QuerySet[TaskInstance]") -> "QuerySet[TaskInstance]":
    """Select the columns that rows of actions need, without the data."""
    columns = ("status", "created_at", "tries", "next_call_at", *_OF_TASK)
    return tasks.select_related("task_definition", "workflow_instance__ticket").only(*columns)


def listed_calls(calls: "QuerySet[ActionCall]") -> "QuerySet[ActionCall]":
    """Select the columns that rows of calls need, without what was sent and answered."""
    related = ("task__task_definition", "task__workflow_instance__ticket")
    return calls.select_related(*related).only(*_OF_CALL, *(f"task__{name}" for name in _OF_TASK))


def action_cells(tasks: Sequence[TaskInstance]) -> list[dict[str, object]]:
    """Return the cells of actions, as `listed_actions` loads them, in two statements."""
    newest = ActionCall.objects.filter(kind=CallKind.CALL, task__in=[task.pk for task in tasks])
    newest = newest.order_by("task", "-pk")
    last = {call.task_id: call for call in newest.distinct("task").only("task", *_OF_CALL)}
    names = Connection.objects.filter(paused_at__isnull=False).values_list(Lower("name"), flat=True)
    paused, top, now = set(names), reverse("manage_tasks"), timezone.localtime()
    return [
        {
            **_cells(task, f"{top}{task.pk}/#calls"),
            "state": status(task.status, _state(task, paused)),
            "since": waiting(task.created_at, now),
            "next": time(task.next_call_at, now)
            if _waits_for_try(task) and not _is_paused(task, paused)
            else "",
            "tries": task.tries,
            "last_status": (last[task.pk].status or "") if task.pk in last else "",
            "took": took(last[task.pk]) if task.pk in last else "",
        }
        for task in tasks
    ]


def call_cells(calls: Iterable[ActionCall]) -> list[dict[str, object]]:
    """Return the cells of calls, as `listed_calls` loads them."""
    top, now = reverse("manage_calls"), timezone.localtime()
    return [
        {
            **_cells(call.task, f"{top}{call.pk}/"),
            "kind": call.get_kind_display(),
            "outcome": _outcome(call),
            "at": time(call.started_at, now),
            "status": call.status or "",
            "took": took(call),
        }
        for call in calls
        if call.task is not None
    ]


def _cells(task: TaskInstance, url: str) -> dict[str, object]:
    ticket = task.workflow_instance.ticket
    return {
        "url": url,
        "title": task_title(task),
        "system": task.system_name,
        "ticket": ticket.heading,
        "second_line": small_line(ticket.subheading),
    }


def _state(task: TaskInstance, paused: set[str]) -> str:
    """Return the state of an unfinished action in a word or two; "" if its status says it."""
    if task.status != TaskStatus.PENDING:
        return _("Running") if task.status == TaskStatus.IN_PROGRESS else ""
    if task.next_call_at is None:
        return _("Waits for an answer")
    if _is_paused(task, paused):
        return _("Paused")
    return _("Waits for its next try") if _waits_for_try(task) else _("Starts in a moment")


def _is_paused(task: TaskInstance, paused: set[str]) -> bool:
    return task.task_definition.connection_name.lower() in paused


def _waits_for_try(task: TaskInstance) -> bool:
    due = task.next_call_at
    return due is not None and (task.tries > 0 or due > timezone.now())


def action_context(task: TaskInstance) -> dict[str, Any]:
    """Return the context of an action for the task's page: what it does, its state and its newest calls."""
    calls = list(task.calls.order_by("-pk")[: MAX_CALLS + 1])
    vocabulary = Vocabulary(load_fields(task.workflow_instance.workflow))
    return {
        "what": describe_action(task.task_definition, vocabulary),
        "state": None if task.is_finished else describe_state(task),
        "calls": [call_entry(call, most=MAX_SHOWN) for call in calls[:MAX_CALLS]],
        "has_more": len(calls) > MAX_CALLS,
        "all_url": f"{reverse('manage_calls')}?show=all&task={task.pk}",
    }


def call_entry(call: ActionCall, *, most: int | None = None) -> dict[str, Any]:
    """Return the context of one call, with at most `most` characters of its request and response."""
    sent, answered = _parts(call.request), _parts(call.response or {})
    is_callback = call.kind == CallKind.CALLBACK
    return {
        "url": reverse("manage_call", args=[call.pk]),
        "kind": call.get_kind_display(),
        "outcome": _outcome(call),
        "at": call.started_at,
        "took": took(call),
        "status": call.status,
        "error": call.error or (_NOT_USED if call.outcome == CallOutcome.OUTDATED else ""),
        "address": call.request.get("url", ""),
        "sent_label": _("What was received") if is_callback else _("What was sent"),
        "sent": sent[:most],
        "answered_label": _("What was replied") if is_callback else _("What was answered"),
        "answered": answered[:most],
        "is_cut": most is not None and max(len(sent), len(answered)) > most,
    }


def _outcome(call: ActionCall) -> SafeString:
    tone, word = _OUTCOMES[CallOutcome(call.outcome)]
    if call.kind == CallKind.CALLBACK and call.outcome == CallOutcome.FAILED:
        word = gettext_lazy("Refused")
    return badge(word, tone=tone)


def _parts(message: dict[str, Any]) -> str:
    """Return headers and body as text, the body formatted if it is JSON."""
    headers = "\n".join(f"{name}: {value}" for name, value in message.get("headers", {}).items())
    body = message.get("body") or ""
    with suppress(JsonError):  # not JSON, or only the beginning of a long text
        body = format_json(parse_json(body))
    return "\n\n".join(filter(None, (headers, body)))


def took(call: ActionCall) -> str:
    """Return how long a call took, as text: "0.35 s"."""
    if call.duration is None:
        return ""
    return _("%(seconds).2f\u00a0s") % {"seconds": call.duration.total_seconds()}
