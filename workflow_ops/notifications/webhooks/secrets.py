"""The signing secrets of webhooks, which are shown once and stored as ciphertext."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.encryption import UnreadableSecretError, decrypt, encrypt
from ticketflower.outgoing.signing import new_signing_secret
from workflow_ops.actions.secrets import ConnectionSecrets, ConnectionUnusableError
from workflow_ops.models import Webhook

BOTH_SIGN_FOR: Final = timedelta(days=1)
"""How long the former secret signs beside a new one."""


def make_secret(webhook: Webhook) -> str:
    """Set a new secret of the webhook, which the caller saves, and return it. The former still signs."""
    secret, now = new_signing_secret(), timezone.now()
    former = _stored(webhook).get("secret", "") if webhook.secrets else ""
    until = (now + BOTH_SIGN_FOR).isoformat()
    webhook.secrets = encrypt({"secret": secret, "former": former, "former_until": until})
    webhook.secrets_changed_at = now
    return secret


def secrets_of(webhook: Webhook) -> ConnectionSecrets:
    """Return what a delivery needs. Raise ConnectionUnusableError, with a sentence for people."""
    stored = _stored(webhook)
    if not stored:
        text = _(
            "The secret can't be read, because this site does not have the key that it was encrypted with. "
            "A company admin can make a new one."
        )
        raise ConnectionUnusableError(text)
    still_signs = datetime.fromisoformat(stored["former_until"]) > timezone.now()
    former = stored["former"] if still_signs else ""
    return ConnectionSecrets(
        webhook.address, headers={}, signing_secret=stored["secret"], former_secret=former
    )


def _stored(webhook: Webhook) -> dict[str, Any]:
    """Return what is stored; nothing if no key reads it."""
    try:
        stored: dict[str, Any] = decrypt(webhook.secrets)
    except UnreadableSecretError:
        return {}
    return stored


def is_readable(webhook: Webhook) -> bool:
    """Return whether this site has the key that encrypted the secret."""
    return bool(_stored(webhook))
