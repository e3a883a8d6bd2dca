"""Validation of field values: jsonschema with our own messages, and without its slow or wrong parts.

- `pattern` runs in RE2, in linear time. Python's `re` can take exponential time.
- `uniqueItems` and `enum` compare hashes. jsonschema compares every pair.
- `multipleOf` calculates with fractions: 19.99 is a multiple of 0.01, although their floats are not.
- `format` is checked here. jsonschema silently skips formats whose packages are not installed.
- References can't occur: only keywords that `Field` knows are compiled.
"""

import json
import math
import operator
import re
from collections.abc import Callable, Collection, Hashable, Iterator
from datetime import date, datetime, time
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import create
from referencing import Registry

from workflow_design.definition.fields import Field, FieldKind, TextFormat
from workflow_design.definition.problems import Problem, pointer

CHECKER = FormatChecker(formats=())

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"./]+(\.[^\s@,;:<>()\[\]\\\"./]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE_TIME = re.compile(
    _DATE.pattern + r"T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_USER = re.compile(r"[1-9][0-9]{0,18}")
_FILE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")
_MAX_EMAIL_LENGTH, _MAX_QUOTED_LENGTH = 254, 60
_MAX_ADDRESS_LENGTH = 2000


@CHECKER.checks("email")
def is_email(value: object) -> bool:
    """Return whether this is an address with one @ and a domain of at least two labels."""
    return isinstance(value, str) and len(value) <= _MAX_EMAIL_LENGTH and bool(_EMAIL.fullmatch(value))


@CHECKER.checks("uri", raises=ValueError)
def is_address(value: object) -> bool:
    """Return whether this is an http, https or mailto link (`docs/security.md`, "Untrusted input")."""
    if not isinstance(value, str) or len(value) > _MAX_ADDRESS_LENGTH or _NOT_IN_URLS.search(value):
        return False
    if (parts := urlsplit(value)).scheme == "mailto":
        return is_email(parts.path)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


@CHECKER.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """Return whether this is a date such as 2026-01-31. Such texts sort like the days they mean."""
    return isinstance(value, str) and bool(_DATE.fullmatch(value) and date.fromisoformat(value))


@CHECKER.checks("time", raises=ValueError)
def is_time(value: object) -> bool:
    """Return whether this is a time of day, such as 09:30. Seconds and offset are optional."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value)) and time.fromisoformat(value) is not None


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """Return whether this is an RFC 3339 time with seconds and offset, such as 2026-01-31T09:30:00Z."""
    return isinstance(value, str) and bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))


@CHECKER.checks("user")
def is_user_id(value: object) -> bool:
    """Return whether this looks like a person's id. Only the database knows whether the person exists."""
    return isinstance(value, str) and bool(_USER.fullmatch(value))


@CHECKER.checks("file")
def is_file_id(value: object) -> bool:
    """Return whether this looks like a file's id: a number or a UUID."""
    return isinstance(value, str) and bool(_FILE.fullmatch(value))


MAX_PROBLEMS = 20
"""The limit for one value; a list of ten thousand wrong items has nothing more to say."""

Errors = Iterator[ValidationError]


class FieldValidator:
    """Validator of one field's values; built once, used often."""

    __slots__ = ("_validator",)

    def __init__(self, field: Field) -> None:
        schema = {name: value for name, value in _SCHEMAS[field.kind](field).items() if value is not None}
        self._validator: Validator = _VALIDATOR(schema, format_checker=CHECKER, registry=Registry())

    def problems(self, value: Any) -> list[Problem]:
        """Return the problems of a value, which is JSON and not empty; pointers start at the value."""
        errors = islice(self._validator.iter_errors(value), MAX_PROBLEMS)
        return [
            Problem(pointer(*error.path), error.message, _CODES[str(error.validator)]) for error in errors
        ]


