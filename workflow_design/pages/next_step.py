"""How far a draft has come on its way to its first ticket, and what its maker does next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftState:
    """What a draft has. `ends` are the completions that end it."""

    fields: int
    tickets: int
    tasks: int
    ends: int
    is_checked: bool
    has_errors: bool
    has_warnings: bool


@dataclass(frozen=True, slots=True)
class DraftProgress:
    """Its steps, as templates/components/steps.html takes them, and the next one with its links."""

    steps: Sequence[dict[str, Any]]
    head: str
    text: str
    links: Sequence[dict[str, str]]


def build_progress(draft: DraftState, workflow_id: int) -> DraftProgress:
    """The way of a draft; the first step that is not done is the next one."""
    done = (
        (_("Fields"), draft.fields > 0),
        (_("Ticket"), draft.tickets > 0),
        (_("Tasks"), draft.tasks > 0),
        (_("Completion"), draft.ends > 0),
        (_("Check"), draft.is_checked and not draft.has_errors and not draft.has_warnings),
        (_("Publish"), False),
    )
    current = next(number for number, (_label, is_done) in enumerate(done) if not is_done)
    steps = [
        {"label": label, "is_done": is_done, "is_current": number == current}
        for number, (label, is_done) in enumerate(done)
    ]
    head, text, links = _NEXT[current](draft)
    addresses = [
        {"label": label, "url": name if name.startswith("#") else reverse(name, args=[workflow_id])}
        for label, name in links
    ]
    return DraftProgress(steps, head, text, addresses)


Next = tuple[str, str, list[tuple[str, str]]]


def _fields(_draft: DraftState) -> Next:
    text = _("Everything that is going to be asked or decided: a date, an amount, a decision.")
    return _("Next: its fields."), text, [(_("Add fields"), "workflow_fields")]


def _ticket(_draft: DraftState) -> Next:
    text = _("Which of the fields does somebody fill in to start it?")
    return _("Next: the ticket."), text, [(_("Add a ticket"), "ticket_definition_create")]


def _tasks(_draft: DraftState) -> Next:
    text = _("What does somebody do once it is submitted, and which fields do they fill in?")
    return _("Next: the first task."), text, [(_("Add a task"), "task_definition_create")]


def _completion(_draft: DraftState) -> Next:
    text = _("When is it done? Without an end it would stay open for ever.")
    return _("Next: what ends it."), text, [(_("Add a completion"), "completion_create")]


def _check(draft: DraftState) -> Next:
    see, try_out = (_("See what was found"), "#check"), (_("Try it out"), "workflow_definition_tryout")
    if not draft.is_checked:
        return _("It is being checked."), _("Look again in a few seconds."), [see]
    if draft.has_errors:
        text = _("It can't be published before the errors below are mended.")
        return _("Something is missing."), text, [see]
    text = _("There are ways through it that its maker rarely means. Mend them, or publish it as it is.")
    publish = (_("Publish"), "workflow_definition_publish")
    return _("The check found something."), text, [see, try_out, publish]


def _publish(_draft: DraftState) -> Next:
    text = _("The check found no error and no problem. Play it through once, then publish it.")
    links = [
        (_("Try it out"), "workflow_definition_tryout"),
        (_("Publish"), "workflow_definition_publish"),
    ]
    return _("It is complete."), text, links


_NEXT = (_fields, _ticket, _tasks, _completion, _check, _publish)
