"""Random walks, which look further than an exploration that had to stop.

They make the moves of the exploration, chosen by a generator whose seed is the content of the file: the same
file always has the same walks. What they find is true. The way there is shortened as long as it still shows
the same when it is played again, so it is short, but maybe not the shortest one.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any, Final

from workflow_design.check.exploration.answers import Answers, Row
from workflow_design.check.exploration.explorer import Explorer, Node
from workflow_design.check.exploration.machine import Task
from workflow_design.check.exploration.recorder import Record, Recorder
from workflow_design.check.exploration.states import Mover, State
from workflow_design.check.work import OutOfWorkError
from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import Problem
from workflow_design.engine.conditions.bounds import ConditionError

_MAX_WALKS: Final = 400
_MAX_MOVES: Final = 100
_MAX_FOUND: Final = 50

_SEED: Final = ("fields_schema", "tickets", "tasks", "completions")
"""The members of a file that walks depend on: not its scenarios, and not what was accepted."""

Key = tuple[str, Any, Mover | None]
"""What was found: an attribute of `Record` or "failed_transforms", a key in it, and who led to a stall."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One move, with the values that are not the first ones of their fields."""

    mover: Mover
    values: Mapping[Any, int]


Way = tuple[Choice, ...]


def walk(explorer: Explorer, record: Record, *, work: int) -> None:
    """Walk with this much work, and record what is found. To shorten it may cost twice as much again."""
    _Walks(explorer, record).walk(work)


class _Walks:
    """The walks through one machine."""

    def __init__(self, explorer: Explorer, record: Record) -> None:
        self._explorer = explorer
        self._record = record
        self._work = explorer.machine.space.work
        self._recorder = Recorder(explorer.machine, explorer.watch)
        self._number = len(explorer.nodes)
        explorer.on_transition = self._recorder.on_transition

    def walk(self, work: int) -> None:
        """Walk, shorten what was found, and record it."""
        found = self._look(work)
        causes = dict[Hashable, Key]()
        for key in sorted(found, key=lambda each: len(found[each])):
            causes.setdefault(key[:2], key)
        for key in islice(causes.values(), _MAX_FOUND):
            shortest = found[key]
            self._work.left = work // len(causes)
            with suppress(OutOfWorkError):
                for shorter in self._shorten(key, shortest):
                    shortest = shorter
            self._work.left = work // len(causes)
            with suppress(OutOfWorkError):
                self._store(key, shortest)
        for _kind, cause, mover in found:
            if mover is not None and cause in self._record.stalls:
                self._record.movers.setdefault(cause, {})[mover] = None

    def _look(self, work: int) -> dict[Key, Way]:
        """Return what the walks find that is not known yet, each with the shortest way there."""
        content = to_json(self._explorer.machine.file)
        text = json.dumps([content[name] for name in _SEED], sort_keys=True)
        seed = sha256(text.encode()).hexdigest()
        known = {*_keys(self._record, self._explorer.failed_transforms)}
        found: dict[Key, Way] = {}
        self._work.left = work
        with suppress(OutOfWorkError):
            for number in range(_MAX_WALKS):
                for key, way in self._walk_once(Random(f"{seed} {number}")):  # noqa: S311, not for secrets
                    if key not in known and (key not in found or len(way) < len(found[key])):
                        found[key] = way
        return found

    def _walk_once(self, chooser: Random) -> Iterator[tuple[Key, Way]]:
        path = self._begin()
        seen: set[Key] = set()
        while len(path.way) < _MAX_MOVES and (movers := path.movers()):
            if not path.move(chooser.choice(movers), lambda answers: answers.choose(chooser)):
                return
            for key in path.found():
                if key not in seen:
                    seen.add(key)
                    yield key, tuple(path.way)

    def _shorten(self, key: Key, way: Way) -> Iterator[Way]:
        """Yield ever shorter and simpler ways: without loops, without other moves, with first values."""
        for without in (self._without_loop, self._without_moves, self._with_first_value):
            path: _Path | None = self._play(key, way)
            while path is not None:
                yield (way := tuple(path.way))
                path = next((found for other in without(path) if (found := self._play(key, other))), None)

    def _without_loop(self, path: "_Path") -> Iterator[Way]:
        """Yield the way without moves between two states with the same open tasks, the longest loop first."""
        way, open_tasks = tuple(path.way), path.open_tasks
        for size in range(len(way) - 1, 0, -1):
            for start in range(1, len(way) - size):
                if open_tasks[start] == open_tasks[start + size]:
                    yield (*way[:start], *way[start + size :])

    def _without_moves(self, path: "_Path") -> Iterator[Way]:
        for size in (4, 2, 1):
            for start in range(1, len(path.way) - size + 1):  # after the ticket
                yield (*path.way[:start], *path.way[start + size :])

    def _with_first_value(self, path: "_Path") -> Iterator[Way]:
        for place, choice in enumerate(path.way):
            for name in choice.values:
                values = {other: number for other, number in choice.values.items() if other != name}
                yield (*path.way[:place], Choice(choice.mover, values), *path.way[place + 1 :])

    def _store(self, key: Key, way: Way) -> None:
        path = self._play(key, way)
        if path is None:
            return
        kind, cause, _mover = key
        if kind == "failed_transforms":
            self._explorer.failed_transforms[cause] = path.failed_transforms[cause]
        else:
            getattr(self._record, kind)[cause] = getattr(self._recorder.record, kind)[cause]
        if kind == "cancels":
            self._record.cancelled[cause] = self._recorder.record.cancelled[cause]
        self._number = len(self._explorer.nodes)

    def _play(self, key: Key, way: Way) -> "_Path | None":
        """Play a way until it shows what is looked for; return None if it doesn't."""
        path = self._begin()
        for choice in way:
            is_possible = choice.mover in path.movers()
            if not is_possible or not path.move(choice.mover, lambda answers: answers.nearest(choice.values)):  # noqa: B023
                return None
            if key in path.found():
                return path
        return None

    def _begin(self) -> "_Path":
        """Start again, without the nodes of the last path, unless they were stored."""
        del self._explorer.nodes[self._number :]
        self._recorder.record = Record()
        return _Path(self._explorer, self._recorder)


