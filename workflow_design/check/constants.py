"""Constants in rules that the field beside them can never hold: a misspelt choice, text instead of a number.

A rule with one is always or never true, which nobody wants. So it is an error (`docs/check.md`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import islice, pairwise, permutations
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import composed
from workflow_design.definition.field_types import CHOICE, DATE_TIME, NUMBER, YES_NO
from workflow_design.definition.fields import Field, FieldType, is_empty
from workflow_design.definition.problems import Problem
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions.bounds import SCOPED, branches, list_arguments
from workflow_design.engine.conditions.numbers import ARITHMETIC, parse_number
from workflow_design.wording.rules import join_words

EQUALITY: Final = frozenset({"==", "===", "!=", "!=="})
_SIZES: Final = frozenset({"<", "<=", ">", ">="})
COMPARISONS: Final = EQUALITY | _SIZES | {"in"}
_MAX_CHOICES: Final = 10
_MAX_QUOTED: Final = 60
_MAX_COMPARED: Final = 30
MAX_WRONG: Final = 100
"""The limit for one definition, as for problems of form."""
_DAY_FIRST: Final = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_HOUR: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?", re.ASCII)
_NULLS: Final = frozenset({"", "null", "none", "nil", "undefined", "empty", "n/a"})
_ANSWERS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, eq=False)
class Holder:
    """A field, or an item of its list, with what tells quickly whether it can hold a constant."""

    field: Field

    @cached_property
    def validator(self) -> FieldValidator:
        """The validator of its values."""
        return FieldValidator(self.field)

    @cached_property
    def choices(self) -> frozenset[str]:
        """The choices that are texts, in composed form."""
        texts = [choice.value for choice in self.field.choices if isinstance(choice.value, str)]
        return frozenset(map(composed, texts))

    def item(self) -> "Holder | None":
        """Return an item of the field's list, or None if it holds no list."""
        item = self.field.type.item
        return None if item is None else Holder(replace(self.field, type=item))


Names = Mapping[str, Holder]
"""The fields that a rule can name: those of the workspace, or the item of a list as ""."""
_RESULT: Final = Holder(Field(name="", type=NUMBER, title=""))
"""What a calculation gives."""


def find_wrong_constants(rule: Any, names: Names) -> Iterator[Problem]:
    """Yield the problem of each constant in a rule that its field can't hold; skip what is malformed."""
    if isinstance(rule, list):
        for part in rule:
            yield from find_wrong_constants(part, names)
    if not isinstance(rule, dict) or len(rule) != 1:
        return
    ((operator, written),) = rule.items()
    arguments = list_arguments(written)
    if operator in EQUALITY or operator in _SIZES:
        for left, right in pairwise(arguments):
            sides = _operands(left, names), _operands(right, names)
            for constants, others in permutations(sides):
                yield from _refuse_beside(constants, others, by_size=operator in _SIZES)
    elif operator == "in" and len(arguments) == 2:  # noqa: PLR2004
        yield from _look_in(arguments[0], arguments[1], names)
    for position, part in enumerate(arguments):
        if not isinstance(part, list | dict):
            continue
        is_inside = operator in SCOPED and position == 1
        yield from find_wrong_constants(part, _names_of_items(rule, names) if is_inside else names)


def find_wrong_results(rule: Any, field: Holder) -> Iterator[Problem]:
    """Yield the problem of each constant that a rule can write into a field that can't hold it."""
    for part in _operands(rule, {}):
        if not isinstance(part, dict | Holder) and (problem := _refuse(part, field, is_written=True)):
            yield problem


def refuse_result(value: Any, holder: Holder) -> str:
    """Return why what an action computed can't be written into a field; "" if it can."""
    if is_empty(value):
        return _("“%(field)s” is required, and would stay empty.") % {"field": holder.field.title}
    problems = holder.validator.problems(value)
    return _sentence(value, holder, problems[0].message) if problems else ""


def _names_of_items(rule: Any, names: Names) -> Names:
    """Return what the second argument of an operation on a list can name."""
    ((operator, (items, *_rest)),) = rule.items()
    found = next(iter(_operands(items, names)), None)
    item = found.item() if isinstance(found, Holder) else None
    return {} if item is None else {"current" if operator == "reduce" else "": item}


def _operands(part: Any, names: Names) -> list[Any]:
    """Return what an operand can be: fields, constants, or {} for results about which nothing is known."""
    if isinstance(part, list):
        return [{} if any(isinstance(item, list | dict) for item in part) else part]
    if not isinstance(part, dict):
        return [part]
    if len(part) != 1:
        return [{}]
    ((operator, written),) = part.items()
    arguments = list_arguments(written)
    if operator == "var":
        name = arguments[0] if arguments else ""
        return [
            names.get(str(name or ""), {}),
            *(each for rest in arguments[1:] for each in _operands(rest, names)),
        ]
    if operator in ("if", "?:"):
        arguments = branches(arguments)
    elif operator not in ("and", "or"):
        return [_RESULT if operator in ARITHMETIC else {}]
    return [each for argument in arguments for each in _operands(argument, names)]


def _refuse_beside(operands: list[Any], others: list[Any], *, by_size: bool = False) -> Iterator[Problem]:
    """Yield why a constant can't be equal to, or have the size of, anything that it is compared with."""
    fields = [other for other in others if isinstance(other, Holder)]
    if not fields or {} in others:
        return
    for constant in operands:
        if not isinstance(constant, dict | Holder) and constant not in others:
            problems = [_refuse(constant, field, by_size=by_size) for field in fields]
            if problems[0] and all(problems):
                yield problems[0]


