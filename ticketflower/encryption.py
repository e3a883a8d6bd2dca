"""Secrets in the database, encrypted with a key from the environment (docs/security.md, "Untrusted input").

The setting ENCRYPTION_KEYS has one key or several: the first encrypts, all of them decrypt. To rotate,
put a new key first, run `manage.py rotate_secrets`, then take the old one away.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadableSecretError(Exception):
    """A secret was encrypted with a key that this site does not have."""


def encrypt(value: Any) -> bytes:
    """Return a JSON value as ciphertext."""
    return _keys().encrypt(json.dumps(value).encode())


def decrypt(ciphertext: bytes | memoryview) -> Any:
    """Return the JSON value of a ciphertext. Raise UnreadableSecretError."""
    try:
        return json.loads(_keys().decrypt(bytes(ciphertext)))
    except InvalidToken as error:
        raise UnreadableSecretError from error


def encrypt_again(ciphertext: bytes | memoryview) -> bytes:
    """Return the ciphertext of the same value under the first key. Raise UnreadableSecretError."""
    try:
        return _keys().rotate(bytes(ciphertext))
    except InvalidToken as error:
        raise UnreadableSecretError from error


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