class _Path:
    """One way that is being played, through the moves of an explorer."""

    def __init__(self, explorer: Explorer, recorder: Recorder) -> None:
        self.way: list[Choice] = []
        self.open_tasks = [0]
        """The unfinished tasks before the first move, and after each."""
        self.failed_transforms: dict[Task, tuple[int, Problem]] = {}
        self._explorer = explorer
        self._recorder = recorder
        self._state: State | None = explorer.start
        self._number: int | None = None

    def movers(self) -> list[Mover]:
        """Return who can move now."""
        if self._state is None:
            return []
        if self._number is None:
            return [Mover(ticket=place) for place in range(len(self._explorer.machine.file.tickets))]
        movers = self._explorer.movable(self._state)
        return movers if self._state.hold is None else [*movers, Mover()]

    def found(self) -> list[Key]:
        """Return what the moves so far have shown."""
        return list(_keys(self._recorder.record, self.failed_transforms))

    def move(self, mover: Mover, choose: Callable[[Answers], Row]) -> bool:
        """Make a move; return False if there is no answer for it."""
        assert self._state is not None
        explorer, state, write, values = self._explorer, self._state, None, {}
        if mover != Mover():
            try:
                answers = explorer.answers(state, mover)
            except ConditionError as error:
                return self._fail(mover, error.problems[0])
            explorer.machine.space.work.spend(10 + 2 * len(answers.options))
            if not answers.number:
                return False
            row = choose(answers)
            write, values = answers.build(row), answers.unusual(row)
        self.way.append(Choice(mover, values))
        self._state = explorer.advance(self._number, state, mover, write)
        self.open_tasks.append(self._state.unfinished if self._state else 0)
        if self._state is not None:
            explorer.nodes.append(Node(self._state, self._number, mover, write, len(self.way)))
            self._number = len(explorer.nodes) - 1
        return True

    def _fail(self, mover: Mover, reason: Problem) -> bool:
        assert mover.task is not None
        assert self._number is not None
        self.failed_transforms[mover.task] = (self._number, reason)
        self.way.append(Choice(mover, {}))
        self._state = None
        return True


def _keys(record: Record, failed_transforms: Iterable[Task]) -> Iterator[Key]:
    yield from (("stalls", cause, mover) for cause, movers in record.movers.items() for mover in movers)
    for kind in ("failures", "stale", "cancels", "missed", "early", "unassigned"):
        yield from ((kind, cause, None) for cause in getattr(record, kind))
    yield from (("failed_transforms", task, None) for task in failed_transforms)
