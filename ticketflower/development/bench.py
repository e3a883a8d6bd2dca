"""`dev.py bench`: the measurements in bench/."""

from collections.abc import Sequence

from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.development.foreground import PYTHON, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured

_MEASUREMENTS = ("submit", "lists", "check")


def measure(arguments: Sequence[str]) -> int:
    """Run one of them with its arguments; its exit status, or 2 if there is none of that name."""
    name, *options = arguments or [""]
    if name not in _MEASUREMENTS:
        say(f"dev.py bench knows: {', '.join(_MEASUREMENTS)} (bench/README.md)")
        return 2
    environment.load_env_file()
    with use_when_none_is_configured():
        return run_in_foreground([PYTHON, "-m", f"bench.{name}", *options])
