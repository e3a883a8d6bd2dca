"""Words for what happens in an exploration: who wrote what, in the terms of the designer."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.exploration.machine import Machine, Part, Task
from workflow_design.check.exploration.states import Mover, Transition
from workflow_design.check.values.rules import Data
from workflow_design.definition.problems import pointer
from workflow_design.wording.rules import Vocabulary, join_words

MAX_LISTED = 4
_MAX_VALUE_LENGTH = 60


class Words:
    """Words for the fields, values and moves of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._vocabulary = Vocabulary(machine.fields)
        parts = [*machine.file.tickets, *machine.file.tasks, *machine.file.completions]
        self._titles_of_parts = {part.title.casefold() for part in parts}

    def title(self, name: str) -> str:
        """Return the title of a field in quotation marks, told apart from a part with the same title."""
        title = self._vocabulary.title(name)
        text = _("the field “%(title)s”") if self._is_shared(title) else _("“%(title)s”")
        return text % {"title": title}

    def _is_shared(self, title: str) -> bool:
        return title.casefold() in self._titles_of_parts

    def titles(self, names: Iterable[str], last: str) -> str:
        """Return the titles of some fields, joined."""
        return join_words([self.title(name) for name in names][:MAX_LISTED], last)

    def at(self, place: int) -> str:
        """Return the title of the field at a place of the workspace."""
        return self.title(self._machine.space.names[place])

    def value(self, place: int, data: Data) -> str:
        """Return that a field has its value, as a clause."""
        space = self._machine.space
        text = self._vocabulary.value(space.names[place], space.values[place].values[data[place]])
        short = text if len(text) <= _MAX_VALUE_LENGTH else f"{text[:_MAX_VALUE_LENGTH]}…"
        title = self._vocabulary.title(space.names[place])
        # Conditions are worded like this on all pages.
        name = self.at(place) if self._is_shared(title) else title
        return _("%(field)s is %(value)s") % {"field": name, "value": short}

    def event(self, transition: Transition, places: Sequence[int]) -> str:
        """Return who wrote what, and which other fields mattered, as clauses that follow "if"."""
        data, own = transition.step.before_resets, {place for place, _number in transition.applied.values}
        written = [self.value(place, data) for place in places if place in own]
        others = [self.value(place, data) for place in places if place not in own]
        clauses = [self._move(transition), *written[:MAX_LISTED], *others[:MAX_LISTED]]
        return join_words(clauses, _("and"))

    def _move(self, transition: Transition) -> str:
        mover, is_blank = transition.mover, not transition.applied.listeners.modified
        if mover.ticket is not None:
            title = self._machine.file.tickets[mover.ticket].title
            return _("the ticket “%(title)s” is submitted") % {"title": title}
        if mover.task is not None:
            text = _("“%(title)s” is answered") if mover.task.is_action else _("“%(title)s” is completed")
            if mover.task.file.action:
                text = _("“%(title)s” is sent")
            if is_blank:
                text = _("the answer of “%(title)s” brings none of its fields")
            return text % {"title": mover.task.file.title}
        if mover.overdue is not None:
            return _("“%(title)s” is overdue") % {"title": mover.overdue.file.title}
        assert mover.hold is not None
        return _("a ticket admin resumes the workflow after “%(title)s”") % {"title": mover.hold.file.title}

    def pointers(self, movers: Iterable[Mover]) -> list[str]:
        """Return the places that make these moves, and those of equal tasks, each once."""
        return list(dict.fromkeys(where for mover in movers for where in self._pointers(mover)))

    def _pointers(self, mover: Mover) -> list[str]:
        if mover.ticket is not None:
            return [pointer("tickets", mover.ticket)]
        if mover.task is not None:
            duplicates = self._machine.duplicates
            equal = [task for task in self._machine.tasks if duplicates[task.place] & mover.task.bit]
            return [pointer_of(mover.task), *map(pointer_of, equal)]
        if mover.overdue is not None:
            return [pointer_of(mover.overdue)]
        return ["/completions", *([pointer_of(mover.hold)] if mover.hold else [])]


def pointer_of(part: Part) -> str:
    """Return the pointer of a definition."""
    return pointer("tasks" if isinstance(part, Task) else "completions", part.place)


def join_titles(parts: Sequence[Part], last: str = "") -> str:
    """Return the titles of some definitions, joined with "or" if nothing else is given."""
    return join_words([f"“{part.file.title}”" for part in parts[:MAX_LISTED]], last or _("or"))
