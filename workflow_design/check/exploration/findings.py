"""Findings of the exploration, told as a person would."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.graph import ActionCircle, Ways, action_circles, states_without_end
from workflow_design.check.exploration.machine import Completion, Part, Task, Transition
from workflow_design.check.exploration.recorder import Record, Stale, looks
from workflow_design.check.exploration.rules import EMPTY, Data
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.problems import pointer
from workflow_design.wording.rules import Vocabulary, join_words

_MOST_WORDS = 4
_LONGEST_VALUE = 60


class Telling:
    """Turns what an exploration saw into findings."""

    def __init__(self, explorer: Explorer, record: Record) -> None:
        self._explorer = explorer
        self._machine = explorer.machine
        self._record = record
        self._ways = Ways(explorer)
        self._words = Vocabulary.of_fields(explorer.machine.fields)

    def findings(self) -> Iterator[Finding]:
        """All of them, each kind in the order in which it was found."""
        record = self._record
        yield from (self._stall(transition) for transition in record.stalls.values())
        yield from (self._failure(part, way) for part, way in record.failures.items())
        yield from self._failed_transforms()
        yield from (self._stale(stale) for stale in record.stale.values())
        if self._explorer.is_complete:
            yield from self._circles()
            yield from self._never()
        yield from (self._cancels(completion, way) for completion, way in record.cancels.items())
        yield from self._missed()

    # --- Stalls, failures, stale answers --------------------------------------------------

    def _stall(self, transition: Transition) -> Finding:
        parts = looks(transition)
        fields = sorted({place for part in parts for place in part.condition.places})
        told = self._told(transition, fields)
        if parts:
            mend = _("Add a task or a completion for this case, or let one of these start then: %(titles)s.")
            mend %= {"titles": self._titles(parts)}
        else:
            mend = _("Add a task or a completion that reads what is written then.")
        message = _("If %(told)s, nothing goes on: no task waits, and the workflow has not ended.")
        return Finding(
            "stall",
            Severity.WARNING,
            self._pointer_of_mover(transition),
            message % {"told": told},
            mend,
            self._ways.through(transition),
            self._twins_of_mover(transition),
        )

    def _failure(self, part: Part, transition: Transition) -> Finding:
        message = _("The condition of “%(title)s” can't be evaluated if %(told)s: %(reason)s")
        return Finding(
            "failing-condition",
            Severity.WARNING,
            f"{self._pointer(part)}/condition",
            message
            % {
                "title": part.title,
                "told": self._told(transition, part.condition.places),
                "reason": part.condition.failure(transition.step.seen),
            },
            _("Ask first whether the fields are filled, and compare only what is alike."),
            self._ways.through(transition),
        )

    def _failed_transforms(self) -> Iterator[Finding]:
        for task, (state, reason) in self._explorer.failed_transforms.items():
            message = _("What becomes of the answer of “%(title)s” can't be computed: %(reason)s")
            yield Finding(
                "failing-condition",
                Severity.WARNING,
                f"{self._pointer(task)}/output_transform",
                message % {"title": task.title, "reason": reason},
                _("Ask first whether the fields are filled, and compute only with numbers."),
                self._ways.to_state(state),
            )

    def _stale(self, stale: Stale) -> Finding:
        data = stale.transition.step.seen
        words = {
            "title": stale.part.title,
            "field": self._words.title(self._machine.space.names[stale.place]),
            "value": self._value(stale.place, data),
        }
        if stale.writers:
            words["writer"] = stale.writers[0].title
            message = _(
                "“%(title)s” goes by %(field)s %(value)s, although “%(writer)s” is about to answer "
                "that again."
            )
            mend = _("Let “%(writer)s” empty %(field)s as it starts, so that the old answer does not count.")
        else:
            message = _(
                "“%(title)s” starts again on %(field)s %(value)s from last time, which nobody has "
                "answered since."
            )
            mend = _("Have %(field)s answered again first, or emptied as the task that answers it starts.")
        return Finding(
            "stale-answer",
            Severity.WARNING,
            f"{self._pointer(stale.part)}/condition",
            message % words,
            mend % words,
            self._ways.through(stale.transition),
            tuple(self._pointer(task) for task in stale.writers[1:]),
        )

    # --- What the whole of it shows ---------------------------------------------------------

    def _circles(self) -> Iterator[Finding]:
        circles = action_circles(self._explorer.nodes)
        closed = {task for circle in circles if not circle.has_way_out for task in circle.tasks}
        told: set[tuple[Task, ...]] = set()
        for number in states_without_end(self._explorer.nodes):
            tasks = self._machine.members(self._explorer.nodes[number].state.unfinished)
            if closed.isdisjoint(tasks) and tuple(tasks) not in told:
                told.add(tuple(tasks))
                yield self._circle(number, tasks)
        yield from map(self._action_circle, circles)

    def _circle(self, number: int, tasks: Sequence[Task]) -> Finding:
        message = _("From here no way leads to an end, whatever %(titles)s answers: it goes round for ever.")
        return Finding(
            "circle",
            Severity.WARNING,
            self._pointer(tasks[0]) if tasks else "/completions",
            message % {"titles": self._titles(tasks) if tasks else _("anybody")},
            _("Add a completion, or a condition under which one is reached from here."),
            self._ways.to_state(number),
            tuple(self._pointer(task) for task in tasks[1:]),
        )

    def _action_circle(self, circle: ActionCircle) -> Finding:
        titles = self._titles(circle.tasks)
        if circle.has_way_out:
            severity = Severity.NOTE
            message = _("%(titles)s can repeat without a person, until an answer leads on.")
            mend = _("After 100 times in a row the workflow is put on hold.")
        else:
            severity = Severity.ERROR
            message = _("%(titles)s repeats for ever without a person: no answer leads out of it.")
            mend = _(
                "Give it a condition that an answer can make false, or don't let it read what it writes."
            )
        return Finding(
            "action-circle",
            severity,
            self._pointer(circle.tasks[0]),
            message % {"titles": titles},
            mend,
            self._ways.to_state(circle.state),
            tuple(self._pointer(task) for task in circle.tasks[1:]),
        )

    def _never(self) -> Iterator[Finding]:
        for part in self._machine.parts:
            if part in self._record.happened:
                continue
            is_task = isinstance(part, Task)
            message = (
                _("“%(title)s” never starts, whatever is filled in.")
                if is_task
                else _("“%(title)s” is never reached, whatever is filled in.")
            )
            mend = _("See whether its condition can hold when one of its fields is written, or remove it.")
            yield Finding(
                "never-happens", Severity.WARNING, self._pointer(part), message % {"title": part.title}, mend
            )

    def _cancels(self, completion: Completion, transition: Transition) -> Finding:
        message = _("“%(title)s” can end the workflow while %(titles)s still waits; what waits is cancelled.")
        titles = self._titles(self._machine.members(transition.step.unfinished))
        return Finding(
            "cancels-unfinished",
            Severity.NOTE,
            self._pointer(completion),
            message % {"title": completion.title, "titles": titles},
            _("If that is not meant, let its condition ask for what the other tasks write."),
            self._ways.through(transition),
        )

    def _missed(self) -> Iterator[Finding]:
        for (part, place), transition in self._record.missed.items():
            message = _(
                "“%(title)s” does not start when %(field)s is written, although its condition holds then: "
                "%(field)s is not among the fields that it reads."
            )
            words = {"title": part.title, "field": self._words.title(self._machine.space.names[place])}
            yield Finding(
                "missed-start",
                Severity.HINT,
                f"{self._pointer(part)}/condition",
                message % words,
                _("Add %(field)s to the fields that it reads, if it should start then.") % words,
                self._ways.through(transition),
            )

    # --- Words -----------------------------------------------------------------------------

    def _told(self, transition: Transition, places: Sequence[int]) -> str:
        """Who wrote what, and what else mattered."""
        data, own = transition.step.seen, {place for place, _number in transition.asked.values}
        written = [self._named(place, data) for place in places if place in own]
        others = [self._named(place, data) for place in places if place not in own]
        answers = join_words(written[:_MOST_WORDS], _("and")) if written else ""
        told = self._answer(transition, answers)
        if others:
            while_words = join_words(others[:_MOST_WORDS], _("and"))
            told = _("%(told)s while %(others)s") % {"told": told, "others": while_words}
        return told

    def _answer(self, transition: Transition, answers: str) -> str:
        mover = transition.mover
        if transition.answered is None:
            return _("a ticket admin resumes the workflow")
        if mover.ticket is not None:
            title = self._machine.file.tickets[mover.ticket].title
            text = (
                _("the ticket “%(title)s” says %(answers)s")
                if answers
                else _("the ticket “%(title)s” comes in")
            )
        else:
            assert mover.task is not None
            title = mover.task.title
            text = _("“%(title)s” answers %(answers)s") if answers else _("“%(title)s” is completed")
        return text % {"title": title, "answers": answers}

    def _named(self, place: int, data: Data) -> str:
        name = self._words.title(self._machine.space.names[place])
        if data[place] == EMPTY:
            return _("nothing for %(field)s") % {"field": name}
        return f"{name} {self._value(place, data)}"

    def _value(self, place: int, data: Data) -> str:
        space = self._machine.space
        text = self._words.value(space.names[place], space.values[place].values[data[place]])
        return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"

    def _titles(self, parts: Sequence[Part]) -> str:
        return join_words([f"“{part.title}”" for part in parts[:_MOST_WORDS]], _("or"))

    def _pointer(self, part: Part) -> str:
        return pointer("tasks" if isinstance(part, Task) else "completions", part.place)

    def _twins_of_mover(self, transition: Transition) -> tuple[str, ...]:
        """The tasks that are equal to the one that moved."""
        task = transition.mover.task
        if task is None:
            return ()
        return tuple(
            self._pointer(other)
            for other in self._machine.tasks
            if self._machine.twins[other.place] & task.bit and other is not task
        )

    def _pointer_of_mover(self, transition: Transition) -> str:
        mover = transition.mover
        if mover.ticket is not None:
            return pointer("tickets", mover.ticket)
        return "/completions" if mover.task is None else self._pointer(mover.task)
