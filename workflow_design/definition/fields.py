"""The fields of a workspace, and what a type of field says (`docs/workflow-format.md`, "Fields").

`definition.schema` builds fields from a `fields_schema`; `definition.values` validates values against them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ticketflower.formats import write_number
from workflow_design.definition.comparisons import (
    EQUALITY,
    LABELS,
    MEMBERSHIP,
    ORDER,
    PRESENCE,
    SIZES,
    Comparison,
)

ATTRIBUTES: Final = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
}
"""The attribute of `Field` for each keyword that limits values, in the order in which values are checked."""
FILTERABLE: Final = "filterable"
"""The keyword of a field by which lists of tickets can be filtered."""
NUMBER_COMPARISONS: Final = (*EQUALITY, *ORDER, *MEMBERSHIP, *PRESENCE)
MAX_COMPARED_LENGTH: Final = 2000
_SINGLE_LINE: Final = re.compile(r"\S|\S[^\r\n\0]*\S")


@dataclass(frozen=True, slots=True)
class Examples:
    """The sources of example values: a day, and ids of people and files."""

    today: date
    people: Sequence[str]
    files: Sequence[str]


@dataclass(frozen=True, eq=False)
class FieldType:
    """A type of field: how a schema names it, its values, its comparisons and its words.

    What is shown of it in browsers is in `workspace.field_types`.
    """

    name: str
    """The name in addresses of the editor."""
    label: Any
    example_use: Any
    """A few words that say to a designer what it is for."""
    icon: str
    """The name of a heroicon."""
    _keywords: KW_ONLY
    json_type: str = "string"
    format: str = ""
    item: FieldType | None = None
    """The type of the items, if the values are lists."""
    keywords: tuple[str, ...] = ()
    """What a schema may say, beside what every field may have."""
    decimals: int | None = None
    """How many decimals a number may have; None for any."""
    limits: tuple[str, ...] = ()
    """Those of the keywords that the editor's form asks for."""
    takes_default: bool = True
    """False for people and files: they belong to one company at one time, so no default can be right."""
    is_typed: bool = True
    """Whether a value is one line that a person types, so that an example says how."""
    conforms: Callable[[Any], object] = lambda _value: True
    """Return something true if a value of the right JSON type is a value of this type."""
    refusal: Any = _("%(what)s can't be used in a comparison.")
    comparisons: tuple[Comparison, ...] = PRESENCE
    field_comparisons: tuple[Comparison, ...] = ()
    """The comparisons with another field."""
    kin: type | None = None
    """What all types share whose values can be equal to those of others."""
    words: Mapping[str, Any] = field(default_factory=dict)
    """The labels of comparisons that differ from the usual ones, by code."""
    is_true: Any = _("%(field)s is filled in")
    """What a condition means that only names the field."""
    is_false: Any = _("%(field)s is empty")

    @property
    def base(self) -> FieldType:
        """The type of the items if the values are lists, or else the type itself."""
        return self.item or self

    @property
    def spelling(self) -> dict[str, str]:
        """The keywords by which a schema names the type."""
        return {"type": self.json_type, **({"format": self.format} if self.format else {})}

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Return the JSON Schema of a field's values, as `values.FieldValidator` takes it."""
        limits = {keyword: getattr(field, name) for keyword, name in ATTRIBUTES.items()}
        known = {keyword: limits[keyword] for keyword in limits if keyword in self.keywords}
        schema = {"type": self.json_type, **known, "format": self if self.format else None}
        return {keyword: value for keyword, value in schema.items() if value is not None}

    def example(self, field: Field, examples: Examples) -> Any:
        """Return a plausible value of a field, or None if there is none."""
        return next(iter(self.all_values(field)), None)

    def all_values(self, field: Field) -> list[Any]:
        """Return all values, or [] if they can't be counted."""
        return [] if self.item else [choice.value for choice in field.choices]

    def holds_numbers(self, field: Field) -> bool:
        """Return whether the values of a field, or their items, are numbers."""
        return bool(field.choices) and not any(isinstance(choice.value, str) for choice in field.choices)

    def is_number(self, field: Field) -> bool:
        """Return whether a value of a field is a number."""
        return self.item is None and self.holds_numbers(field)

    def family(self, field: Field) -> object:
        """Return a key that is equal for fields whose values can be equal."""
        return float if self.holds_numbers(field) else self.base.kin or self.base

    def comparisons_of(self, field: Field) -> tuple[Comparison, ...]:
        """Return the comparisons of a field with no value or with fixed values, in the order of the list."""
        return NUMBER_COMPARISONS if self.is_number(field) else self.comparisons

    def field_comparisons_of(self, field: Field) -> tuple[Comparison, ...]:
        """Return the comparisons of a field with another field."""
        return (*EQUALITY, *SIZES) if self.is_number(field) else self.field_comparisons

    def comparison_label(self, code: str) -> str:
        """Return what a comparison is called."""
        return str(self.words.get(code) or LABELS[code])

    def can_compare(self, value: Any, field: Field) -> bool:
        """Return whether a row of a condition on a field can have the value."""
        # bool is a subclass of int, but no row can show a yes or no as a number.
        if self.holds_numbers(field):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and math.isfinite(value) and bool(self.conforms(value))
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_COMPARED_LENGTH:
            return False
        # A choice may have several lines.
        return bool(field.choices) or self.can_show(value)

    def can_show(self, text: str) -> bool:
        """Return whether a row of a condition can show a text."""
        return bool(_SINGLE_LINE.fullmatch(text))

    def in_sentence(self, field: Field, value: Any) -> str:
        """Return a value of a field as it stands in a sentence, or "" to show it as it is."""
        return ""

    def refuse(self, what: str) -> str:
        """Return the sentence that refuses a value; `what` is "This", or the value in quotation marks."""
        return str(self.refusal) % {"what": what}


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a choice field, and its label."""

    value: str | int | float
    label: str

    @property
    def has_label(self) -> bool:
        """Whether the label is not just the value."""
        return self.label != str(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a workspace, with everything that forms, pages and checks need to know.

    Attributes that do not apply to the type, and bounds that are not set, are None or empty. `default` only
    prefills forms; None means that there is no default. `examples` are valid values: forms show the first
    one, and the check tries all. `min_items` and `max_items` count files or choices.
    """

    name: str
    type: FieldType
    title: str
    help_text: str = ""
    required: bool = False
    default: Any = None
    examples: tuple[Any, ...] = ()
    choices: tuple[Choice, ...] = ()
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
    is_filterable: bool = False
    """Whether lists of tickets can be filtered by it."""

    @property
    def decimals(self) -> int | None:
        """How many decimals a number may have; None for any."""
        return self.type.decimals if self.multiple_of is None else decimals_of(self.multiple_of)

    def example(self, sources: Examples) -> Any:
        """Return the first of the examples, or a plausible value; None if there is none."""
        return self.examples[0] if self.examples else self.type.example(self, sources)

    def label_for(self, value: Any) -> str:
        """Return the label of a choice's value, or the value itself if it is no longer a choice."""
        return next((choice.label for choice in self.choices if choice.value == value), str(value))


