"""Every counterexample can be played, and every value in it can be filled in the form that asks for it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict
from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import Finding
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import TicketFile, WorkflowFile
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.tests.check.large_files import FAMILIES, reviewers
from workflow_design.tests.check.test_planted_faults import FAULTS, planted
from workflow_design.tests.check.test_samples import file_with
from workflow_design.tests.gallery_files import NAMES, gallery_file, stalling_vacation
from workflow_design.tryout.play import Fillable, Tryout
from workflow_design.workspace.controls import FileInfo, Sources, texts_of
from workflow_design.workspace.forms import WorkspaceForm

# Few states, so that walks find much of it.
BOUNDS = Bounds(states=200, work=80_000, seconds=None)


N: dict[str, Any] = {"var": "n"}
VALUES: list[tuple[dict[str, Any], Any]] = [
    ({"type": "number"}, {">": [N, 0.125]}),
    ({"type": "number", "format": "money"}, {"<": [N, 1000]}),
    ({"type": "integer", "multipleOf": 5}, {">": [N, 12]}),
    ({"type": "string"}, {"==": [N, "x  y"]}),
    ({"type": "string", "maxLength": 3}, {"in": ["abc", N]}),
    ({"type": "string", "format": "multiline"}, {"!=": [N, "a"]}),
    ({"type": "string", "format": "email"}, {"in": ["@acme.example", N]}),
    ({"type": "string", "format": "uri"}, {"in": ["intranet", N]}),
    ({"type": "string", "pattern": "^(INV|CR)-[0-9]{4}$"}, {"in": ["CR", N]}),
    ({"type": "string", "format": "date"}, {"<=": [N, "2026-07-01"]}),
    ({"type": "string", "format": "time"}, {"<": [N, "06:00"]}),
    ({"type": "string", "format": "time"}, {">": [N, "06:00:00"]}),
    ({"type": "string", "format": "date-time"}, {">": [N, "2026-07-01T08:00:00Z"]}),
    ({"type": "string", "format": "user"}, {"==": [N, "7"]}),
    ({"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}}, {"in": ["b", N]}),
]
"""Kinds of fields, each with a condition that some of their values don't meet."""


def files() -> Iterator[tuple[str, WorkflowFile]]:
    """Yield files of many kinds, each with a name."""
    yield from ((name, gallery_file(name)) for name in NAMES)
    yield "vacation", stalling_vacation()
    yield from ((what, planted(plant)) for what, (plant, _code, _pointer) in FAULTS.items())
    yield from ((name, make(numbers[0])) for name, (make, numbers) in FAMILIES.items())
    yield from ((str(declared), file_with(declared, rule)) for declared, rule in VALUES)
    yield "planted", reviewers(6, is_planted=True)


def controls(validator: DataValidator, part: Fillable, values: Mapping[str, Any], data: Any) -> WorkspaceForm:
    """Return the form of a ticket or task, in a company that has the people and files of these values."""
    fields = validator.fields
    people = [(str(value), "Somebody") for name, value in values.items() if fields[name].type is USER]
    stored = {name: value for name, value in values.items() if fields[name].type.base is FILE}
    return WorkspaceForm(
        validator=validator,
        names=part.writes,
        layout=list(part.edit_layout),
        sources=Sources(
            people=lambda: people, files=lambda ids: {key: FileInfo(key, "file.pdf", "", 1) for key in ids}
        ),
        data=data,
        draft=stored,
    )


class CounterexampleTests(SimpleTestCase):
    def test_each_can_be_played_and_filled_in(self) -> None:
        number = 0
        for name, file in files():
            for finding in check_file(file, bounds=BOUNDS).findings:
                if finding.counterexample:
                    number += 1
                    with self.subTest(name, code=finding.code, pointer=finding.pointer):
                        self.assert_playable(file, finding)
        self.assertGreater(number, 40)

    def assert_playable(self, file: WorkflowFile, finding: Finding) -> None:
        tryout = Tryout.of(file)
        for move in finding.counterexample:
            part = next((each for each in tryout.fillable if each.title == move.title), None)
            is_form = isinstance(part, TicketFile) or (part is not None and part.is_form)
            if part is not None and is_form and move.kind is not MoveKind.OVERDUE:
                self.assert_filled_in(tryout.validator, part, move)
            tryout = tryout.play_move(move)
            self.assertEqual(tryout.refusal, "")
        if finding.code == "stall":
            self.assertTrue(tryout.standing.has_stalled)

    def assert_filled_in(self, validator: DataValidator, part: Fillable, move: Move) -> None:
        blank = controls(validator, part, move.values, None)
        data = QueryDict(mutable=True)
        for name, value in move.values.items():
            data.setlist(name, texts_of(blank.fields[name], value))
        form = controls(validator, part, move.values, data)
        self.assertTrue(form.is_valid(), form.errors)
        self.assertEqual(form.values(), dict(move.values))
