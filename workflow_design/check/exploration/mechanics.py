"""What can move in a state, what a write leads to, and which states have the same future."""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager

from workflow_design.check.exploration.answers import Answers, PossibleWrites
from workflow_design.check.exploration.machine import Machine, PossibleWrite, Step, Task
from workflow_design.check.exploration.pruning import Lenses
from workflow_design.check.exploration.states import Hold, Mover, State
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.values.rules import EMPTY, Data
from workflow_design.definition.file_json import count_values
from workflow_design.definition.problems import pointer, under
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform
from workflow_design.engine.conditions.validation import fields_read_by_transform


@contextmanager
def _located(transform: str) -> Iterator[None]:
    """Say of a rule that fails in which transform it stands."""
    try:
        yield
    except ConditionError as error:
        raise ConditionError(under(pointer(transform), error.problems)) from error


class Mechanics:
    """The moves of one machine."""

    def __init__(self, machine: Machine, watch: Watch, *, max_answers: int) -> None:
        self.machine = machine
        self.watch = watch
        self.possible_writes = PossibleWrites(machine, max_count=max_answers)
        self.start = State((EMPTY,) * len(machine.space.names), 0)
        """The state before the ticket."""
        # Before the first write, and during a hold, every field may matter.
        self._all_places = frozenset(range(len(machine.space.names)))
        self._work = machine.space.work
        self._lenses = Lenses(machine, watched=watch.watched_pairs)

    def moving(self, state: State, tasks: int) -> list[Mover]:
        """Return the moves of these tasks. Equal tasks have the same future, so those of one are enough."""
        return [
            mover
            for mover in self.movable(state)
            if (task := mover.task or mover.overdue)
            and tasks & task.bit
            and not state.unfinished & self.machine.duplicates[task.place] & ~self.watch.watched_tasks
        ]

    def movable(self, state: State) -> list[Mover]:
        """Return the tasks that can answer in a state, and then those that can become overdue.

        During a hold only actions can answer, and the clock stands still.
        """
        tasks = self.machine.members(state.unfinished)
        if state.hold is not None:
            return [Mover(task=task) for task in tasks if task.is_action]
        movers = [Mover(task=task) for task in tasks]
        if due := state.unfinished & self.machine.timed & ~state.overdue:
            movers += [Mover(overdue=task) for task in self.machine.members(due)]
        return movers

    def useful_places(self, state: State) -> frozenset[int]:
        """Return the places of the fields whose values matter after a write in this state."""
        return self._all_places if state.hold is not None else self._lenses.of(state.unfinished).useful

    def answers(self, state: State, mover: Mover) -> Answers:
        """Return all answers of a ticket or task; raise ConditionError if a transform fails."""
        if mover.overdue is not None:
            overdue = self.machine.overdue_writes[mover.overdue]
            return Answers([()], lambda _row: overdue)
        if mover.task is None:
            assert mover.ticket is not None
            fields = self.machine.file.tickets[mover.ticket].fields
            return self.possible_writes.form_answers(frozenset(fields), self._all_places)
        useful = self.useful_places(state)
        if mover.task.is_action:
            self._compute_request(mover.task, state.data)
            with _located("output_transform"):
                return self.possible_writes.action_answers(mover.task, state.data, useful)
        return self.possible_writes.form_answers(mover.task.writes, useful)

    def writes_of(self, state: State, mover: Mover) -> Iterable[PossibleWrite]:
        """Return the writes of a task that are tried; raise ConditionError if a transform fails."""
        if mover.overdue is not None:
            return [self.machine.overdue_writes[mover.overdue]]
        useful, task = self.useful_places(state), mover.task
        assert task is not None
        if task.is_action:
            self._compute_request(task, state.data)
            with _located("output_transform"):
                return self.possible_writes.of_action(task, state.data, useful)
        return self.possible_writes.of_form(task.writes, useful)

    def _compute_request(self, task: Task, data: Data) -> None:
        """Compute what an action sends, if that may fail; raise ConditionError if it does."""
        transform = task.file.input_transform
        if transform and not self.machine.computed_with.isdisjoint(fields_read_by_transform(transform)):
            self._work.spend(len(data) + 4 * count_values(transform))
            with _located("input_transform"):
                apply_transform(transform, self.machine.space.as_values(data), self.machine.fields)

    def apply(self, state: State, mover: Mover, write: PossibleWrite) -> tuple[Step, State]:
        """Return the consequences of a write in a workflow in progress, and the state after them."""
        unfinished = state.unfinished & ~(mover.task.bit if mover.task else 0)
        step = self.machine.apply(state.data, unfinished, write)
        return step, self.state_after(state, mover, write, step)

    def state_after(
        self, state: State, mover: Mover, write: PossibleWrite, step: Step, hold: Hold | None = None
    ) -> State:
        """Return the state after the consequences of a write."""
        # Marks are part of the state, because they decide whether a later start uses an old answer.
        marks = self.watch.marks_after(state.marks, mover, write, step)
        if step.reached is not None and not step.reached.file.is_final:
            hold = Hold(write.listeners.modified, hold.queue if hold else (), step.reached)
        late = state.overdue | (mover.overdue.bit if mover.overdue else 0)
        # One that is finished, or starts anew, is not overdue any more.
        overdue = late & step.unfinished & ~step.started
        return State(step.after, step.unfinished, marks, hold, overdue)

    def key(self, state: State, undecided: frozenset[str] = frozenset()) -> Hashable:
        """Return a key that is equal for states with the same future, whatever is undecided."""
        if state.hold is not None:
            # During a hold the lens can't be used, because the queue may set any field later.
            self._work.spend(10 + len(state.hold.queue))
            queue = tuple((queued.values, queued.listeners.modified) for queued in state.hold.queue)
            return (state.data, state.unfinished, state.overdue, state.marks, state.hold.waiting, queue)
        lens = self._lenses.of(state.unfinished, undecided)
        self._work.spend(2 + lens.cost + len(self.watch.pairs) // 8)
        marks = self.watch.relevant(state.marks, lens.reachable, lens.writable)
        return (state.unfinished, state.overdue, marks, lens.key(state.data, marks))
