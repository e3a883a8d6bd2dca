"""A plain exploration: every state, through `decide()`, without any reduction."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from workflow_design.check.exploration.machine import Machine
from workflow_design.definition.workflow import CompletionFile, CompletionStatus, TaskFile
from workflow_design.engine import Decision, Outcome, Plan
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.engine.plan import build_plan
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, apply_move
from workflow_design.tests.check.empty_inputs import EmptyInputs, History

Part = TaskFile | CompletionFile
Found = dict[tuple[str, str], int]


def truth_of(part: Part, data: dict[str, Any]) -> bool | None:
    """Return whether the condition of a definition holds; None if it fails."""
    try:
        return part.condition is None or is_true(evaluate(part.condition, data))
    except ConditionError:
        return None


@dataclass(frozen=True)
class Marks:
    """What the history of a workflow adds to its state."""

    carried: frozenset[tuple[str, str, bool]]
    """A task, a field that it started on, and whether what its value is about changed since."""
    history: History


@dataclass
class Naive:
    """Explores the definition of a machine, of which it uses only the sample values."""

    machine: Machine
    most: int
    found: Found = field(default_factory=dict)
    """The number of writes on the shortest path, by code and title (stalls have no title)."""
    happened: set[str] = field(default_factory=set)
    states: list[tuple[PlayState, Marks]] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _seen: dict[Any, int] = field(default_factory=dict)
    _nexts: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _out: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Build the plan."""
        self.plan: Plan = build_plan(self.machine.file)
        required = self.machine.fields.required
        self._inputs = EmptyInputs(self.plan, options=self._options, required=required)

    def explore(self) -> bool:
        """Explore within this number of states and return whether that was everything."""
        for ticket in self.plan.tickets:
            for values in self._forms(ticket.fields):
                self._play(
                    -1,
                    (BEGINNING, Marks(frozenset(), History())),
                    Move(MoveKind.TICKET, ticket.title, values),
                )
        number = 0
        while number < len(self.states) <= self.most:
            for move in self._moves(self.states[number][0]):
                self._play(number, self.states[number], move)
            number += 1
        return number == len(self.states)

    def has_traps(self) -> bool:
        """Return whether there is a state from which no sequence leads to an end or a stall."""
        leads = set(self._out)
        while True:
            more = {n for n in range(len(self.states)) if n not in leads and self._nexts[n] & leads}
            if not more:
                return any(n not in leads for n in range(len(self.states)))
            leads |= more

    # --- Moves -------------------------------------------------------------------------

    def _options(self, name: str) -> list[Any]:
        space, required = self.machine.space, self.machine.fields.required
        samples: tuple[Any, ...] = ("text",)
        if name in space.names:
            values = space.values[space.names.index(name)]
            samples = tuple(values.values[number] for number in values.samples)
        return [*samples, *([] if name in required else [None])]

    def _forms(self, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        for chosen in product(*(self._options(name) for name in names)):
            yield {name: value for name, value in zip(names, chosen, strict=True) if value is not None}

    def _answers(self, task: TaskFile) -> Iterator[dict[str, Any]]:
        if task.is_form:
            yield from self._forms(task.output_fields)
            return
        absent = object()
        required = self.machine.fields.required
        options = [[*self._options(n), *([] if n in required else [absent])] for n in task.output_fields]
        for chosen in product(*options):
            pairs = zip(task.output_fields, chosen, strict=True)
            yield {name: value for name, value in pairs if value is not absent}

    def _moves(self, state: PlayState) -> Iterator[Move]:
        is_held = state.status is PlayStatus.ON_HOLD
        if is_held:
            yield Move(MoveKind.RESUME)
        for task in self.plan.tasks:
            if task.title in state.unfinished and not (is_held and task.is_form):
                yield from (Move(MoveKind.TASK, task.title, values) for values in self._answers(task))
                if task.overdue_field and not is_held and task.title not in state.overdue:
                    yield Move(MoveKind.OVERDUE, task.title)

    def _play(self, origin: int, before: tuple[PlayState, Marks], move: Move) -> None:
        state, marks = before
        depth = 1 + (self.depths[origin] if origin >= 0 else 0)
        step = apply_move(self.plan, state, move)
        unfinished = set(state.unfinished) - ({move.title} if move.kind is MoveKind.TASK else set())
        marks = replace(marks, history=self._inputs.after_move(marks.history, move))
        for decision in step.decisions:
            marks = self._record_decision(decision, unfinished, marks, depth)
            unfinished |= {start.task.title for start in decision.starts}
        if step.decisions and not step.state.status.is_final:
            for title in self._inputs.too_early(marks.history, unfinished):
                self._record(depth, "starts-too-early", title)
        after = step.state
        if after.has_stalled:
            self._record(depth, "stall")
            self._record_missed(step.decisions[-1], depth)
        if after.status.is_final or (after.status is PlayStatus.IN_PROGRESS and not after.unfinished):
            self._out.add(origin)
            return
        self._nexts[origin].add(self._number(after, marks, depth))

    def _number(self, state: PlayState, marks: Marks, depth: int) -> int:
        queue = json.dumps([write.as_json() for write in state.queue], sort_keys=True)
        data = json.dumps(dict(state.data), sort_keys=True)
        key = (state.status, data, frozenset(state.unfinished), state.overdue, state.waiting, queue, marks)
        number = self._seen.setdefault(key, len(self.states))
        if number == len(self.states):
            self.states.append((state, marks))
            self.depths.append(depth)
        return number

    # --- What is noticed ---------------------------------------------------------------

    def _record_decision(self, decision: Decision, unfinished: set[str], marks: Marks, depth: int) -> Marks:
        for evaluation in decision.evaluations:
            if evaluation.outcome is Outcome.CONDITION_FAILED:
                self._record(depth, "failing-condition", evaluation.title)
        reached = decision.completion
        now_unfinished = unfinished | {start.task.title for start in decision.starts}
        if reached is not None:
            self.happened.add(reached.title)
            self._record_stale(reached, decision, unfinished, Marks(frozenset(), History()), depth)
            if reached.completion_status == CompletionStatus.COMPLETED and unfinished:
                self._record(depth, "cancels-unfinished", reached.title)
        for start in decision.starts:
            self.happened.add(start.task.title)
            self._record_stale(start.task, decision, now_unfinished, marks, depth)
        for title in self._inputs.unassigned(decision):
            self._record(depth, "no-assignee", title)
        history = self._inputs.after_decision(marks.history, decision)
        return Marks(self._carried_after(decision, marks), history)

    def _carried_after(self, decision: Decision, marks: Marks) -> frozenset[tuple[str, str, bool]]:
        carried = {
            (title, name): is_old
            for title, name, is_old in self._aged(marks, decision)
            if name in decision.data_after and name not in decision.modified
        }
        for start in decision.starts:
            read = fields_read(start.task.condition) if start.task.condition is not None else frozenset()
            for name in read.intersection(decision.data_after, start.task.reads):
                carried.setdefault((start.task.title, name), False)
        return frozenset((title, name, is_old) for (title, name), is_old in carried.items())

    def _aged(self, marks: Marks, decision: Decision) -> frozenset[tuple[str, str, bool]]:
        """Return what is carried after a write: an answer is old once its asker would read something new."""
        return frozenset(
            (title, name, is_old or not decision.modified.isdisjoint(self._asked_about(title, name)))
            for title, name, is_old in marks.carried
        )

    def _asked_about(self, title: str, name: str) -> set[str]:
        """Return what the tasks read that write a field on which another task starts."""
        asking = [task for task in self.plan.tasks if task.title != title and name in task.output_fields]
        return {read for task in asking for read in (*task.input_fields, *task.shown_fields)}

    def _record_stale(
        self, part: Part, decision: Decision, unfinished: set[str], marks: Marks, depth: int
    ) -> None:
        data = dict(decision.data)
        for name in fields_read(part.condition) if part.condition is not None else ():
            others = [t for t in self.plan.tasks if t is not part and name in t.output_fields]
            if name not in data or not others or not self._could_be_false(part, name, data):
                continue
            is_asked_again = any(task.title in unfinished for task in others)
            is_old = (part.title, name, True) in self._aged(marks, decision)
            is_left_over = is_old and name not in decision.modified
            if is_asked_again or (is_left_over and self._depends_on(part, name, data)):
                self._record(depth, "stale-answer", part.title)

    def _could_be_false(self, part: Part, name: str, data: dict[str, Any]) -> bool:
        rest = {each: data[each] for each in data if each != name}
        options = [rest if value is None else {**rest, name: value} for value in self._options(name)]
        return any(truth_of(part, other) is False for other in options)

    def _depends_on(self, part: Part, name: str, data: dict[str, Any]) -> bool:
        return truth_of(part, {each: data[each] for each in data if each != name}) is not True

    def _record_missed(self, decision: Decision, depth: int) -> None:
        data = dict(decision.data)
        parts: list[Part] = [*self.plan.tasks, *self.plan.completions]
        for part in parts:
            read = fields_read(part.condition) if part.condition is not None else frozenset()
            unlisted = [name for name in read & decision.modified if name in data]
            if unlisted and decision.modified.isdisjoint(part.reads) and truth_of(part, data):
                self._record(depth, "missed-start", part.title)

    def _record(self, depth: int, code: str, title: str = "") -> None:
        self.found[code, title] = min(depth, self.found.get((code, title), depth))
