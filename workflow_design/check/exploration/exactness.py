"""What a claim about all values hangs on, such as that something never happens.

Only samples of the values are tried. Where they may be too few to tell everything, a claim is not proved.
"""

from collections.abc import Iterable

from workflow_design.check.exploration.machine import Machine, Part, Task


def fields_in_doubt(machine: Machine, parts: Iterable[Part]) -> list[str]:
    """Return the fields whose other values may change what these definitions do, in the schema's order."""
    found = {name for part in parts for name in _read_by(machine, part) if name in machine.inexact}
    return [name for name in machine.fields if name in found]


def _read_by(machine: Machine, part: Part) -> set[str]:
    computed_with = machine.computed_with if isinstance(part, Task) and part.is_action else frozenset()
    return {machine.space.names[place] for place in part.condition.places} | computed_with


def find_ancestors(machine: Machine, part: Part) -> set[Part]:
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
        written = frozenset[str]().union(tickets, *(each.writes for each in fresh if isinstance(each, Task)))
        writers = {task for task in machine.tasks if not reads.isdisjoint(task.writes)}
        endings = {each for each in machine.completions if not written.isdisjoint(each.reads)}
        fresh = (writers | endings) - found
    return found


def find_descendants(machine: Machine, tasks: Iterable[Task]) -> set[Part]:
    """Return these tasks, and all definitions that their writes can trigger, directly or through others."""
    found: set[Part] = set()
    fresh: set[Part] = set(tasks)
    while fresh:
        found |= fresh
        started: set[Part] = set()
        for each in fresh:
            if isinstance(each, Task):
                listeners = machine.listeners(each.writes)
                started.update(listeners.tasks, listeners.completions)
        fresh = started - found
    return found
