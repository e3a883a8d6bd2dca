"""Secrets in the database, encrypted with a key from the environment (docs/security.md, "Untrusted input").

The setting ENCRYPTION_KEYS has one key or several: the first encrypts, all of them decrypt. To rotate,
put a new key first, run `manage.py rotate_secrets`, then take the old one away.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

# Imported by the functions that need it, because it is large and most processes never handle a secret.
if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class UnreadableSecretError(Exception):
    """A secret was encrypted with a key that this site does not have."""


def encrypt(value: Any) -> bytes:
    """Return a JSON value as ciphertext."""
    return _keys().encrypt(json.dumps(value).encode())


def decrypt(ciphertext: bytes | memoryview) -> Any:
    """Return the JSON value of a ciphertext. Raise UnreadableSecretError."""
    from cryptography.fernet import InvalidToken

    try:
        return json.loads(_keys().decrypt(bytes(ciphertext)))
    except InvalidToken as error:
        raise UnreadableSecretError from error


def encrypt_again(ciphertext: bytes | memoryview) -> bytes:
    """Return the value's ciphertext, re-encrypted with the first key. Raise UnreadableSecretError."""
    from cryptography.fernet import InvalidToken

    try:
        return _keys().rotate(bytes(ciphertext))
    except InvalidToken as error:
        raise UnreadableSecretError from error


def _keys() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
