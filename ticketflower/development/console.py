"""Messages to the user at the terminal."""

from contextlib import suppress


def say(text: str = "") -> None:
    """Print `text` immediately, ignoring a terminal that was closed."""
    with suppress(OSError):
        print(text, flush=True)  # noqa: T201 - the only place in this package that prints
