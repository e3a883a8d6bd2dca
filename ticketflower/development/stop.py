"""`dev.py stop`: ends a `run`, leftovers of a killed `run`, and the embedded database."""

from ticketflower.development.console import say
from ticketflower.development.processes import end
from ticketflower.development.records import Run
from ticketflower.embedded_postgres import stop_embedded

# Longer than the default, because `run` first waits for its own children to end.
_RUN_SECONDS = 60.0


def stop() -> int:
    """End everything, print what was ended, and return the exit status."""
    run = Run.read()
    ended = []
    if run and end([run.supervisor], grace=_RUN_SECONDS):
        ended.append("the run")
    if run and end([*run.children]):
        ended.append("leftovers of a killed run")
    Run.forget()
    if stop_embedded():
        ended.append("the embedded database")
    say(f"Ended: {', '.join(ended)}." if ended else "Nothing was running.")
    return 0
