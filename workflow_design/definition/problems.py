"""What can be wrong with a definition, said so that a person can mend it and a program can point at it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ticketflower.clean_json import pointer

__all__ = ["DefinitionError", "Problem", "pointer", "under"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a definition: where it is, and what would be right."""

    pointer: str
    """JSON pointer (RFC 6901) into the document or value that was checked, "" for the whole."""

    message: str
    """One sentence for a person."""

    code: str = ""
    """A stable name of the kind of problem, such as "unknown-field"."""


class DefinitionError(ValueError):
    """A definition, or a part of one, was refused; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(_line(problem) for problem in self.problems))


def under(prefix: str, problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, seen from a document that holds the checked value at pointer `prefix`."""
    return [Problem(prefix + problem.pointer, problem.message, problem.code) for problem in problems]


def _line(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message
