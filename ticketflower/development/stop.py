"""`dev.py stop`: ends a `run`, what a killed one left running, and the embedded database."""

from ticketflower.development.console import say
from ticketflower.development.processes import end
from ticketflower.development.records import Run
from ticketflower.embedded_postgres import stop_embedded

# A `run` that is asked to end gives its own children their time of grace first.
_RUN_SECONDS = 60.0


def stop() -> int:
    """End all of it and say what was ended; returns the exit status."""
    run = Run.read()
    ended = []
    if run and end([run.supervisor], grace=_RUN_SECONDS):
        ended.append("the run")
    if run and end([*run.children]):
        ended.append("what a killed run had left")
    Run.forget()
    if stop_embedded():
        ended.append("the embedded database")
    say(f"Ended: {', '.join(ended)}." if ended else "Nothing was running.")
    return 0
