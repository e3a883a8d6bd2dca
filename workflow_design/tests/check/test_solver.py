"""Tests with a solver that the samples miss no combination of results, and that none of them is superfluous.

z3 says which combinations of results of some comparisons there are at all. It knows nothing of samples.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random
from typing import Any, Final

import z3
from django.test import SimpleTestCase

from workflow_design.check.exploration.machine import Machine
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.schema import parse_fields
from workflow_design.engine.conditions.evaluation import holds

GROUPS: Final = int(os.environ.get("SOLVED_GROUPS", "15"))
"""How many groups of comparisons are tried of each kind; docs/check.md says how many were tried once."""
SIZES: Final = ("<", "<=", ">", ">=", "==", "!=")
Row = Mapping[str, Any]
_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}
_FIRST_DAY: Final = date(1900, 1, 1).toordinal()
_LAST_DAY: Final = date(2999, 12, 31).toordinal()


@dataclass(frozen=True)
class Kind:
    """A kind of field, and how the solver sees it."""

    schema: Mapping[str, Any]
    constants: Sequence[Any]
    variable: Callable[[str], Any]
    limits: Callable[[Any], Sequence[Any]] = lambda _variable: ()
    meaning: Callable[[Any], Any] = lambda constant: constant
    operators: tuple[str, ...] = SIZES
    computes: bool = False
    fields: int = 3


def _decimals(digits: int) -> Callable[[str], Any]:
    """Return how the solver sees numbers with so many decimals; no field can hold a third."""
    return lambda name: z3.ToReal(z3.Int(name)) / 10**digits


KINDS: Final[dict[str, Kind]] = {
    "numbers": Kind({"type": "number"}, [0, 1, 2.5, 10], _decimals(4), computes=True, fields=2),
    "bounded numbers": Kind(
        {"type": "number", "minimum": 0, "exclusiveMaximum": 3},
        [0, 1, 2.5],
        _decimals(4),
        lambda each: [each >= 0, each < 3],
        computes=True,
        fields=2,
    ),
    "three numbers": Kind({"type": "number"}, [0, 3], _decimals(4)),
    "integers": Kind({"type": "integer"}, [0, 2, 3, 7], z3.Int, computes=True, fields=1),
    "two integers": Kind(
        {"type": "integer", "minimum": 1},
        [1, 2, 5, 6],
        z3.Int,
        lambda each: [each >= 1],
        computes=True,
        fields=2,
    ),
    "narrow integers": Kind(
        {"type": "integer", "minimum": 0, "maximum": 2},
        [0, 1],
        z3.Int,
        lambda each: [each >= 0, each <= 2],
        computes=True,
    ),
    "money": Kind(
        {"type": "number", "format": "money", "minimum": 0},
        [0, 0.5, 99.99, 100],
        _decimals(2),
        lambda each: [each >= 0],
        fields=2,
    ),
    "dates": Kind(
        {"type": "string", "format": "date"},
        ["2030-06-10", "2030-06-11", "2030-07-01"],
        z3.Int,
        lambda each: [each >= _FIRST_DAY, each <= _LAST_DAY],
        lambda constant: date.fromisoformat(constant).toordinal(),
    ),
    "people": Kind(
        {"type": "string", "format": "user"},
        ["4", "5"],
        z3.Int,
        lambda each: [each >= 1],
        int,
        operators=("==", "!="),
    ),
}


def _draw(random: Random, kind: Kind) -> list[Any]:
    """Return some comparisons of this kind."""
    names = "xyz"[: kind.fields]

    def operand() -> Any:
        field = {"var": random.choice(names)}
        if not kind.computes or random.random() < 0.5:
            return field
        number = random.choice([1, 2, 3])
        return random.choice(
            [
                {"*": [field, number]},
                {"+": [field, number]},
                {"-": [number, field]},
                {"+": [field, {"var": random.choice(names)}]},
                {"-": [{"*": [field, number]}, {"var": random.choice(names)}]},
            ]
        )

    return [
        {
            random.choice(kind.operators): [
                operand(),
                random.choice(kind.constants) if random.random() < 0.5 or len(names) == 1 else operand(),
            ]
        }
        for _number in range(random.randint(1, 4))
    ]


def _solver_term(rule: Any, kind: Kind) -> Any:
    if not isinstance(rule, dict):
        value = kind.meaning(rule)
        return z3.RealVal(str(value)) if isinstance(value, float) else value
    ((operator, arguments),) = rule.items()
    if operator == "var":
        return kind.variable(arguments)
    left, right = (_solver_term(each, kind) for each in arguments)
    return _COMPARE[operator](left, right)


def _machine(kind: Kind, atoms: Sequence[Any]) -> Machine:
    """Return a definition with a form of these fields, and a completion for the comparisons."""
    names = "xyz"[: kind.fields]
    document = {
        "format": "ticketflower-workflow/1",
        "title": "Solved",
        "fields_schema": {
            "type": "object",
            "properties": {name: dict(kind.schema) for name in names},
            "required": list(names),
        },
        "tickets": [{"title": "Ask", "fields": list(names)}],
        "tasks": [],
        "completions": [
            {
                "title": "End",
                "completion_status": "COMPLETED",
                "fields": list(names),
                "condition": {"or": list(atoms)},
            }
        ],
    }
    file = parse_workflow_file(json.dumps(document))
    return Machine(file, parse_fields(file.fields_schema))


def _rows(machine: Machine) -> list[Row]:
    """Return the combinations of values that a form can be filled in with."""
    options: list[list[Row]] = [
        [{name: value for name, value in row.items() if value is not None} for row in rows]
        for rows in machine.rows.values()
    ]
    together = frozenset[str]().union(*machine.rows)
    for name, values in zip(machine.space.names, machine.space.values, strict=True):
        if name not in together:
            options.append([{name: values.values[number]} for number in values.samples])
    return [{key: value for part in parts for key, value in part.items()} for parts in product(*options)]


def _results(atoms: Sequence[Any], rows: Sequence[Row]) -> set[tuple[bool | None, ...]]:
    return {tuple(holds(atom, row) for atom in atoms) for row in rows}


def _possible(kind: Kind, atoms: Sequence[Any]) -> set[tuple[bool | None, ...]]:
    """Return each combination of results for which the solver finds values."""
    solver = z3.Solver()
    for name in "xyz"[: kind.fields]:
        solver.add(*kind.limits(kind.variable(name)))
    terms = [_solver_term(atom, kind) for atom in atoms]
    found = set[tuple[bool | None, ...]]()
    for results in product((False, True), repeat=len(atoms)):
        wanted = [term if result else z3.Not(term) for term, result in zip(terms, results, strict=True)]
        if solver.check(*wanted) == z3.sat:
            found.add(results)
    return found


class SolverTests(SimpleTestCase):
    def test_each_possible_combination_is_tried_and_no_other(self) -> None:
        for name, kind in KINDS.items():
            exact = 0
            for number in range(GROUPS):
                atoms = _draw(Random(f"{name} {number}"), kind)  # noqa: S311
                machine = _machine(kind, atoms)
                with self.subTest(kind=name, number=number, atoms=atoms):
                    tried, possible = _results(atoms, _rows(machine)), _possible(kind, atoms)
                    self.assertLessEqual(tried, possible)
                    if not machine.inexact:
                        self.assertEqual(tried, possible)
                        exact += 1
            with self.subTest(kind=name):
                self.assertGreaterEqual(exact, 0.6 * GROUPS)

    def test_none_is_superfluous(self) -> None:
        """Without any one of the values that are tried together, a combination of results is missed."""
        noticed = 0
        for name, kind in KINDS.items():
            for number in range(GROUPS):
                atoms = _draw(Random(f"{name} {number}"), kind)  # noqa: S311
                machine = _machine(kind, atoms)
                rows, names = _rows(machine), machine.space.names
                # Of several groups, each value is combined with those of the others.
                if machine.inexact or not (len(names) == 1 or frozenset(names) in machine.rows):
                    continue
                for left_out in range(len(rows)):
                    rest = [*rows[:left_out], *rows[left_out + 1 :]]
                    with self.subTest(kind=name, number=number, left_out=rows[left_out]):
                        self.assertLess(_results(atoms, rest), _results(atoms, rows))
                        noticed += 1
        self.assertGreater(noticed, GROUPS)
