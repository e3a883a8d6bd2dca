"""The preview of an edit of a ticket's data: what it would start, refresh, empty and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.engine import Decision, Refresh, Source, Start, Write, decide
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.replay import PlayState, PlayStatus, apply_move
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.rules import Vocabulary, join_words
from workflow_ops.engine.assignment import Assignment, choose_assignees
from workflow_ops.engine.cached_rules import Rules, get_rules
from workflow_ops.engine.run_rows import unfinished_tasks
from workflow_ops.models import (
    RunStatus,
    TaskInstance,
    TicketInstance,
    WorkflowInstance,
    WorkflowWrite,
    WriteStatus,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """The consequences of an edit, and of the same change as a correction, as sentences."""

    follows: list[str] = field(default_factory=list)
    corrects: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    starts: bool = False
    ends: bool = False


def preview_edit(ticket: TicketInstance, values: Mapping[str, Any]) -> Preview:
    """Return what follows if these fields are set now or, on hold, once the ticket is resumed.

    Nothing is changed or locked. This takes at most six statements.
    """
    run = ticket.workflow_instance
    rules = get_rules(run.workflow_id)
    unfinished = unfinished_tasks(run)
    write = Write.by_edit(run.data, {**run.data, **values})
    decision = _decide(run, rules, write, unfinished)
    if decision is None:
        text = _("Changes that wait already end the ticket, or put it on hold again, before this one.")
        return Preview(warnings=[text])
    correction = Write.by_edit(run.data, {**run.data, **values}, source=Source.CORRECTION)
    corrected = decide(rules.plan, run.data, correction, unfinished)
    return _Words(ticket, rules, unfinished).preview(decision, corrected)


def _decide(
    run: WorkflowInstance, rules: Rules, write: Write, unfinished: Mapping[str, TaskInstance]
) -> Decision | None:
    """Return the decision about the write; on hold, after all waiting writes. None if they end the ticket."""
    if run.status != RunStatus.ON_HOLD:
        return decide(rules.plan, run.data, write, frozenset(unfinished))
    waiting = WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).order_by("pk")
    queue = [Write.from_json(content) for content in waiting.values_list("content", flat=True)]
    held = PlayState(
        PlayStatus.ON_HOLD,
        run.data,
        {key: task.input_data for key, task in unfinished.items()},
        frozenset(run.waiting_modified or ()),
        (*queue, write),
    )
    decisions = apply_move(rules.plan, held, Move(MoveKind.RESUME)).decisions
    return decisions[-1] if len(decisions) == len(queue) + 2 else None


class _Words:
    """Describes a decision in words, with the names of the people who would get its tasks."""

    def __init__(self, ticket: TicketInstance, rules: Rules, unfinished: Mapping[str, TaskInstance]) -> None:
        self._ticket, self._rules, self._unfinished = ticket, rules, unfinished
        self._vocabulary = Vocabulary(load_fields(ticket.workflow_instance.workflow))

    def preview(self, decision: Decision, correction: Decision) -> Preview:
        given = self._assignments(decision)
        people = {each.person_id for each in given.values()}
        people |= {task.assigned_to_id for task in self._unfinished.values()}
        found = CustomUser.objects.filter(pk__in=people - {None})
        names: dict[int | None, str] = {person.pk: person.get_full_name() for person in found}
        follows = [self._started(start, given, names) for start in decision.starts]
        follows += [self._refreshed(each, names) for each in decision.refreshes]
        emptied = sorted(name for name in decision.resets if name in decision.data)
        if emptied:
            titles = join_words([self._vocabulary.title(name) for name in emptied], _("and"))
            follows.append(_("%(fields)s is emptied, since it is asked for again.") % {"fields": titles})
        return Preview(
            follows=[*follows, *self._ended(decision)],
            corrects=[self._refreshed(each, names) for each in correction.refreshes],
            warnings=self._warnings(decision),
            starts=bool(decision.starts),
            ends=decision.ends,
        )

    def _assignments(self, decision: Decision) -> dict[str, Assignment]:
        keys = [start.key for start in decision.starts if start.task.is_form]
        if not keys:
            return {}
        rules, data = self._rules.assignment, decision.data
        return choose_assignees(rules, keys, ticket=self._ticket, workspace=data, is_preview=True)

    def _started(self, start: Start, given: Mapping[str, Assignment], names: Mapping[int | None, str]) -> str:
        words = {"task": start.task.title}
        if not start.task.is_form:
            return _("“%(task)s” starts: another system is called.") % words
        assignment = given[start.key]
        if assignment.person_id is None:
            return _("“%(task)s” starts. %(problem)s") % {**words, "problem": assignment.problem}
        return _("“%(task)s” starts, for %(name)s.") % {**words, "name": names.get(assignment.person_id, "")}

    def _refreshed(self, refresh: Refresh, names: Mapping[int | None, str]) -> str:
        name = names.get(self._unfinished[refresh.key].assigned_to_id)
        words = {"task": refresh.task.title, "name": name}
        if not refresh.task.is_form:
            return _("“%(task)s” is called again, with the new data.") % words
        if name:
            return _("“%(task)s”, which %(name)s has, shows the new data.") % words
        return _("“%(task)s”, which is open, shows the new data.") % words

    def _ended(self, decision: Decision) -> list[str]:
        if decision.completion is None:
            return []
        words = {"end": decision.completion.title}
        if decision.holds:
            return [_("The ticket is put on hold by “%(end)s”.") % words]
        tasks = [_("“%(title)s”") % {"title": self._title(task)} for task in self._unfinished.values()]
        if not tasks:
            return [_("The ticket ends as “%(end)s”.") % words]
        words["tasks"] = join_words(tasks, _("and"))
        return [_("The ticket ends as “%(end)s”, and what is open is cancelled: %(tasks)s.") % words]

    def _title(self, task: TaskInstance) -> str:
        key = str(task.task_definition_id)
        return next(each.title for each in self._rules.plan.tasks if self._rules.plan.key(each).key == key)

    def _warnings(self, decision: Decision) -> list[str]:
        text = _("The condition of “%(title)s” can't be evaluated: %(message)s")
        failed = [text % {"title": each.title, "message": each.message} for each in decision.failures]
        stalled = _("No task is open, none starts, and the ticket does not end: it stands still.")
        return [*failed, stalled] if decision.stalled else failed