_CENTS: Final = 2


def decimals_of(step: float | Decimal) -> int:
    """Return how many decimals the multiples of a number can have."""
    return max(0, -int(Decimal(str(step)).normalize().as_tuple().exponent))


def number_in_words(value: float, decimals: int | None = None, *, has_marks: bool = True) -> str:
    """Return a number with thousands marks, and with cents if at most two `decimals` are allowed."""
    # Digits after the fifteenth are noise: 0.1 + 0.2 is 0.30000000000000004.
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}") + 0
    places = max(_CENTS if decimals == _CENTS else 0, decimals_of(exact))
    return write_number(exact, places) if has_marks else f"{exact:.{places}f}"


def title_from_name(name: str) -> str:
    """Return the title of a field whose schema gives it none."""
    return name.replace("_", " ").capitalize()


class Fields(Mapping[str, Field]):
    """The fields of a workspace by name, in schema order. Immutable."""

    __slots__ = ("_by_name", "required")

    def __init__(self, fields: Iterable[Field]) -> None:
        self._by_name = {field.name: field for field in fields}
        self.required = frozenset([name for name, field in self._by_name.items() if field.required])
        """The names of the required fields."""

    def __getitem__(self, name: str) -> Field:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    # The methods of Mapping look each name up.
    def items(self) -> ItemsView[str, Field]:
        return self._by_name.items()

    def values(self) -> ValuesView[Field]:
        return self._by_name.values()

    def __repr__(self) -> str:
        return f"Fields({list(self._by_name.values())!r})"


BLANK: Final = re.compile(
    # white space, control and format characters, variations, and letters that are shown as nothing
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)
"""A text of which nothing can be seen."""


def is_empty(value: Any) -> bool:
    """Return whether a value means "empty": None, "" or []. A workspace omits the keys of such values."""
    return value is None or value in ("", [])


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without the empty ones, as a workspace stores them."""
    return {name: value for name, value in values.items() if not is_empty(value)}
