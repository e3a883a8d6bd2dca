"""Entry point of the `dev.py` commands inside .venv: `python -m ticketflower.development <command>`."""

import argparse
import signal
import sys
from types import FrameType

from ticketflower.development import bench, checks, manage, run, stop
from ticketflower.embedded_postgres import EmbeddedPostgresError


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status.

    `dev.py` documents the commands.
    """
    command, *rest = arguments
    match command:
        case "run":
            options = _run_options(rest)
            return run.run(options.host, options.port, with_mcp=options.mcp)
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
    parser.add_argument("--mcp", action="store_true", help="also run the MCP server, on the next port")
    return parser.parse_args(arguments)


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    # An exception unwinds the `with` blocks, so that no child process and no database keeps running.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _exit_on_signal)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except EmbeddedPostgresError as error:
        sys.exit(f"The embedded database cannot be used: {error}")
