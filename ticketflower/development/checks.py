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
from ticketflower.development_secret import development_key
from ticketflower.embedded_postgres import use_when_none_is_configured


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 on success; `variables` are added to its environment."""

    name: str
    words: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)

    def announce(self) -> None:
        """Print a heading above the check's output."""
        words = " ".join(self.words[1:]) or Path(self.words[0]).name
        say(f"\n=== {self.name}: {words}")


@dataclass(frozen=True)
class Result:
    """The result of a check: its exit status, duration and output."""

    status: int
    seconds: float
    output: str


class Background:
    """The checks run while the `with` block does. If the block raises, the running one is ended."""

    def __init__(self, checks: Sequence[Check]) -> None:
        """Only remember the checks."""
        self._checks = checks
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def __enter__(self) -> "Background":
        """Start the first check."""
        self._pool = ThreadPoolExecutor(1)
        self._future = self._pool.submit(lambda: [self._run(check) for check in self._checks])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the end of the checks."""
        if kind is not None:
            self._stop()
        self._pool.shutdown()

    def results(self) -> list[Result]:
        """Wait for all checks and return their results, in order."""
        return self._future.result()

    def _run(self, check: Check) -> Result:
        began = time.monotonic()
        with self._lock:
            if self._stopped:
                return Result(1, 0.0, "")
            self._process = subprocess.Popen(
                check.words,
                cwd=environment.BASE_DIR,
                env={**os.environ, **check.variables},
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


def run_all() -> int:
    """Run every check, even after a failure, and print a table; return 0 if all succeed, otherwise 1.

    The tests sometimes leave a processor idle, so the other checks run in parallel. Their output is printed
    after that of the tests.
    """
    browser.provide(may_install=True)
    # Three processes for two processors: one often waits for its browser or for the database.
    tests = Check("tests", [PYTHON, "-m", "pytest", "-n", "3", "--dist", "worksteal"])
    with use_when_none_is_configured():
        others = _checks()
        with Background(others) as background:
            tests.announce()
            began = time.monotonic()
            status = run_in_foreground(tests.words)
            result = Result(status, time.monotonic() - began, "")
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
        "ENCRYPTION_KEYS": development_key("check"),
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
