"""The command that encrypts all secrets with the newest key."""

import os
from io import StringIO
from unittest.mock import patch

from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, override_settings

from ticketflower import environment
from ticketflower.encryption import decrypt, encrypt
from users.models import AuditEvent
from users.tests.cases import CompanyTestCase, People
from workflow_design.models import Connection, SigningSecret
from workflow_ops.models import Webhook
from workflow_ops.notifications.webhooks.actions import create_webhook
from workflow_ops.notifications.webhooks.secrets import secrets_of

OLD, NEW, LOST = (Fernet.generate_key().decode() for _number in range(3))


class Rotation(CompanyTestCase):
    """Secrets of two companies under an old key."""

    def setUp(self) -> None:
        super().setUp()
        with override_settings(ENCRYPTION_KEYS=[OLD]):
            for people in (self.ours, self.theirs):
                for number in range(3):
                    self.make(people, f"System {number}")
                with people.scope():
                    SigningSecret.objects.create(secret=encrypt("whsec_marker"))
                    create_webhook(name="Reader", address="https://a.example", events=[], by=people.admin)

    def make(self, people: People, name: str) -> Connection:
        with people.scope():
            return Connection.objects.create(name=name, secrets=encrypt({"address": name}))

    def rotate(self, *keys: str) -> str:
        out = StringIO()
        with override_settings(ENCRYPTION_KEYS=keys):
            call_command("rotate_secrets", batch=2, stdout=out)
        return out.getvalue()

    def test_all_companies_and_twice(self) -> None:
        with self.ours.scope():
            events = AuditEvent.objects.count()
            editions = list(Connection.objects.order_by("pk").values_list("updated_at", flat=True))
        for _time in range(2):
            self.assertEqual(self.rotate(NEW, OLD), "Encrypted again with the first key: 10.\n")
        for people in (self.ours, self.theirs):
            with people.scope(), override_settings(ENCRYPTION_KEYS=[NEW]):
                for connection in Connection.objects.all():
                    self.assertEqual(decrypt(connection.secrets), {"address": connection.name})
                self.assertEqual(decrypt(SigningSecret.objects.get().secret), "whsec_marker")
                self.assertTrue(secrets_of(Webhook.objects.get()).signing_secret)
        with self.ours.scope():
            self.assertEqual(AuditEvent.objects.count(), events)
            after = list(Connection.objects.order_by("pk").values_list("updated_at", flat=True))
        self.assertEqual(after, editions)

    def test_a_secret_that_no_key_reads(self) -> None:
        with override_settings(ENCRYPTION_KEYS=[LOST]):
            lost = self.make(self.theirs, "Lost")
        out = StringIO()
        with override_settings(ENCRYPTION_KEYS=[NEW, OLD]), self.assertRaises(CommandError) as caught:
            call_command("rotate_secrets", stdout=out)
        self.assertIn(f"Theirs (company {self.theirs.company.pk}): Lost", str(caught.exception))
        self.assertEqual(out.getvalue(), "Encrypted again with the first key: 10.\n")
        with self.theirs.scope():
            self.assertEqual(bytes(Connection.objects.get(pk=lost.pk).secrets), lost.secrets)


class Keys(SimpleTestCase):
    """The keys in the environment, which the site reads when it starts."""

    def test_keys(self) -> None:
        with patch.dict(os.environ, {"ENCRYPTION_KEYS": f"{NEW}, {OLD}"}):
            self.assertEqual(environment.keys("ENCRYPTION_KEYS"), [NEW, OLD])

    def test_what_is_no_key(self) -> None:
        for text in ("marker", f"{OLD},{NEW[:40]}", "märker" * 8):
            with (
                self.subTest(text),
                patch.dict(os.environ, {"ENCRYPTION_KEYS": text}),
                self.assertRaisesMessage(ValueError, "ENCRYPTION_KEYS must be 32 bytes in base64") as caught,
            ):
                environment.keys("ENCRYPTION_KEYS")
            self.assertNotIn(text[:5], str(caught.exception))
