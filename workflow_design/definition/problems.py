"""Problems of a definition, worded for a person and located for a program."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ticketflower.clean_json import pointer

__all__ = ["DefinitionError", "Problem", "pointer", "under"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a definition: its place, and a message that says what would be right."""

    pointer: str
    """A JSON pointer (RFC 6901) into the checked document or value; "" means the whole."""

    message: str
    """One sentence for the user."""

    code: str = ""
    """A stable name for the kind of problem, such as "unknown-field"."""

    about: str = ""
    """The name that it is about, if the pointer does not lead to it."""

    fix: str = ""
    """What would fix it, in one sentence, if that is known (`check.fixes`)."""

    @property
    def sentence(self) -> str:
        """The message, and what would fix it."""
        return f"{self.message} {self.fix}".rstrip()

    def __str__(self) -> str:
        return f"{self.pointer}: {self.sentence}" if self.pointer else self.sentence


class DefinitionError(ValueError):
    """A definition, or a part of one, is not allowed; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def under(prefix: str, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems with `prefix`, the pointer of the checked value in its document, prepended."""
    return [replace(problem, pointer=prefix + problem.pointer) for problem in problems]
