"""Claims about all paths: what never happens, and from where no path leads to an end.

A counterexample is true however little was tried. These claims are true only after all paths were explored
with all values that make a difference. Otherwise they say that it was not seen.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.machine import Machine, Part, Task
from workflow_design.check.exploration.recorder import Record
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.reporting.graph import (
    ActionCycle,
    MoveSequences,
    find_action_cycles,
    find_reachable,
    find_states_without_end,
)
from workflow_design.check.reporting.words import Words, join_titles, pointer_of


def find_claims(explorer: Explorer, record: Record, sequences: MoveSequences) -> Iterator[Finding]:
    """Yield what can be said about all paths, if all were explored."""
    if explorer.is_complete:
        claims = _Claims(explorer, record, sequences)
        yield from claims.about_cycles()
        parts = explorer.machine.parts
        yield from (claims.about_never(part) for part in parts if part not in record.happened)


class _Claims:
    """Builds the findings about all paths."""

    def __init__(self, explorer: Explorer, record: Record, sequences: MoveSequences) -> None:
        self._nodes = explorer.nodes
        self._happened = record.happened
        self._machine = explorer.machine
        self._sequences = sequences
        self._words = Words(explorer.machine)

    def about_cycles(self) -> Iterator[Finding]:
        """Yield the states from which no path leads to an end, and actions that repeat."""
        cycles = find_action_cycles(self._nodes)
        # Closed cycles of actions are reported as such, and not a second time as a circle.
        closed = {task for cycle in cycles if not cycle.has_way_out for task in cycle.tasks}
        reported: set[tuple[Task, ...]] = set()
        for number in find_states_without_end(self._nodes):
            first = self._machine.members(self._nodes[number].state.unfinished)
            tasks = dict.fromkeys([*first, *self._tasks_from(number)])
            if closed.isdisjoint(first) and tuple(tasks) not in reported:
                reported.add(tuple(tasks))
                yield self._about_cycle(number, [*tasks])
        yield from map(self._about_action_cycle, cycles)

    def _tasks_from(self, number: int) -> list[Task]:
        """Return all tasks that can be open in a state or after it."""
        states = [self._nodes[each].state for each in find_reachable(self._nodes, number)]
        return [task for task in self._machine.tasks if any(each.unfinished & task.bit for each in states)]

    def _about_cycle(self, number: int, tasks: Sequence[Task]) -> Finding:
        doubt = self._doubt_about_future(number)
        if doubt:
            message = _(
                "From here on no end was seen with the values that were tried, whatever %(titles)s answers: "
                "not everything that %(fields)s can hold was tried."
            )
        else:
            message = _("From here on the workflow never ends, whatever %(titles)s answers.")
        return Finding(
            "end-not-seen" if doubt else "circle",
            Severity.WARNING,
            pointer_of(tasks[0]) if tasks else "/completions",
            message % {"titles": join_titles(tasks) if tasks else _("anyone"), "fields": doubt},
            _("Add a completion for this case, or change a condition so that one can be reached from here."),
            self._sequences.to_state(number),
            tuple(pointer_of(task) for task in tasks[1:]),
            is_exact=not doubt,
        )

    def _about_action_cycle(self, cycle: ActionCycle) -> Finding:
        code, severity, doubt = "action-circle", Severity.NOTE, ""
        fix = _(
            "Give it a condition that an answer can make false, or don't let it read what it writes itself."
        )
        if cycle.has_way_out:
            message = _("%(titles)s can repeat without a person, until an answer ends that.")
            fix = _("Let an answer end it soon: after 100 times in a row, the workflow is put on hold.")
        elif doubt := self._doubt_about_future(cycle.state):
            code, severity = "end-not-seen", Severity.WARNING
            message = _(
                "%(titles)s repeats without a person, and no answer was seen to end that: not everything "
                "that %(fields)s can hold was tried."
            )
        else:
            severity = Severity.ERROR
            message = _("%(titles)s repeats for ever without a person: no answer ends that.")
        return Finding(
            code,
            severity,
            pointer_of(cycle.tasks[0]),
            message % {"titles": join_titles(cycle.tasks), "fields": doubt},
            fix,
            self._sequences.to_state(cycle.state),
            tuple(pointer_of(task) for task in cycle.tasks[1:]),
            is_exact=not doubt,
        )

    def about_never(self, part: Part) -> Finding:
        """Return the finding that nothing ever triggers this definition."""
        doubt = self._in_doubt(_find_ancestors(self._machine, part))
        if doubt:
            message = (
                _("“%(title)s” was not seen to start with the values that were tried: %(rest)s")
                if isinstance(part, Task)
                else _("“%(title)s” was not seen to be reached with the values that were tried: %(rest)s")
            )
        else:
            message = (
                _("“%(title)s” never starts, whatever is filled in.")
                if isinstance(part, Task)
                else _("“%(title)s” is never reached, whatever is filled in.")
            )
        rest = _("not everything that %(fields)s can hold was tried.") % {"fields": doubt}
        return Finding(
            "not-seen" if doubt else "never-happens",
            Severity.WARNING,
            pointer_of(part),
            message % {"title": part.file.title, "rest": rest},
            self._suggest_a_start(part),
            is_exact=not doubt,
        )

    def _suggest_a_start(self, part: Part) -> str:
        fix = _("Change its condition so that it can hold when %(fields)s is written, or remove “%(title)s”.")
        writers = self._writers_that_never_start(part)
        if writers:
            fix = _("See to %(writers)s first: nothing else writes %(fields)s.")
        elif part.condition.rule is None:
            fix = _("Let something write %(fields)s before the workflow ends, or remove “%(title)s”.")
            if not isinstance(part, Task):
                fix = _("Completions are asked in their order: move “%(title)s” up, or remove it.")
        return fix % {
            "title": part.file.title,
            "fields": self._words.titles(part.file.reads, _("or")),
            "writers": join_titles(writers),
        }

    def _writers_that_never_start(self, part: Part) -> list[Task]:
        """Return the other tasks that write what a definition reads, if nothing ever writes it."""
        tickets = self._machine.file.tickets
        writers = [task for task in self._machine.tasks if not part.reads.isdisjoint(task.may_write)]
        is_written = not self._happened.isdisjoint(writers) or any(
            not part.reads.isdisjoint(ticket.fields) for ticket in tickets
        )
        return [] if is_written else [task for task in writers if task is not part]

    def _doubt_about_future(self, number: int) -> str:
        """Return what could still lead out of a state; empty if nothing can."""
        state = self._nodes[number].state
        # After a hold, tasks start that are not open yet, and writes that wait may start any.
        tasks = self._machine.members(state.unfinished) if state.hold is None else self._machine.tasks
        return self._in_doubt(_find_descendants(self._machine, tasks))

    def _in_doubt(self, parts: set[Part]) -> str:
        """Return the titles of fields that these definitions read and that may have other values."""
        names = _fields_in_doubt(self._machine, parts)
        return self._words.titles(names, _("or"))


def _fields_in_doubt(machine: Machine, parts: Iterable[Part]) -> list[str]:
    """Return the fields whose other values may change what these definitions do, in the schema's order."""
    found = {name for part in parts for name in _read_by(machine, part) if name in machine.inexact}
    return [name for name in machine.fields if name in found]


