"""Rows of a transform: a name, and where its value comes from; conversion to rules and back.

Each row stands for exactly one rule. A rule that fits no other source is kept in its row as JSON. So each
transform can be shown as rows, and rows that nobody changes give the same transform again.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import JsonError, format_json, parse_json
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import FIELD_NAME_PATTERN
from workflow_design.editor.conditions.values import MAX_JSON_BYTES, parse_rule
from workflow_design.editor.editor_field import Typed
from workflow_design.workspace.controls import unify_line_ends

_WORKSPACE: Final = "workspace."
_STATUS: Final = {"var": "response.status"}
_BODY: Final = "response.body."
_PLACE: Final = re.compile(rf"{{({FIELD_NAME_PATTERN})}}")
_MAX_LINE: Final = 60


class Source(StrEnum):
    """Where the value of a row comes from."""

    ANSWER = "answer"
    STATUS = "status"
    FIELD = "field"
    TEXT = "text"
    JSON = "json"
    RULE = "rule"


LABELS: Final = {
    Source.ANSWER: gettext_lazy("Part of the answer"),
    Source.STATUS: gettext_lazy("Status of the answer"),
    Source.FIELD: gettext_lazy("A field"),
    Source.TEXT: gettext_lazy("A text"),
    Source.JSON: gettext_lazy("A number, yes/no or other JSON"),
    Source.RULE: gettext_lazy("A rule, as JSON"),
}
_OF_ANSWERS: Final = frozenset({Source.ANSWER, Source.STATUS})


@dataclass(frozen=True, slots=True)
class Row:
    """One value as it was entered: its name, where it comes from, and what is written beside that."""

    name: str = ""
    source: str = Source.FIELD
    value: str = ""

    @property
    def is_blank(self) -> bool:
        """True if nothing was entered yet."""
        return not (self.name.strip() or self.value.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTransform(Typed):
    """The content of the editor of a transform."""

    view: str = "rows"
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Language:
    """The fields that the rules of one transform can name, and whether they read an answer."""

    fields: Fields
    of_answer: bool

    @property
    def sources(self) -> list[Source]:
        """Return where a value can come from."""
        return [source for source in Source if self.of_answer or source not in _OF_ANSWERS]

    def to_rule(self, row: Row) -> Any:
        """Return the rule of a row. Raise ValidationError if it is not complete or not right."""
        if row.source not in self.sources:
            raise ValidationError(_("Choose where the value comes from."))
        return _RULES[Source(row.source)](self, row.value)

    def to_row(self, name: str, rule: Any) -> Row:
        """Return the row that stands for a rule."""
        for source in self.sources:
            # Browsers send line ends in one way only.
            row = Row(name, source, unify_line_ends(_VALUES[source](self, rule)))
            try:
                if json.dumps(self.to_rule(row)) == json.dumps(rule):
                    return row
            except ValidationError:
                continue
        return Row(name, Source.RULE, format_rule(rule))

    def variable(self, name: str) -> dict[str, str]:
        """Return the rule that reads a field."""
        return {"var": f"{_WORKSPACE}{name}" if self.of_answer else name}

    def field_read(self, rule: Any) -> str:
        """Return the name of the field if a rule only reads a field, or ""."""
        name = rule.get("var") if isinstance(rule, dict) and len(rule) == 1 else None
        name = name.removeprefix(_WORKSPACE) if isinstance(name, str) else ""
        return name if name in self.fields and self.variable(name) == rule else ""


def rows_to_transform(
    rows: tuple[Row, ...], language: Language
) -> tuple[dict[str, Any] | None, dict[int, str]]:
    """Return the transform of the complete rows, and the problem of each other row. Ignore blank rows."""
    transform: dict[str, Any] = {}
    problems: dict[int, str] = {}
    for number, row in enumerate(rows):
        if row.is_blank:
            continue
        name = " ".join(row.name.split())
        if not name:
            problems[number] = _("Choose the field.") if language.of_answer else _("Enter the name.")
        elif name in transform:
            problems[number] = _("“%(name)s” has a value already.") % {"name": name}
        else:
            try:
                transform[name] = language.to_rule(row)
            except ValidationError as error:
                problems[number] = " ".join(error.messages)
    return transform or None, problems


def transform_to_rows(transform: Any, language: Language) -> tuple[Row, ...] | None:
    """Return the rows that stand for a transform, or None if rows can't show it."""
    if not isinstance(transform, dict | None):
        return None
    rows = tuple(language.to_row(name, rule) for name, rule in (transform or {}).items())
    found, problems = rows_to_transform(rows, language)
    return rows if not problems and json.dumps(found) == json.dumps(transform) else None


