"""Connections as company admins make, change and delete them; nobody is shown a secret again."""

from dataclasses import replace
from typing import Any, ClassVar

from cryptography.fernet import Fernet
from django.db import transaction
from django.test import override_settings
from django.urls import reverse

from ticketflower.unique_names import NameTakenError
from users.models import UnsentForm
from users.tests.admin_pages import AdminPageTestCase
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from users.tests.test_unsent_forms import end_session, log_in
from workflow_design.definition.file_json import to_json
from workflow_design.models import Connection, ConnectionKind, SigningSecret
from workflow_design.tests.page_cases import make_draft
from workflow_design.tests.versions.test_unknown_connections import CALL, calling, make_connection
from workflow_ops.actions.connections.actions import Content, create_connection
from workflow_ops.actions.secrets import secrets_of, signing_secret_of_company

LIST = reverse("connection_list")
NEW = reverse("connection_create")
NEW_CHAT = reverse("chat_create")
RENEW = reverse("signing_secret_renew")
CHAT = "https://chat.example/hooks/marker-chat"
PASTED = "whsec_bWFya2VyLW1hcmtlci1tYXJrZXItbWFya2Vy"


def system(**changes: str) -> dict[str, str]:
    """Return what the form for a system posts."""
    typed = {
        "name": "Directory",
        "base_address": "https://directory.example/api",
        "header_0": "Authorization",
        "secret.header_0": "Bearer marker-token",
        "header_1": "X-Tenant",
        "secret.header_1": "marker-tenant",
        "signing": "none",
    }
    return {**typed, **changes}


class ConnectionPages(AdminPageTestCase):
    """Pages of our admin, with one connection."""

    connection: ClassVar[Connection]

    @classmethod
    def setUpTestData(cls) -> None:
        """Create a connection, once."""
        super().setUpTestData()
        content = Content(
            name="Calendar",
            kind=ConnectionKind.HTTP,
            base_address="https://calendar.example",
            headers={"Authorization": "Bearer marker-old"},
            signing_secret=PASTED,
        )
        with cls.ours.admin.scope():
            cls.connection = create_connection(content, by=cls.ours.admin)

    def page(self, name: str = "connection_edit") -> str:
        return reverse(name, args=[self.connection.pk])

    def stored(self, name: str = "Calendar") -> Connection:
        with self.ours.scope():
            return Connection.objects.get(name=name)

    def change(self, **changes: str) -> Any:
        """Post the form of the connection as it is shown, with changes."""
        form = self.client.get(self.page()).context["form"]
        typed = {field.html_name: field.value() or "" for field in form}
        return self.client.post(self.page(), {**typed, **changes})