def _read_by(machine: Machine, part: Part) -> set[str]:
    computed_with = machine.computed_with if isinstance(part, Task) and part.is_action else frozenset()
    return {machine.space.names[place] for place in part.condition.places} | computed_with


def _find_ancestors(machine: Machine, part: Part) -> set[Part]:
    """Return all definitions that decide whether this one happens, with itself.

    They are those that write what it reads, and the completions that could end the workflow before.
    """
    found: set[Part] = set()
    fresh: set[Part] = {part}
    tickets = frozenset(name for ticket in machine.file.tickets for name in ticket.fields)
    while fresh:
        machine.space.work.spend(len(fresh) * len(machine.parts))
        found |= fresh
        reads = frozenset[str]().union(*(each.reads | _read_by(machine, each) for each in fresh))
        written = frozenset[str]().union(
            tickets, *(each.may_write for each in fresh if isinstance(each, Task))
        )
        writers = {task for task in machine.tasks if not reads.isdisjoint(task.may_write)}
        endings = {each for each in machine.completions if not written.isdisjoint(each.reads)}
        fresh = (writers | endings) - found
    return found


def _find_descendants(machine: Machine, tasks: Iterable[Task]) -> set[Part]:
    """Return these tasks, and all definitions that their writes can trigger, directly or through others."""
    reachable = machine.members(machine.reachable(sum(task.bit for task in tasks)))
    return {
        *reachable,
        *(each for task in reachable for each in machine.listeners(task.may_write).completions),
    }