@lru_cache(maxsize=128)
def compile_pattern(pattern: str) -> Any:
    """Compile the pattern with RE2, or return it from the cache; raise re2.error if it is not valid.

    Compiled patterns take more memory as they are used. RE2 allows 8 MiB for each by default; with this
    lower limit, the whole cache stays below 64 MiB.
    """
    options = re2.Options()
    options.max_mem = 512 * 1024
    options.log_errors = False
    return re2.compile(pattern, options)


def _text_schema(field: Field) -> dict[str, Any]:
    # `multiline` only affects the form: any text is valid.
    checked_format = None if field.format is TextFormat.MULTILINE else field.format
    lengths = {"minLength": field.min_length, "maxLength": field.max_length}
    return {"type": "string", **lengths, "pattern": field.pattern, "format": checked_format}


def _number_schema(field: Field) -> dict[str, Any]:
    inclusive = {"minimum": field.minimum, "maximum": field.maximum}
    exclusive = {"exclusiveMinimum": field.exclusive_minimum, "exclusiveMaximum": field.exclusive_maximum}
    return {"type": field.kind.value, **inclusive, **exclusive, "multipleOf": field.multiple_of}


def _choice_schema(field: Field) -> dict[str, Any]:
    return {"enum": frozenset(_hash_key(choice.value) for choice in field.choices)}


def _id_schema(kind: FieldKind) -> dict[str, Any]:
    return {"type": "string", "format": kind.value}


def _list_schema(field: Field, items: dict[str, Any]) -> dict[str, Any]:
    numbers = {"minItems": field.min_items, "maxItems": field.max_items}
    return {"type": "array", **numbers, "uniqueItems": True, "items": items}


_SCHEMAS: Final[dict[FieldKind, Callable[[Field], dict[str, Any]]]] = {
    FieldKind.TEXT: _text_schema,
    FieldKind.NUMBER: _number_schema,
    FieldKind.INTEGER: _number_schema,
    FieldKind.YES_NO: lambda _field: {"type": "boolean"},
    FieldKind.CHOICE: _choice_schema,
    FieldKind.CHOICES: lambda field: _list_schema(field, _choice_schema(field)),
    FieldKind.USER: lambda _field: _id_schema(FieldKind.USER),
    FieldKind.FILE: lambda _field: _id_schema(FieldKind.FILE),
    FieldKind.FILES: lambda field: _list_schema(field, _id_schema(FieldKind.FILE)),
}
"""The schema of each kind's values, in the order in which to check them; None means no such check."""

_TYPES: Final = {
    "string": gettext_lazy("This must be text."),
    "number": gettext_lazy("This must be a number."),
    "integer": gettext_lazy("This must be a whole number."),
    "boolean": gettext_lazy("This must be yes or no."),
    "array": gettext_lazy("This must be a list."),
}
_FORMATS: Final = {
    "email": gettext_lazy("This is not an e-mail address."),
    "uri": gettext_lazy("This is not a web address: it must start with https://, http:// or mailto:."),
    "date": gettext_lazy("This is not a date, such as 2026-01-31."),
    "time": gettext_lazy("This is not a time of day, such as 09:30."),
    "date-time": gettext_lazy("This is not a date and time, such as 2026-01-31T09:30:00Z."),
    "user": gettext_lazy("This is not a person."),
    "file": gettext_lazy("This is not a file."),
}


def _type(validator: Any, kind: str, value: Any, schema: Any) -> Errors:
    if not validator.is_type(value, kind):
        yield ValidationError(str(_TYPES[kind]))


def _format(validator: Any, name: str, value: Any, schema: Any) -> Errors:
    if isinstance(value, str) and not CHECKER.conforms(value, name):
        yield ValidationError(str(_FORMATS[name]))


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Errors:
    if isinstance(value, str) and not compile_pattern(pattern).search(value):
        message = _("This text does not match the pattern %(pattern)s.")
        yield ValidationError(message % {"pattern": pattern})


def _min_length(validator: Any, least: int, value: Any, schema: Any) -> Errors:
    if isinstance(value, str) and len(value) < least:
        message = ngettext("Enter at least %(n)d character.", "Enter at least %(n)d characters.", least)
        yield ValidationError(message % {"n": least})


