"""The fields of a workspace, as forms, pages and checks use them (`docs/workflow-format.md`, "Fields").

`definition.schema` builds them from a `fields_schema`; `definition.values` validates values against them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FieldKind(StrEnum):
    """The type of value that a field holds."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    INTEGER = "integer"
    YES_NO = "yes_no"
    CHOICES = "choices"
    USER = "user"
    FILE = "file"
    FILES = "files"

    @property
    def label(self) -> str:
        """The name of the kind in the user's language."""
        return str(_LABELS[self])

    @property
    def holds_several(self) -> bool:
        """Whether the field's value is a list."""
        return self in (FieldKind.CHOICES, FieldKind.FILES)


_LABELS: Final = {
    FieldKind.TEXT: pgettext_lazy("kind of field", "Text"),
    FieldKind.CHOICE: pgettext_lazy("kind of field", "Choice"),
    FieldKind.NUMBER: pgettext_lazy("kind of field", "Number"),
    FieldKind.INTEGER: pgettext_lazy("kind of field", "Whole number"),
    FieldKind.YES_NO: pgettext_lazy("kind of field", "Yes or no"),
    FieldKind.CHOICES: pgettext_lazy("kind of field", "Several choices"),
    FieldKind.USER: pgettext_lazy("kind of field", "Person"),
    FieldKind.FILE: pgettext_lazy("kind of field", "File"),
    FieldKind.FILES: pgettext_lazy("kind of field", "Several files"),
}


class TextFormat(StrEnum):
    """The format of a text field, named as in JSON Schema; only `multiline` is ours."""

    MULTILINE = "multiline"
    EMAIL = "email"
    URI = "uri"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date-time"

    @property
    def label(self) -> str:
        """The name of the format in the user's language."""
        return str(_FORMAT_LABELS[self])


_FORMAT_LABELS: Final = {
    TextFormat.MULTILINE: _("Text of several lines"),
    TextFormat.EMAIL: _("E-mail address"),
    TextFormat.URI: _("Web address"),
    TextFormat.DATE: _("Date"),
    TextFormat.TIME: _("Time"),
    TextFormat.DATE_TIME: _("Date and time"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a choice field, and its label."""

    value: str | int | float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a workspace, with everything that forms, pages and checks need to know.

    Attributes that do not apply to the kind, and bounds that are not set, are None or empty. `default` only
    prefills forms; None means that there is no default. `min_items` and `max_items` count files or choices.
    """

    name: str
    kind: FieldKind
    title: str
    help_text: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[Choice, ...] = ()
    format: TextFormat | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_items: int | None = None
    max_items: int | None = None

    def label_for(self, value: Any) -> str:
        """Return the label of a choice's value, or the value itself if it is no longer a choice."""
        return next((choice.label for choice in self.choices if choice.value == value), str(value))


class Fields(Mapping[str, Field]):
    """The fields of a workspace by name, in schema order. Immutable."""

    __slots__ = ("_by_name",)

    def __init__(self, fields: Iterable[Field]) -> None:
        self._by_name = {field.name: field for field in fields}

    def __getitem__(self, name: str) -> Field:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Fields({list(self._by_name.values())!r})"

    @property
    def required(self) -> frozenset[str]:
        """The names of the required fields."""
        return frozenset(name for name, field in self._by_name.items() if field.required)


def is_empty(value: Any) -> bool:
    """Return whether a value means "empty": None, "" or []. A workspace omits the keys of such values."""
    return value is None or value in ("", [])


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without the empty ones, as a workspace stores them."""
    return {name: value for name, value in values.items() if not is_empty(value)}
