"""Random workflows that are correct by construction: blocks in a row, each of which always reaches the next.

Whatever is filled in, such a workflow ends. So the check may report no stall, no circle, no failing
condition, and nothing that never happens or relies on an old answer.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

Rule = Mapping[str, Any]
TEXT: Final = {"type": "string"}
YES_NO: Final = {"type": "boolean"}


@dataclass(frozen=True)
class Trigger:
    """What the next block waits for: fields, and a condition that holds once the block before is done."""

    fields: tuple[str, ...]
    condition: Rule | None = None

    def and_also(self, condition: Rule) -> Rule:
        """Return both conditions as one."""
        return condition if self.condition is None else {"and": [self.condition, condition]}


def var(name: str) -> Rule:
    """Return the rule that reads a field."""
    return {"var": name}


@dataclass(frozen=True)
class Compared:
    """A type of field of which two are compared with each other."""

    schema: Mapping[str, Any]
    values: Sequence[Any]
    is_wrong: str
    is_right: str


COMPARED: Final = (
    Compared({"type": "string", "format": "date"}, ["2030-01-01", "2030-01-02", "2031-05-05"], ">", "<="),
    Compared({"type": "string", "format": "date"}, ["1999-12-31", "2030-01-02"], ">=", "<"),
    Compared({"type": "string", "format": "time"}, ["00:00", "12:30", "23:59"], ">=", "<"),
    Compared(
        {"type": "string", "format": "date-time"},
        ["2030-01-01T10:00:00Z", "2030-01-01T10:30:00+01:00", "2030-01-01T11:00:00+01:00"],
        ">",
        "<=",
    ),
    Compared({"type": "string", "format": "user"}, ["1", "2"], "==", "!="),
    Compared({"type": "integer", "minimum": 1}, [1, 2, 50], "<", ">="),
    Compared({"type": "integer", "minimum": 0, "maximum": 1}, [0, 1], ">", "<="),
    Compared({"type": "number"}, [-1.5, 0, 3], "<=", ">"),
    Compared({"type": "number", "format": "money", "minimum": 0}, [0, 0.01, 5], "!=", "=="),
    Compared(TEXT, ["one", "two"], "!=", "=="),
    Compared({"type": "string", "enum": ["red", "green", "blue"]}, ["red", "blue"], "==", "!="),
)


@dataclass(frozen=True)
class Bracketed:
    """A field, and conditions on it of which exactly one holds for every value."""

    schema: Mapping[str, Any]
    values: Sequence[Any]
    conditions: Callable[[Random, Rule], list[Rule]]


def _by_size(constants: Sequence[Any], compute: Callable[[Rule], Any] = lambda field: field) -> Any:
    """Return brackets between some of these constants, each side open or closed at random."""

    def conditions(random: Random, field: Rule) -> list[Rule]:
        chosen = sorted(random.sample(list(constants), random.randint(1, min(2, len(constants)))))
        lower: list[Rule] = []
        found: list[Rule] = []
        for constant in chosen:
            below, above = random.choice((("<", ">="), ("<=", ">")))
            found.append({"and": [*lower, {below: [compute(field), constant]}]})
            lower = [{above: [compute(field), constant]}]
        return [*found, lower[0]]

    return conditions


def _either(*conditions: Callable[[Rule], Rule]) -> Any:
    """Return one of these conditions at random, and its contrary."""

    def both(random: Random, field: Rule) -> list[Rule]:
        chosen = random.choice(conditions)(field)
        return [chosen, {"!": chosen}]

    return both


NUMBERS: Final = [0, 0.01, 99, 100, 100.5, 250, 999.99, 1000, 1500, 20_000]
BRACKETED: Final = (
    Bracketed({"type": "number", "minimum": 0}, NUMBERS, _by_size([100, 250.5, 1000])),
    Bracketed({"type": "number", "format": "money", "minimum": 0}, NUMBERS, _by_size([99.5, 100, 1000])),
    Bracketed({"type": "integer", "minimum": 1, "maximum": 60}, [1, 2, 5, 6, 60], _by_size([2, 5, 10])),
    Bracketed({"type": "number"}, NUMBERS, _by_size([1200, 60_000], lambda field: {"*": [12, field]})),
    Bracketed({"type": "integer"}, [0, 1, 7, 8, 9], _by_size([5, 10], lambda field: {"+": [field, 2]})),
    Bracketed(
        {"type": "integer", "minimum": 0},
        [0, 3, 9, 10, 11],
        _by_size([3, 7], lambda field: {"-": [10, field]}),
    ),
    Bracketed(
        {"type": "number", "minimum": 0},
        NUMBERS,
        _by_size([10.5, 99], lambda field: {"/": [{"*": [field, 3]}, 4]}),
    ),
    Bracketed(
        {"type": "integer", "minimum": 0},
        [0, 1, 2, 3, 4, 5, 6],
        _either(lambda field: {"==": [{"%": [field, 3]}, 1]}),
    ),
    Bracketed(
        {"type": "string", "format": "date"},
        ["1999-12-31", "2030-01-01", "2030-01-02", "2030-06-01", "2031-01-01"],
        _by_size(["2030-01-01", "2030-06-01"]),
    ),
    Bracketed(
        {"type": "string", "format": "time"},
        ["00:00", "06:00", "06:01", "21:59", "22:00", "23:59"],
        _by_size(["06:00", "22:00"]),
    ),
    Bracketed(
        {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": ["crm", "erp", "mail"]}},
        [["crm"], ["erp"], ["mail"], ["crm", "erp"], ["crm", "mail"], ["crm", "erp", "mail"]],
        _either(
            lambda field: {"in": ["crm", field]},
            lambda field: {"and": [{"in": ["crm", field]}, {"in": ["erp", field]}]},
            lambda field: {"and": [{"in": ["erp", field]}, {"!": {"in": ["mail", field]}}]},
        ),
    ),
    Bracketed(
        {"type": "string", "format": "email"},
        ["a@acme.example", "b@other.example"],
        _either(lambda field: {"in": ["@acme.example", field]}),
    ),
    Bracketed(
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$"},
        ["DE0000", "FR1234"],
        _either(lambda field: {"==": [{"substr": [field, 0, 2]}, "DE"]}),
    ),
)


class Builder:
    """Builds one workflow, block after block."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.properties: dict[str, Mapping[str, Any]] = {}
        self.values: dict[str, Sequence[Any]] = {}
        """Values of each field for walks at random, independent of those that the check tries."""
        self.tasks: list[dict[str, Any]] = []
        self.completions: list[dict[str, Any]] = []
        self.blocks: list[str] = []

    def field(self, schema: Mapping[str, Any], values: Sequence[Any]) -> str:
        """Declare a required field and return its name."""
        name = f"f{len(self.properties)}"
        self.properties[name] = schema
        self.values[name] = values
        return name

    def task(
        self, trigger: Trigger, outputs: Sequence[str], *, when: Rule | None = None, **more: Any
    ) -> None:
        """Add a task that starts on a trigger, if the condition `when` holds, too."""
        condition = trigger.condition if when is None else trigger.and_also(when)
        task = {
            "title": f"Task {len(self.tasks)}",
            "task_type": "FORM",
            "input_fields": list(trigger.fields),
            "output_fields": list(outputs),
            "condition": condition,
        }
        self.tasks.append(task | more)

    def text(self) -> str:
        """Declare a text field."""
        return self.field(TEXT, ["some", "other"])

    # --- Blocks ------------------------------------------------------------------------

    def split_and_join(self, trigger: Trigger) -> Trigger:
        """Add tasks beside each other, all of which have to be done."""
        parts = [self.text() for _number in range(self.random.randint(2, 4))]
        for part in parts:
            self.task(trigger, [part])
        return Trigger(tuple(parts), {"!": {"missing": parts}})

    def threshold(self, trigger: Trigger) -> Trigger:
        """Add a question, and for each kind of answer a task."""
        kind = self.random.choice(BRACKETED)
        asked, done = self.field(kind.schema, kind.values), self.text()
        self.task(trigger, [asked])
        for condition in kind.conditions(self.random, var(asked)):
            self.task(Trigger((asked,)), [done], when=condition)
        return Trigger((done,))

    def compared(self, trigger: Trigger) -> Trigger:
        """Add a form with two fields that must be in order, and a task that corrects them."""
        kind = self.random.choice(COMPARED)
        both = (self.field(kind.schema, kind.values), self.field(kind.schema, kind.values))
        operands = [var(name) for name in both]
        self.task(trigger, both)
        self.task(Trigger(both), both, when={kind.is_wrong: operands})
        return Trigger(both, {kind.is_right: operands})

    def counter(self, trigger: Trigger) -> Trigger:
        """Add a task that is repeated until an action has counted far enough."""
        number, reminded = self.field({"type": "integer", "minimum": 0}, [0]), self.text()
        step = self.random.choice((1, 1, 2))
        enough = step + self.random.randint(1, 4)
        known = var(f"workspace.{number}")
        count: dict[str, Any] = {
            "task_type": "SYNC_ACTION",
            "action_url": "https://example.com/",
            "output_transform": {number: {"+": [{"if": [known, known, 0]}, step]}},
        }
        self.task(trigger, [number], **count)
        self.task(Trigger((number,)), [reminded], when={"<": [var(number), enough]})
        self.task(Trigger((reminded,)), [number], **count)
        return Trigger((number,), {">=": [var(number), enough]})

    def reset_loop(self, trigger: Trigger) -> Trigger:
        """Add work and its review, which is emptied as it starts, until it says yes."""
        work, verdict = self.text(), self.field({"type": "string", "enum": ["yes", "no"]}, ["yes", "no"])
        self.task(trigger, [work])
        self.task(Trigger((work,)), [verdict], reset_fields=[verdict])
        self.task(Trigger((verdict,)), [work], when={"==": [var(verdict), "no"]})
        return Trigger((verdict,), {"==": [var(verdict), "yes"]})

    def hold(self, trigger: Trigger) -> Trigger:
        """Add a question that can put the workflow on hold, after which it goes on."""
        waits = self.field(YES_NO, [True, False])
        self.task(trigger, [waits])
        self.completions.append(
            {
                "title": f"Hold {len(self.completions)}",
                "completion_status": "ON_HOLD",
                "fields": [waits],
                "condition": var(waits),
            }
        )
        return Trigger((waits,))

    def action(self, trigger: Trigger) -> Trigger:
        """Add a call of another system, and a person who does it if it fails."""
        worked, by_hand = self.field(YES_NO, [True, False]), self.text()
        self.task(
            trigger,
            [worked],
            task_type="SYNC_ACTION",
            action_url="https://example.com/",
            output_transform={worked: {"==": [var("response.body.state"), "ok"]}},
        )
        self.task(Trigger((worked,)), [by_hand], when={"!": var(worked)})
        return Trigger((worked, by_hand), {"or": [var(worked), {"!!": var(by_hand)}]})

    def file(self, trigger: Trigger, first: str) -> WorkflowFile:
        """Return the workflow, which ends when the last block is done."""
        end = {
            "title": "Done",
            "completion_status": "COMPLETED",
            "fields": list(trigger.fields),
            "condition": trigger.condition,
        }
        body = {
            "format": "ticketflower-workflow/1",
            "title": "Correct",
            "fields_schema": {
                "type": "object",
                "properties": self.properties,
                "required": list(self.properties),
            },
            "tickets": [{"title": "Ask", "fields": [first]}],
            "tasks": self.tasks,
            "completions": [*self.completions, end],
        }
        return parse_workflow_file(json.dumps(body))


BLOCKS: Final = (
    Builder.split_and_join,
    Builder.threshold,
    Builder.compared,
    Builder.counter,
    Builder.reset_loop,
    Builder.hold,
    Builder.action,
)


@dataclass(frozen=True)
class CorrectFile:
    """A workflow that is correct by construction."""

    file: WorkflowFile
    values: Mapping[str, Sequence[Any]]
    """Values of each field for walks at random."""
    blocks: tuple[str, ...]


def build_correct_file(seed: int) -> CorrectFile:
    """Return the workflow of this number: two to four blocks in a row."""
    random = Random(seed)  # noqa: S311
    builder = Builder(random)
    first = builder.text()
    trigger = Trigger((first,))
    chosen = random.choices(BLOCKS, k=random.randint(2, 4))
    for block in chosen:
        trigger = block(builder, trigger)
    if chosen[-1] is Builder.hold:
        # A resume asks no completions, so something has to be done after it.
        last = builder.text()
        builder.task(trigger, [last])
        trigger = Trigger((last,))
    return CorrectFile(
        builder.file(trigger, first), builder.values, tuple(block.__name__ for block in chosen)
    )
