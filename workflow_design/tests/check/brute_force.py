"""All paths through a small definition, without any reduction, to compare the check with.

Tries every value of every field in every order, through `decide` itself by way of `replay`. It shares no
code with the exploration.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

from workflow_design.definition.field_types import CHOICE, YES_NO
from workflow_design.definition.fields import Field
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.values import FieldValidator
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine import Decision, Plan
from workflow_design.engine.conditions.bounds import Budget, ConditionError
from workflow_design.engine.conditions.evaluation import Prepared, apply_transform
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, apply_move
from workflow_design.tests.check.empty_inputs import EmptyInputs, History

Definition = tuple[str, str]
"""The kind and the title."""


Carried = frozenset[tuple[str, str, frozenset[str]]]
"""A task, a field that was not written since the task started on it, and what was written since then of
that which the tasks read that answer the field."""


class TooManyError(Exception):
    """The definition has too many states to try them all."""


@dataclass
class Found:
    """What was found, each with the length of the shortest path to it."""

    stalls: dict[frozenset[Definition], int] = field(default_factory=dict)
    """By the triggered definitions."""
    failures: dict[Definition, int] = field(default_factory=dict)
    waiting_writers: dict[Definition, int] = field(default_factory=dict)
    """Definitions that start or are reached although another task is about to answer again."""
    started_again: dict[Definition, int] = field(default_factory=dict)
    cancels: dict[Definition, int] = field(default_factory=dict)
    too_early: dict[Definition, int] = field(default_factory=dict)
    unassigned: dict[Definition, int] = field(default_factory=dict)
    happened: set[Definition] = field(default_factory=set)
    first_doomed: int | None = None
    endless_actions: bool = False
    """Whether actions repeat and no answer ends the loop."""
    repeating_actions: bool = False
    states: int = 0
    has_all_values: bool = True
    """Whether there are no further values, which might lead out of a circle."""


@dataclass(frozen=True)
class _State:
    play_state: PlayState
    carried: Carried
    history: History

    @property
    def key(self) -> Any:
        here = self.play_state
        queue = tuple((repr(write.values), write.modified) for write in here.queue)
        return (
            here.status,
            repr(sorted(here.data.items())),
            frozenset(here.unfinished),
            here.overdue,
            here.waiting if here.status is PlayStatus.ON_HOLD else None,
            queue,
            self.carried,
            self.history,
        )


class BruteForce:
    """Explores one file; raises TooManyError beyond `most` states.

    `domains` gives the values to try of some fields, `has_all_values` whether these are all; of other fields
    it knows all.
    """

    def __init__(
        self,
        file: WorkflowFile,
        *,
        most: int,
        domains: Mapping[str, Sequence[Any]] | None = None,
        has_all_values: bool = True,
    ) -> None:
        self.plan: Plan = build_plan(file)
        self._transforms = {task.title: task.output_transform for task in file.tasks}
        self.fields = parse_fields(file.fields_schema)
        self._domains = domains or {}
        self._inputs = EmptyInputs(
            self.plan,
            options=lambda name: self._values(self.fields[name]),
            required=self.fields.required,
        )
        self.found = Found(has_all_values=has_all_values)
        self._most = most
        self._numbers: dict[Any, int] = {}
        self._states: list[_State] = []
        self._depths: list[int] = []
        self._edges: list[list[tuple[int | None, bool]]] = []

    def explore(self) -> Found:
        """Explore all states and return everything found."""
        begin = _State(BEGINNING, frozenset(), History())
        for ticket in self.plan.tickets:
            for values in self._forms(ticket.fields):
                self._apply_move(None, begin, Move(MoveKind.TICKET, ticket.title, values), 1)
        number = 0
        while number < len(self._states):
            for move in self._moves(number, self._states[number].play_state):
                self._apply_move(number, self._states[number], move, self._depths[number] + 1)
            number += 1
        self.found.states = len(self._states)
        self._find_cycles()
        return self.found

    # --- Moves -------------------------------------------------------------------------

    def _moves(self, number: int, play_state: PlayState) -> Iterator[Move]:
        for task in self.plan.tasks:
            if task.title not in play_state.unfinished:
                continue
            if not task.is_form:
                answers = self._answers(number, task, play_state.data)
                yield from (Move(MoveKind.TASK, task.title, each) for each in answers)
            elif play_state.status is PlayStatus.IN_PROGRESS:
                yield from (Move(MoveKind.TASK, task.title, each) for each in self._forms(task.output_fields))
            is_timed = task.overdue_field is not None and task.title not in play_state.overdue
            if is_timed and play_state.status is PlayStatus.IN_PROGRESS:
                yield Move(MoveKind.OVERDUE, task.title)
        if play_state.status is PlayStatus.ON_HOLD:
            yield Move(MoveKind.RESUME)

    def _forms(self, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        domains = [self._values(self.fields[name]) for name in names]
        for values in product(*domains):
            yield {name: value for name, value in zip(names, values, strict=True) if value is not None}

    def _answers(self, number: int, task: TaskFile, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        transform = self._transforms[task.title]
        missing = object()
        domains: dict[str, list[Any]] = {
            name: [*self._values(self.fields[name]), *([] if self.fields[name].required else [missing])]
            for name in task.output_fields
        }
        try:
            apply_transform(task.input_transform or {}, dict(data), self.fields)
            if transform is not None:
                domains = {name: self._computed(name, rule, data) for name, rule in transform.items()}
        except ConditionError:
            self.found.failures.setdefault(("transform", task.title), self._depths[number])
            self._edges[number].append((None, True))
            return
        for values in product(*domains.values()):
            pairs = zip(domains, values, strict=True)
            yield {name: value for name, value in pairs if value is not missing}

    def _computed(self, name: str, rule: Any, data: Mapping[str, Any]) -> list[Any]:
        """Return the possible results of a transform's rule: any value if it reads the answer."""
        if "response" in repr(rule):
            return self._values(self.fields[name])
        known = {"workspace": dict(data), "response": {}}
        value = apply_transform({name: rule}, known, self.fields)[name]
        # An answer that the schema refuses never becomes a write.
        if self.fields[name].required if value is None else FieldValidator(self.fields[name]).problems(value):
            raise ConditionError([])
        return [value]

    def _values(self, declared: Field) -> list[Any]:
        values: list[Any]
        if declared.name in self._domains:
            values = list(self._domains[declared.name])
        elif declared.type is YES_NO:
            values = [True, False]
        elif declared.type is CHOICE:
            values = [choice.value for choice in declared.choices]
        else:
            lowest, highest = declared.minimum, declared.maximum
            # Without bounds, conditions compare with -1 to 2, so values below and beyond are tried too.
            values = list(
                range(-2 if lowest is None else int(lowest), int(3 if highest is None else highest) + 1)
            )
        return values if declared.required else [*values, None]

    # --- What follows ------------------------------------------------------------------

    def _apply_move(self, source: int | None, before: _State, move: Move, length: int) -> None:
        step = apply_move(self.plan, before.play_state, move)
        unfinished = set(before.play_state.unfinished)
        if move.kind is MoveKind.TASK:
            unfinished -= {task.title for task in self.plan.tasks if task.title == move.title}
        carried, history = before.carried, self._inputs.after_move(before.history, move)
        for decision in step.decisions:
            self._record(decision, frozenset(unfinished), carried, length)
            carried = self._carried_after(carried, decision)
            history = self._inputs.after_decision(history, decision)
            unfinished |= {start.task.title for start in decision.starts}
            if not decision.ends:
                for title in self._inputs.too_early(history, unfinished):
                    self.found.too_early.setdefault(("task", title), length)
        if step.decisions and step.state.has_stalled:
            evaluations = frozenset(
                (str(evaluation.kind), evaluation.title) for evaluation in step.decisions[-1].evaluations
            )
            self.found.stalls.setdefault(evaluations, length)
        is_action = move.kind is MoveKind.TASK and self._is_action(move.title)
        after = step.state
        is_over = after.status.is_final or (after.status is PlayStatus.IN_PROGRESS and not after.unfinished)
        number = None if is_over else self._number(_State(after, carried, history), length)
        if source is not None:
            self._edges[source].append((number, is_action))

    def _number(self, state: _State, length: int) -> int:
        number = self._numbers.setdefault(state.key, len(self._states))
        if number == len(self._states):
            if number >= self._most:
                raise TooManyError
            self._states.append(state)
            self._depths.append(length)
            self._edges.append([])
        return number

    def _is_action(self, title: str) -> bool:
        return any(task.title == title and not task.is_form for task in self.plan.tasks)

    def _carried_after(self, carried: Carried, decision: Decision) -> Carried:
        after = {
            (title, name): since | self._written_of_question(title, name, decision)
            for title, name, since in carried
            if name not in decision.modified and name in decision.data_after
        }
        for start in decision.starts:
            for name in start.task.input_fields:
                if name in decision.data_after:
                    after.setdefault((start.task.title, name), frozenset())
        return frozenset((title, name, since) for (title, name), since in after.items())

    def _written_of_question(self, title: str, name: str, decision: Decision) -> frozenset[str]:
        """Return what a write changes of the fields that the other tasks read which answer this one."""
        read = [each.input_fields for each in self._answering(title, name)]
        return decision.modified.intersection(chain.from_iterable(read))

    def _answering(self, title: str, name: str) -> list[TaskFile]:
        return [task for task in self.plan.tasks if task.title != title and name in task.output_fields]

    def _record(self, decision: Decision, unfinished: frozenset[str], carried: Carried, length: int) -> None:
        for failure in decision.failures:
            # The keys of this plan are titles.
            self.found.failures.setdefault((str(failure.kind), failure.key), length)
        started = [start.task for start in decision.starts]
        waiting = unfinished | {task.title for task in started}
        parts: list[TaskFile | CompletionFile] = [*started]
        if decision.completion is not None:
            parts.append(decision.completion)
            if decision.ends and decision.completion.completion_status == "COMPLETED" and unfinished:
                self.found.cancels.setdefault(("completion", decision.completion.title), length)
        for title in self._inputs.unassigned(decision):
            self.found.unassigned.setdefault(("task", title), length)
        for part in parts:
            name = _definition_of(part)
            self.found.happened.add(name)
            if self._uses_an_unfinished_answer(part, decision.data, waiting):
                self.found.waiting_writers.setdefault(name, length)
            if self._starts_again(part, decision, waiting, carried):
                self.found.started_again.setdefault(name, length)

    # --- Stale answers -----------------------------------------------------------------

    def _uses_an_unfinished_answer(
        self, part: TaskFile | CompletionFile, data: Mapping[str, Any], waiting: frozenset[str]
    ) -> bool:
        return any(
            self._could_be_false(part, data, task, name)
            for task in self.plan.tasks
            if task.title in waiting and task is not part
            for name in task.output_fields
            if name in data
        )

    def _starts_again(
        self,
        part: TaskFile | CompletionFile,
        decision: Decision,
        waiting: frozenset[str],
        carried: Carried,
    ) -> bool:
        if not isinstance(part, TaskFile) or part.condition is None:
            return False
        data = decision.data
        for title, name, since in carried:
            if title != part.title or name not in fields_read(part.condition) & data.keys():
                continue
            if name in decision.modified or not since | self._written_of_question(title, name, decision):
                continue
            writers = self._answering(title, name)
            if any(task.title in waiting for task in writers):
                continue
            without = {key: value for key, value in data.items() if key != name}
            if _holds(self.plan.condition(part).evaluate, without):
                continue
            if any(self._could_be_false(part, data, task, name) for task in writers):
                return True
        return False

    def _could_be_false(
        self, part: TaskFile | CompletionFile, data: Mapping[str, Any], task: TaskFile, name: str
    ) -> bool:
        if part.condition is None or name not in fields_read(part.condition):
            return False
        for value in self._could_write(task, name):
            changed = {key: other for key, other in data.items() if key != name}
            if value is not None:
                changed[name] = value
            if _is_false(self.plan.condition(part).evaluate, changed):
                return True
        return False

    def _could_write(self, task: TaskFile, name: str) -> list[Any]:
        transform = self._transforms[task.title]
        if transform is None:
            return self._values(self.fields[name])
        if name not in transform:
            return []
        results = [transform[name]]
        if isinstance(transform[name], dict) and "if" in transform[name]:
            choice = transform[name]["if"]
            results = [*choice[1::2], choice[-1] if len(choice) % 2 else None]
        # Of constants, one is the result; of anything else, nothing is assumed.
        return self._values(self.fields[name]) if any(isinstance(each, dict) for each in results) else results

    # --- Circles -----------------------------------------------------------------------

    def _find_cycles(self) -> None:
        leads_out = [False] * len(self._states)
        changed = True
        while changed:
            changed = False
            for number, edges in enumerate(self._edges):
                if not leads_out[number] and any(to is None or leads_out[to] for to, _action in edges):
                    leads_out[number] = changed = True
        doomed = [self._depths[number] for number, out in enumerate(leads_out) if not out]
        self.found.first_doomed = min(doomed, default=None)
        for number in range(len(self._states)):
            around = self._by_actions(number)
            if number not in {to for each in {number, *around} for to, action in self._edges[each] if action}:
                continue
            self.found.repeating_actions = True
            circle = {other for other in around if number in self._by_actions(other)}
            targets = {to for each in circle for to, action in self._edges[each] if action}
            if targets <= circle:
                self.found.endless_actions = True

    def _by_actions(self, start: int) -> set[int]:
        """Return all states that actions alone can reach from one state."""
        found: set[int] = set()
        fresh = {start}
        while fresh:
            reached = {to for each in fresh for to, action in self._edges[each] if action and to is not None}
            fresh = reached - found
            found |= reached
        return found


def _definition_of(part: TaskFile | CompletionFile) -> Definition:
    return ("task" if isinstance(part, TaskFile) else "completion", part.title)


def _holds(rule: Prepared, data: Mapping[str, Any]) -> bool:
    try:
        return is_true(rule(Budget(), data))
    except ConditionError:
        return False


def _is_false(rule: Prepared, data: Mapping[str, Any]) -> bool:
    try:
        return not is_true(rule(Budget(), data))
    except ConditionError:
        return False
