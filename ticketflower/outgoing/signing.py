"""Signatures by which other systems recognize our requests, as www.standardwebhooks.com defines them."""

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook


def sign(secret: str, *, key: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers that sign this body. `key` is the same in each try of one call."""
    # The package reads the clock of any time zone as if it were UTC.
    moment = at.astimezone(UTC)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, moment, body.decode()),
    }


def new_signing_secret() -> str:
    """Return a random secret that signs, and that the other system checks signatures with."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
