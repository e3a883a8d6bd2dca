"""The findings of the check, and their JSON form (`docs/check.md`).

Pages, the try-out and programs that write definitions use the same findings: `check_workflow` prints the
output of `as_json`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from workflow_design.check.fixes.sentences import FIXES
from workflow_design.definition.problems import Problem
from workflow_design.engine.moves import Move


class Severity(TextChoices):
    """The severity of a finding, most severe first."""

    ERROR = "error", _("Error")
    """Prevents publishing."""
    WARNING = "warning", _("Problem")
    """Can happen to a user of the workflow."""
    NOTE = "note", _("Note")
    """Worth knowing, and often intended."""
    HINT = "hint", _("Hint")
    """Suggests a cleanup."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a definition."""

    code: str
    """A stable name, which programs may compare."""
    severity: Severity
    pointer: str
    """The place: a JSON pointer (RFC 6901) into the workflow file."""
    message: str
    """One sentence for the user."""
    fix: str = ""
    """The suggested fix, in one sentence; empty if the message already says it."""
    counterexample: tuple[Move, ...] = ()
    """The shortest sequence of writes that leads to it."""
    likewise: tuple[str, ...] = ()
    """Pointers to other places with the same finding."""
    is_exact: bool = True
    """Whether it is proved. If not, a value that was not tried may refute it."""
    cause: tuple[str, ...] = ()
    """What tells it apart from other findings with its code at its place. Not a part of the JSON."""
    title: str = ""
    """The title of the part or field at its place."""
    digest: str = ""
    """A short digest of what it is about: if that changes, it has to be accepted again."""
    accepted: str | None = None
    """The reason why it is meant so; None if it is not accepted."""

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON for output and storage."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "pointer": self.pointer,
            "message": self.message,
            "mend": self.fix,
            "counterexample": [move.as_json() for move in self.counterexample],
            "likewise": list(self.likewise),
            "is_exact": self.is_exact,
            "title": self.title,
            "digest": self.digest,
            "accepted": self.accepted,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Build the finding from the output of `as_json`."""
        return cls(
            code=stored["code"],
            severity=Severity(stored["severity"]),
            pointer=stored["pointer"],
            message=stored["message"],
            fix=stored["mend"],
            counterexample=tuple(Move.from_json(move) for move in stored["counterexample"]),
            likewise=tuple(stored["likewise"]),
            is_exact=stored["is_exact"],
            title=stored["title"],
            digest=stored["digest"],
        )


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings of a check, and how much of the definition it explored."""

    findings: tuple[Finding, ...]
    """Most severe first."""
    is_complete: bool
    """Whether all paths were explored, with all tried values. If not, there may be more findings."""
    states: int
    """The number of different states that were visited."""
    writes: int
    """All paths of up to this number of writes were explored, with all answers."""
    is_exact: bool = False
    """Whether nothing depends on values that were not tried: the exploration is complete, and with all values
    that make a difference; or there are errors, which need no exploration."""
    outdated: tuple[Mapping[str, str], ...] = ()
    """The entries of `accepted` that are out of date, each with the reason as `why`."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that prevent publishing."""
        return self.of(Severity.ERROR)

    def of(self, *severities: Severity) -> tuple[Finding, ...]:
        """Return the findings with these severities that are not accepted."""
        return tuple(each for each in self.findings if each.severity in severities and each.accepted is None)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON for output and storage."""
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "is_complete": self.is_complete,
            "is_exact": self.is_exact,
            "states": self.states,
            "writes": self.writes,
            "out_of_date": [dict(entry) for entry in self.outdated],
        }


def problems_to_errors(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Convert the problems of a file or definition to findings."""
    return tuple(
        Finding(
            each.code, Severity.ERROR, each.pointer, each.message, each.fix or str(FIXES.get(each.code, ""))
        )
        for each in problems
    )


def sort_by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, most severe first, otherwise in the given order."""
    severities = list(Severity)
    return tuple(sorted(findings, key=lambda finding: severities.index(finding.severity)))
