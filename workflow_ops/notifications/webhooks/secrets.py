"""The signing secrets of webhooks, which are shown once and stored as ciphertext."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.encryption import UnreadableSecretError, decrypt, encrypt
from ticketflower.outgoing.signing import new_signing_secret
from workflow_ops.actions.secrets import ConnectionSecrets, ConnectionUnusableError
from workflow_ops.models import Webhook

STILL_SIGNS_FOR: Final = timedelta(days=1)
"""How long a former secret is still used for signing, beside the new one."""


def make_secret(webhook: Webhook) -> str:
    """Set and return a new secret of the webhook, which the caller saves. Former ones still sign.

    Each signs for a day after the next one was made, because nobody knows which one the receiver has.
    """
    secret, now = new_signing_secret(), timezone.now()
    stored = _stored(webhook) if webhook.secrets else {}
    former = _still_signing(stored)
    if stored:
        former[stored["secret"]] = (now + STILL_SIGNS_FOR).isoformat()
    webhook.secrets = encrypt({"secret": secret, "former": former})
    webhook.secrets_changed_at = now
    return secret


def _still_signing(stored: Mapping[str, Any]) -> dict[str, str]:
    """Return the former secrets that still sign, oldest first, with their end times."""
    now = timezone.now()
    former = stored.get("former", {}).items()
    return {secret: end for secret, end in former if datetime.fromisoformat(end) > now}


def secrets_of(webhook: Webhook) -> ConnectionSecrets:
    """Return the URL and secrets for deliveries. Raise ConnectionUnusableError with a text for people."""
    stored = _stored(webhook)
    if not stored:
        text = _(
            "The secret can't be read, because this site does not have the key that it was encrypted with. "
            "A company admin can make a new one."
        )
        raise ConnectionUnusableError(text)
    former = tuple(_still_signing(stored))
    return ConnectionSecrets(
        webhook.address, headers={}, signing_secret=stored["secret"], former_secrets=former
    )


def _stored(webhook: Webhook) -> dict[str, Any]:
    """Return the decrypted content, or {} if no key decrypts it."""
    try:
        stored: dict[str, Any] = decrypt(webhook.secrets)
    except UnreadableSecretError:
        return {}
    return stored


def is_readable(webhook: Webhook) -> bool:
    """Return whether this site has the key that encrypted the secret."""
    return bool(_stored(webhook))
