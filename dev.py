#!/usr/bin/env python3
"""Command-line tool for running TicketFlower on your own machine; needs only Python 3.11 or later.

    python3 dev.py run [--host 127.0.0.1] [--port 8000]   run the site, its worker and a database;
                                                          with --mcp also the MCP server
    python3 dev.py test [pytest's arguments]              run everything, or only those tests
    python3 dev.py manage <command> ...                   run one of Django's commands
    python3 dev.py bench <name>                           run a benchmark (bench/README.md)
    python3 dev.py stop                                   end the leftovers of a killed `run`

The first call creates .venv and installs the packages pinned in requirements.txt (for `test`,
requirements-dev.txt). This is repeated whenever that file changes. Nothing else needs a network.
"""

import sys

# Users may start this with an old python3. So that they see the message below, the code up to here and
# the syntax of the whole file work with Python 3.6.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "TicketFlower needs Python 3.11 or later, but this is {}.{}. "
        "Start dev.py with a newer version, for example: python3.12 dev.py run".format(*sys.version_info)
    )

import hashlib
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOG = ROOT / "var" / "install.log"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

RUNTIME = "requirements.txt"
EVERYTHING = "requirements-dev.txt"  # includes the packages of RUNTIME
NEEDS = {"run": RUNTIME, "test": EVERYTHING, "manage": RUNTIME, "bench": RUNTIME, "stop": RUNTIME}
NEED_EVERYTHING = (["manage", "test"], ["bench", "api_fuzz"])


def main(arguments: list[str]) -> int:
    """Set up what the command needs, delegate to it and return its exit status."""
    command = arguments[0] if arguments else ""
    if command not in NEEDS:
        is_help = command in {"-h", "--help", "help"}
        print(__doc__, file=sys.stdout if is_help else sys.stderr)
        return 0 if is_help else 2
    if command == "stop" and RUNTIME not in read_stamp():
        print("Nothing is running, because nothing was ever set up here.")
        return 0
    if command != "stop":  # `stop` must also work with outdated packages
        set_up(EVERYTHING if arguments[:2] in NEED_EVERYTHING else NEEDS[command])
    return run_in_venv(arguments)


def set_up(requirements: str) -> None:
    """Install the packages pinned in the file `requirements` into .venv, unless they are installed already.

    Side effects: recreates .venv for another Python; runs pip. Raise CalledProcessError if that
    fails.
    """
    installed = read_stamp()
    if installed.get("python") != this_python() or not PYTHON.exists():
        installed = make_venv()
    wanted = fingerprint(requirements)
    if installed.get(requirements) == wanted:
        return
    write_stamp({"python": this_python()})  # an interrupted installation counts as missing
    install(requirements)
    names = {requirements, RUNTIME}
    write_stamp({"python": this_python(), **{name: fingerprint(name) for name in names}})


def install(requirements: str) -> None:
    """Run pip for the file `requirements`, saying how far it is; its own words go into var/install.log.

    Raise CalledProcessError if it fails, after printing the end of that log.
    """
    number = pinned_packages(requirements)
    say(f"Installing {number} packages into .venv (the first time, this takes some minutes):")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    command = [*pip, "--require-hashes", "-r", str(ROOT / requirements)]
    LOG.parent.mkdir(exist_ok=True)
    lines, collected = [], 0
    pipe = subprocess.PIPE
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            lines.append(line)
            collected += line.startswith("Collecting ")
            if line.startswith("Collecting ") and collected % 10 == 0:
                say(f"  {collected} of {number} fetched ...")
            elif line.startswith("Installing collected"):
                say("  all fetched; installing ...")
    if process.returncode:
        print("".join(lines[-20:]), f"The whole log is in {LOG}.", sep="\n", file=sys.stderr)
        raise subprocess.CalledProcessError(process.returncode, command)


def say(text: str) -> None:
    """Print a line to standard error: standard output belongs to the command that follows."""
    print(text, file=sys.stderr, flush=True)


def pinned_packages(requirements: str) -> int:
    """Return how many packages the file pins."""
    text = (ROOT / requirements).read_text(encoding="utf-8")
    return sum("==" in line for line in text.splitlines() if not line.lstrip().startswith(("#", "--")))


def make_venv() -> dict[str, str]:
    """Create .venv for this Python, replacing any other; return the stamp of an empty one."""
    say(f"Creating .venv for Python {sys.version.split()[0]} ...")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    return {}


def run_in_venv(arguments: list[str]) -> int:
    """Run the command with the Python of .venv, replacing this process where the system allows it."""
    os.chdir(ROOT)
    os.environ.setdefault("PYTHONUTF8", "1")
    command = [str(PYTHON), "-m", "ticketflower.development", *arguments]
    if os.name == "nt":
        return wait_for(subprocess.Popen(command))
    sys.stdout.flush()
    return os.execv(command[0], command)  # noqa: S606


def wait_for(process: subprocess.Popen[bytes]) -> int:
    """Return the exit status of `process`, which receives every Ctrl-C itself and ends in its own time."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def read_stamp() -> dict[str, str]:
    """Return the recorded contents of .venv; empty if it is missing or incomplete."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: dict[str, str]) -> None:
    """Store `stamp` for the next `read_stamp`."""
    STAMP.write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def fingerprint(requirements: str) -> str:
    """Return a hash of the file, which changes whenever the file does."""
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def this_python() -> str:
    """Return an identifier that changes with the version and the location of the Python behind .venv."""
    return f"{sys.version.split()[0]} {sys.base_prefix}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"Command failed (exit status {error.returncode}): {' '.join(map(str, error.cmd))}")
