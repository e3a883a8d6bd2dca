"""Values from the environment and the file `.env`, converted to Python types."""

import base64
import os
from pathlib import Path

from dotenv import load_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent


def load_env_file() -> None:
    """Load `.env` next to manage.py into the environment without overriding existing variables."""
    load_dotenv(BASE_DIR / ".env", encoding="utf-8")


def text(name: str, default: str = "") -> str:
    """Return the stripped value of a variable, or `default` if it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return a variable as a boolean: 1, true, yes and on are true, in upper or lower case.

    Raise ValueError for other values than these and 0, false, no and off.
    """
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} must be true or false, not {value!r}")


def number(name: str, *, default: int) -> int:
    """Return a variable as an integer. Raise ValueError, naming the variable, for anything else."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None


def numbers(name: str, **defaults: int) -> dict[str, int]:
    """Return `defaults`, overridden by a variable such as "A=1,B=2". Raise ValueError if it is malformed."""
    changed = dict(part.partition("=")[::2] for part in words(name))
    if unknown := changed.keys() - defaults.keys():
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}; it has {', '.join(defaults)}")
    try:
        return defaults | {key: int(value) for key, value in changed.items()}
    except ValueError:
        raise ValueError(f"{name} must be like A=1,B=2, not {text(name)!r}") from None


def words(name: str) -> list[str]:
    """Return the non-empty parts of a comma-separated variable."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def keys(name: str) -> list[str]:
    """Return a comma-separated list of keys of 32 bytes. Raise ValueError, naming only the variable."""
    found = words(name)
    if not all(map(_is_key, found)):
        raise ValueError(f"{name} must be 32 bytes in base64, or several such keys: see docs/operations.md")
    return found


def _is_key(key: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(key)) == 32  # noqa: PLR2004 - of Fernet
    except ValueError:
        return False