def _max_length(validator: Any, most: int, value: Any, schema: Any) -> Errors:
    if isinstance(value, str) and len(value) > most:
        message = ngettext("Enter at most %(n)d character.", "Enter at most %(n)d characters.", most)
        yield ValidationError(message % {"n": most})


def _min_items(validator: Any, least: int, value: Any, schema: Any) -> Errors:
    if isinstance(value, list) and len(value) < least:
        yield ValidationError(_("Choose at least %(number)d.") % {"number": least})


def _max_items(validator: Any, most: int, value: Any, schema: Any) -> Errors:
    if isinstance(value, list) and len(value) > most:
        yield ValidationError(_("Choose at most %(number)d.") % {"number": most})


def _unique_items(validator: Any, wanted: bool, value: Any, schema: Any) -> Errors:
    if isinstance(value, list) and len({_hash_key(item) for item in value}) < len(value):
        yield ValidationError(_("Nothing can be chosen twice."))


def _enum(validator: Any, keys: Collection[Hashable], value: Any, schema: Any) -> Errors:
    if _hash_key(value) not in keys:
        quoted = json.dumps(value, ensure_ascii=False)[:_MAX_QUOTED_LENGTH]
        yield ValidationError(_("%(value)s is not one of the choices.") % {"value": quoted})


def _multiple_of(validator: Any, unit: float, value: Any, schema: Any) -> Errors:
    if not _is_number(value):
        return
    # Fractions of the decimal texts, because floats are inexact: 19.99 / 0.01 is not whole.
    if not math.isfinite(value) or (Fraction(str(value)) / Fraction(str(unit))).denominator != 1:
        yield ValidationError(_("This must be a multiple of %(unit)s.") % {"unit": unit})


def _bound(sentence: Any, fits: Callable[[Any, float], bool]) -> Callable[..., Errors]:
    def bound(validator: Any, limit: float, value: Any, schema: Any) -> Errors:
        # Values of another type already have the error of `type`.
        if _is_number(value) and not fits(value, limit):
            yield ValidationError(str(sentence) % {"limit": limit})

    return bound


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _hash_key(value: Any) -> Hashable:
    """Return a hash key that is equal for equal JSON values: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, str) or _is_number(value):
        return value  # type: ignore[no-any-return]
    return ("json", json.dumps(value, sort_keys=True))


_VALIDATOR: Final = create(
    meta_schema=Draft202012Validator.META_SCHEMA,
    type_checker=Draft202012Validator.TYPE_CHECKER,
    validators={
        "items": Draft202012Validator.VALIDATORS["items"],
        "type": _type,
        "format": _format,
        "pattern": _pattern,
        "minLength": _min_length,
        "maxLength": _max_length,
        "minItems": _min_items,
        "maxItems": _max_items,
        "uniqueItems": _unique_items,
        "enum": _enum,
        "minimum": _bound(gettext_lazy("This must be at least %(limit)s."), operator.ge),
        "maximum": _bound(gettext_lazy("This must be at most %(limit)s."), operator.le),
        "exclusiveMinimum": _bound(gettext_lazy("This must be more than %(limit)s."), operator.gt),
        "exclusiveMaximum": _bound(gettext_lazy("This must be less than %(limit)s."), operator.lt),
        "multipleOf": _multiple_of,
    },
)
_CODES: Final = {
    "type": "wrong-type",
    "format": "malformed",
    "pattern": "malformed",
    "minLength": "too-short",
    "maxLength": "too-long",
    "minItems": "too-few",
    "maxItems": "too-many",
    "uniqueItems": "doubled",
    "enum": "not-a-choice",
    "minimum": "out-of-bounds",
    "maximum": "out-of-bounds",
    "exclusiveMinimum": "out-of-bounds",
    "exclusiveMaximum": "out-of-bounds",
    "multipleOf": "out-of-bounds",
}
