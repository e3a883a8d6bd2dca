"""Signatures by which other systems recognize our requests, as www.standardwebhooks.com defines them."""

import base64
from datetime import UTC, datetime
from secrets import token_bytes

from standardwebhooks import Webhook


def sign(*secrets: str, key: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers that sign this body, with each secret. `key` is the same in each try of one call."""
    # The package reads the clock of any time zone as if it were UTC.
    moment = at.astimezone(UTC)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(key, moment, body.decode()) for each in secrets),
    }


def new_signing_secret() -> str:
    """Return a random secret that signs, and that the other system checks signatures with."""
    return "whsec_" + base64.b64encode(token_bytes(32)).decode()
