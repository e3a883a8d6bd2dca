"""Reading of workflow files for the commands."""

from pathlib import Path

from ticketflower.clean_json import MAX_BYTES

UNUSABLE = 2
"""The exit status of a command that was given nothing to work on."""


class UnreadableFileError(Exception):
    """A file can't be read; the text says which, and why."""


def read_content(path: Path) -> bytes:
    """Return the content of a file, cut behind the largest size that a workflow file may have.

    Raise UnreadableFileError.
    """
    try:
        with path.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)  # one byte more, to detect a file that is too large
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
