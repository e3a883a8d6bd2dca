"""The types of field that a designer chooses from (`docs/recipes.md`, "A field type")."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_design.definition.comparisons import CONTAINMENT, EQUALITY, PRESENCE
from workflow_design.definition.field_type import FieldType
from workflow_design.definition.formats import (
    is_address,
    is_date,
    is_date_time,
    is_email,
    is_file_id,
    is_time,
    is_user_id,
)
from workflow_design.definition.type_families import (
    ChoiceType,
    DatedType,
    ListType,
    NumberType,
    ReferenceType,
    TextType,
    YesNoType,
)

TEXT: Final = TextType(
    name="text", label=_("Short text"), example_use=_("A name, a reason, a reference"), icon="pencil"
)
MULTILINE: Final = TextType(
    name="multiline",
    format="multiline",
    label=_("Long text"),
    example_use=_("Several lines, such as a description"),
    icon="document-text",
)
CHOICE: Final = ChoiceType(
    name="choice",
    label=_("Choice"),
    example_use=_("One of a few answers: approve, reject"),
    icon="list-bullet",
)
CHOICES: Final = ListType(
    name="choices",
    item=CHOICE,
    label=_("Several choices"),
    example_use=_("Any of a few answers"),
    icon="queue-list",
    comparisons=(*CONTAINMENT, *PRESENCE),
    field_comparisons=CONTAINMENT,
)
YES_NO: Final = YesNoType(
    name="yes_no",
    label=_("Yes or no"),
    example_use=_("A question with two answers"),
    icon="check-circle",
)
INTEGER: Final = NumberType(
    name="integer",
    json_type="integer",
    label=_("Whole number"),
    example_use=_("A count: days, pieces, people"),
    icon="hashtag",
)
NUMBER: Final = NumberType(
    name="number",
    json_type="number",
    label=_("Number"),
    example_use=_("An amount, with decimals"),
    icon="calculator",
)
DATE: Final = DatedType(
    name="date",
    format="date",
    label=_("Date"),
    example_use=_("A day of the calendar"),
    icon="calendar",
    sample="{day}",
    conforms=is_date,
    refusal=_("%(what)s is not a date, such as 2026-01-31."),
)
TIME: Final = DatedType(
    name="time",
    format="time",
    label=_("Time"),
    example_use=_("A time of day"),
    icon="clock",
    sample="09:00",
    conforms=is_time,
    refusal=_("%(what)s is not a time of day, such as 09:30."),
    sortable=re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII),
)
DATE_TIME: Final = DatedType(
    name="date-time",
    format="date-time",
    label=_("Date and time"),
    example_use=_("A moment"),
    icon="calendar-days",
    sample="{day}T09:00:00Z",
    conforms=is_date_time,
    refusal=_("%(what)s is not a date and time, such as 2026-01-31T09:30:00Z."),
    sortable=re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),
)
USER: Final = ReferenceType(
    name="user",
    format="user",
    label=_("Person"),
    example_use=_("A person in your company"),
    icon="user",
    conforms=is_user_id,
    refusal=_("%(what)s is not a person."),
    source=lambda examples: examples.people,
    field_comparisons=EQUALITY,
)
FILE: Final = ReferenceType(
    name="file",
    format="file",
    label=_("File"),
    example_use=_("One document or picture"),
    icon="paper-clip",
    conforms=is_file_id,
    refusal=_("%(what)s is not a file."),
    source=lambda examples: examples.files,
)
FILES: Final = ListType(
    name="files",
    item=FILE,
    label=_("Several files"),
    example_use=_("Documents and pictures"),
    icon="folder",
    takes_default=False,
)
EMAIL: Final = TextType(
    name="email",
    format="email",
    label=_("E-mail address"),
    example_use=_("Checked for the format of an address"),
    icon="envelope",
    sample="somebody@example.com",
    conforms=is_email,
    refusal=_("%(what)s is not an e-mail address."),
)
URI: Final = TextType(
    name="uri",
    format="uri",
    label=_("Web address"),
    example_use=_("Shown as a link"),
    icon="link",
    sample="https://example.com/",
    conforms=is_address,
    refusal=_("%(what)s is not a web address: it must start with https://, http:// or mailto:."),
)

FIELD_TYPES: Final[Mapping[str, FieldType]] = {
    field_type.name: field_type
    for field_type in (
        *(TEXT, MULTILINE, CHOICE, CHOICES, YES_NO, INTEGER, NUMBER, DATE, TIME, DATE_TIME),
        *(USER, FILE, FILES, EMAIL, URI),
    )
}
"""All types by name, in the order in which the editor offers them."""
_BY_SPELLING: Final = {
    tuple(field_type.spelling.values()): field_type
    for field_type in FIELD_TYPES.values()
    if field_type not in (CHOICE, CHOICES, FILES)
}


def find_type(keywords: Mapping[str, Any], items: Mapping[str, Any] | None = None) -> FieldType | None:
    """Return the type that a field's keywords name, which may be invalid; `items` are those of its items."""
    if keywords.get("type") == "array":
        item = find_type(items) if items is not None else None
        return next((each for each in FIELD_TYPES.values() if item is not None and each.item is item), None)
    if "enum" in keywords or "oneOf" in keywords:
        return CHOICE
    return _BY_SPELLING.get(tuple(str(keywords[word]) for word in ("type", "format") if word in keywords))


def formats_of(json_type: str) -> list[str]:
    """Return the formats of all types with this JSON type."""
    types = FIELD_TYPES.values()
    return [each.format for each in types if each.format and each.json_type == json_type]
