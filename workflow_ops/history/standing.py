"""The current state of a ticket in one sentence: "Waits for Book it by Hanna, since Tuesday"."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ticketflower.template_tags import time, waiting
from users.models import CustomUser
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, WorkflowInstance

MAX_TASKS = 3


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
    status = RunStatus(run.status)
    if status.is_final:
        return _end(run, status, ended_as, now)
    if status is RunStatus.NOT_STARTED:
        return format_html("{}", _("Is stored and starts within a minute."))
    if status is RunStatus.ON_HOLD:
        held = _("nobody can complete its tasks until it is resumed")
        return format_html(_("Is <strong>on hold</strong>: {what_it_means}"), what_it_means=held)
    stopped = _("no task is open, and it has not ended; its admins see the error")
    problems = {task.pk: task.problem for task in unfinished} if explains else {}  # type: ignore[attr-defined]
    return _waits(unfinished, reader, now, links_calls, problems) or format_html(
        _("<strong>Stopped</strong>: {what_it_means}"), what_it_means=stopped
    )


def _end(run: WorkflowInstance, status: RunStatus, ended_as: str, now: datetime | None) -> SafeString:
    word = _("Completed") if status is RunStatus.COMPLETED else _("Cancelled")
    at = time(run.ended_at, now)
    if ended_as:
        return format_html(
            _("{word} as <strong>{completion}</strong> {at}"), word=word, completion=ended_as, at=at
        )
    return format_html("<strong>{word}</strong> {at}", word=word, at=at)


def _waits(
    tasks: Sequence[TaskInstance],
    reader: CustomUser | None,
    now: datetime | None,
    links_calls: bool,
    problems: Mapping[int, str | None],
) -> SafeString:
    if not tasks:
        return SafeString("")
    # A long sentence would not fit into a row, so only some tasks are named.
    parts = [_waits_for(task, reader, links_calls, problems.get(task.pk)) for task in tasks[:MAX_TASKS]]
    since = waiting(min(task.created_at for task in tasks), now)
    if len(tasks) > 1:  # one age for several tasks is that of the oldest
        since = format_html(_("the oldest {since}"), since=since)
    more = len(tasks) - MAX_TASKS
    if more > 0:
        parts.append(format_html(ngettext("{n} more task", "{n} more tasks", more), n=more))
    joined = format_html_join(_(" and ") if len(parts) <= 2 else ", ", "{}", ((part,) for part in parts))  # noqa: PLR2004
    return format_html(_("Waits for {tasks}, {since}"), tasks=joined, since=since)


def _waits_for(
    task: TaskInstance, reader: CustomUser | None, links_calls: bool, problem: str | None
) -> SafeString:
    title = task.task_definition.title
    if links_calls and task.system_name:
        title = format_html('<a href="{}#calls">{}</a>', reverse("manage_task", args=[task.pk]), title)
    if task.status == TaskStatus.ERROR:
        return format_html(_("<strong>{task}</strong>, which failed"), task=title)
    if task.system_name:
        return format_html(_("<strong>{task}</strong> by {name}"), task=title, name=task.system_name)
    if problem:
        # The error's own sentence, within this one.
        return format_html("<strong>{}</strong> ({})", title, problem.removesuffix("."))
    if task.assigned_to is None:
        return format_html(_("<strong>{task}</strong>, which nobody has yet"), task=title)
    name = _("you") if task.assigned_to == reader else task.assigned_to.get_name_and_state()
    return format_html(_("<strong>{task}</strong> by {name}"), task=title, name=name)
