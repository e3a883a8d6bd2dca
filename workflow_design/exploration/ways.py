"""Ways through an exploration as moves that can be told, kept and played."""

from collections.abc import Mapping
from typing import Any

from workflow_design.engine.moves import Move, MoveKind
from workflow_design.exploration.explorer import Explorer
from workflow_design.exploration.machine import Answered
from workflow_design.exploration.rules import EMPTY
from workflow_design.exploration.state import Mover, Transition


class Ways:
    """The shortest ways to what was found."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._machine = explorer.machine

    def to_state(self, number: int) -> tuple[Move, ...]:
        """The moves that lead to a state."""
        return tuple(self._move(node.mover, node.answered) for node in self._explorer.way_to(number))

    def through(self, transition: Transition) -> tuple[Move, ...]:
        """The moves that lead to a transition, itself last."""
        before = () if transition.source is None else self.to_state(transition.source)
        return (*before, self._move(transition.mover, transition.answered))

    def _move(self, mover: Mover, answered: Answered | None) -> Move:
        if answered is None:
            return Move(MoveKind.RESUME)
        if mover.ticket is not None:
            ticket = self._machine.file.tickets[mover.ticket]
            return Move(MoveKind.TICKET, ticket.title, self._of_form(ticket.fields, answered))
        assert mover.task is not None
        if mover.task.is_action:
            return Move(
                MoveKind.TASK, mover.task.title, {**self._written(answered), **(answered.shown or {})}
            )
        fields = mover.task.file.output_fields
        return Move(MoveKind.TASK, mover.task.title, self._of_form(fields, answered))

    def _of_form(self, fields: tuple[str, ...], answered: Answered) -> Mapping[str, Any]:
        """What a person fills in, in the order of the form; what stays blank is left out."""
        written = {name: value for name, value in self._written(answered).items() if value is not None}
        values = {**self._explorer.answers.values_to_show(fields), **written}
        return {name: values[name] for name in fields if name in values}

    def _written(self, answered: Answered) -> dict[str, Any]:
        space = self._machine.space
        return {
            space.names[place]: None if number == EMPTY else space.values[place].values[number]
            for place, number in answered.values
        }