class Creating(ConnectionPages):
    """New connections."""

    def test_a_system(self) -> None:
        response = self.client.post(NEW, system(), follow=True)
        self.assertContains(response, "“Directory” has been saved.")
        connection = self.stored("Directory")
        secrets = secrets_of(connection)
        self.assertEqual(
            secrets.headers, {"Authorization": "Bearer marker-token", "X-Tenant": "marker-tenant"}
        )
        self.assertEqual((secrets.signing_secret, connection.created_by_id), ("", self.ours.admin.pk))
        self.assertContains(response, "<code>Authorization</code>")
        self.assertNotContains(response, "marker")

    def test_a_chat(self) -> None:
        typed = {"name": "Team", "kind": "TEAMS", "secret.address": CHAT}
        response = self.client.post(NEW_CHAT, typed, follow=True)
        connection = self.stored("Team")
        self.assertEqual((connection.kind, connection.base_address), ("TEAMS", ""))
        self.assertEqual(secrets_of(connection).url(), CHAT)
        self.assertNotContains(response, "marker")

    def test_a_signing_secret_is_shown_once(self) -> None:
        response = self.client.post(NEW, system(signing="new"))
        secret = secrets_of(self.stored("Directory")).signing_secret
        self.assertContains(response, secret)
        self.assertIn("no-store", response["Cache-Control"])
        self.assertNotContains(self.client.get(response.context["url"]), secret)

    def test_a_pasted_signing_secret(self) -> None:
        response = self.client.post(NEW, system(signing="own", **{"secret.signing": PASTED}), follow=True)
        self.assertEqual(secrets_of(self.stored("Directory")).signing_secret, PASTED)
        self.assertNotContains(response, PASTED)

    def test_what_is_refused(self) -> None:
        value = {"secret.header_0": "x"}
        for typed, field in (
            ({"name": "calendar"}, "name"),
            ({"base_address": "ftp://a.example"}, "base_address"),
            ({"base_address": "https://user:pw@a.example"}, "base_address"),
            ({"base_address": "https://a.example/?a=1"}, "base_address"),
            ({"base_address": "https://a.example/#a"}, "base_address"),
            *(
                ({"header_0": name, **value}, "header_0")
                for name in (
                    "Two words",
                    "Host",
                    "content-length",
                    "Transfer-Encoding",
                    "Connection",
                    "Webhook-Id",
                    "webhook-anything",
                    "idempotency-key",
                    "Änderung",
                    "",
                )
            ),
            ({"header_1": "authorization"}, "header_1"),
            ({"secret.header_0": ""}, "secret.header_0"),
            ({"secret.header_0": "a\r\nHost: b"}, "secret.header_0"),
            ({"secret.header_0": "a\x7fb"}, "secret.header_0"),
            ({"signing": "own"}, "secret.signing"),
            ({"signing": "own", "secret.signing": "whsec_c2hvcnQ="}, "secret.signing"),
            ({"secret.signing": PASTED}, "secret.signing"),
            ({"signing": "keep"}, "signing"),
        ):
            with self.subTest(typed):
                response = self.client.post(NEW, system(**typed))
                self.assertIn(field, response.context["form"].errors)
                self.assertNotContains(response, "marker")
        for address in ("", "https://10.0.0.1:25/a"):
            typed = {"name": "Team", "kind": "SLACK", "secret.address": address}
            form = self.client.post(NEW_CHAT, typed).context["form"]
            self.assertIn("secret.address", form.errors)
        with self.ours.scope():
            self.assertEqual(Connection.objects.count(), 1)

    def test_secrets_are_asked_for_again_after_a_refusal(self) -> None:
        form = self.client.post(NEW, system(base_address="")).context["form"]
        self.assertEqual(set(form.errors), {"base_address", "secret.header_0", "secret.header_1"})

    def test_secrets_of_a_form_that_is_kept_over_a_log_in(self) -> None:
        client = log_in(self.ours.admin)
        end_session(client)
        client.post(NEW, system())
        with self.ours.admin.scope():
            fields = UnsentForm.objects.get().fields
        self.assertIn("X-Tenant", fields)
        self.assertNotIn("marker", fields)


