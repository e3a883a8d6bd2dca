"""The fields of a workspace, as forms, pages and checks use them (`docs/workflow-format.md`, "Fields").

`definition.schema` builds them from a `fields_schema`; `definition.values` validates values against them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_design.definition.field_type import FieldType


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
    prefills forms; None means that there is no default. `min_items` and `max_items` count files or choices.
    """

    name: str
    type: "FieldType"
    title: str
    help_text: str = ""
    required: bool = False
    default: Any = None
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

    def label_for(self, value: Any) -> str:
        """Return the label of a choice's value, or the value itself if it is no longer a choice."""
        return next((choice.label for choice in self.choices if choice.value == value), str(value))


def title_from_name(name: str) -> str:
    """Return the title of a field whose schema gives it none."""
    return name.replace("_", " ").capitalize()


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
