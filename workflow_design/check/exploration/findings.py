"""Findings of the exploration, worded for users."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.graph import (
    ActionCycle,
    MoveSequences,
    find_action_cycles,
    find_states_without_end,
)
from workflow_design.check.exploration.machine import Completion, Part, Task, Transition
from workflow_design.check.exploration.recorder import Record, Stale, triggered_parts
from workflow_design.check.exploration.rules import EMPTY, Data
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.problems import pointer
from workflow_design.wording.rules import Vocabulary, join_words

_MAX_LISTED = 4
_MAX_VALUE_LENGTH = 60


class FindingBuilder:
    """Builds findings from the results of an exploration."""

    def __init__(self, explorer: Explorer, record: Record) -> None:
        self._explorer = explorer
        self._machine = explorer.machine
        self._record = record
        self._move_sequences = MoveSequences(explorer)
        self._vocabulary = Vocabulary(explorer.machine.fields)

    def findings(self) -> Iterator[Finding]:
        """Yield all findings, each kind in the order in which it was found."""
        record = self._record
        yield from (self._build_stall(transition) for transition in record.stalls.values())
        yield from (self._build_failure(part, transition) for part, transition in record.failures.items())
        yield from self._build_failed_transforms()
        yield from (self._build_stale(stale) for stale in record.stale.values())
        # "Never" and "no way out" can only be said after all paths were explored.
        if self._explorer.is_complete:
            yield from self._build_cycles()
            yield from self._build_never_happening()
        yield from (
            self._build_cancelling(completion, transition)
            for completion, transition in record.cancels.items()
        )
        yield from self._build_missed()

    # --- Stalls, failures, stale answers --------------------------------------------------

    def _build_stall(self, transition: Transition) -> Finding:
        parts = triggered_parts(transition)
        # Only fields that a condition read can be the reason.
        fields = sorted({place for part in parts for place in part.condition.places})
        event = self._describe_event(transition, fields)
        if parts:
            fix = _("Add a task or a completion for this case, or let one of these start: %(titles)s.")
            fix %= {"titles": self._join_titles(parts)}
        else:
            fix = _("Add a task or a completion that reads one of the written fields.")
        message = _("If %(event)s, the workflow stalls: no task is open, and it has not ended.")
        return Finding(
            "stall",
            Severity.WARNING,
            self._pointer_of_mover(transition),
            message % {"event": event},
            fix,
            self._move_sequences.through(transition),
            self._duplicates_of_mover(transition),
        )

    def _build_failure(self, part: Part, transition: Transition) -> Finding:
        message = _("The condition of “%(title)s” can't be evaluated if %(event)s: %(reason)s")
        return Finding(
            "failing-condition",
            Severity.WARNING,
            f"{self._pointer(part)}/condition",
            message
            % {
                "title": part.file.title,
                "event": self._describe_event(transition, part.condition.places),
                "reason": part.condition.failure(transition.step.seen),
            },
            _("Check first that the fields are filled, and compare only values of the same type."),
            self._move_sequences.through(transition),
        )

    def _build_failed_transforms(self) -> Iterator[Finding]:
        for task, (state, reason) in self._explorer.failed_transforms.items():
            message = _("The output of “%(title)s” can't be computed: %(reason)s")
            yield Finding(
                "failing-condition",
                Severity.WARNING,
                f"{self._pointer(task)}/output_transform",
                message % {"title": task.file.title, "reason": reason},
                _("Check first that the fields are filled, and calculate only with numbers."),
                self._move_sequences.to_state(state),
            )

    def _build_stale(self, stale: Stale) -> Finding:
        data = stale.transition.step.seen
        words = {
            "title": stale.part.file.title,
            "field": self._vocabulary.title(self._machine.space.names[stale.place]),
            "value": self._value(stale.place, data),
        }
        if stale.writers:
            words["writer"] = stale.writers[0].file.title
            message = _(
                "“%(title)s” uses %(field)s %(value)s, although “%(writer)s” is about to answer it again."
            )
            fix = _("Let “%(writer)s” empty %(field)s when it starts, so that the old answer is not used.")
        else:
            message = _(
                "“%(title)s” starts again with the old answer %(field)s %(value)s, which was not given again."
            )
            fix = _("Ask for %(field)s again first, or empty it when the task that asks for it starts.")
        return Finding(
            "stale-answer",
            Severity.WARNING,
            f"{self._pointer(stale.part)}/condition",
            message % words,
            fix % words,
            self._move_sequences.through(stale.transition),
            tuple(self._pointer(task) for task in stale.writers[1:]),
        )

    # --- What the whole of it shows ---------------------------------------------------------

    def _build_cycles(self) -> Iterator[Finding]:
        cycles = find_action_cycles(self._explorer.nodes)
        # Closed cycles of actions are reported as such, and not a second time as a circle.
        closed = {task for cycle in cycles if not cycle.has_way_out for task in cycle.tasks}
        reported: set[tuple[Task, ...]] = set()
        for number in find_states_without_end(self._explorer.nodes):
            tasks = self._machine.members(self._explorer.nodes[number].state.unfinished)
            if closed.isdisjoint(tasks) and tuple(tasks) not in reported:
                reported.add(tuple(tasks))
                yield self._build_cycle(number, tasks)
        yield from map(self._build_action_cycle, cycles)

    def _build_cycle(self, number: int, tasks: Sequence[Task]) -> Finding:
        message = _("From here the workflow can't end, whatever %(titles)s answers: it loops forever.")
        return Finding(
            "circle",
            Severity.WARNING,
            self._pointer(tasks[0]) if tasks else "/completions",
            message % {"titles": self._join_titles(tasks) if tasks else _("anyone")},
            _("Add a completion, or a condition that lets one be reached from here."),
            self._move_sequences.to_state(number),
            tuple(self._pointer(task) for task in tasks[1:]),
        )

    def _build_action_cycle(self, cycle: ActionCycle) -> Finding:
        titles = self._join_titles(cycle.tasks)
        if cycle.has_way_out:
            severity = Severity.NOTE
            message = _("%(titles)s can repeat without a person, until an answer ends the loop.")
            fix = _("After 100 times in a row, the workflow is put on hold.")
        else:
            severity = Severity.ERROR
            message = _("%(titles)s repeats forever without a person: no answer ends the loop.")
            fix = _("Give it a condition that an answer can make false, or don't let it read its own output.")
        return Finding(
            "action-circle",
            severity,
            self._pointer(cycle.tasks[0]),
            message % {"titles": titles},
            fix,
            self._move_sequences.to_state(cycle.state),
            tuple(self._pointer(task) for task in cycle.tasks[1:]),
        )

    def _build_never_happening(self) -> Iterator[Finding]:
        for part in self._machine.parts:
            if part in self._record.happened:
                continue
            is_task = isinstance(part, Task)
            message = (
                _("“%(title)s” never starts, whatever is filled in.")
                if is_task
                else _("“%(title)s” is never reached, whatever is filled in.")
            )
            fix = _("Check whether its condition can hold when one of its fields is written, or remove it.")
            yield Finding(
                "never-happens",
                Severity.WARNING,
                self._pointer(part),
                message % {"title": part.file.title},
                fix,
            )

    def _build_cancelling(self, completion: Completion, transition: Transition) -> Finding:
        message = _(
            "“%(title)s” can end the workflow while %(titles)s is still open; open tasks are cancelled."
        )
        titles = self._join_titles(self._machine.members(transition.step.unfinished))
        return Finding(
            "cancels-unfinished",
            Severity.NOTE,
            self._pointer(completion),
            message % {"title": completion.file.title, "titles": titles},
            _("If this is not intended, let its condition depend on the fields that the other tasks write."),
            self._move_sequences.through(transition),
        )

    def _build_missed(self) -> Iterator[Finding]:
        for (part, place), transition in self._record.missed.items():
            message = _(
                "“%(title)s” does not start when %(field)s is written, although its condition holds then: "
                "%(field)s is not among the fields that it reads."
            )
            words = {
                "title": part.file.title,
                "field": self._vocabulary.title(self._machine.space.names[place]),
            }
            yield Finding(
                "missed-start",
                Severity.HINT,
                f"{self._pointer(part)}/condition",
                message % words,
                _("Add %(field)s to the fields that it reads, if it should start then.") % words,
                self._move_sequences.through(transition),
            )

    # --- Words -----------------------------------------------------------------------------

    def _describe_event(self, transition: Transition, places: Sequence[int]) -> str:
        """Return a clause that says who wrote what, and which other fields mattered."""
        data, own = transition.step.seen, {place for place, _number in transition.applied.values}
        written = [self._describe_value(place, data) for place in places if place in own]
        others = [self._describe_value(place, data) for place in places if place not in own]
        answers = join_words(written[:_MAX_LISTED], _("and")) if written else ""
        event = self._describe_move(transition, answers)
        if others:
            others_text = join_words(others[:_MAX_LISTED], _("and"))
            event = _("%(event)s while %(others)s") % {"event": event, "others": others_text}
        return event

    def _describe_move(self, transition: Transition, answers: str) -> str:
        mover = transition.mover
        if transition.write is None:
            return _("a ticket admin resumes the workflow")
        if mover.ticket is not None:
            title = self._machine.file.tickets[mover.ticket].title
            text = (
                _("the ticket “%(title)s” is submitted with %(answers)s")
                if answers
                else _("the ticket “%(title)s” is submitted")
            )
        else:
            assert mover.task is not None
            title = mover.task.file.title
            text = _("“%(title)s” answers %(answers)s") if answers else _("“%(title)s” is completed")
        return text % {"title": title, "answers": answers}

    def _describe_value(self, place: int, data: Data) -> str:
        name = self._vocabulary.title(self._machine.space.names[place])
        if data[place] == EMPTY:
            return _("nothing for %(field)s") % {"field": name}
        return f"{name} {self._value(place, data)}"

    def _value(self, place: int, data: Data) -> str:
        space = self._machine.space
        text = self._vocabulary.value(space.names[place], space.values[place].values[data[place]])
        return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[:_MAX_VALUE_LENGTH]}…"

    def _join_titles(self, parts: Sequence[Part]) -> str:
        return join_words([f"“{part.file.title}”" for part in parts[:_MAX_LISTED]], _("or"))

    def _pointer(self, part: Part) -> str:
        return pointer("tasks" if isinstance(part, Task) else "completions", part.place)

    def _duplicates_of_mover(self, transition: Transition) -> tuple[str, ...]:
        """Return the pointers of the tasks that are equal to the one that moved."""
        task = transition.mover.task
        if task is None:
            return ()
        return tuple(
            self._pointer(other)
            for other in self._machine.tasks
            if self._machine.duplicates[other.place] & task.bit and other is not task
        )

    def _pointer_of_mover(self, transition: Transition) -> str:
        mover = transition.mover
        if mover.ticket is not None:
            return pointer("tickets", mover.ticket)
        return "/completions" if mover.task is None else self._pointer(mover.task)