class Changing(ConnectionPages):
    """Connections that are there already."""

    def test_the_form_shows_names_only(self) -> None:
        response = self.client.get(self.page())
        self.assertContains(response, 'value="Authorization"')
        self.assertContains(response, "Set. Leave this empty to keep it.", count=1)
        self.assertNotContains(response, "marker")
        self.assertNotContains(response, PASTED)

    def test_what_is_not_entered_stays(self) -> None:
        before = self.stored()
        self.assertRedirects(self.change(name="Calendars"), self.page("connection_detail"))
        after = self.stored("Calendars")
        self.assertEqual(bytes(after.secrets), bytes(before.secrets))
        self.assertEqual(after.secrets_changed_at, before.secrets_changed_at)

    def test_secrets_are_replaced_and_removed(self) -> None:
        self.change(**{"secret.header_0": "Bearer marker-new", "header_1": "X-Key", "secret.header_1": "k"})
        secrets = secrets_of(self.stored())
        self.assertEqual(secrets.headers, {"Authorization": "Bearer marker-new", "X-Key": "k"})
        self.assertEqual(secrets.signing_secret, PASTED)
        self.change(header_0="", signing="none")
        secrets = secrets_of(self.stored())
        self.assertEqual((secrets.headers, secrets.signing_secret), ({"X-Key": "k"}, ""))

    def test_a_header_does_not_follow_to_another_system(self) -> None:
        form = self.change(base_address="https://calendar.elsewhere.example").context["form"]
        self.assertIn("leads to another system", form.errors["secret.header_0"][0])
        moved = {"base_address": "https://calendar.elsewhere.example", "secret.header_0": "Bearer marker-new"}
        self.change(**moved)
        self.assertEqual(secrets_of(self.stored()).url(), "https://calendar.elsewhere.example")
        self.change(base_address="https://calendar.elsewhere.example/v2")
        self.assertEqual(self.stored().base_address, "https://calendar.elsewhere.example/v2")

    def test_the_address_of_a_chat(self) -> None:
        self.client.post(NEW_CHAT, {"name": "Team", "kind": "SLACK", "secret.address": CHAT})
        page = reverse("connection_edit", args=[self.stored("Team").pk])
        edition = self.client.get(page).context["form"]["edition"].value()
        self.client.post(page, {"name": "Our team", "kind": "TEAMS", "edition": edition})
        self.assertEqual(secrets_of(self.stored("Our team")).url(), CHAT)
        self.assertNotContains(self.client.get(page), "marker")

    def test_two_admins(self) -> None:
        first = {
            field.html_name: field.value() or "" for field in self.client.get(self.page()).context["form"]
        }
        self.change(**{"header_1": "X-New", "secret.header_1": "marker-other"})
        response = self.client.post(self.page(), {**first, "name": "Calendars"})
        self.assertContains(response, "After you opened this page, Ada Admin")
        self.assertContains(response, "Authorization, X-New")
        self.assertNotContains(response, "marker")
        self.assertEqual(list(secrets_of(self.stored()).headers), ["Authorization", "X-New"])
        again = {**first, "name": "Calendars", "edition": response.context["form"]["edition"].value()}
        self.client.post(self.page(), again)
        self.assertEqual(list(secrets_of(self.stored("Calendars")).headers), ["Authorization"])

    def test_without_the_key(self) -> None:
        with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
            self.assertContains(self.client.get(self.page("connection_detail")), "The secrets can't be read")
            response = self.client.get(self.page())
            self.assertContains(response, "Enter all of them again")
            self.change(**{"header_0": "Authorization", "secret.header_0": "Bearer marker-new"})
            self.assertEqual(secrets_of(self.stored()).headers, {"Authorization": "Bearer marker-new"})

    def test_the_audit_log(self) -> None:
        self.change(**{"secret.header_0": "Bearer marker-new"})
        with self.ours.scope():
            event = audit_events(Connection).latest("pk")
        self.assertEqual(list(event.changes), ["secrets_changed_at"])
        self.assertEqual(event.person_id, self.ours.admin.pk)


class InUse(ConnectionPages):
    """Connections that workflows name."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Create a draft that names the connection."""
        super().setUpTestData()
        make_draft(cls.ours, **to_json(CALL))

    def test_shown_on_its_page(self) -> None:
        self.assertContains(self.client.get(self.page("connection_detail")), "<li>Travel</li>")

    def test_not_deleted(self) -> None:
        for method in (self.client.get, self.client.post):
            response = method(self.page("connection_delete"), follow=True)
            self.assertContains(
                response, "The workflow “Travel” uses this connection. It can&#x27;t be deleted."
            )
        self.assertEqual(self.stored().pk, self.connection.pk)

    def test_not_renamed(self) -> None:
        form = self.change(name="Calendars").context["form"]
        self.assertIn("The workflow “Travel” uses this connection.", form.errors["name"][0])
        self.change(name="CALENDAR")  # found without regard to case
        self.assertEqual(self.stored("CALENDAR").pk, self.connection.pk)

    def test_names_are_compared_as_the_database_does(self) -> None:
        with self.ours.scope():
            Connection.objects.update(name="Straße")
        make_draft(self.ours, **to_json(replace(calling(connection="straße", path="/x"), title="Roads")))
        form = self.change(name="Strasse").context["form"]
        self.assertIn("The workflow “Roads” uses this connection.", form.errors["name"][0])


