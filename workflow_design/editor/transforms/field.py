"""Form field that edits a transform as rows, or as JSON in their place, with what becomes of sample values.

It works without JavaScript: its buttons show the form again (`form_fields.py`). With JavaScript, htmx
submits the same form while a designer types, and replaces only the result below the rows.

Names in the form data contain the number of a row: `input_transform-0-name`, `input_transform-0-source` …
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, composed_json, format_json, parse_json
from workflow_design.definition.fields import Fields
from workflow_design.definition.problems import Problem
from workflow_design.editor.editor_field import (
    JSON,
    EditorField,
    EditorWidget,
    error_attributes,
    options,
    read_frame,
    read_lines,
)
from workflow_design.editor.form_fields import BUTTON, parse_position, rearrange
from workflow_design.editor.transforms.rows import (
    LABELS,
    Language,
    Row,
    Source,
    TypedTransform,
    rows_to_transform,
    transform_to_rows,
)
from workflow_design.engine.conditions.validation import MAX_NAMES, find_transform_problems
from workflow_design.workspace.controls import unify_line_ends

Preview = Callable[[Any], Mapping[str, Any]]
"""What the template shows of the result of a transform on sample values."""
WHILE_TYPING: Final = SafeString('hx-trigger="input changed delay:500ms, change"')
_MANY_LINES: Final = (Source.TEXT, Source.JSON, Source.RULE)


class TransformWidget(EditorWidget):
    """Rows "name, where from, value", with the result on sample values below."""

    template_name = "workflow_design/editor/transform_widget.html"
    result = "result"
    language: Language
    preview: Preview
    outputs: Callable[[], list[str]]
    """The fields that the answer fills in, as they are chosen now."""

    def read(self, data: Mapping[str, Any], name: str) -> TypedTransform:
        """Return the submitted transform."""

        def read_row(place: str) -> Row | None:
            if f"{place}-source" not in data:
                return None
            name, source, value = (str(data.get(f"{place}-{part}") or "") for part in _PARTS)
            return Row(name, source, unify_line_ends(value))

        rows = tuple(read_lines(read_row, name, range(MAX_NAMES)))
        return read_frame(TypedTransform(rows=rows), data, name)

    def change(self, value: TypedTransform, action: str, argument: str) -> TypedTransform:
        """Return the transform after the action of a button."""
        typed, rows = replace(value, focus=""), list(map(self._complete, value.rows))
        if action == "add" and len(rows) < MAX_NAMES:
            source = Source.ANSWER if self.language.of_answer else Source.FIELD
            rows.append(Row(source=source))
            return replace(typed, rows=tuple(rows), focus=f"-{len(rows) - 1}-name")
        if action == JSON:
            return self._switch_to_json(typed)
        if action == "rows":
            return self._switch_to_rows(typed)
        number = parse_position(argument, len(rows))
        if number is not None and action in ("up", "down", "remove"):
            at = rearrange(rows, action, number)
            typed = replace(typed, focus=f"-{at}-{action}" if action != "remove" else "")
        return replace(typed, rows=tuple(rows), focus=typed.focus if number is not None else None)

    def describe(self, typed: Any, *, name: str, id: str, problems: Mapping[Any, str]) -> dict[str, Any]:
        """Return the rows, and what they make of sample values."""
        preview, note = self._preview(typed)
        return {
            "of_answer": self.language.of_answer,
            "rows": [
                self._describe_row(typed, number, name, id, problems) for number in range(len(typed.rows))
            ],
            "preview": preview,
            "note": note,
            "typing": format_html(
                'hx-post="" hx-target="#{0}" hx-select="#{0}" {1}', f"{id}-result", WHILE_TYPING
            ),
            "paths_id": f"{id}-paths",
            # Once for all controls of a row, as the page would get heavy otherwise.
            "update_values": format_html('hx-vals="{}"', json.dumps({BUTTON: f"{name}:update"})),
            "move": format_html('name="{}" formnovalidate hx-post=""', BUTTON),
        }

    def _preview(self, typed: TypedTransform) -> tuple[Mapping[str, Any], str]:
        """Return what the transform makes of sample values, or what is wrong with it, and a note."""
        problems: dict[int, str] = {}
        if typed.view == JSON:
            try:
                transform = parse_transform(typed.text)
            except ValidationError as error:
                return {"problem": " ".join(error.messages)}, ""
        else:
            transform, problems = rows_to_transform(typed.rows, self.language)
        refused = [] if transform is None else find_transform_problems(transform)
        if refused:
            return {"problem": " ".join(map(str, refused))}, ""
        return self.preview(transform), _("Unfinished rows are not included here.") if problems else ""

    def _complete(self, row: Row) -> Row:
        """Name a value of what is sent like its field, if it has no name yet."""
        is_nameless = not self.language.of_answer and row.source == Source.FIELD and not row.name
        return replace(row, name=row.value) if is_nameless else row

    def _switch_to_json(self, typed: TypedTransform) -> TypedTransform:
        transform, problems = rows_to_transform(typed.rows, self.language)
        if problems:
            return replace(typed, notice=_("Complete or remove the unfinished rows, then switch."))
        return replace(typed, view=JSON, text="" if transform is None else format_json(transform))

    def _switch_to_rows(self, typed: TypedTransform) -> TypedTransform:
        try:
            rows = transform_to_rows(parse_transform(typed.text), self.language)
        except ValidationError as error:
            return replace(typed, notice=" ".join(error.messages))
        if rows is None:
            return replace(typed, notice=_("Rows can't show this. It remains in JSON."))
        return replace(typed, view="rows", rows=rows)

    def _describe_row(
        self, typed: TypedTransform, number: int, name: str, id: str, problems: Mapping[Any, str]
    ) -> dict[str, Any]:
        """Return the controls of a row, whose parts depend on where its value comes from."""
        row, at, problem = typed.rows[number], f"{id}-{number}", problems.get(number, "")
        attributes = error_attributes(at) if problem else ""
        is_first, is_last = number == 0, number == len(typed.rows) - 1
        swap = 'hx-post="" hx-target="#{0}" hx-select="#{0}" hx-select-oob="#{1}-result"'
        return {
            "id": at,
            "name": f"{name}-{number}",
            "number": number,
            "about": _("row %(number)s") % {"number": number + 1},
            "problem": problem,
            "attributes": attributes,
            "swap": format_html(swap, at, id),
            "row": row,
            "names": options(self._names(row), row.name) if self.language.of_answer else "",
            "sources": options([(each, str(LABELS[each])) for each in self.language.sources], row.source),
            "fields": options(self._field_choices(), row.value) if row.source == Source.FIELD else "",
            "is_path": row.source == Source.ANSWER,
            "is_long": row.source in _MANY_LINES,
            "is_code": row.source in (Source.JSON, Source.RULE),
            "focus": (typed.focus or "").removeprefix(f"-{number}-"),
            "moves": [
                ("up", "↑", _("Move up"), is_first),
                ("down", "↓", _("Move down"), is_last),
                ("remove", "✕", _("Remove"), False),
            ],
        }

    def _names(self, row: Row) -> list[tuple[str, str]]:
        """Return the fields that the answer fills in, and what the row names instead."""
        names = list(dict.fromkeys([*self.outputs(), *([row.name] if row.name else [])]))
        fields = self.language.fields
        titles = [(name, escape(fields[name].title) if name in fields else name) for name in names]
        return [("", _("Choose a field")), *titles]

    def _field_choices(self) -> list[tuple[str, str]]:
        fields = self.language.fields.values()
        return [("", _("Choose a field")), *((each.name, escape(each.title)) for each in fields)]


_PARTS: Final = ("name", "source", "value")


class TransformField(EditorField):
    """A transform: cleaned to an object of rules, or to None for none. `use_fields` comes first."""

    widget: TransformWidget = TransformWidget  # type: ignore[assignment]  # Django makes it an object

    def __init__(self, *, of_answer: bool, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.of_answer = of_answer

    def use_fields(self, fields: Fields, *, preview: Preview, outputs: Callable[[], list[str]]) -> None:
        """Set the fields that rules can name, what shows the result, and the fields that are written."""
        self.widget.language = Language(fields, self.of_answer)
        self.widget.preview, self.widget.outputs = preview, outputs

    def to_typed(self, value: Any) -> TypedTransform:
        """Convert a stored transform to the content of the editor: rows if possible, otherwise JSON."""
        rows = transform_to_rows(value, self.widget.language)
        text = "" if value is None else format_json(value)
        return TypedTransform(view=JSON if rows is None else "rows", rows=rows or (), text=text)

    def clean_text(self, text: str) -> Any:
        """Return the transform in the JSON text. The check of the draft decides what it means."""
        return parse_transform(text)

    def clean_lines(self, typed: TypedTransform) -> Any:
        """Return the transform of the rows."""
        transform, self.widget.problems = rows_to_transform(typed.rows, self.widget.language)
        if self.widget.problems:
            template = _("Row %(row)s: %(problem)s")
            raise ValidationError(
                [
                    template % {"row": number + 1, "problem": problem}
                    for number, problem in self.widget.problems.items()
                ]
            )
        return None if transform is None else composed_json(transform)

    def locate(self, problem: Problem, typed: TypedTransform) -> Problem:
        """Return a problem that the check found, at its row, which then shows it, or with its name."""
        _empty, member, *inside = problem.pointer.split("/")
        if not inside:
            return problem
        name = inside[0].replace("~1", "/").replace("~0", "~")
        numbers = [number for number, row in enumerate(typed.rows) if row.name == name]
        if typed.view == JSON or not numbers:
            return replace(problem, pointer=f"/{member}", message=f"{name}: {problem.message}")
        self.widget.problems = {**self.widget.problems, numbers[0]: problem.sentence}
        return replace(problem, pointer=f"/{member}/{numbers[0]}")


def parse_transform(text: str) -> Any:
    """Parse a transform that a user entered as JSON; None for no text. Raise ValidationError."""
    if not text.strip():
        return None
    try:
        return composed_json(parse_json(text))
    except JsonError as error:
        raise ValidationError(str(error), code=error.code) from error
