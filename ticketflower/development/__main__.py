"""The commands of `dev.py`, from inside .venv: `python -m ticketflower.development <command>`."""

import argparse
import signal
import sys
from types import FrameType

from ticketflower.development import bench, checks, manage, run, stop
from ticketflower.embedded_postgres import EmbeddedPostgresError


def main(arguments: list[str]) -> int:
    """Do one command; returns the exit status. `dev.py` explains the commands."""
    command, *rest = arguments
    match command:
        case "run":
            options = _run_options(rest)
            return run.run(options.host, options.port)
        case "test":
            return checks.run_tests(rest) if rest else checks.run_all()
        case "manage":
            return manage.manage(rest)
        case "bench":
            return bench.measure(rest)
        case _:
            return stop.stop()


def _run_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py run", description="Run the site, its worker and a database."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address of this machine to listen on")
    parser.add_argument("--port", default=8000, type=int)
    return parser.parse_args(arguments)


def _end(number: int, frame: FrameType | None) -> None:
    # Ends the `with` blocks in order, so that no child and no database stays behind.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except EmbeddedPostgresError as error:
        sys.exit(f"The embedded database cannot be used: {error}")
