"""`dev.py bench`: runs the benchmarks in bench/."""

from collections.abc import Sequence

from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.development.foreground import PYTHON, run_in_foreground
from ticketflower.embedded_postgres import use_when_none_is_configured

_MEASUREMENTS = (
    "submit",
    "api_fuzz",
    "api_kills",
    "pages",
    "memory",
    "steps",
    "lists",
    "reports",
    "plans",
    "check",
    "slow_clients",
    "killed_database",
    "hostile",
    "log_ins",
    "lanes",
    "kills",
    "notifications",
    "actions",
)


def measure(arguments: Sequence[str]) -> int:
    """Run the benchmark named first in `arguments`, passing it the rest.

    Return its exit status, or 2 if the name is unknown.
    """
    name, *options = arguments or [""]
    if name not in _MEASUREMENTS:
        say(f"dev.py bench knows: {', '.join(_MEASUREMENTS)} (bench/README.md)")
        return 2
    environment.load_env_file()
    with use_when_none_is_configured():
        return run_in_foreground([PYTHON, "-m", f"bench.{name}", *options])
