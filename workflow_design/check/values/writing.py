"""Which fields are written together, and which only once."""

from collections.abc import Collection, Iterator
from functools import cache
from itertools import combinations, pairwise

from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.engine.conditions.validation import fields_read

_MOST_RESETS = 4


class Writing:
    """What the parts of a definition write."""

    def __init__(self, file: WorkflowFile) -> None:
        self._file = file
        self._runs = cache(self._count_runs)
        self.asked = frozenset(_asked(file))
        """The fields that can take any value: of forms, and of answers."""

    def in_order(self, names: Collection[str], dense: Collection[str] = ()) -> tuple[str, ...]:
        """Return the fields, those first that the fewest tasks write: they stay while others change.

        `dense` are fields that can hold a value in every gap. They come after fields that count in steps.
        """
        sets = self._sets(names)
        writers = {name: sum(name in each for each in sets) for name in names}
        return tuple(sorted(names, key=lambda name: (writers[name], name in dense, name)))

    def _sets(self, names: Collection[str]) -> list[frozenset[str]]:
        """Return which of the fields are written by one task, the fewest first."""
        found = {frozenset(task.writes).intersection(names) for task in self._file.tasks} - {frozenset()}
        return sorted(found, key=len)

    def is_together(self, names: Collection[str]) -> bool:
        """Return whether each part that writes one of the fields is a form that writes all of them."""
        return all(self._is_form_of(part, set(names)) for part in self._writers(names))

    def is_settled(self, names: Collection[str]) -> bool:
        """Return whether no field gets another value while others keep values that were chosen to fit it.

        Either whoever writes one of them writes all that come later in this order, or each is written once.
        """
        are_forms = all(self._is_form_of(part, set()) for part in self._writers(names))
        are_nested = all(fewer <= more for fewer, more in pairwise(self._sets(names)))
        return (are_forms and are_nested) or all(self._times(name) <= 1 for name in names)

    def emptied(self, names: Collection[str]) -> Iterator[frozenset[str]]:
        """Yield the sets of these fields that may be emptied by a task that starts."""
        resets = {frozenset(task.reset_fields) & set(names) for task in self._file.tasks} - {frozenset()}
        for number in range(1, min(len(resets), _MOST_RESETS) + 1):
            for some in combinations(sorted(resets, key=sorted), number):
                yield frozenset[str]().union(*some)

    def _writers(self, names: Collection[str]) -> list[object]:
        parts = (*self._file.tickets, *self._file.tasks)
        return [part for part in parts if not set(names).isdisjoint(part.writes)]

    def _is_form_of(self, part: object, names: set[str]) -> bool:
        is_form = not isinstance(part, TaskFile) or part.is_form
        return is_form and names <= set(getattr(part, "writes", ()))

    def _times(self, name: str) -> int:
        """Return how often a field is written at most."""
        by_ticket = any(name in ticket.fields for ticket in self._file.tickets)
        return by_ticket + sum(
            self._runs()[place] for place, task in enumerate(self._file.tasks) if name in task.writes
        )

    def _count_runs(self) -> list[int]:
        """Return how often each task runs at most, once for each write that starts it; 2 stands for more."""
        tasks = self._file.tasks
        reads = [set(task.input_fields) for task in tasks]
        writes = [task.may_write for task in tasks]
        by_ticket = [
            any(not each.isdisjoint(ticket.fields) for ticket in self._file.tickets) for each in reads
        ]
        starters = [
            [at for at, written in enumerate(writes) if not each.isdisjoint(written)] for each in reads
        ]
        runs, before = [0] * len(tasks), [-1]
        while runs != before:
            before = runs
            runs = [
                min(2, start + sum(before[at] for at in each))
                for start, each in zip(by_ticket, starters, strict=True)
            ]
        return runs


def _asked(file: WorkflowFile) -> Iterator[str]:
    for ticket in file.tickets:
        yield from ticket.fields
    for task in file.tasks:
        transform = task.answer_rules
        if task.is_form or transform is None:
            yield from task.output_fields
        else:
            for name, rule in transform.items():
                if "response" in fields_read(rule):
                    yield name
