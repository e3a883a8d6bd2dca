"""Signatures, checked by the verifier of Standard Webhooks itself."""

import json
from datetime import UTC, datetime, timedelta, timezone

from django.test import SimpleTestCase
from standardwebhooks import Webhook, WebhookVerificationError

from ticketflower.outgoing.signing import new_signing_secret, sign


class SigningTests(SimpleTestCase):
    def test_signature_is_accepted_whatever_the_time_zone(self) -> None:
        secret, body = new_signing_secret(), json.dumps({"name": "Zoë"}, ensure_ascii=False).encode()
        for zone in (UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-7))):
            headers = sign(secret, key="one-call", body=body, at=datetime.now(zone))
            self.assertEqual(Webhook(secret).verify(body, headers), {"name": "Zoë"})
            self.assertEqual(headers["webhook-id"], "one-call")

    def test_anything_altered_is_refused(self) -> None:
        secret, now = new_signing_secret(), datetime.now(UTC)
        headers = sign(secret, key="one-call", body=b"{}", at=now)
        for checked_with, body, sent in (
            (new_signing_secret(), b"{}", headers),
            (secret, b"[]", headers),
            (secret, b"{}", headers | {"webhook-id": "other"}),
            (secret, b"{}", headers | {"webhook-timestamp": str(int(now.timestamp()) + 1)}),
            (secret, b"{}", sign(secret, key="one-call", body=b"{}", at=now - timedelta(minutes=6))),
        ):
            with self.assertRaises(WebhookVerificationError):
                Webhook(checked_with).verify(body, sent)

    def test_secrets_are_random(self) -> None:
        secrets = {new_signing_secret() for _secret in range(10)}
        self.assertEqual({len(secret) for secret in secrets}, {len("whsec_") + 44})
        self.assertEqual(len(secrets), 10)
