"""As whom the embedded server runs: PostgreSQL refuses root, which then needs another user.

Everybody else, and everybody on Windows, runs it as themselves.
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
    """Options for `subprocess.run` with which a program may work on `data`.

    Root works as the owner of `data` or, where that is not there yet, as a system user, which
    is made if it is missing.
    """
    if not _is_root():
        return {}
    if data.exists():
        owner = data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    return {"user": _system_user(), "group": _NAME, "extra_groups": []}


def hand_over(path: Path, *, data: Path) -> None:
    """Give `path` to the user whom `run_as(data)` names; nothing to do unless we are root."""
    user = run_as(data)
    if user:
        shutil.chown(path, user["user"], user["group"])


def is_ours(path: Path, *, data: Path) -> bool:
    """True if `path` is no link and belongs to us or to the owner of `data`."""
    return not path.is_symlink() and (
        sys.platform == "win32" or path.stat().st_uid in {os.geteuid(), data.stat().st_uid}
    )


def open_the_way(*, to: Path, programs: list[Path]) -> None:
    """Let other users pass through to the folder `to`, and read and run all in `programs`.

    Only as root, and no more than needed: the folders above become passable, not readable.
    """
    if not _is_root():
        return
    for folder in {to, *to.parents, *(parent for path in programs for parent in path.parents)}:
        _allow(folder, stat.S_IXOTH)
    for path in [*programs, *(inner for folder in programs for inner in folder.rglob("*"))]:
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        _allow(path, stat.S_IROTH | stat.S_IXOTH if runs else stat.S_IROTH)


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