class Deleting(ConnectionPages):
    """Connections that nothing names."""

    def test_asks_first(self) -> None:
        self.assertContains(self.client.get(self.page("connection_delete")), "Delete “Calendar”?")
        self.assertRedirects(self.client.post(self.page("connection_delete")), LIST)
        for name in ("connection_delete", "connection_detail", "connection_edit"):
            self.assertEqual(self.client.get(self.page(name)).status_code, 404)

    def test_deleted_while_it_is_changed(self) -> None:
        form = self.client.get(self.page()).context["form"]
        with self.ours.scope():
            Connection.objects.all().delete()
        typed = {field.html_name: field.value() or "" for field in form}
        self.assertEqual(self.client.post(self.page(), typed).status_code, 404)


class Listing(ConnectionPages):
    """The list, and the company's own signing secret."""

    def test_shows_no_secret(self) -> None:
        make_connection(self.theirs, "Theirs")
        with self.ours.scope():
            Connection.objects.create(name="Team chat", kind=ConnectionKind.SLACK, secrets=b"")
        response = self.client.get(LIST)
        self.assertEqual([row.name for row in response.context["page"].rows], ["Calendar", "Team chat"])
        self.assertContains(response, "https://calendar.example")
        self.assertNotContains(response, "marker")

    def test_says_what_will_appear(self) -> None:
        with self.ours.scope():
            Connection.objects.all().delete()
        self.assertContains(self.client.get(LIST), "Systems that actions call appear here")

    def test_costs_the_same_however_many_there_are(self) -> None:
        with at_most_queries(8) as few:
            self.client.get(LIST)
        for number in range(20):
            make_connection(self.ours, f"System {number}")
        with same_queries_as(few):
            self.client.get(LIST)

    def test_who_may(self) -> None:
        for path in (LIST, NEW, NEW_CHAT, RENEW):
            self.assert_only_for_admins(path)
        for name in ("connection_detail", "connection_edit", "connection_delete"):
            self.assert_only_for_admins(self.page(name))
            self.assert_unknown_to_others(self.page(name))
        self.assert_only_for_admins(self.page("connection_test"), method="post")
        self.assert_unknown_to_others(self.page("connection_test"), method="post")
        self.assert_wrong_methods(self.page("connection_test"), "get", "put")

    def test_a_new_signing_secret(self) -> None:
        self.assertContains(self.client.get(LIST), "There is no secret yet.")
        with self.ours.admin.scope():
            before = signing_secret_of_company()
        form = self.client.get(RENEW).context["form"]
        typed = {"seen": form["seen"].value()}
        response = self.client.post(RENEW, typed)
        with self.ours.admin.scope():
            after = signing_secret_of_company()
        self.assertNotEqual(after, before)
        self.assertContains(response, after)
        self.assertIn("no-store", response["Cache-Control"])
        self.assertContains(self.client.get(LIST), "The secret was made:")
        # Sent once more, as by a reload.
        self.assertContains(self.client.post(RENEW, typed, follow=True), "has just been made")
        with self.ours.admin.scope():
            self.assertEqual(signing_secret_of_company(), after)
            self.assertEqual(audit_events(SigningSecret).count(), 2)


class AtOnce(CommittedTestCase):
    """Two admins at the same time."""

    def test_the_same_name_twice(self) -> None:
        def create() -> str:
            content = Content(name="Calendar", kind=ConnectionKind.HTTP, headers={})
            try:
                with self.ours.admin.scope():
                    return create_connection(content, by=self.ours.admin).name
            except NameTakenError:
                return "taken"

        self.assertCountEqual(at_once(create, create), ["Calendar", "taken"])

    def test_the_first_signing_secret(self) -> None:
        def make() -> str:
            with self.ours.admin.scope(), transaction.atomic():
                return signing_secret_of_company()

        self.assertEqual(len(set(at_once(make, make, make))), 1)
        self.assertContains(logged_in(self.ours.admin).get(LIST), "The secret was made:")
