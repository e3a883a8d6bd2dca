"""Processes of this machine that we started, perhaps in an earlier life, and how to end them."""

import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from ticketflower import environment

GRACE_SECONDS = 15.0
# The clock by which starts are told may be set in between.
_SAME_START_SECONDS = 2.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """A process, told by its number and its start, since numbers are given out again."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The living process with that number. Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def living(self) -> psutil.Process | None:
        """The process itself, or None if it has ended."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) < _SAME_START_SECONDS and _lives(process):
                return process
        return None

    def family(self) -> list[psutil.Process]:
        """What lives of the process (which comes first) and of those that it started."""
        process = self.living()
        if process is None:
            return self._survivors()
        with suppress(psutil.NoSuchProcess):
            return [process, *process.children(recursive=True)]
        return []

    def _survivors(self) -> list[psutil.Process]:
        """Members of its process group, which bears its number as long as one of them lives."""
        found: list[psutil.Process] = []
        if sys.platform != "win32" and not psutil.pid_exists(self.pid):
            for process in psutil.process_iter():
                with suppress(psutil.Error, OSError):
                    if os.getpgid(process.pid) == self.pid and Path(process.cwd()) == environment.BASE_DIR:
                        found.append(process)
        return found


def end(processes: list[Process], *, grace: float = GRACE_SECONDS) -> bool:
    """End the processes and what they started: politely and, after a time of grace, by force.

    False if nothing of them was left.
    """
    asked, members = [], []
    for process in processes:
        family = process.family()
        leader = process.living()
        members += family
        # One that is asked to end sees to those that it started.
        if _ask_to_end([leader] if leader else family):
            asked += family
    _wait(asked, seconds=grace)
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    _wait(members, seconds=grace)
    return bool(members)


def _lives(process: psutil.Process) -> bool:
    """False for a zombie, too: where nobody takes notice of the ends of orphans, they stay."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(processes: list[psutil.Process], *, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while any(map(_lives, processes)) and time.monotonic() < give_up:
        time.sleep(_LOOK_SECONDS)


def _ask_to_end(processes: list[psutil.Process]) -> bool:
    """False where the system does not let us ask: on Windows, those of another console."""
    try:
        for process in processes:
            if sys.platform == "win32":
                process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                process.send_signal(signal.SIGTERM)
    except (psutil.Error, OSError):
        return False
    return True
