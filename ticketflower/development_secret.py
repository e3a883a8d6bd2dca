"""The SECRET_KEY of a site that has none configured and that only this machine can reach."""

import secrets
from pathlib import Path


def development_secret(folder: Path) -> str:
    """The key kept in `folder`; made, readable by its owner alone, where there is none yet."""
    path = folder / "secret_key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(64)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(key)
    except FileExistsError:  # another process was quicker
        return path.read_text(encoding="ascii")
    return key
