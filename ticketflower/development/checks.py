"""`dev.py test`: all checks and tests that must pass before a change is complete."""

import os
import secrets
import subprocess
import sysconfig
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import TracebackType

from ticketflower import environment
from ticketflower.development import browser
from ticketflower.development.console import say
from ticketflower.development.foreground import MANAGE, PYTHON, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured


@dataclass(frozen=True)
class Command:
    """A command, run in the project's folder, with all of its environment."""

    words: Sequence[str]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """How a command ended: its exit status, how long it took, and all that it printed."""

    status: int
    seconds: float
    output: str


class Background:
    """The commands run while the `with` block does. If the block raises, the running one is ended."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Only remember the commands."""
        self._commands = commands
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def __enter__(self) -> "Background":
        """Start the first command."""
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(lambda: [self._run(command) for command in self._commands])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the end of the commands."""
        if kind is not None:
            self._stop()
        self._pool.shutdown()

    def results(self) -> list[Result]:
        """Wait for all commands and return their results, in order."""
        return self._future.result()

    def _run(self, command: Command) -> Result:
        began = time.monotonic()
        with self._lock:
            if self._stopped:
                return Result(1, 0.0, "")
            self._process = subprocess.Popen(
                command.words,
                cwd=environment.BASE_DIR,
                env=command.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        output, _ = self._process.communicate()
        return Result(self._process.returncode, time.monotonic() - began, output)

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.terminate()


_SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 on success; `variables` are added to its environment."""

    name: str
    words: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> Command:
        """The command with its whole environment."""
        return Command(self.words, {**os.environ, **self.variables})

    def announce(self) -> None:
        """Say that what follows is its output."""
        words = " ".join(self.words[1:]) or Path(self.words[0]).name
        say(f"\n=== {self.name}: {words}")


def run_all() -> int:
    """Run every check, also after one that failed; return 0 if all hold, else 1. Ends with a table of them.

    The tests now and then leave a processor idle, so the other checks run beside them. Their output
    comes after that of the tests.
    """
    browser.provide(may_install=True)
    # Three processes for two processors: one often waits for its browser or for the database.
    tests = Check("tests", [PYTHON, "-m", "pytest", "-n", "3", "--dist", "worksteal"])
    with use_when_none_is_configured():
        others = _checks()
        with Background([check.command for check in others]) as background:
            result = _run_in_foreground(tests)
            results = background.results()
    for check, done in zip(others, results, strict=True):
        check.announce()
        say(done.output.rstrip())
    say()
    for check, done in zip([*others, tests], [*results, result], strict=True):
        say(f"{'FAILED' if done.status else 'ok    '}  {check.name:<12}{done.seconds:7.1f} s")
    return 1 if any(done.status for done in [*results, result]) else 0


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
    ]


def _run_in_foreground(check: Check) -> Result:
    check.announce()
    began = time.monotonic()
    status = run_in_foreground(check.words, variables=check.command.variables)
    return Result(status, time.monotonic() - began, "")
