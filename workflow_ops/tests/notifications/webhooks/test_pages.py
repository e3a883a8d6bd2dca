"""Webhooks as company admins register, change, pause, test and delete them; no program does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users.models import UnsentForm
from users.tests.admin_pages import AdminPageTestCase
from users.tests.audit import audit_events
from users.tests.cases import CompanyTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from users.tests.test_unsent_forms import end_session, log_in
from workflow_ops.actions.conflicts import edition
from workflow_ops.audit.sentences import find_sentence
from workflow_ops.jobs import remove_unused
from workflow_ops.models import (
    DeliveryState,
    Notification,
    NotificationWay,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from workflow_ops.notifications.webhooks import actions
from workflow_ops.notifications.webhooks.jobs import go_on_deleting_webhook
from workflow_ops.notifications.webhooks.removal import STORED_FOR, remove_old_deliveries
from workflow_ops.notifications.webhooks.secrets import secrets_of
from workflow_ops.tests.notifications.webhooks.webhook_cases import EVERYTHING, NOWHERE, WebhookHelpers

LIST, NEW = reverse("webhook_list"), reverse("webhook_create")


def typed(**changes: Any) -> dict[str, Any]:
    """Return what the form posts."""
    return {"name": "Invoices", "address": NOWHERE, "events": ["task.started", "task.overdue"], **changes}


class WebhookPages(WebhookHelpers, AdminPageTestCase):
    """Pages of our admin, with one webhook."""

    webhook: ClassVar[Webhook]

    @classmethod
    def setUpTestData(cls) -> None:
        """Register a webhook, once."""
        super().setUpTestData()
        with cls.ours.admin.scope():
            cls.webhook, _secret = actions.create_webhook(
                name="Reader", address=NOWHERE, events=EVERYTHING, by=cls.ours.admin
            )

    def page(self, name: str = "webhook_detail", *more: int) -> str:
        return reverse(name, args=[self.webhook.pk, *more])

    def stored(self, name: str = "Reader") -> Webhook:
        with self.ours.scope():
            return Webhook.objects.get(name=name)

    def set(self, **values: Any) -> None:
        with self.ours.scope():
            Webhook.objects.update(**values)

    def sentences(self) -> list[str]:
        """Return what the audit log says of webhooks, newest first."""
        with self.ours.scope():
            return [str(find_sentence([event])[0]) for event in audit_events(Webhook).order_by("-pk")]


class Registering(WebhookPages):
    def test_registered(self) -> None:
        response = self.client.post(NEW, typed())
        webhook = self.stored("Invoices")
        secret = secrets_of(webhook).signing_secret
        self.assertContains(response, secret)
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual((webhook.address, webhook.events), (NOWHERE, ["task.overdue", "task.started"]))
        self.assertEqual((webhook.state, webhook.created_by_id), (WebhookState.ACTIVE, self.ours.admin.pk))
        for page in (LIST, response.context["url"], reverse("webhook_edit", args=[webhook.pk])):
            self.assertNotContains(self.client.get(page), secret)
        self.assertEqual(self.sentences()[0], "{who} registered the webhook {label}")
        with self.ours.scope():
            self.assertNotIn(secret, str([*audit_events(Webhook).values()]))

    def test_what_is_refused(self) -> None:
        for changes, field in (
            ({"name": ""}, "name"),
            ({"name": "reader"}, "name"),
            ({"name": "n" * 101}, "name"),
            ({"address": ""}, "address"),
            ({"address": "ftp://a.example"}, "address"),
            ({"address": "https://user:pw@a.example"}, "address"),
            ({"address": "https://a.example:25/"}, "address"),
            ({"events": []}, "events"),
            ({"events": ["test"]}, "events"),
            ({"events": ["ticket.eaten"]}, "events"),
        ):
            with self.subTest(changes):
                form = self.client.post(NEW, typed(**changes)).context["form"]
                self.assertEqual({*form.errors}, {field})
        with self.ours.scope():
            self.assertEqual(Webhook.objects.count(), 1)

    def test_no_more_than_a_few(self) -> None:
        for number in range(actions.MOST_WEBHOOKS - 1):
            self.register(name=f"Number {number}")
        response = self.client.post(NEW, typed())
        self.assertContains(response, "has 5 webhooks already")

    def test_a_form_that_is_kept_over_a_log_in(self) -> None:
        client = log_in(self.ours.admin)
        end_session(client)
        client.post(NEW, typed())
        with self.ours.admin.scope():
            self.assertIn("reader.example", UnsentForm.objects.get().fields)
            self.assertEqual(Webhook.objects.count(), 1)

    def test_without_any(self) -> None:
        self.assertNotContains(self.client.get(LIST), "Addresses of other systems appear here")
        with self.ours.scope():
            Webhook.objects.all().delete()
        self.assertContains(self.client.get(LIST), "Addresses of other systems appear here")


class Changing(WebhookPages):
    def change(self, **changes: Any) -> Any:
        """Post the form of the webhook as it is shown, with changes."""
        form = self.client.get(self.page("webhook_edit")).context["form"]
        values = {field.html_name: field.value() or "" for field in form}
        return self.client.post(self.page("webhook_edit"), {**values, **changes})

    def test_changed(self) -> None:
        before = self.stored()
        self.set(failures=3, failing_since=timezone.now(), waits_until=timezone.now())
        response = self.change(name="Reader 2", address="https://other.example/", events=["task.started"])
        self.assertRedirects(response, self.page())
        after = self.stored("Reader 2")
        self.assertEqual((after.address, after.events), ("https://other.example/", ["task.started"]))
        self.assertEqual(bytes(after.secrets), bytes(before.secrets))
        self.assertEqual((after.failures, after.waits_until), (0, None))
        self.assertEqual(self.sentences()[0], "{who} changed the webhook {label}")

    def test_with_the_same_address_it_rests_on(self) -> None:
        later = timezone.now() + timedelta(hours=1)
        self.set(failures=3, waits_until=later)
        self.change(name="Reader 2")
        self.assertEqual(self.stored("Reader 2").waits_until, later)

    def test_a_taken_name(self) -> None:
        self.register(name="Other")
        form = self.change(name="other").context["form"]
        self.assertEqual({*form.errors}, {"name"})

    def test_changed_by_two_admins(self) -> None:
        edition = self.client.get(self.page("webhook_edit")).context["form"]["edition"].value()
        self.change(address="https://first.example/")
        response = self.client.post(self.page("webhook_edit"), typed(edition=edition))
        self.assertContains(response, "https://first.example/")
        self.assertContains(response, "After you opened this page, Ada Admin changed “Reader”")
        self.assertContains(response, "A task starts, ")
        self.assertContains(response, "Stored now")
        form = response.context["form"]
        again = {field.html_name: field.value() or "" for field in form}
        self.assertRedirects(self.client.post(self.page("webhook_edit"), again), self.page())
        self.assertEqual(self.stored("Invoices").address, NOWHERE)

    def test_a_new_secret(self) -> None:
        former = secrets_of(self.stored()).signing_secret
        seen = self.client.get(self.page("webhook_secret_renew")).context["form"]["seen"].value()
        response = self.client.post(self.page("webhook_secret_renew"), {"seen": seen})
        secrets = secrets_of(self.stored())
        self.assertContains(response, secrets.signing_secret)
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(secrets.former_secrets, (former,))
        self.assertNotContains(response, former)
        self.assertEqual(self.sentences()[0], "{who} made a new secret of the webhook {label}")
        # Sent once more, as by a reload.
        again = self.client.post(self.page("webhook_secret_renew"), {"seen": seen}, follow=True)
        self.assertContains(again, "has just been made")
        self.assertEqual(secrets_of(self.stored()), secrets)

    def test_a_secret_that_no_key_reads(self) -> None:
        with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
            self.assertContains(self.client.get(self.page()), "can't be read", html=False)
            seen = self.stored().secrets_changed_at.isoformat()
            self.client.post(self.page("webhook_secret_renew"), {"seen": seen})
            self.assertEqual(secrets_of(self.stored()).former_secrets, ())

    def test_paused_and_resumed(self) -> None:
        before = self.stored().since
        response = self.client.post(self.page("webhook_pause"), follow=True)
        self.assertContains(response, "“Reader” is paused.")
        self.assertContains(self.client.post(self.page("webhook_pause"), follow=True), "is not active")
        self.assertEqual(self.stored().state, WebhookState.PAUSED)
        response = self.client.post(self.page("webhook_resume"), follow=True)
        self.assertContains(response, "“Reader” is active again.")
        self.assertContains(self.client.post(self.page("webhook_resume"), follow=True), "is active")
        self.assertEqual(self.stored().state, WebhookState.ACTIVE)
        self.assertGreaterEqual(self.stored().since, before)
        paused, resumed = "{who} paused the webhook {label}", "{who} resumed the webhook {label}"
        self.assertEqual(self.sentences()[:2], [resumed, paused])

    def test_one_that_was_switched_off(self) -> None:
        self.set(state=WebhookState.OFF, failures=9, failing_since=timezone.now())
        self.assertContains(self.client.get(self.page()), "All deliveries failed for three days")
        self.client.post(self.page("webhook_resume"))
        after = self.stored()
        self.assertEqual((after.state, after.failures, after.failing_since), (WebhookState.ACTIVE, 0, None))

    def test_deleted(self) -> None:
        self.add(self.webhook, 3)
        self.assertContains(self.client.get(self.page("webhook_delete")), "Delete “Reader”?")
        response = self.client.post(self.page("webhook_delete"), follow=True)
        self.assertContains(response, "“Reader” has been deleted.")
        self.assertEqual(self.deliveries(), [])
        self.assertEqual(self.client.post(self.page("webhook_delete")).status_code, 404)
        self.assertEqual(self.sentences()[0], "{who} deleted the webhook {label}")

    def test_one_with_a_long_log_is_deleted_in_parts(self) -> None:
        self.add(self.webhook, 5)
        with self.ours.admin.scope():
            self.assertFalse(actions.delete_webhook(self.webhook, batch=3))
            self.assertEqual(len(self.deliveries()), 2)
        self.assertEqual(self.stored().state, WebhookState.PAUSED)
        (job,) = self.jobs("go_on_deleting_webhook")
        for _time in range(2):
            go_on_deleting_webhook.func(**job)
        self.assertEqual(self.deliveries(), [])
        with self.ours.scope():
            self.assertEqual(audit_events(Webhook).latest("pk").person_id, self.ours.admin.pk)
            self.assertFalse(Webhook.objects.exists())


class Log(WebhookPages):
    """The deliveries of a webhook."""

    def test_a_test(self) -> None:
        for _time in range(2):
            response = self.client.post(self.page("webhook_test"), follow=True)
        (delivery,) = self.deliveries()
        self.assertContains(response, 'hx-trigger="load delay:2s"')
        self.assertContains(response, str(delivery.key))
        self.assertEqual(
            self.jobs("deliver_now"), [{"company_id": self.ours.company.pk, "delivery_id": delivery.pk}]
        )

    def test_what_came_of_it(self) -> None:
        values: dict[str, Any] = {
            "status": 500,
            "answer": "<b>down</b>",
            "error": "The system answered 500.",
            "tries": 5,
        }
        (failed,) = self.add(self.webhook, state=DeliveryState.FAILED, **values)
        self.add(self.webhook, state=DeliveryState.DELIVERED, status=204, tries=1)
        page = self.client.get(self.page())
        self.assertContains(page, "Ticket #1")
        self.assertContains(page, "500")
        only_failed = self.client.get(f"{self.page()}?failed")
        self.assertEqual([row.pk for row in only_failed.context["page"].rows], [failed.pk])
        detail = self.client.get(self.page("webhook_delivery", failed.pk))
        self.assertContains(detail, "&lt;b&gt;down&lt;/b&gt;")
        self.assertContains(detail, "The system answered 500.")
        self.assertContains(detail, "Send again")

    def test_sent_again(self) -> None:
        (row,) = self.add(self.webhook, state=DeliveryState.FAILED, tries=5)
        again = self.page("webhook_delivery_again", row.pk)
        response = self.client.post(again, follow=True)
        self.assertContains(response, "It is being sent again to “Reader”.")
        self.assertEqual((self.states(), self.deliveries()[0].tries), ([DeliveryState.WAITING], 0))
        self.assertContains(self.client.post(again, follow=True), "It waits to be sent already.")
        self.assertEqual(len(self.jobs("deliver_now")), 1)

    def test_statements_do_not_grow(self) -> None:
        self.add(self.webhook, state=DeliveryState.FAILED)
        pages = (self.page(), f"{self.page()}?failed", LIST)
        before = []
        for page in pages:
            with at_most_queries(8) as sent:
                self.client.get(page)
            before.append(sent)
        self.add(self.webhook, 49, state=DeliveryState.FAILED)
        for number in range(4):
            self.register(name=f"Number {number}")
        for page, sent in zip(pages, before, strict=True):
            with same_queries_as(sent):
                response = self.client.get(page)
            self.assertGreater(len(response.context["page"].rows), 4)

    def test_removed_after_a_month(self) -> None:
        rows = self.add(self.webhook, 5)
        with self.ours.scope():
            for row in rows[1:]:
                age = timezone.now() - STORED_FOR - timedelta(hours=1)
                WebhookDelivery.objects.filter(pk=row.pk).update(created_at=age)
        remove_old_deliveries(batch=2)
        self.assertEqual([row.pk for row in self.deliveries()], [rows[0].pk])
        with self.ours.scope():
            WebhookDelivery.objects.update(created_at=age)
        remove_unused.func(0)
        self.assertEqual(self.deliveries(), [])


class WhoMay(WebhookPages):
    """Admins of the company alone."""

    READ = ("webhook_detail", "webhook_edit", "webhook_secret_renew", "webhook_delete")
    BY_POST = ("webhook_pause", "webhook_resume", "webhook_test")

    def test_nobody_else(self) -> None:
        (row,) = self.add(self.webhook)
        for page in (LIST, NEW):
            self.assert_only_for_admins(page)
        pages = [
            *((self.page(name), "get") for name in self.READ),
            (self.page("webhook_delivery", row.pk), "get"),
        ]
        pages += [(self.page(name), "post") for name in (*self.BY_POST, *self.READ[1:])]
        pages += [(self.page("webhook_delivery_again", row.pk), "post")]
        for path, method in pages:
            with self.subTest(path=path, method=method):
                self.assert_only_for_admins(path, method=method)
                self.assert_unknown_to_others(path, method=method)
        self.assertEqual(self.stored().state, WebhookState.ACTIVE)

    def test_a_delivery_of_another_webhook(self) -> None:
        (row,) = self.add(self.register(name="Other"))
        path = self.page("webhook_delivery", row.pk)
        self.assertEqual(self.client.get(path).status_code, 404)

    def test_wrong_methods(self) -> None:
        (row,) = self.add(self.webhook)
        self.assert_wrong_methods(LIST, "post")
        for name in self.BY_POST:
            self.assert_wrong_methods(self.page(name), "get", "put")
        self.assert_wrong_methods(self.page("webhook_delivery_again", row.pk), "get", "put")
        self.assert_wrong_methods(self.page(), "post")


class News(WebhookPages):
    """An admin is told that a webhook was switched off."""

    def test_in_words_and_only_to_admins(self) -> None:
        with self.ours.scope():
            row = Notification.objects.create(
                person=self.ours.admin, kind="webhook", webhook=self.webhook, way=NotificationWay.SITE
            )
        page = reverse("notification_list")
        self.assertContains(self.client.get(page), "A webhook was switched off, since its deliveries failed")
        self.assertContains(self.client.get(page), "Reader")
        opened = reverse("notification_open", args=[row.pk])
        self.assertRedirects(self.client.post(opened), self.page())
        with self.ours.scope():
            Notification.objects.update(person=self.ours.worker)
        response = logged_in(self.ours.worker).get(page)
        self.assertContains(response, "something that you may no longer see")
        self.assertNotContains(response, "Reader")

    def test_the_choice_is_offered_to_admins(self) -> None:
        choices = reverse("own_notifications")
        self.assertContains(self.client.get(choices), "A webhook is switched off")
        response = logged_in(self.ours.ticket_admin).get(choices)
        self.assertNotContains(response, "A webhook is switched off")


class NoProgram(WebhookHelpers, CompanyTestCase):
    """Where data goes is decided by people: the functions refuse whoever acts with a token."""

    def test_every_function(self) -> None:
        webhook = self.register()
        (row,) = self.add(webhook, state=DeliveryState.FAILED)
        admin, seen = self.ours.admin, webhook.secrets_changed_at.isoformat()
        about: dict[str, Any] = {"name": "Leak", "address": NOWHERE, "events": EVERYTHING}
        with company_scope(self.ours.company.pk, person_id=admin.pk, token="Program"):
            for act in (
                lambda: actions.create_webhook(**about, by=admin),
                lambda: actions.change_webhook(webhook, **about, seen=edition(webhook)),
                lambda: actions.renew_secret(webhook, seen=seen),
                lambda: actions.pause_webhook(webhook),
                lambda: actions.resume_webhook(webhook),
                lambda: actions.delete_webhook(webhook),
                lambda: actions.start_test(webhook),
                lambda: actions.send_again(row),
            ):
                self.assertRaises(PermissionDenied, act)
            self.assertEqual(Webhook.objects.count(), 1)
        self.assertEqual(logged_in(admin).get(LIST).status_code, 200)
