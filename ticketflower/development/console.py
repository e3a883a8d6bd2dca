"""What we say to the person at the terminal."""

from contextlib import suppress


def say(text: str = "") -> None:
    """Print `text` at once; a terminal that is gone is no reason to stop what we are doing."""
    with suppress(OSError):
        print(text, flush=True)  # noqa: T201 - nobody else in this package prints
