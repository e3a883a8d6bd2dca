"""Small random definitions, each around one kind of value, with all values that can make a difference.

The values are written down here, or all that the schema allows. None of them comes from the check.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from random import Random
from typing import Any, Final

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

SIZES: Final = ("<", "<=", ">", ">=")
COMPARISONS: Final = (*SIZES, "==", "!=")
ORDINARY: Final[dict[str, Any]] = {
    "a": {"type": "string", "enum": ["x", "y"]},
    "b": {"type": "boolean"},
}


@dataclass(frozen=True)
class Kind:
    """A kind of value: two or three fields of it, and how conditions read them."""

    schema: Mapping[str, Any]
    domain: Sequence[Any]
    """Values of which every combination that conditions can tell apart is made."""
    constants: Sequence[Any]
    fields: tuple[str, ...] = ("v", "w")
    operators: tuple[str, ...] = COMPARISONS
    compares: tuple[str, ...] = COMPARISONS
    """The operators between two of its fields."""
    terms: Sequence[tuple[Any, Sequence[Any]]] = ()
    """Computed operands, {} standing for a field and [] for another one, with constants for each."""
    rules: Sequence[Any] = ()
    """Whole conditions on one field."""
    has_all_values: bool = True
    """False if there is always a lower or higher value than all of the domain."""
    computed: Mapping[str, Sequence[Any]] | None = None
    """What actions compute for each field: rules, {} standing for a field and [] for another one."""


def _subsets(members: Sequence[str]) -> list[list[str]]:
    sizes = range(1, len(members) + 1)
    return [list(each) for each in chain.from_iterable(combinations(members, size) for size in sizes)]


SMALL: Final = list(range(8))
KINDS: Final[dict[str, Kind]] = {
    "integers": Kind(
        {"type": "integer", "minimum": 0, "maximum": 7},
        SMALL,
        [0, 2, 3, 6],
        terms=[
            ({"*": [{}, 2]}, [5, 6, 9]),
            ({"+": [{}, 1]}, [3, 4]),
            ({"-": [9, {}]}, [4, 7]),
            ({"%": [{}, 3]}, [0, 1, 2]),
            ({"/": [{}, 2]}, [1, 1.5, 3]),
            ({"+": [{}, []]}, [3, 8, 11]),
            ({"-": [{}, []]}, [0, 2]),
        ],
    ),
    "money": Kind(
        {"type": "number", "format": "money", "minimum": 0, "maximum": 0.07},
        [each / 100 for each in SMALL],
        [0, 0.02, 0.03, 0.045],
        terms=[
            ({"*": [{}, 2]}, [0.05, 0.06]),
            ({"*": [12, {}]}, [0.24, 0.5]),
            ({"+": [{}, []]}, [0.03, 0.08]),
        ],
    ),
    "numbers": Kind(
        {"type": "number"},
        [each / 4 for each in range(-6, 19)],
        [0, 1, 2.5],
        fields=("v",),
        terms=[({"*": [{}, 2]}, [1, 3]), ({"+": [{}, 1]}, [1, 4]), ({"-": [{}, 0.5]}, [0, 3])],
    ),
    "compared numbers": Kind({"type": "number"}, [-2, -1, 0, 1, 2, 3, 4, 5], [0, 3], has_all_values=False),
    "dates": Kind(
        {"type": "string", "format": "date"},
        [f"2030-06-{day:02}" for day in (8, 9, 10, 14, 15, 20, 22, 23)],
        ["2030-06-10", "2030-06-20"],
        has_all_values=False,
    ),
    "times": Kind(
        {"type": "string", "format": "time"},
        ["05:00", "05:59", "06:00", "06:01", "21:59", "22:00", "22:01", "23:00"],
        ["06:00", "22:00:00"],
        has_all_values=False,
    ),
    "moments": Kind(
        {"type": "string", "format": "date-time"},
        [
            *(f"2030-01-01T{hour:02}:00:00Z" for hour in (7, 8, 9, 12, 13, 16, 17, 18)),
            "2030-01-01T10:00:00+01:00",
        ],
        ["2030-01-01T09:00:00Z", "2030-01-01T18:00:00+02:00"],
        has_all_values=False,
    ),
    "people": Kind(
        {"type": "string", "format": "user"},
        ["1", "2", "3", "4", "5"],
        ["4", "5"],
        fields=("u", "v", "w"),
        operators=("==", "!="),
        compares=("==", "!="),
        rules=[{"in": [{}, ["4", "5"]]}],
    ),
    "sets": Kind(
        {"type": "array", "uniqueItems": True, "items": {"enum": ["crm", "erp", "mail", "dms"]}},
        _subsets(["crm", "erp", "mail", "dms"]),
        [],
        fields=("v",),
        rules=[
            {"in": ["crm", {}]},
            {"in": ["erp", {}]},
            {"!": {"in": ["mail", {}]}},
            {"and": [{"in": ["crm", {}]}, {"in": ["erp", {}]}]},
            {">": [{"reduce": [{}, {"+": [{"var": "accumulator"}, 1]}, 0]}, 1]},
            {"==": [{"reduce": [{}, {"+": [{"var": "accumulator"}, 1]}, 0]}, 3]},
            {"some": [{}, {"==": [{"var": ""}, "erp"]}]},
            {"all": [{}, {"in": [{"var": ""}, ["crm", "erp"]]}]},
        ],
    ),
    "texts": Kind(
        {"type": "string"},
        ["abc", "abx", "xab", "xyz", "abcx", "xabc", "c"],
        ["abc"],
        fields=("v",),
        operators=("==", "!="),
        rules=[
            {"in": ["ab", {}]},
            {"in": ["abc", {}]},
            {"in": [{}, ["abc", "c"]]},
            {"==": [{"substr": [{}, 0, 2]}, "ab"]},
        ],
    ),
    "patterns": Kind(
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
        [f"{country}{number}" for country in ("DE", "FR", "XX") for number in ("000", "111", "990")],
        [],
        fields=("v",),
        rules=[
            {"==": [{"substr": [{}, 0, 2]}, "DE"]},
            {"!=": [{"substr": [{}, 0, 2]}, "FR"]},
            {"in": ["99", {}]},
            {"==": [{"substr": [{}, 2]}, "000"]},
        ],
    ),
    "mail": Kind(
        {"type": "string", "format": "email"},
        ["a@acme.example", "b@acme.example", "a@other.example", "b@other.example"],
        ["a@acme.example"],
        operators=("==", "!="),
        compares=("==", "!="),
        fields=("v",),
        rules=[{"in": ["@acme.example", {}]}],
    ),
    "counters": Kind(
        {"type": "integer", "minimum": 0, "maximum": 5},
        list(range(6)),
        [1, 2, 3, 4],
        fields=("v",),
        computed={
            "v": [
                *[{"+": [{"if": [{}, {}, 0]}, step]} for step in (1, 1, 1, 2)],
                {"min": [{"+": [{}, 1]}, 4]},
                {"+": [{}, 1]},
                {"-": [{"if": [{}, {}, 3]}, 1]},
                {"/": [4, {"-": [{}, 1]}]},
                0,
            ]
        },
    ),
    "transforms": Kind(
        {"type": "integer", "minimum": 0, "maximum": 4},
        list(range(5)),
        [1, 2, 3],
        computed={
            "a": [
                "x",
                {"if": [{">": [{}, 2]}, "x", "y"]},
                {"if": [{"==": [{}, []]}, "x", "z"]},
                {"if": [{"var": "workspace.b"}, "x"]},
            ],
            "b": [{">": [{}, 1]}, {"!": {}}, {"==": [{"var": "workspace.a"}, "x"]}, {"<": [{}, []]}],
            "v": [
                {"+": [{}, []]},
                {"-": [{}, []]},
                {"*": [{}, 2]},
                [],
                {"if": [{"var": "workspace.b"}, {}, 0]},
            ],
            "w": [{"+": [{}, 1]}, {"-": [4, {}]}, {"max": [{}, 2]}, {"/": [4, {}]}, None, 3],
        },
    ),
}


@dataclass(frozen=True)
class RandomFile:
    """A random definition, and the values of its fields."""

    file: WorkflowFile
    domains: Mapping[str, Sequence[Any]]
    has_all_values: bool


@dataclass
class _Drawer:
    random: Random
    kind: Kind
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = (*ORDINARY, *self.kind.fields)

    def some(self, most: int = 2) -> list[str]:
        return self.random.sample(self.names, self.random.randint(1, most))

    def condition(self) -> Any:
        shape = self.random.random()
        if shape < 0.12:
            return None
        if shape < 0.6:
            return self.atom()
        if shape < 0.9:
            return {
                self.random.choice(("and", "or")): [self.atom() for _each in range(self.random.randint(2, 3))]
            }
        return {"if": [self.atom(), self.atom(), False]}

    def atom(self) -> Any:
        choose, kind = self.random.choice, self.kind
        if self.random.random() < 0.3:
            name = choose(self.names)
            return choose(
                [
                    {choose(("==", "!=")): [{"var": "a"}, choose("xy")]},
                    {"var": "b"},
                    {"!": {"var": name}},
                    {"!!": {"var": name}},
                    {"missing": [name]},
                    {"!": {"missing": self.some()}},
                ]
            )
        name, other = choose(kind.fields), choose(kind.fields)
        options: list[Any] = []
        if kind.constants:
            operands = [{"var": name}, choose(kind.constants)]
            options += [{choose(kind.operators): choose((operands, operands[::-1]))}] * 3
        if len(kind.fields) > 1:
            options += [{choose(kind.compares): [{"var": name}, {"var": other}]}] * 2
        if kind.terms:
            term, constants = choose(kind.terms)
            options += [{choose(COMPARISONS): [_filled(term, name, other), choose(constants)]}] * 2
        if kind.rules:
            options += [_filled(choose(kind.rules), name, other)] * 3
        return choose(options)

    def task(self, number: int) -> dict[str, Any]:
        outputs = self.some()
        task: dict[str, Any] = {
            "title": f"T{number}",
            "task_type": "FORM",
            "input_fields": self.some(),
            "output_fields": outputs,
            "condition": self.condition(),
            "reset_fields": self.random.choice(([], [], outputs)),
        }
        if self.random.random() < (0.7 if self.kind.computed else 0.15):
            task |= {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
            if self.kind.computed:
                task["output_transform"] = {name: self.computed(name) for name in outputs}
                task["input_transform"] = self.sent() if self.random.random() < 0.5 else None
        return task

    def computed(self, name: str) -> Any:
        rules = (self.kind.computed or {}).get(name)
        if rules is None:
            return {"var": "response.body.it"}
        name, other = self.random.choice(self.kind.fields), self.random.choice(self.kind.fields)
        return _filled(self.random.choice(rules), f"workspace.{name}", f"workspace.{other}")

    def sent(self) -> dict[str, Any]:
        """Return what an action sends: some of it can't always be computed."""
        known, choose = {"var": self.random.choice(self.kind.fields)}, self.random.choice
        divided = {"/": [6, {"-": [known, choose((1, 2))]}]}
        return {
            "it": choose([known, {"+": [known, 1]}, divided, {"if": [known, divided, 0]}, {"cat": known}])
        }

    def completion(self, number: int) -> dict[str, Any]:
        return {
            "title": f"C{number}",
            "completion_status": self.random.choice(("COMPLETED", "COMPLETED", "CANCELLED", "ON_HOLD")),
            "fields": self.some(),
            "condition": self.condition(),
        }


