"""Processes that this or an earlier `run` started, and how to end them."""

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
# Start times may shift slightly when the system clock is adjusted.
_SAME_START_SECONDS = 2.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """A process, identified by its number and start time because numbers are reused."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        """Return the running process with this number. Raise psutil.NoSuchProcess if there is none."""
        return cls(pid, psutil.Process(pid).create_time())

    def find_alive(self) -> psutil.Process | None:
        """Return the psutil process, or None if it has ended."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) < _SAME_START_SECONDS and _is_alive(process):
                return process
        return None

    def find_tree(self) -> list[psutil.Process]:
        """Return the running members of the process tree, with this process first."""
        process = self.find_alive()
        if process is None:
            return self._survivors()
        with suppress(psutil.NoSuchProcess):
            return [process, *process.children(recursive=True)]
        return []

    def _survivors(self) -> list[psutil.Process]:
        """Return running members of the process group of a process that has ended.

        The group has the same number as long as one member runs.
        """
        found: list[psutil.Process] = []
        if sys.platform != "win32" and not psutil.pid_exists(self.pid):
            for process in psutil.process_iter():
                with suppress(psutil.Error, OSError):
                    if os.getpgid(process.pid) == self.pid and Path(process.cwd()) == environment.BASE_DIR:
                        found.append(process)
        return found


def end(processes: list[Process], *, grace: float = GRACE_SECONDS) -> bool:
    """End the processes and their descendants: first politely, after `grace` seconds by force.

    Return False if none of them was running.
    """
    asked, members = [], []
    for process in processes:
        tree = process.find_tree()
        leader = process.find_alive()
        members += tree
        # A process that is asked to end ends its own children first.
        if _ask_to_end([leader] if leader else tree):
            asked += tree
    _wait(asked, seconds=grace)
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    _wait(members, seconds=grace)
    return bool(members)


def _is_alive(process: psutil.Process) -> bool:
    """Return whether the process is running.

    A zombie counts as ended: without an init process that reaps orphans, zombies stay forever.
    """
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(processes: list[psutil.Process], *, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while any(map(_is_alive, processes)) and time.monotonic() < give_up:
        time.sleep(_POLL_SECONDS)


def _ask_to_end(processes: list[psutil.Process]) -> bool:
    """Ask the processes to end; return False if the system does not allow it.

    On Windows, processes of another console can't be asked.
    """
    try:
        for process in processes:
            if sys.platform == "win32":
                process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                process.send_signal(signal.SIGTERM)
    except (psutil.Error, OSError):
        return False
    return True
