"""The types of field that a designer chooses from (`docs/recipes.md`, "A field type")."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from workflow_design.definition.comparisons import ANSWERS, CONTAINMENT, EQUALITY, PRESENCE, Comparison
from workflow_design.definition.fields import FILTERABLE, Examples, Field, FieldType
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.definition.type_families import (
    ChoiceType,
    DatedType,
    ListType,
    NumberType,
    ReferenceType,
    TextType,
)

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"./]+(\.[^\s@,;:<>()\[\]\\\"./]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE_TIME = re.compile(
    _DATE.pattern + r"T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
# The first and the last of these years begin and end at other moments in other time zones.
_FIRST_MOMENT: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - timedelta(days=1)
_LAST_MOMENT: Final = datetime(LAST_YEAR, 12, 31, tzinfo=UTC) + timedelta(days=2)
_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")
_MAX_EMAIL_LENGTH: Final = 254
_SOME_DAY: Final = date(2000, 1, 2)


def is_email(text: str) -> bool:
    """Return whether this is an address with one @ and a domain of at least two labels."""
    return len(text) <= _MAX_EMAIL_LENGTH and bool(_EMAIL.fullmatch(text))


def is_address(text: str) -> bool:
    """Return whether this is an http, https or mailto link (`docs/security.md`, "Untrusted input")."""
    if len(text) > MAX_ADDRESS_LENGTH or _NOT_IN_URLS.search(text):
        return False
    try:
        parts = urlsplit(text)
        if parts.scheme == "mailto":
            return is_email(parts.path)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_date(text: str) -> bool:
    """Return whether this is a date such as 2026-01-31. Such texts sort like the days they mean."""
    return bool(_DATE.fullmatch(text)) and _exists(date, text) and _is_in_years(text)


def is_time(text: str) -> bool:
    """Return whether this is a time of day, such as 09:30. Seconds and offset are optional."""
    return bool(_TIME.fullmatch(text)) and _exists(time, text)


def is_date_time(text: str) -> bool:
    """Return whether this is an RFC 3339 time with seconds and offset, such as 2026-01-31T09:30:00Z."""
    if not _DATE_TIME.fullmatch(text) or not _exists(datetime, text):
        return False
    return _FIRST_MOMENT <= datetime.fromisoformat(text) <= _LAST_MOMENT


def _is_in_years(text: str) -> bool:
    # No year was typed with two digits.
    return FIRST_YEAR <= int(text[:4]) <= LAST_YEAR


def _moved_date(text: str, days: int) -> str:
    return str(date.fromisoformat(text) + timedelta(days=days))


def _moved_time(text: str, minutes: int) -> str:
    at = datetime.combine(_SOME_DAY, time.fromisoformat(text)) + timedelta(minutes=minutes)
    return at.timetz().isoformat("auto" if at.second or at.microsecond else "minutes")


def _moved_moment(text: str, minutes: int) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC) + timedelta(minutes=minutes)
    return at.isoformat().replace("+00:00", "Z")


def _exists(kind: type[date] | type[time], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_in_cents(amount: float) -> bool:
    """Return whether a number has at most two decimals."""
    return math.isfinite(amount) and (Fraction(str(amount)) * 100).denominator == 1


@dataclass(frozen=True, kw_only=True, eq=False)
class MoneyType(NumberType):
    """Amounts with at most two decimals, in the currency of the company."""

    def example(self, field: Field, examples: Examples) -> float:
        """Return as for other numbers, or the largest allowed amount if a whole number is too large."""
        number = NumberType.example(self, field, examples)
        return number if field.maximum is None or number <= field.maximum else field.maximum


@dataclass(frozen=True, kw_only=True, eq=False)
class YesNoType(FieldType):
    """Answers."""

    json_type: str = "boolean"
    keywords: tuple[str, ...] = (FILTERABLE,)
    is_typed: bool = False
    comparisons: tuple[Comparison, ...] = (*ANSWERS, *PRESENCE)
    field_comparisons: tuple[Comparison, ...] = EQUALITY
    words: Mapping[str, Any] = field(
        default_factory=lambda: {
            "filled": _("is answered"),
            "empty": _("is not answered"),
        }
    )
    is_true: Any = _("%(field)s is yes")
    is_false: Any = _("%(field)s is not yes")

    def all_values(self, field: Field) -> list[Any]:
        """Return both answers."""
        return [True, False]


_TELEPHONE: Final = re.compile(
    r"(?P<number>\+?\(?[0-9][0-9 ()./-]*[0-9])(?:\s*(?:;ext=|ext\.?|x|\#)\s*(?P<extension>[0-9]{1,7}))?",
    re.IGNORECASE | re.ASCII,
)
_MIN_DIGITS, _MAX_DIGITS = 6, 15  # the most that E.164 allows


def find_dialled(text: str) -> str:
    """Return what a telephone dials for a number, such as "+4930901820;ext=7", or "" if it is none."""
    match = _TELEPHONE.fullmatch(text)
    if match is None:
        return ""
    # In "+49 (0)30", the zero is only dialled within the country.
    is_international = match["number"].startswith(("+", "00"))
    written = match["number"].replace("(0)", "") if is_international else match["number"]
    number = re.sub(r"[^0-9+]", "", written)
    if not _MIN_DIGITS <= len(number.removeprefix("+")) <= _MAX_DIGITS:
        return ""
    return f"{number};ext={match['extension']}" if match["extension"] else number


TEXT: Final = TextType("text", _("Short text"), _("A name, a reason, a reference"), "pencil")
MULTILINE: Final = TextType(
    *("multiline", _("Long text"), _("Several lines, such as a description"), "document-text"),
    format="multiline",
    is_typed=False,
)
CHOICE: Final = ChoiceType("choice", _("Choice"), _("One of a few answers: approve, reject"), "list-bullet")
CHOICES: Final = ListType(
    *("choices", _("Several choices"), _("Any of a few answers"), "queue-list"),
    item=CHOICE,
    comparisons=(*CONTAINMENT, *PRESENCE),
    field_comparisons=CONTAINMENT,
)
YES_NO: Final = YesNoType("yes_no", _("Yes or no"), _("A question with two answers"), "check-circle")
INTEGER: Final = NumberType(
    *("integer", _("Whole number"), _("A count: days, pieces, people"), "hashtag"),
    json_type="integer",
    decimals=0,
    refusal=_("%(what)s is not a whole number, such as 1250."),
)
NUMBER: Final = NumberType("number", _("Number"), _("A measure, with decimals"), "calculator")
MONEY: Final = MoneyType(
    *("money", _("Money"), _("An amount in the currency of your company"), "banknotes"),
    format="money",
    decimals=2,
    keywords=("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    conforms=is_in_cents,
    refusal=_("%(what)s is not an amount with at most two decimals, such as 1,250.50."),
)
DATE: Final = DatedType(
    *("date", _("Date"), _("A day of the calendar"), "calendar"),
    format="date",
    sample="{day}",
    moved=_moved_date,
    conforms=is_date,
    refusal=_("%(what)s is not a date, such as 2026-01-31."),
)
TIME: Final = DatedType(
    *("time", _("Time"), _("A time of day"), "clock"),
    format="time",
    sample="09:00",
    moved=_moved_time,
    conforms=is_time,
    refusal=_("%(what)s is not a time of day, such as 09:30."),
    sortable=re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII),
)
DATE_TIME: Final = DatedType(
    *("date-time", _("Date and time"), _("A moment"), "calendar-days"),
    format="date-time",
    sample="{day}T09:00:00Z",
    moved=_moved_moment,
    conforms=is_date_time,
    refusal=_("%(what)s is not a date and time, such as 2026-01-31T09:30:00Z."),
    sortable=re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII),
)
USER: Final = ReferenceType(
    *("user", _("Person"), _("A person in your company"), "user"),
    format="user",
    keywords=(FILTERABLE,),
    conforms=re.compile(r"[1-9][0-9]{0,18}").fullmatch,
    refusal=_("%(what)s is not a person."),
    source=lambda examples: examples.people,
    unnamed=_("person %(id)s"),
    field_comparisons=EQUALITY,
)
FILE: Final = ReferenceType(
    *("file", _("File"), _("One document or picture"), "paper-clip"),
    format="file",
    conforms=re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}").fullmatch,
    refusal=_("%(what)s is not a file."),
    source=lambda examples: examples.files,
    unnamed=_("file %(id)s"),
)
FILES: Final = ListType(
    *("files", _("Several files"), _("Documents and pictures"), "folder"), item=FILE, takes_default=False
)
EMAIL: Final = TextType(
    *("email", _("E-mail address"), _("Checked for the format of an address"), "envelope"),
    format="email",
    sample="somebody@example.com",
    conforms=is_email,
    refusal=_("%(what)s is not an e-mail address."),
)
TEL: Final = TextType(
    *("tel", _("Telephone number"), _("Shown as a link that calls it"), "phone"),
    format="tel",
    sample="+49 30 901820",
    conforms=find_dialled,
    refusal=_("%(what)s is not a telephone number, such as +49 30 901820 or (030) 901820-7."),
)
URI: Final = TextType(
    *("uri", _("Web address"), _("Shown as a link"), "link"),
    format="uri",
    sample="https://example.com/",
    conforms=is_address,
    refusal=_("%(what)s is not a web address: it must start with https://, http:// or mailto:."),
)

FIELD_TYPES: Final[Mapping[str, FieldType]] = {
    field_type.name: field_type
    for field_type in (
        *(TEXT, MULTILINE, CHOICE, CHOICES, YES_NO, INTEGER, NUMBER, MONEY, DATE, TIME, DATE_TIME),
        *(USER, FILE, FILES, EMAIL, TEL, URI),
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