def _filled(term: Any, name: str, other: str) -> Any:
    """Return a rule with its places taken by two fields."""
    if term in ({}, []):
        return {"var": name if isinstance(term, dict) else other}
    if isinstance(term, dict):
        return {key: _filled(value, name, other) for key, value in term.items()}
    return [_filled(each, name, other) for each in term] if isinstance(term, list) else term


def build_random_file(kind: str, seed: int) -> RandomFile:
    """Return the random definition of this number, around one kind of value."""
    drawer = _Drawer(Random(f"{kind} {seed}"), KINDS[kind])  # noqa: S311
    random = drawer.random
    body = {
        "format": "ticketflower-workflow/1",
        "title": "Random",
        "fields_schema": {
            "type": "object",
            "properties": ORDINARY | dict.fromkeys(drawer.kind.fields, drawer.kind.schema),
            "required": random.sample(drawer.names, random.randint(0, len(drawer.names))),
        },
        "tickets": [
            {"title": f"Ask {n}", "fields": drawer.some(len(drawer.kind.fields))}
            for n in range(random.randint(1, 2))
        ],
        "tasks": [drawer.task(number) for number in range(random.randint(1, 3))],
        "completions": [drawer.completion(number) for number in range(random.randint(1, 2))],
    }
    domains = dict.fromkeys(drawer.kind.fields, drawer.kind.domain)
    return RandomFile(parse_workflow_file(json.dumps(body)), domains, drawer.kind.has_all_values)