def _look_in(item: Any, container: Any, names: Names) -> Iterator[Problem]:
    """Yield why an item is never in a container: a list of values, a list field, or a text."""
    items = _operands(item, names)
    if isinstance(container, list):
        members = [each for member in container for each in _operands(member, names)]
        yield from _refuse_beside(members, items)
        yield from _refuse_beside(items, members)
        return
    for field in _operands(container, names):
        for constant in items:
            if isinstance(field, Holder) and not isinstance(constant, dict | Holder):
                yield from _refuse_in(constant, field)


def _refuse_in(item: Any, field: Holder) -> Iterator[Problem]:
    """Yield why a field, which holds a list or a text, can't contain a constant."""
    member = field.item()
    if member is not None:
        yield from filter(None, [_refuse(item, member)])
        return
    # A part of a choice may be meant, too.
    is_part = isinstance(item, str) and any(composed(item) in choice for choice in field.choices)
    if field.field.type is CHOICE and not is_part:
        yield from filter(None, [_refuse(item, field)])


def _refuse(
    constant: Any, holder: Holder, *, by_size: bool = False, is_written: bool = False
) -> Problem | None:
    """Return why a field can't hold a constant; None if it can, or if the constant is null."""
    field = holder.field
    # "Is not 0" is how the editor's rows say what a number field on its own means.
    is_zero = constant == 0 and field.type.is_number(field) and not field.choices and not is_written
    if constant is None or (is_zero and constant is not False) or (by_size and _has_size(constant, field)):
        return None
    if is_empty(constant):
        message = _("“%(field)s” is never %(constant)s: an empty field is null.")
        named = {"field": field.title, "constant": json.dumps(constant)}
        return _wrong(message % named, None)
    if isinstance(constant, str):
        constant = composed(constant)
        if constant in holder.choices:
            return None
    problems = holder.validator.problems(constant)
    if not problems:
        return None
    message = _sentence(constant, holder, problems[0].message)
    if isinstance(constant, str) and constant.strip().casefold() in _NULLS:
        return _wrong(message, None)
    return _wrong(message, *islice(find_meant_values(constant, holder), 1))


def _wrong(message: str, *meant: Any) -> Problem:
    """Return the problem of a constant, and the value that was meant, if one is known."""
    fix = _("Did you mean %(value)s?") % {"value": json.dumps(meant[0], ensure_ascii=False)} if meant else ""
    return Problem("", message, "wrong-constant", fix=fix)


def find_meant_values(constant: Any, holder: Holder) -> Iterator[Any]:
    """Yield the values of a field that somebody who wrote this constant may have meant."""
    return (each for each in _guesses(constant, holder.field) if not holder.validator.problems(each))


def _has_size(constant: Any, field: Field) -> bool:
    """Return whether a constant can be less or more than what a field holds, even outside its limits."""
    if field.type.holds_numbers(field):
        return isinstance(constant, int | float) and not isinstance(constant, bool)
    if field.type is YES_NO:
        return not isinstance(constant, str)
    return isinstance(constant, str) and (bool(field.choices) or bool(field.type.conforms(constant)))


def _sentence(constant: Any, holder: Holder, reason: str) -> str:
    field = holder.field
    what = json.dumps(constant, ensure_ascii=False)
    message = (
        _("“%(field)s” can't be %(constant)s.") if field.title else _("A calculation can't be %(constant)s.")
    )
    parts = [message % {"field": field.title, "constant": what[:_MAX_QUOTED]}]
    if field.choices:
        values = [json.dumps(choice.value, ensure_ascii=False) for choice in field.choices[:_MAX_CHOICES]]
        values += ["…"] if len(field.choices) > _MAX_CHOICES else []
        parts.append(_("It can be %(values)s.") % {"values": join_words(values, _("or"))})
    elif reason:
        parts.append(reason)
    return " ".join(parts)


def _guesses(constant: Any, field: Field) -> Iterator[Any]:
    """Yield what somebody who wrote this constant may have meant."""
    text = str(constant).strip() if not isinstance(constant, bool) else json.dumps(constant)
    yield from _similar_choices(text, field)
    if field.type is YES_NO and text.casefold() in _ANSWERS:
        yield _ANSWERS[text.casefold()]
    if field.type.holds_numbers(field):
        yield parse_number(text)
    elif field.type is not YES_NO:
        yield from (text, *_as_dated(text, field.type))


def _similar_choices(text: str, field: Field) -> Iterator[Any]:
    """Yield the choice with this label or spelling in another case, or one that differs in a few letters."""
    spelled = {
        each.casefold(): choice.value
        for choice in field.choices
        for each in (choice.label, str(choice.value))
    }
    if text.casefold() in spelled:
        yield spelled[text.casefold()]
    # Comparing all letters with all letters takes time.
    elif len(field.choices) <= _MAX_COMPARED and len(text) <= _MAX_QUOTED:
        short = [name for name in spelled if len(name) <= _MAX_QUOTED]
        yield from (spelled[name] for name in get_close_matches(text.casefold(), short, n=1, cutoff=0.6))


def _as_dated(text: str, field_type: FieldType) -> Iterator[str]:
    """Yield the text as a date, a time or a moment in ISO's spelling, as far as it can be read as one."""
    day = _DAY_FIRST.match(text)
    parts = day or _YEAR_FIRST.match(text)
    if parts is not None:
        year, month, date = map(int, parts.groups()[::-1] if day else parts.groups())
        yield f"{year:04}-{month:02}-{date:02}"
    at = _HOUR.search(text, parts.end() if parts else 0)
    clock = f"{int(at[1]):02}:{at[2]}" if at else "00:00"
    if at is not None:
        yield f"{clock}:{at[3]}" if at[3] else clock
    if parts is not None and field_type is DATE_TIME:
        yield f"{year:04}-{month:02}-{date:02}T{clock}:{(at and at[3]) or '00'}Z"
