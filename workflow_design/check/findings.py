"""What the check finds in a definition, and how it can be told and replayed (`docs/check.md`).

Pages, the try-out and programs that write definitions read the same findings: `as_json` is what
`check_workflow` prints.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from workflow_design.definition.problems import Problem
from workflow_design.engine.moves import Move


class Severity(TextChoices):
    """How much a finding matters, the gravest first."""

    ERROR = "error", _("Error")
    """Keeps the definition from being published."""
    WARNING = "warning", _("Problem")
    """Can happen to somebody who uses the workflow."""
    NOTE = "note", _("Note")
    """Worth knowing, and often meant so."""
    HINT = "hint", _("Hint")
    """Says what might be tidied up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found in a definition."""

    code: str
    """Stable: programs may compare it."""
    severity: Severity
    pointer: str
    """Where it is: a JSON pointer (RFC 6901) into the workflow file."""
    message: str
    """One sentence for a person."""
    mend: str = ""
    """What would mend it, in one sentence; empty where the message says it."""
    counterexample: tuple[Move, ...] = ()
    """The shortest sequence of writes that leads there."""
    likewise: tuple[str, ...] = ()
    """Pointers to other places of which the same is true."""

    def as_json(self) -> dict[str, Any]:
        """The finding as it is printed and kept."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "pointer": self.pointer,
            "message": self.message,
            "mend": self.mend,
            "counterexample": [move.as_json() for move in self.counterexample],
            "likewise": list(self.likewise),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The finding that `as_json` made."""
        return cls(
            code=kept["code"],
            severity=Severity(kept["severity"]),
            pointer=kept["pointer"],
            message=kept["message"],
            mend=kept["mend"],
            counterexample=tuple(Move.from_json(move) for move in kept["counterexample"]),
            likewise=tuple(kept["likewise"]),
        )


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, and how much of the definition it has tried."""

    findings: tuple[Finding, ...]
    """The gravest first."""
    is_complete: bool
    """Whether all ways were tried. If not, what was not found may still be there."""
    states: int
    """How many different states were visited."""
    writes: int
    """All ways of up to so many writes were tried."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the definition from being published."""
        return self.of(Severity.ERROR)

    def of(self, *severities: Severity) -> tuple[Finding, ...]:
        """The findings of these severities."""
        return tuple(finding for finding in self.findings if finding.severity in severities)

    def as_json(self) -> dict[str, Any]:
        """The report as it is printed and kept."""
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "is_complete": self.is_complete,
            "states": self.states,
            "writes": self.writes,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The report that `as_json` made."""
        return cls(
            findings=tuple(Finding.from_json(finding) for finding in kept["findings"]),
            is_complete=kept["is_complete"],
            states=kept["states"],
            writes=kept["writes"],
        )


def errors_of(problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """What is wrong with a file or a definition, as findings."""
    return tuple(
        Finding(problem.code, Severity.ERROR, problem.pointer, problem.message) for problem in problems
    )


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with the gravest first, otherwise in the order in which they came."""
    grades = list(Severity)
    return tuple(sorted(findings, key=lambda finding: grades.index(finding.severity)))