def format_rule(rule: Any) -> str:
    """Return a rule as JSON: on one line if it is short."""
    text = json.dumps(rule, ensure_ascii=False)
    return text if len(text) <= _MAX_LINE else format_json(rule)


# --- From rows to rules ----------------------------------------------------------------


def _answer_rule(language: Language, value: str) -> Any:
    if not value.strip():
        raise ValidationError(_("Enter the part of the answer, such as customer.id."))
    return {"var": _BODY + value.strip()}


def _field_rule(language: Language, value: str) -> Any:
    if value not in language.fields:
        raise ValidationError(_("Choose the field that the value comes from."))
    return language.variable(value)


def _text_rule(language: Language, value: str) -> Any:
    if not value:
        raise ValidationError(_("Enter the text."))
    parts = list(_parts_of_text(language, value))
    return {"cat": parts} if any(isinstance(part, dict) for part in parts) else value


def _parts_of_text(language: Language, text: str) -> Iterator[Any]:
    """Yield the texts between fields, and for each known field in braces the rule that reads it."""
    end = 0
    for found in _PLACE.finditer(text):
        if found[1] in language.fields:
            if text[end : found.start()]:
                yield text[end : found.start()]
            yield language.variable(found[1])
            end = found.end()
    if text[end:]:
        yield text[end:]


def _json_rule(language: Language, value: str) -> Any:
    if not value.strip():
        raise ValidationError(_("Enter a number, true, false or other JSON."))
    try:
        constant = parse_json(value, max_bytes=MAX_JSON_BYTES)
    except JsonError as error:
        raise ValidationError(str(error)) from error
    if _has_object(constant):
        raise ValidationError(_("An object is a rule. Choose “A rule, as JSON”."))
    return constant


def _has_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_object, value)))


def _written_rule(language: Language, value: str) -> Any:
    if not value.strip():
        raise ValidationError(_("Enter the rule."))
    return parse_rule(value)


_RULES: Final[Mapping[Source, Callable[[Language, str], Any]]] = {
    Source.ANSWER: _answer_rule,
    Source.STATUS: lambda _language, _value: _STATUS,
    Source.FIELD: _field_rule,
    Source.TEXT: _text_rule,
    Source.JSON: _json_rule,
    Source.RULE: _written_rule,
}

# --- From rules to rows ----------------------------------------------------------------


def _answer_value(language: Language, rule: Any) -> str:
    name = rule.get("var") if isinstance(rule, dict) else None
    return name.removeprefix(_BODY) if isinstance(name, str) and name.startswith(_BODY) else ""


def _text_value(language: Language, rule: Any) -> str:
    """Return the text of a constant, or of what joins texts and fields."""
    parts = rule.get("cat") if isinstance(rule, dict) else [rule]
    texts = []
    for part in parts if isinstance(parts, list) else [parts]:
        name = language.field_read(part)
        texts.append(part if isinstance(part, str) else f"{{{name}}}" if name else None)
    return "" if None in texts else "".join(map(str, texts))


_VALUES: Final[Mapping[Source, Callable[[Language, Any], str]]] = {
    Source.ANSWER: _answer_value,
    Source.STATUS: lambda _language, _rule: "",
    Source.FIELD: Language.field_read,
    Source.TEXT: _text_value,
    Source.JSON: lambda _language, rule: "" if isinstance(rule, dict) else format_rule(rule),
    Source.RULE: lambda _language, rule: format_rule(rule),
}
