"""Validation of field values: jsonschema with our own messages, and without its slow or wrong parts.

- `pattern` runs in RE2, in linear time. Python's `re` can take exponential time.
- `uniqueItems` and `enum` compare hashes. jsonschema compares every pair.
- `multipleOf` calculates with fractions: 19.99 is a multiple of 0.01, although their floats are not.
- `format` is checked by the type of the field. jsonschema skips formats whose packages are not installed.
- References can't occur: only keywords that `Field` knows are compiled.
"""

import json
import math
import operator
from collections.abc import Callable, Collection, Hashable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import create
from referencing import Registry

from workflow_design.definition.fields import Field, FieldType
from workflow_design.definition.problems import Problem, pointer

_MAX_QUOTED_LENGTH: Final = 60
MAX_PROBLEMS = 20
"""The limit for one value; a list of ten thousand wrong items has nothing more to say."""

Errors = Iterator[ValidationError]


class FieldValidator:
    """Validator of one field's values; built once, used often."""

    __slots__ = ("_validator",)

    def __init__(self, field: Field) -> None:
        self._validator: Validator = _VALIDATOR(field.type.json_schema(field), registry=Registry())

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


_TYPES: Final = {
    "string": gettext_lazy("This must be text."),
    "number": gettext_lazy("This must be a number."),
    "integer": gettext_lazy("This must be a whole number."),
    "boolean": gettext_lazy("This must be yes or no."),
    "array": gettext_lazy("This must be a list."),
}


def _type(validator: Any, kind: str, value: Any, schema: Any) -> Errors:
    if not validator.is_type(value, kind):
        yield ValidationError(str(_TYPES[kind]))


def _format(validator: Any, field_type: FieldType, value: Any, schema: Any) -> Errors:
    # A value of another JSON type already has the error of `type`.
    if validator.is_type(value, field_type.json_type) and not field_type.conforms(value):
        yield ValidationError(field_type.refuse(_("This")))


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
