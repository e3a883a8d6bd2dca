"""The current state of a ticket in one sentence: "Waits for Book it by Hanna, since Tuesday"."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ticketflower.template_tags import time, waiting
from users.models import CustomUser
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, WorkflowInstance

MAX_TASKS = 3


class Waiting(NamedTuple):
    """An unfinished task that `system` or `person` does; `problem` says why nobody can."""

    id: int
    title: str
    status: str
    system: str
    person: CustomUser | None
    since: datetime
    problem: str | None = None


def standing(
    run: WorkflowInstance,
    unfinished: Sequence[TaskInstance],
    *,
    reader: CustomUser | None = None,
    ended_as: str = "",
    links_calls: bool = False,
    explains: bool = False,
    now: datetime | None = None,
) -> SafeString:
    """Return the sentence as safe HTML. With `links_calls`, actions lead to their calls.

    If it `explains`, it says why nobody could be assigned: the tasks then have their `problem`.
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
            task.assigned_to,
            task.created_at,
            task.problem if explains else None,  # type: ignore[attr-defined]
        )
        for task in unfinished
    ]
    if run.is_final:
        return say_end(run.status, run.ended_at, ended_as, now)
    return say_standing(run.status, tasks, reader=reader, links_calls=links_calls, now=now)


def say_end(status: str, ended_at: datetime | None, ended_as: str, now: datetime | None) -> SafeString:
    """Return the sentence of a ticket that has ended."""
    word = _("Completed") if status == RunStatus.COMPLETED else _("Cancelled")
    at = time(ended_at, now)
    if ended_as:
        return format_html(
            _("{word} as <strong>{completion}</strong> {at}"), word=word, completion=ended_as, at=at
        )
    return format_html("<strong>{word}</strong> {at}", word=word, at=at)


def say_standing(
    status: str,
    tasks: Sequence[Waiting],
    *,
    reader: CustomUser | None,
    links_calls: bool = False,
    now: datetime | None = None,
) -> SafeString:
    """Return the sentence of a ticket that has not ended, and waits for these tasks, the oldest first."""
    if status == RunStatus.NOT_STARTED:
        return format_html("{}", _("Is stored and starts within a minute."))
    if status == RunStatus.ON_HOLD:
        held = _("nobody can complete its tasks until it is resumed")
        return format_html(_("Is <strong>on hold</strong>: {what_it_means}"), what_it_means=held)
    if tasks:
        return _waits(tasks, reader, now, links_calls)
    stopped = _("no task is open, and it has not ended; its admins see the error")
    return format_html(_("<strong>Stopped</strong>: {what_it_means}"), what_it_means=stopped)


def _waits(
    tasks: Sequence[Waiting], reader: CustomUser | None, now: datetime | None, links_calls: bool
) -> SafeString:
    # A long sentence would not fit into a row, so only some tasks are named.
    parts = [_waits_for(task, reader, links_calls) for task in tasks[:MAX_TASKS]]
    since = waiting(min(task.since for task in tasks), now)
    if len(tasks) > 1:  # one age for several tasks is that of the oldest
        since = format_html(_("the oldest {since}"), since=since)
    more = len(tasks) - MAX_TASKS
    if more > 0:
        parts.append(format_html(ngettext("{n} more task", "{n} more tasks", more), n=more))
    joined = format_html_join(_(" and ") if len(parts) <= 2 else ", ", "{}", ((part,) for part in parts))  # noqa: PLR2004
    return format_html(_("Waits for {tasks}, {since}"), tasks=joined, since=since)


def _waits_for(task: Waiting, reader: CustomUser | None, links_calls: bool) -> SafeString:
    title: str = task.title
    if links_calls and task.system:
        title = format_html('<a href="{}#calls">{}</a>', reverse("manage_task", args=[task.id]), title)
    name = ""
    if task.person is not None:
        name = _("you") if task.person == reader else task.person.get_name_and_state()
    return _named(title, task.status == TaskStatus.ERROR, task.system, task.problem, name, get_language())


@lru_cache(maxsize=1024)
def _named(
    title: str, has_failed: bool, system: str, problem: str | None, name: str, _language: str | None
) -> SafeString:
    """Return a task and who has it. The tickets of a list wait for few different ones."""
    if has_failed:
        return format_html(_("<strong>{task}</strong>, which failed"), task=title)
    if system:
        return format_html(_("<strong>{task}</strong> by {name}"), task=title, name=system)
    if problem:
        # The error's own sentence, within this one.
        return format_html("<strong>{}</strong> ({})", title, problem.removesuffix("."))
    if not name:
        return format_html(_("<strong>{task}</strong>, which nobody has yet"), task=title)
    return format_html(_("<strong>{task}</strong> by {name}"), task=title, name=name)
