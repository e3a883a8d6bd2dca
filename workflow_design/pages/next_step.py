"""The progress of a draft towards its first ticket, and the next step of its author."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftState:
    """The contents of a draft. `ends` counts the completions that end the workflow."""

    fields: int
    tickets: int
    tasks: int
    ends: int
    is_checked: bool
    has_errors: bool
    has_warnings: bool


@dataclass(frozen=True, slots=True)
class DraftProgress:
    """The steps for templates/components/steps.html, and the text and links of the next step."""

    steps: Sequence[dict[str, Any]]
    head: str
    text: str
    links: Sequence[dict[str, str]]


def build_progress(draft: DraftState, workflow_id: int) -> DraftProgress:
    """Return the progress of a draft; the first step that is not done is the next one."""
    done = (
        (_("Fields"), draft.fields > 0),
        (_("Ticket"), draft.tickets > 0),
        (_("Tasks"), draft.tasks > 0),
        (_("Completion"), draft.ends > 0),
        (_("Check"), draft.is_checked and not draft.has_errors and not draft.has_warnings),
        (_("Publish"), False),
    )
    # "Publish" is never done for a draft, so there is always a next step.
    current = next(number for number, (_label, is_done) in enumerate(done) if not is_done)
    steps = [
        {"label": label, "is_done": is_done, "is_current": number == current}
        for number, (label, is_done) in enumerate(done)
    ]
    head, text, links = _NEXT[current](draft)
    addresses = [
        # A link to a section of the same page ("#check") is not the name of a URL.
        {"label": label, "url": name if name.startswith("#") else reverse(name, args=[workflow_id])}
        for label, name in links
    ]
    return DraftProgress(steps, head, text, addresses)


Next = tuple[str, str, list[tuple[str, str]]]


def _fields(_draft: DraftState) -> Next:
    text = _("Add everything that people will be asked or will decide: a date, an amount, a decision.")
    return _("Next: the fields."), text, [(_("Add fields"), "workflow_fields")]


def _ticket(_draft: DraftState) -> Next:
    text = _("Which fields does a person fill in to start the workflow?")
    return _("Next: the ticket."), text, [(_("Add a ticket"), "ticket_definition_create")]


def _tasks(_draft: DraftState) -> Next:
    text = _("What happens after a ticket is submitted, and which fields are filled in then?")
    return _("Next: the first task."), text, [(_("Add a task"), "task_definition_create")]


def _completion(_draft: DraftState) -> Next:
    text = _("When is the workflow done? Without a completion it would stay open forever.")
    return _("Next: a completion."), text, [(_("Add a completion"), "completion_create")]


def _check(draft: DraftState) -> Next:
    see, try_out = (_("See the findings"), "#check"), (_("Try it out"), "workflow_definition_tryout")
    if not draft.is_checked:
        return _("The check is running."), _("Look again in a few seconds."), [see]
    if draft.has_errors:
        text = _("Fix the errors below before you publish it.")
        return _("Something is missing."), text, [see]
    text = _("Some paths are probably not what you intended. Fix them, or publish it as it is.")
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
