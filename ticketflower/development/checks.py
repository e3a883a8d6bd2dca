"""`dev.py test`: all checks and tests that must pass before a change is complete."""

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
    """A command that exits with 0 on success; `variables` are added to its environment."""

    name: str
    command: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)

    def passes(self) -> bool:
        """Run the command with its output on our terminal, and return whether it succeeded."""
        command_line = " ".join(self.command[1:]) or Path(self.command[0]).name
        say(f"\n=== {self.name}: {command_line}")
        return run_in_foreground(self.command, variables={**os.environ, **self.variables}) == 0


def run_all() -> int:
    """Run every check, even after a failure, and print a table of the results.

    Return 0 if all passed, else 1.
    """
    browser.provide(may_install=True)
    with use_when_none_is_configured():
        results = [_timed(check) for check in _checks()]
    say()
    for name, seconds, passed in results:
        say(f"{'ok    ' if passed else 'FAILED'}  {name:<12}{seconds:7.1f} s")
    return 0 if all(passed for _, _, passed in results) else 1


def run_tests(arguments: Sequence[str]) -> int:
    """Run only pytest with these arguments and return its exit status."""
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
    passed = check.passes()
    return check.name, time.monotonic() - began, passed
