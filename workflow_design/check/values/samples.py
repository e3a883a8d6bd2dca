"""The sample values of a field: those that conditions can tell apart (`docs/check.md`).

Samples are complete if they stand for all values that the field can hold: whatever another value does, one of
them does, too. That is only said where it is known.
"""

from collections.abc import Iterable
from typing import Any, Final

from workflow_design.check.values.candidates import MAX_NAMED, candidates
from workflow_design.check.values.rules import NEVER_FAIL, never_fails
from workflow_design.check.values.scales import count_steps, step_of
from workflow_design.check.values.uses import Uses
from workflow_design.check.work import UNLIMITED, Work
from workflow_design.definition.fields import Field, is_empty
from workflow_design.definition.file_json import count_values
from workflow_design.definition.type_families import (
    DatedType,
    ListType,
    NumberType,
    ReferenceType,
    TextType,
    is_among,
)
from workflow_design.definition.values import FieldValidator, compile_pattern
from workflow_design.engine.conditions.evaluation import Prepared, prepare

_MAX_COMPARED: Final = 4
"""Of more fields that are compared with each other, not every order is tried."""
_SAFE_FOR_TEXTS: Final = NEVER_FAIL | {"in", "substr", "cat"}
_MAX_ATOMS: Final = 6


def build_samples(field: Field, uses: Uses, work: Work | None = None) -> tuple[Any, ...]:
    """Return the values to try for a field: none is empty, and all are valid for its schema.

    Of values that no condition can tell apart, there is only one. There is none if no valid value is known.
    """
    work = work or Work(UNLIMITED)
    allowed = FieldValidator(field)
    found: list[Any] = []
    distinguished: set[tuple[bool | None, ...]] = set()
    # A candidate is compared with the choices, with those found before it, and tried in each rule.
    cost = 10 + len(field.choices) // 8
    # RE2 takes a step for each character and each part of the pattern.
    program = compile_pattern(field.pattern).programsize if field.pattern else 0
    work.spend(program)
    atoms = [(prepare(atom), count_values(atom)) for atom in uses.atoms]
    for value in candidates(field, _constants(field, uses), number=_number(uses), spend=work.spend):
        work.spend(cost + len(found) // 8 + _cost_of(value, program))
        if is_empty(value) or is_among(value, found) or allowed.problems(value):
            continue
        # Values for which all rules about the field have the same results are equivalent.
        truths = None if uses.is_entangled else _evaluate_atoms(atoms, field.name, value, work)
        if truths is None or truths not in distinguished:
            found.append(value)
        if truths is not None:
            distinguished.add(truths)
    return tuple(found)


def _constants(field: Field, uses: Uses) -> list[Any]:
    if isinstance(field.type, NumberType) and not uses.unknown:
        return sorted(uses.thresholds)
    return [*uses.constants, *sorted(uses.thresholds)]


def _number(uses: Uses) -> int:
    """Return how many values are needed on each side of a constant."""
    return max(uses.period, min(1 + len(uses.compared_with), _MAX_COMPARED))


def _cost_of(value: Any, program: int) -> int:
    """Return the work of validating a value."""
    if isinstance(value, list):
        return len(value) + sum(_cost_of(item, 0) for item in value)
    return len(value) // 64 + len(value) * program // 128 if isinstance(value, str) else 0


def are_complete(field: Field, samples: tuple[Any, ...], uses: Uses, work: Work) -> bool:
    """Return whether the samples of a field stand for all of its values, as far as it is tried alone."""
    if not samples:
        return False
    if has_all_values(field, samples) or (
        not uses.is_entangled and _shows_everything(field, samples, uses, work)
    ):
        return True
    return not uses.unknown and _is_understood(field, samples, uses)


def _is_understood(field: Field, samples: tuple[Any, ...], uses: Uses) -> bool:
    match field.type:
        case NumberType():
            return not uses.period or step_of(field) == 1
        case ListType():
            named = sum(is_among(value, uses.constants) for value in field.type.item.all_values(field))
            return named <= MAX_NAMED
        case TextType() if not isinstance(field.type, DatedType):
            return _has_free_texts(field, samples, uses)
        case ReferenceType():
            # Ids are compared by size as texts, and in another order than they are counted.
            return not uses.is_ordered
    return isinstance(field.type, DatedType)


def has_all_values(field: Field, samples: tuple[Any, ...]) -> bool:
    """Return whether every value is a sample, or equivalent to one."""
    if isinstance(field.type, ListType):
        return 0 < len(field.choices) <= MAX_NAMED
    if not isinstance(field.type, NumberType):
        return bool(field.type.all_values(field))
    most = count_steps(field)
    return most is not None and len(samples) >= most


def _shows_everything(field: Field, samples: tuple[Any, ...], uses: Uses, work: Work) -> bool:
    """Return whether each combination of results of all atoms about the field is that of a sample."""
    atoms = [(prepare(atom), count_values(atom)) for atom in uses.atoms]
    safe = _SAFE_FOR_TEXTS if isinstance(field.type, TextType) else NEVER_FAIL
    if len(atoms) > _MAX_ATOMS or not never_fails(uses.atoms, safe):
        return False
    seen = {_evaluate_atoms(atoms, field.name, value, work) for value in samples}
    # `!=` is the contrary of `==`, and so no result of its own.
    combinations: int = 2 ** len({str(atom).replace("'!=", "'==") for atom in uses.atoms})
    return len(seen) == combinations


def _has_free_texts(field: Field, samples: tuple[Any, ...], uses: Uses) -> bool:
    """Return whether texts that differ from all constants are known, as many as are compared."""
    is_free = not (field.pattern or field.min_length or field.max_length or field.type.format)
    if uses.thresholds:
        # Texts that are numbers, and one that is none. Compared as texts, they would be in another order.
        are_numbers = not any(isinstance(constant, str) for constant in uses.constants)
        return is_free and are_numbers and not uses.period
    if uses.is_ordered:
        return is_free
    others = [value for value in samples if not is_among(value, uses.constants)]
    return len(others) > len(uses.compared_with)


def _evaluate_atoms(
    atoms: Iterable[tuple[Prepared, int]], name: str, value: Any, work: Work
) -> tuple[bool | None, ...]:
    """Return the result of each rule about the field alone, given with its size; None if the rule fails."""
    return tuple(work.holds(atom, {name: value}, size=size) for atom, size in atoms)
