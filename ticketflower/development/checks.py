"""`dev.py test`: everything that must hold before a change is done."""

import os
import secrets
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ticketflower.development import browser
from ticketflower.development.console import say
from ticketflower.development.foreground import MANAGE, PYTHON, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured

_SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 when all is well; `variables` go into its environment."""

    name: str
    command: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)

    def holds(self) -> bool:
        """Run it, with its output as ours."""
        words = " ".join(self.command[1:]) or Path(self.command[0]).name
        say(f"\n=== {self.name}: {words}")
        return run_in_foreground(self.command, variables={**os.environ, **self.variables}) == 0


def run_all() -> int:
    """Every check, also after one that failed; 0 if all hold, else 1. Ends with a table of them."""
    browser.provide(may_install=True)
    with use_when_none_is_configured():
        results = [_timed(check) for check in _checks()]
    say()
    for name, seconds, holds in results:
        say(f"{'ok    ' if holds else 'FAILED'}  {name:<12}{seconds:7.1f} s")
    return 0 if all(holds for _, _, holds in results) else 1


def run_tests(arguments: Sequence[str]) -> int:
    """Only pytest, with these arguments; its exit status."""
    browser.provide(may_install=any("browser" in argument for argument in arguments))
    with use_when_none_is_configured():
        return run_in_foreground([PYTHON, "-m", "pytest", *arguments])


def _checks() -> list[Check]:
    production = {
        "SITE_URL": "https://ticketflower.example",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DEBUG": "false",
        "EMAIL_HOST": "mail.ticketflower.example",
    }
    deployment = [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"]
    return [
        Check("format", [PYTHON, "-m", "ruff", "format", "--check"]),
        Check("lint", [PYTHON, "-m", "ruff", "check"]),
        Check("types", [PYTHON, "-m", "mypy", "."]),
        Check("layers", [str(_SCRIPTS / "lint-imports")]),
        Check("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        Check("deployment", deployment, production),
        Check("tests", [PYTHON, "-m", "pytest", "-n", "2"]),
    ]


def _timed(check: Check) -> tuple[str, float, bool]:
    began = time.monotonic()
    holds = check.holds()
    return check.name, time.monotonic() - began, holds
