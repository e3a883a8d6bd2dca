"""Commands that run in the background, one after the other, while something else has the terminal."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from types import TracebackType

from ticketflower import environment


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
