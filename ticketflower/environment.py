"""What the environment (and the file `.env`) says, read into Python values."""

import os
from pathlib import Path

from dotenv import load_dotenv

BASE_DIR = Path(__file__).resolve().parent.parent


def load_env_file() -> None:
    """Read `.env` beside manage.py into the environment; what is set already stays."""
    load_dotenv(BASE_DIR / ".env", encoding="utf-8")


def text(name: str, default: str = "") -> str:
    """The variable without surrounding space, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes and on (any case); raises ValueError for what is neither yes nor no."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} must be true or false, not {value!r}")


def number(name: str, *, default: int) -> int:
    """The variable as a whole number; raises ValueError, naming it, for anything else."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None


def words(name: str) -> list[str]:
    """The comma-separated parts of the variable, without empty ones."""
    return [part.strip() for part in text(name).split(",") if part.strip()]
