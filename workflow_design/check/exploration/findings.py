"""Findings of the exploration, worded for users."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.exploration.claims import find_claims, join_titles, pointer_of
from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.graph import MoveSequences
from workflow_design.check.exploration.machine import Completion, Part, Transition
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
        yield from find_claims(self._explorer, record, self._move_sequences)
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
            fix %= {"titles": join_titles(parts)}
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
            f"{pointer_of(part)}/condition",
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
                f"{pointer_of(task)}/output_transform",
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
            f"{pointer_of(stale.part)}/condition",
            message % words,
            fix % words,
            self._move_sequences.through(stale.transition),
            tuple(pointer_of(task) for task in stale.writers[1:]),
        )

    # --- Cancelled tasks and missed starts -----------------------------------------------

    def _build_cancelling(self, completion: Completion, transition: Transition) -> Finding:
        message = _(
            "“%(title)s” can end the workflow while %(titles)s is still open; open tasks are cancelled."
        )
        titles = join_titles(self._machine.members(transition.step.unfinished))
        return Finding(
            "cancels-unfinished",
            Severity.NOTE,
            pointer_of(completion),
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
                f"{pointer_of(part)}/condition",
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

    def _duplicates_of_mover(self, transition: Transition) -> tuple[str, ...]:
        """Return the pointers of the tasks that are equal to the one that moved."""
        task = transition.mover.task
        if task is None:
            return ()
        return tuple(
            pointer_of(other)
            for other in self._machine.tasks
            if self._machine.duplicates[other.place] & task.bit and other is not task
        )

    def _pointer_of_mover(self, transition: Transition) -> str:
        mover = transition.mover
        if mover.ticket is not None:
            return pointer("tickets", mover.ticket)
        return "/completions" if mover.task is None else pointer_of(mover.task)
