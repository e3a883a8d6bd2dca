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
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import re2
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import create
from referencing import Registry

from workflow_design.definition.fields import (
    BLANK,
    Field,
    FieldType,
    decimals_of,
    is_empty,
    number_in_words,
)
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
            Problem(pointer(*error.path), error.message, _KEYWORDS[str(error.validator)][0])
            for error in errors
        ]


_SAMPLES: Final = {
    "bad-default": _("This default is not valid: %(why)s"),
    "bad-example": _("This example is not valid: %(why)s"),
}


def refuse_sample(field: Field, value: Any, code: str) -> list[str]:
    """Return why a default or an example is none that its field could hold, as problems with this code."""
    is_blank = is_empty(value) or (isinstance(value, str) and BLANK.fullmatch(value))
    problems = [] if is_blank else FieldValidator(field).problems(value)
    reasons = [gettext("Leave it out if it is empty.")] if is_blank else [each.message for each in problems]
    return [_SAMPLES[code] % {"why": why} for why in reasons]


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
    "string": _("This must be text."),
    "number": _("This must be a number."),
    "integer": _("This must be a whole number."),
    "boolean": _("This must be yes or no."),
    "array": _("This must be a list."),
}


def _type(validator: Any, kind: str, value: Any, schema: Any) -> Errors:
    if not validator.is_type(value, kind):
        yield ValidationError(str(_TYPES[kind]))


def _format(validator: Any, field_type: FieldType, value: Any, schema: Any) -> Errors:
    # A value of another JSON type already has the error of `type`.
    if validator.is_type(value, field_type.json_type) and not field_type.conforms(value):
        yield ValidationError(field_type.refuse(str(_("This"))))


def _limit(kind: str, fits: Callable[[Any, Any], object], sentence: Any) -> Callable[..., Errors]:
    """Return the check of a keyword that limits the values of one JSON type."""

    def check(validator: Any, limit: Any, value: Any, schema: Any) -> Errors:
        # Values of another type already have the error of `type`.
        if validator.is_type(value, kind) and not fits(value, limit):
            yield ValidationError(
                sentence % {"limit": _in_words(limit, schema) if kind == "number" else limit}
            )

    return check


def _in_words(limit: float, schema: Any) -> str:
    field_type, step = schema.get("format"), schema.get("multipleOf")
    return number_in_words(limit, decimals_of(step) if step else field_type and field_type.decimals)


def _multiple_of(validator: Any, unit: float, value: Any, schema: Any) -> Errors:
    if not validator.is_type(value, "number") or _is_multiple(value, unit):
        return
    decimals = decimals_of(unit)
    if unit == 1:
        yield ValidationError(str(_TYPES["integer"]))
    elif unit == float(f"1e-{decimals}"):
        most = _MOST_DECIMALS % {"limit": decimals}
        yield ValidationError(most)
    else:
        yield ValidationError(_("This must be a multiple of %(limit)s.") % {"limit": number_in_words(unit)})


def _enum(validator: Any, keys: Collection[Hashable], value: Any, schema: Any) -> Errors:
    if _hash_key(value) not in keys:
        quoted = json.dumps(value, ensure_ascii=False)[:_MAX_QUOTED_LENGTH]
        yield ValidationError(_("%(value)s is not one of the choices.") % {"value": quoted})


def _is_multiple(value: float, unit: float) -> bool:
    # Fractions of the decimal texts, because floats are inexact: 19.99 / 0.01 is not whole.
    return math.isfinite(value) and (Fraction(str(value)) / Fraction(str(unit))).denominator == 1


def _hash_key(value: Any) -> Hashable:
    """Return a hash key that is equal for equal JSON values: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return ("json", json.dumps(value, sort_keys=True))


_FEWEST_CHARACTERS: Final = ngettext_lazy(
    "Enter at least %(limit)d character.", "Enter at least %(limit)d characters.", "limit"
)
_MOST_CHARACTERS: Final = ngettext_lazy(
    "Enter at most %(limit)d character.", "Enter at most %(limit)d characters.", "limit"
)

_MOST_DECIMALS: Final = ngettext_lazy(
    "Enter at most %(limit)d digit after the decimal point.",
    "Enter at most %(limit)d digits after the decimal point.",
    "limit",
)


def _is_long_enough(value: Any, least: int) -> bool:
    return len(value) >= least


def _is_short_enough(value: Any, most: int) -> bool:
    return len(value) <= most


def _matches(text: str, pattern: str) -> bool:
    return bool(compile_pattern(pattern).search(text))


def _is_without_repetition(items: list[Any], _wanted: bool) -> bool:
    return len(set(map(_hash_key, items))) == len(items)


_MISMATCH: Final = _("This text does not match the pattern %(limit)s.")
_OUT: Final = "out-of-bounds"
_KEYWORDS: Final[Mapping[str, tuple[str, Callable[..., Errors]]]] = {
    "type": ("wrong-type", _type),
    "format": ("malformed", _format),
    "pattern": ("malformed", _limit("string", _matches, _MISMATCH)),
    "minLength": ("too-short", _limit("string", _is_long_enough, _FEWEST_CHARACTERS)),
    "maxLength": ("too-long", _limit("string", _is_short_enough, _MOST_CHARACTERS)),
    "minItems": ("too-few", _limit("array", _is_long_enough, _("Choose at least %(limit)d."))),
    "maxItems": ("too-many", _limit("array", _is_short_enough, _("Choose at most %(limit)d."))),
    "uniqueItems": ("doubled", _limit("array", _is_without_repetition, _("Nothing can be chosen twice."))),
    "enum": ("not-a-choice", _enum),
    "minimum": (_OUT, _limit("number", operator.ge, _("This must be at least %(limit)s."))),
    "maximum": (_OUT, _limit("number", operator.le, _("This must be at most %(limit)s."))),
    "exclusiveMinimum": (_OUT, _limit("number", operator.gt, _("This must be more than %(limit)s."))),
    "exclusiveMaximum": (_OUT, _limit("number", operator.lt, _("This must be less than %(limit)s."))),
    "multipleOf": (_OUT, _multiple_of),
}
"""The code and the check of each keyword."""
_VALIDATOR: Final = create(
    meta_schema=Draft202012Validator.META_SCHEMA,
    type_checker=Draft202012Validator.TYPE_CHECKER,
    validators={
        "items": Draft202012Validator.VALIDATORS["items"],
        **{keyword: check for keyword, (_code, check) in _KEYWORDS.items()},
    },
)
