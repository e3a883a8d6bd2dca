"""A ticket that decides about several branches, each by other fields."""

from collections.abc import Mapping
from itertools import product
from typing import Final

from workflow_design.check.exploration.answers import Answers, Row
from workflow_design.check.exploration.branches import BranchExplorer
from workflow_design.check.exploration.machine import Part, Task
from workflow_design.check.exploration.mechanics import Mechanics
from workflow_design.check.exploration.regions import Beginning
from workflow_design.check.exploration.states import Mover, State

_MAX_ANSWERS: Final = 256
"""The number of different answers that may decide about one branch."""


class Decisions:
    """The parts of the answer of a ticket. At first, each field decides about a branch of its own."""

    def __init__(
        self,
        mechanics: Mechanics,
        state: State,
        ticket: Mover,
        answers: Answers,
        uses: Mapping[Part, frozenset[str]],
    ) -> None:
        assert ticket.ticket is not None
        names = mechanics.machine.space.names
        written = mechanics.machine.file.tickets[ticket.ticket].fields
        self._mechanics = mechanics
        self._uses = uses
        self._tasks = mechanics.machine.listeners(written).tasks
        self._options = [list(option) for option in answers.options]
        self.fields = [frozenset(names[place] for place, _value in option[0]) for option in self._options]
        """The fields of each part that some definition uses."""
        used = frozenset[str]().union(*uses.values())
        for name in used.intersection(written).difference(*self.fields):
            self.fields.append(frozenset({name}))
            self._options.append([()])
        first = tuple(value for option in self._options for value in option[0])
        self.beginning = Beginning(state, ticket, first, answers.build)
        usual = [value for place in range(len(self.fields)) for value in self._find_usual(place)]
        self.beginning = Beginning(state, ticket, tuple(usual), answers.build)

    def fields_of(self, begin: frozenset[int]) -> frozenset[str]:
        """Return the fields of some parts."""
        return frozenset[str]().union(*(self.fields[place] for place in begin))

    def answers_of(self, begin: frozenset[int]) -> list[Row]:
        """Return the answers to some parts."""
        return [sum(rows, ()) for rows in product(*(self._options[place] for place in sorted(begin)))]

    def begin(self, begin: frozenset[int]) -> BranchExplorer | None:
        """Return an explorer that begins with each answer to some parts; None if one ends the workflow."""
        own = sum(task.bit for task in self._started_by(begin))
        explorer = BranchExplorer(
            self._mechanics, 0, self.fields_of(frozenset(range(len(self.fields))) - begin)
        )
        answers = self.answers_of(begin)
        if len(answers) > _MAX_ANSWERS:
            return None
        for answer in answers:
            ((mover, write),) = self.beginning.moves(answer)
            step, state = self._mechanics.apply(self.beginning.state, mover, write)
            if step.reached is not None:
                return None
            explorer.tasks |= step.started & own
            explorer.begin(state, before_resets=step.before_resets, answer=answer)
        return explorer

    def _started_by(self, begin: frozenset[int]) -> list[Task]:
        fields = self.fields_of(begin)
        return [task for task in self._tasks if not fields.isdisjoint(self._uses[task])]

    def _find_usual(self, place: int) -> Row:
        """Return the answer to one part with which it starts most."""
        tasks = self._started_by(frozenset({place}))

        def count(answer: Row) -> int:
            ((_mover, write),) = self.beginning.moves(answer)
            data = list(self.beginning.state.data)
            for each, value in write.values:
                data[each] = value
            return sum(task.condition.evaluate(tuple(data)) == 1 for task in tasks)

        return max(self._options[place], key=count)
