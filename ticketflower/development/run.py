"""`dev.py run`: runs the site, its workers and, if no database is configured, the embedded one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from types import FrameType
from typing import Any, Final

from ticketflower import environment
from ticketflower.development.address import Address, CannotRunError
from ticketflower.development.console import say
from ticketflower.development.foreground import MANAGE, PYTHON
from ticketflower.development.processes import Process, end
from ticketflower.development.records import Run
from ticketflower.embedded_postgres import revive_embedded, use_when_none_is_configured


class StopSignals:
    """A flag that is true once Ctrl-C, SIGTERM or the closing of the terminal asked this process to end.

    Signals interrupt nothing. Waiting loops poll this flag instead, so that every started process
    is recorded and every shutdown is completed.
    """

    def __init__(self) -> None:
        """Install handlers for these signals for the rest of the process's life."""
        self._requested = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._request)

    def __bool__(self) -> bool:
        """Return whether a signal was received."""
        return self._requested

    def _request(self, number: int, frame: FrameType | None) -> None:
        self._requested = True


_MAX_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0


class Child:
    """A command that runs as a child process."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the command in the project's folder; `clock` returns seconds."""
        self._command = command
        self._clock = clock
        self._pause = 1.0
        self._ended: float | None = None
        self._start()

    def status(self) -> int | None:
        """Return the exit status, or None while the process runs."""
        return self._popen.poll()

    def restart_if_ended(self) -> bool:
        """Restart the process if it has ended and its pause is over; return whether it was restarted.

        The pause doubles each time the process ends quickly, and is reset after a steady run.
        """
        if self.status() is None:
            return False
        now = self._clock()
        if self._ended is None:
            self._ended = now
            self._pause = 1.0 if now - self._began > _STEADY_SECONDS else self._pause
        if now - self._ended < self._pause:
            return False
        self._pause = min(2 * self._pause, _MAX_PAUSE_SECONDS)
        self._ended = None
        self._start()
        return True

    def _start(self) -> None:
        # Ctrl-C must reach only this process, which then ends its children in order.
        isolation: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            isolation = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._began = self._clock()
        self._popen = subprocess.Popen(self._command, cwd=environment.BASE_DIR, **isolation)
        self.process = Process.of(self._popen.pid)


_POLL_SECONDS = 0.1
_DATABASE_SECONDS = 2.0
_ANSWER_SECONDS = 60.0

_LOG_INS = """
Log in as                 to see
  admin@demo.example        a company's administration
  manager@demo.example      tasks of a manager
  hr@demo.example           tasks of human resources
  finance@demo.example      tasks of finance and purchasing
  it@demo.example           tasks of the help desk
  employee@demo.example     tickets of an employee
  designer@demo.example     the design of workflows
  staff@ticketflower.example  the pages of TicketFlower's staff
The password of all accounts is ticketflower-demo.
"""


def run(host: str, port: int, *, with_mcp: bool = False) -> int:
    """Run everything until the user ends it (return 0); return 1 if it does not start.

    `with_mcp` also starts the MCP server, on the port after that of the site.

    Side effects: ends leftovers of a killed `run`; starts and ends child processes and the embedded
    database; migrates; loads the demo; writes var/run.json and staticfiles/.
    """
    environment.load_env_file()
    stopping = StopSignals()
    embedded = not environment.text("DB_NAME")
    try:
        _end_earlier_run()
        address = Address.validated(host, port, embedded=embedded)
        mcp = Address.validated(host, port + 1, embedded=embedded) if with_mcp else None
    except CannotRunError as error:
        say(str(error))
        return 1
    os.environ["SITE_URL"] = environment.text("SITE_URL") or address.url
    if embedded:  # never a public site, so its workflows may call examples/receivers.py
        os.environ.setdefault("ACTIONS_ALLOW_LOOPBACK", "true")
    record = Run(address.url, Process.of(os.getpid()))
    record.write()
    try:
        with use_when_none_is_configured():
            return _Supervisor(address, record, stopping, embedded=embedded, mcp=mcp).run_until_stopped()
    finally:
        Run.forget()


