#!/usr/bin/env python3
"""TicketFlower on your own machine; needs nothing but Python 3.11 or later.

    python3 dev.py run [--host 127.0.0.1] [--port 8000]   the site, its worker and a database
    python3 dev.py test [pytest's arguments]              all checks and tests, or only those tests
    python3 dev.py manage <command> ...                   Django's commands
    python3 dev.py bench submit|lists|check               measurements: see bench/README.md
    python3 dev.py stop                                   end whatever a killed `run` left running

The first time, this makes .venv and installs into it what requirements.txt pins (for
`test`: requirements-dev.txt), and again whenever that changes. Otherwise it needs no network.
"""

import sys

# People start this with whatever python3 they have: up to here, and in the syntax of all
# of this file, nothing is newer than Python 3.6, so that they get to read the message.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "TicketFlower needs Python 3.11 or later, and this is {}.{}. "
        "Start dev.py with a newer one, for example: python3.12 dev.py run".format(*sys.version_info)
    )

import hashlib
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

RUNTIME = "requirements.txt"
EVERYTHING = "requirements-dev.txt"  # contains RUNTIME's packages, too
NEEDS = {"run": RUNTIME, "test": EVERYTHING, "manage": RUNTIME, "bench": RUNTIME, "stop": RUNTIME}


def main(arguments: list[str]) -> int:
    """Set up what the command needs and hand over to it; returns the exit status."""
    command = arguments[0] if arguments else ""
    if command not in NEEDS:
        asked = command in {"-h", "--help", "help"}
        print(__doc__, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    if command == "stop" and RUNTIME not in read_stamp():
        print("Nothing is running: nothing was ever set up here.")
        return 0
    if command != "stop":  # it ends what runs, also when what is installed is out of date
        set_up(NEEDS[command])
    return hand_over(arguments)


def set_up(requirements: str) -> None:
    """Bring .venv to what the file `requirements` pins; nothing to do if it is there already.

    Effects: makes .venv anew for another Python; pip installs. Raises CalledProcessError.
    """
    installed = read_stamp()
    if installed.get("python") != this_python() or not PYTHON.exists():
        installed = make_venv()
    wanted = fingerprint(requirements)
    if installed.get(requirements) == wanted:
        return
    print(f"Installing what {requirements} pins into .venv ...", flush=True)
    write_stamp({"python": this_python()})  # interrupted from here on, it all counts as missing
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / requirements)], check=True)
    names = {requirements, RUNTIME}
    write_stamp({"python": this_python(), **{name: fingerprint(name) for name in names}})


def make_venv() -> dict[str, str]:
    """Make .venv for this Python, in place of any other; returns the stamp of an empty one."""
    print(f"Making .venv for Python {sys.version.split()[0]} ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    return {}


def hand_over(arguments: list[str]) -> int:
    """Go on as the Python of .venv; where a process cannot turn into another, wait for that one."""
    os.chdir(ROOT)
    os.environ.setdefault("PYTHONUTF8", "1")
    command = [str(PYTHON), "-m", "ticketflower.development", *arguments]
    if os.name == "nt":
        return wait_for(subprocess.Popen(command))
    sys.stdout.flush()
    return os.execv(command[0], command)  # noqa: S606


def wait_for(process: subprocess.Popen[bytes]) -> int:
    """The exit status of `process`, which gets every Ctrl-C itself and ends when it is ready to."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def read_stamp() -> dict[str, str]:
    """What .venv was made for and holds; empty if it is missing or was never finished."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: dict[str, str]) -> None:
    """Keep `stamp` for the next `read_stamp`."""
    STAMP.write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def fingerprint(requirements: str) -> str:
    """Changes whenever the file does."""
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def this_python() -> str:
    """Changes with the version, and with the place of the Python that .venv leans on."""
    return f"{sys.version.split()[0]} {sys.base_prefix}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"That did not work (exit status {error.returncode}): {' '.join(map(str, error.cmd))}")
