"""A condition that a person wrote as JSON."""

from typing import Any, Final

from django.core.exceptions import ValidationError

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.problems import Problem
from workflow_design.engine.conditions import ConditionError, validate

LONGEST_JSON: Final = 64 * 1024  # with its line ends; what counts is the bound of rules


def rule_in(text: str) -> Any:
    """The rule that a person wrote as JSON; None for nothing. Raises ValidationError with all problems."""
    if not text.strip():
        return None
    try:
        rule = parse_json(text, max_bytes=LONGEST_JSON)
    except JsonError as error:
        raise ValidationError(str(error)) from error
    refuse_invalid(rule)
    return rule


def refuse_invalid(rule: Any) -> None:
    """Raise ValidationError with all that is wrong with a rule, each with where it is."""
    if rule is None:
        return
    try:
        validate(rule)
    except ConditionError as error:
        raise ValidationError([_line(problem) for problem in error.problems]) from error


def _line(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message
