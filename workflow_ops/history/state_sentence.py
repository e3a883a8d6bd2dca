"""The current state of a ticket in one sentence: "Waits for Book it by Hanna, since Tuesday"."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ticketflower.markup import fill
from ticketflower.template_tags import time, waiting
from users.models import CustomUser
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, WorkflowInstance

MAX_TASKS = 3
_SINCE = "\0"
"""A placeholder for an age in a sentence; no text in the database contains NUL."""


class Waiting(NamedTuple):
    """An unfinished task, done by `system` or the person with this name; `problem` says why nobody can."""

    id: int
    title: str
    status: str
    system: str
    name: str
    since: datetime
    problem: str | None = None


class _Part(NamedTuple):
    """The part of a sentence about one task; `url` links to its calls."""

    title: str
    url: str
    has_failed: bool
    system: str
    name: str
    problem: str | None


def state_sentence(
    run: WorkflowInstance,
    unfinished: Sequence[TaskInstance],
    *,
    reader: CustomUser | None = None,
    ended_as: str = "",
    links_calls: bool = False,
    explains: bool = False,
    now: datetime | None = None,
) -> SafeString:
    """Return the sentence as safe HTML. With `links_calls`, actions link to their calls.

    If it `explains`, it says why nobody could be assigned; the tasks must then be annotated with `problem`.
    `unfinished` are the workflow's unfinished tasks, oldest first, with their definition and assignee
    selected. `ended_as` is the title of the completion that ended it. The sentence
    calls the reader "you".
    """
    tasks = [
        Waiting(
            task.pk,
            task.task_definition.title,
            task.status,
            task.system_name,
            name_of(task.assigned_to, reader),
            task.created_at,
            task.problem if explains else None,  # type: ignore[attr-defined]
        )
        for task in unfinished
    ]
    if run.is_final:
        return ended_sentence(run.status, run.ended_at, ended_as, now)
    return unfinished_sentence(run.status, tasks, links_calls=links_calls, now=now)


def name_of(person: CustomUser | None, reader: CustomUser | None) -> str:
    """Return the name of a person in the sentence: "you" for the reader, and "" for nobody."""
    if person is None:
        return ""
    return _("you") if person == reader else person.get_name_and_state()


def ended_sentence(status: str, ended_at: datetime | None, ended_as: str, now: datetime | None) -> SafeString:
    """Return the sentence about a ticket that has ended."""
    word = _("Completed") if status == RunStatus.COMPLETED else _("Cancelled")
    at = time(ended_at, now)
    if ended_as:
        return format_html(
            _("{word} as <strong>{completion}</strong> {at}"), word=word, completion=ended_as, at=at
        )
    return format_html("<strong>{word}</strong> {at}", word=word, at=at)


def unfinished_sentence(
    status: str,
    tasks: Sequence[Waiting],
    *,
    links_calls: bool = False,
    now: datetime | None = None,
) -> SafeString:
    """Return the sentence about an unfinished ticket that waits for these tasks, the oldest first."""
    if status == RunStatus.NOT_STARTED:
        return format_html("{}", _("Is stored and starts within a minute."))
    if status == RunStatus.ON_HOLD:
        held = _("nobody can complete its tasks until it is resumed")
        return format_html(_("Is <strong>on hold</strong>: {what_it_means}"), what_it_means=held)
    if tasks:
        return _waits(tasks, now, links_calls)
    stopped = _("no task is open, and it has not ended; its admins see the error")
    return format_html(_("<strong>Stopped</strong>: {what_it_means}"), what_it_means=stopped)


def _waits(tasks: Sequence[Waiting], now: datetime | None, links_calls: bool) -> SafeString:
    # A long sentence would not fit into a row, so only some tasks are named.
    parts = tuple(
        _Part(
            task.title,
            f"{reverse('manage_task', args=[task.id])}#calls" if links_calls and task.system else "",
            task.status == TaskStatus.ERROR,
            task.system,
            task.name,
            task.problem,
        )
        for task in tasks[:MAX_TASKS]
    )
    before, after = _sentence(parts, len(tasks) - len(parts), get_language())
    return SafeString(f"{before}{waiting(min(task.since for task in tasks), now)}{after}")


@lru_cache(maxsize=1024)
def _sentence(parts: tuple[_Part, ...], more: int, _language: str | None) -> tuple[str, str]:
    """Return the text before and after the age. Cached, as tickets in a list wait for few different tasks."""
    named = [_named(part) for part in parts]
    since: str = _SINCE
    if len(parts) + more > 1:  # for several tasks, show the age of the oldest one
        since = fill(_("the oldest {since}"), since=_SINCE)
    if more:
        named.append(fill(ngettext("{n} more task", "{n} more tasks", more), n=more))
    joined = SafeString((_(" and ") if len(named) <= 2 else ", ").join(named))  # noqa: PLR2004
    before, _mark, after = fill(_("Waits for {tasks}, {since}"), tasks=joined, since=since).partition(_SINCE)
    return before, after


def _named(part: _Part) -> SafeString:
    """Return the text for a task and its assignee."""
    title = fill('<a href="{}">{}</a>', part.url, part.title) if part.url else part.title
    if part.has_failed:
        return fill(_("<strong>{task}</strong>, which failed"), task=title)
    if part.system:
        return fill(_("<strong>{task}</strong> by {name}"), task=title, name=part.system)
    if part.problem:
        # The error's message becomes a part of this sentence.
        return fill("<strong>{}</strong> ({})", title, part.problem.removesuffix("."))
    if not part.name:
        return fill(_("<strong>{task}</strong>, which nobody has yet"), task=title)
    return fill(_("<strong>{task}</strong> by {name}"), task=title, name=part.name)