def _end_earlier_run() -> None:
    earlier = Run.read()
    if earlier is None:
        return
    if earlier.supervisor.find_alive():
        raise CannotRunError(f"TicketFlower is already running at {earlier.address}. `dev.py stop` ends it.")
    if end([*earlier.children]):
        say("Ended the leftovers of a killed run.")


class _Supervisor:
    """A `run` that has passed its checks and has a database."""

    def __init__(
        self, address: Address, record: Run, stopping: StopSignals, *, embedded: bool, mcp: Address | None
    ) -> None:
        self._address = address
        self._mcp = mcp
        self._record = record
        self._stopping = stopping
        self._embedded = embedded
        self._children: list[Child] = []

    def run_until_stopped(self) -> int:
        """Prepare, start, announce and supervise; in every case, end all child processes."""
        try:
            status = self._prepare()
            if status == 0 and not self._stopping:
                status = self._serve()
            return 0 if self._stopping else status
        finally:
            if self._stopping:
                say("\nEnding ...")
            end([child.process for child in self._children])

    def _prepare(self) -> int:
        demo = ["--demo"] if self._embedded else []
        preparing = self._child([PYTHON, "-m", "ticketflower.development.prepare", *demo])
        while (status := preparing.status()) is None and not self._stopping:
            time.sleep(_POLL_SECONDS)
        return status or 0

    def _serve(self) -> int:
        address = ["--host", self._address.host, "--port", str(self._address.port)]
        site = self._child([PYTHON, "-m", "ticketflower.server", *address])
        give_up = time.monotonic() + _ANSWER_SECONDS
        while (status := self._address.health_status()) != HTTPStatus.OK:
            if self._stopping:
                return 0
            if status or site.status() is not None or time.monotonic() > give_up:
                say("The site did not start; see the error above.")
                return 1
            time.sleep(_POLL_SECONDS)
        others = [self._child(worker_command(lane, jobs)) for lane, jobs in LANES.items()]
        if self._mcp is not None:
            others.append(self._child(mcp_command(self._mcp.host, self._mcp.port)))
        self._announce()
        return self._supervise([site, *others])

    def _announce(self) -> None:
        say(f"\nTicketFlower is at {self._address.url}")
        if self._mcp is not None:
            say(f"MCP is at {self._mcp.url}/mcp, for programs with a token of a person")
        if self._embedded:
            say(_LOG_INS)
        say("Ctrl-C ends it.")

    def _supervise(self, children: Sequence[Child]) -> int:
        looked_at_database = time.monotonic()
        while not self._stopping:
            # A worker ends with status 0 whenever the database restarts.
            if sum(child.restart_if_ended() for child in children):
                self._write_record()
            if self._embedded and time.monotonic() - looked_at_database > _DATABASE_SECONDS:
                revive_embedded()
                looked_at_database = time.monotonic()
            time.sleep(_POLL_SECONDS)
        return 0

    def _child(self, command: list[str]) -> Child:
        child = Child(command)
        self._children.append(child)
        self._write_record()
        return child

    def _write_record(self) -> None:
        children = tuple(child.process for child in self._children)
        Run(self._record.address, self._record.supervisor, children).write()


LANES: Final = {"default": 4, "mails": 4, "calls": 12, "checks": 1, "reports": 2}
"""The job queues, and the number of simultaneous jobs of each.

Each queue has its own worker process, so that slow mail servers, slow other systems, long checks or reports
do not delay tickets.
"""


def worker_command(lane: str, jobs: int) -> list[str]:
    """Return the command of the worker that serves this queue."""
    options = [f"--queues={lane}", f"--concurrency={jobs}", "--shutdown-graceful-timeout=10"]
    return [*MANAGE, "procrastinate", "worker", *options]


def mcp_command(host: str, port: int) -> list[str]:
    """Return the command of the MCP server on this address (docs/programs.md, "MCP")."""
    return [*MANAGE, "mcp", "--http", "--host", host, "--port", str(port)]
