"""The operating system user that runs the embedded server.

PostgreSQL refuses to run as root, so root uses another user. All others, and everyone on Windows,
run it as themselves.
"""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import pwd

_NAME = "ticketflower-db"


def run_as(data: Path) -> dict[str, Any]:
    """Return options for `subprocess.run` that let a program work on `data`.

    If we are root, these select the owner of `data` or, before it exists, a system user that is
    created if necessary.
    """
    if not _is_root():
        return {}
    if data.exists():
        owner = data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    return {"user": _system_user(), "group": _NAME, "extra_groups": []}


def give_to_server_user(path: Path, *, data: Path) -> None:
    """Make the user that `run_as(data)` selects the owner of `path`; do nothing unless we are root."""
    user = run_as(data)
    if user:
        shutil.chown(path, user["user"], user["group"])


def is_ours(path: Path, *, data: Path) -> bool:
    """Return whether `path` is not a symbolic link and belongs to us or to the owner of `data`."""
    return not path.is_symlink() and (
        sys.platform == "win32" or path.stat().st_uid in {os.geteuid(), data.stat().st_uid}
    )


def grant_access(*, to: Path, programs: list[Path]) -> None:
    """Let other users reach the folder `to`, and read and run everything in `programs`.

    Do nothing unless we are root. Parent folders only become traversable, not readable.
    """
    if not _is_root():
        return
    for folder in {to, *to.parents, *(parent for path in programs for parent in path.parents)}:
        _allow(folder, stat.S_IXOTH)
    for path in [*programs, *(inner for folder in programs for inner in folder.rglob("*"))]:
        is_executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        _allow(path, stat.S_IROTH | stat.S_IXOTH if is_executable else stat.S_IROTH)


def _allow(path: Path, rights: int) -> None:
    mode = path.stat().st_mode
    if mode & rights != rights:
        path.chmod(mode | rights)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _system_user() -> str:
    if sys.platform != "win32":
        try:
            pwd.getpwnam(_NAME)
        except KeyError:
            options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
            subprocess.run(["useradd", *options, _NAME], check=True)
    return _NAME
