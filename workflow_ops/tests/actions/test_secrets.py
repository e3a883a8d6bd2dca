"""Secrets of connections: read for a call, blacked out of what is kept, signed with one secret a company."""

from cryptography.fernet import Fernet
from django.test import SimpleTestCase, override_settings

from users.tests.cases import CompanyTestCase
from workflow_design.models import Connection, ConnectionKind, SigningSecret
from workflow_ops.actions.secrets import (
    ConnectionSecrets,
    ConnectionUnusableError,
    encrypt_secrets,
    find_connection,
    renew_signing_secret,
    secrets_of,
    signing_secret_of_company,
)

CHAT = "https://chat.example/services/T0/B1/marker-chat"


class ConnectionSecretsTests(CompanyTestCase):
    """What a call gets of a connection."""

    def connection(self, kind: ConnectionKind = ConnectionKind.HTTP, **secrets: object) -> Connection:
        return Connection(
            name="Staff directory",
            kind=kind,
            base_address="" if kind.is_chat else "https://directory.example/api/",
            secrets=encrypt_secrets(**secrets),  # type: ignore[arg-type]
        )

    def test_system(self) -> None:
        secrets = secrets_of(
            self.connection(
                headers=[("Authorization", "Bearer marker-token")], signing_secret="whsec_bWFyaw=="
            )
        )
        self.assertEqual(secrets.url("/accounts?dry=1"), "https://directory.example/api/accounts?dry=1")
        self.assertEqual(secrets.url(), "https://directory.example/api/")
        self.assertEqual(secrets.headers, {"Authorization": "Bearer marker-token"})
        self.assertEqual(secrets.signing_secret, "whsec_bWFyaw==")

    def test_the_address_of_a_chat_is_secret(self) -> None:
        secrets = secrets_of(self.connection(ConnectionKind.SLACK, address=CHAT))
        self.assertEqual(secrets.url(), CHAT)
        self.assertEqual(secrets.black_out(f"POST {CHAT}"), "POST ●●●")
        self.assertEqual(secrets.black_out("no such hook: services/T0/B1/marker-chat"), "no such hook: ●●●")

    def test_not_in_a_representation_nor_in_the_row(self) -> None:
        connection = self.connection(headers=[("X-Key", "marker-token")])
        self.assertNotIn("marker", f"{secrets_of(connection)!r} {connection!r} {connection.secrets!r}")

    def test_without_the_key(self) -> None:
        connection = self.connection(headers=[("X-Key", "marker-token")])
        with self.ours.admin.scope():
            signing_secret_of_company()
            with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
                with self.assertRaisesMessage(ConnectionUnusableError, "can't be read"):
                    secrets_of(connection)
                with self.assertRaisesMessage(ConnectionUnusableError, "make a new one"):
                    signing_secret_of_company()

    def test_found_by_name_and_kind(self) -> None:
        with self.theirs.admin.scope():
            self.connection().save()
        with self.ours.admin.scope():
            with self.assertRaisesMessage(ConnectionUnusableError, "The company has no connection"):
                find_connection("Staff directory", for_message=False)
            ours = self.connection()
            ours.save()
            self.assertEqual(find_connection("staff DIRECTORY", for_message=False), ours)
            with self.assertRaisesMessage(ConnectionUnusableError, "messages go to chats only"):
                find_connection("Staff directory", for_message=True)
            Connection.objects.update(kind=ConnectionKind.TEAMS)
            with self.assertRaisesMessage(ConnectionUnusableError, "takes messages, but no calls"):
                find_connection("Staff directory", for_message=False)

    def test_one_signing_secret_for_each_company(self) -> None:
        with self.ours.admin.scope():
            ours = signing_secret_of_company()
            self.assertEqual(signing_secret_of_company(), ours)
            self.assertNotIn(ours.encode(), bytes(SigningSecret.objects.get().secret))
            renewed = renew_signing_secret()
            self.assertEqual(signing_secret_of_company(), renewed)
        with self.theirs.admin.scope():
            theirs = signing_secret_of_company()
        self.assertEqual(len({ours, renewed, theirs}), 3)
        self.assertTrue(ours.startswith("whsec_"))


class BlackingOut(SimpleTestCase):
    """Secrets that another system repeats in its answer."""

    def test_spellings(self) -> None:
        secrets = ConnectionSecrets(
            "https://a.example", {"Authorization": 'Bearer marker/tok"en', "X-Env": "eu"}, "whsec_marker"
        )
        for text, blacked_out in (
            ('got "Bearer marker/tok"en"', 'got "●●●"'),
            ('token marker/tok"en is old', "token ●●● is old"),
            (r'{"auth": "Bearer marker/tok\"en"}', '{"auth": "●●●"}'),
            ("whsec_marker", "●●●"),
            ("?key=Bearer%20marker%2Ftok%22en", "?key=●●●"),
            ("<p>Bearer marker/tok&quot;en</p>", "<p>●●●</p>"),
            (
                r'{"auth": "\u0042earer marker\u002Ftok\"en", "old": "\u0022"}',
                r'{"auth": "●●●", "old": "\u0022"}',
            ),
            (r'"a backslash: \\u0041 \\\u0041"', r'"a backslash: \\u0041 \\A"'),
            ("\0".join("whsec_marker"), "●●●"),  # UTF-16, whose other bytes are not stored
            ("?key=marker%2ftok%22en", "?key=●●●"),
            ("<p>marker/tok&#34;en</p>", "<p>●●●</p>"),
            ("it was cut off: marker/t", "it was cut off: ●●●"),
            ("the address https://a.example and eu stay", "the address https://a.example and eu stay"),
        ):
            with self.subTest(text):
                self.assertEqual(secrets.black_out(text), blacked_out)
