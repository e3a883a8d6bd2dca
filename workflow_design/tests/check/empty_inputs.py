"""A plain definition of tasks that start too early, or that nobody gets, for both plain explorers."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from workflow_design.definition.workflow import TaskFile
from workflow_design.engine import Decision, Plan
from workflow_design.engine.conditions.bounds import Budget, ConditionError
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.engine.moves import Move, MoveKind


@dataclass(frozen=True)
class History:
    """What happened so far, as far as it matters for a start that is too early."""

    answered: frozenset[str] = frozenset()
    """The tasks that were completed."""
    early: frozenset[tuple[str, str]] = frozenset()
    """Unfinished tasks, each with one that has not run yet and whose answer was empty at the start."""


class EmptyInputs:
    """Knows what the tasks of a plan wait for; `options` are the values of a field, None for empty."""

    def __init__(
        self, plan: Plan, *, options: Callable[[str], Sequence[Any]], required: Collection[str]
    ) -> None:
        self._plan = plan
        self._options = options
        self._required = required
        self._rounds = self._find_rounds()

    def after_move(self, history: History, move: Move) -> History:
        """Return the history after a move, before its consequences."""
        if move.kind is not MoveKind.TASK:
            return history
        early = frozenset(each for each in history.early if move.title not in each)
        return History(history.answered | {move.title}, early)

    def after_decision(self, history: History, decision: Decision) -> History:
        """Return the history after a write."""
        found = {each for start in decision.starts for each in self._early(start.task, decision, history)}
        return History(history.answered, history.early | found)

    def _early(self, task: TaskFile, decision: Decision, history: History) -> Iterator[tuple[str, str]]:
        for writer in self._plan.tasks:
            name = self._awaited(task, writer)
            has_run = not history.answered.isdisjoint((task.title, writer.title))
            if writer is task or not name or name in decision.data or has_run:
                continue
            if not self._is_decided(task, name, decision.data) and not self._answers_back(writer, task):
                yield task.title, writer.title

    def too_early(self, history: History, unfinished: Collection[str]) -> set[str]:
        """Return the tasks that started too early, while the ones that they should wait for are open."""
        return {title for title, writer in history.early if writer in unfinished}

    def unassigned(self, decision: Decision) -> set[str]:
        """Return the tasks that a write starts although nobody is named for them."""
        named = [(start.task.title, start.task.assignee_field) for start in decision.starts]
        return {title for title, name in named if name and name not in decision.data}

    def _awaited(self, task: TaskFile, writer: TaskFile) -> str:
        """Return the input that stands for an answer: at best nobody else's, in the condition, required."""
        common = [name for name in task.input_fields if name in writer.output_fields]
        others = {name for ticket in self._plan.tickets for name in ticket.fields}
        others.update(*(each.output_fields for each in self._plan.tasks if each is not writer))
        for wanted in (set(common) - others, set(common)):
            for better in (wanted & _read(task), wanted):
                for best in (better.intersection(self._required), better):
                    if best:
                        return next(name for name in common if name in best)
        return ""

    def _is_decided(self, task: TaskFile, name: str, data: Mapping[str, Any]) -> bool:
        """Return whether the condition reads the field and holds whatever its value."""
        return name in _read(task) and all(
            self._truth(task, {**data, name: value}) is True
            for value in self._options(name)
            if value is not None
        )

    def _find_rounds(self) -> dict[str, int]:
        """Return in which round each task could start first, if all tasks of a round answered at once."""
        rounds: dict[str, int] = {}
        written = {name for ticket in self._plan.tickets for name in ticket.fields}
        for number in range(len(self._plan.tasks)):
            fresh = [t for t in self._plan.tasks if t.title not in rounds and self._could_start(t, written)]
            rounds |= {task.title: number for task in fresh}
            written.update(*(task.may_write for task in fresh))
        return rounds

    def _could_start(self, task: TaskFile, written: set[str]) -> bool:
        names = sorted(_read(task) & written)
        workspaces = (
            {name: value for name, value in zip(names, values, strict=True) if value is not None}
            for values in product(*([*self._options(name), None] for name in names))
        )
        is_triggered = not written.isdisjoint(task.input_fields)
        return is_triggered and any(self._truth(task, data) is not False for data in workspaces)

    def _truth(self, task: TaskFile, data: Mapping[str, Any]) -> bool | None:
        try:
            return task.condition is None or is_true(self._plan.condition(task).evaluate(Budget(), data))
        except ConditionError:
            return None

    def _answers_back(self, writer: TaskFile, task: TaskFile) -> bool:
        """Return whether the writer comes after the task: it follows from it, and could only start later."""
        following, names = {task.title}, set(task.may_write)
        for _task in self._plan.tasks:
            more = [each for each in self._plan.tasks if not names.isdisjoint(each.input_fields)]
            following.update(each.title for each in more)
            names.update(*(each.may_write for each in more))
        never = len(self._plan.tasks)
        is_later = self._rounds.get(task.title, never) < self._rounds.get(writer.title, never)
        return is_later and writer.title in following


def _read(task: TaskFile) -> frozenset[str]:
    return frozenset() if task.condition is None else fields_read(task.condition)
