"""Signatures of our requests for other systems, as www.standardwebhooks.com defines them."""

import base64
from datetime import UTC, datetime
from secrets import token_bytes

from standardwebhooks import Webhook


def sign(*secrets: str, key: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return headers with a signature of the body by each secret. `key` is the same in each try of a call."""
    # The package interprets local times of any time zone as UTC.
    moment = at.astimezone(UTC)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(key, moment, body.decode()) for each in secrets),
    }


def new_signing_secret() -> str:
    """Return a random secret for signing, with which the other system verifies signatures."""
    return "whsec_" + base64.b64encode(token_bytes(32)).decode()
