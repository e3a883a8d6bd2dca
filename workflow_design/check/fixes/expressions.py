"""Conditions that were written as text, such as "days > 3 and ok == 'y'", as JsonLogic rules."""

import re
from collections.abc import Collection
from typing import Any, Final

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.check.fixes.names import OPERATORS, find_meant_field

_MAX_LENGTH: Final = 300
_MAX_PARTS: Final = 4
_OR: Final = re.compile(r"\s+or\s+|\s*\|\|\s*", re.IGNORECASE)
_AND: Final = re.compile(r"\s+and\s+|\s*&&\s*", re.IGNORECASE)
_NAME: Final = r"(?P<name>\$?\.?[A-Za-z_][\w.]*)"
_COMPARISON: Final = re.compile(
    rf"{_NAME}\s*(?P<operator>===?|!==?|<>|>=|<=|=|>|<|≥|≤|≠|\s(?:is\s+not|is|equals|eq|ne|gte?|lte?|in)\s)\s*"
    r"(?P<value>.+)",
    re.IGNORECASE,
)
_FILLED: Final = re.compile(rf"(?P<not>!\s*|not\s+)?{_NAME}", re.IGNORECASE)
_BRACES: Final = re.compile(r"^[\s${(=]+|[\s)}]+$")
_KNOWN: Final = ("==", "!=", ">", ">=", "<", "<=", "in")
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "none": None, "yes": True, "no": False}


def read_expression(text: str, declared: Collection[str]) -> Any:
    """Return the rule that a text means, or None if that is not clear."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        rule = parse_json(text)
    except JsonError:
        return _either(_BRACES.sub("", text), declared)
    # A rule in quotation marks is still a rule.
    return rule if isinstance(rule, dict) else None


def _either(text: str, declared: Collection[str]) -> Any:
    for pattern, operator in ((_OR, "or"), (_AND, "and")):
        parts = pattern.split(text)
        if 1 < len(parts) <= _MAX_PARTS:
            rules = [_either(part, declared) for part in parts]
            return None if None in rules else {operator: rules}
    return _compare(text, declared)


def _compare(text: str, declared: Collection[str]) -> Any:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        alone = _FILLED.fullmatch(text)
        name = find_meant_field(alone["name"], declared) if alone else ""
        if alone is None or not name:
            return None
        return {"!": {"var": name}} if alone["not"] else {"var": name}
    written = re.sub(r"\s+", "", match["operator"].casefold())
    operator = written if written in _KNOWN else OPERATORS.get(written, "")
    name = find_meant_field(match["name"], declared)
    value = _constant(match["value"].strip())
    return {operator: [{"var": name}, value]} if operator and name and value is not _UNKNOWN else None


_UNKNOWN: Final = object()


def _constant(text: str) -> Any:
    """Return the constant that a text means; a word without quotation marks means itself."""
    if text.casefold() in _CONSTANTS:
        return _CONSTANTS[text.casefold()]
    try:
        return parse_json(text if '"' in text else text.replace("'", '"'))
    except JsonError:
        return text if re.fullmatch(r"[\w-]+", text) else _UNKNOWN
