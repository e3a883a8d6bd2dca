"""The keys of a site that has none configured and is reachable only from this machine."""

import base64
import hashlib
import secrets
from pathlib import Path


def development_secret(folder: Path) -> str:
    """Return the key stored in `folder`, creating it if there is none.

    Only the owner may read the file.
    """
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
    except FileExistsError:  # another process created it first
        return path.read_text(encoding="ascii")
    return key


def development_key(secret: str) -> str:
    """Return the key that encrypts companies' secrets, derived from the SECRET_KEY."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"encryption {secret}".encode()).digest()).decode()
