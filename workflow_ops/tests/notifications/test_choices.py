"""How a person chooses to be told of each kind."""

from __future__ import annotations

from typing import Any

from users.sessions import IMPERSONATED_COMPANY_KEY
from users.tests.cases import CompanyTestCase, logged_in
from workflow_ops.models import NotificationChoice, NotificationKind, NotificationWay
from workflow_ops.notifications.recipients import DEFAULT_WAYS

PAGE = "/users/profile/notifications/"

OF_ADMINS = ("error", "webhook")


class ChoicesTests(CompanyTestCase):
    """Sam chooses; nobody else is concerned."""

    def setUp(self) -> None:
        super().setUp()
        self.client = logged_in(self.ours.submitter)

    def choices(self, **changed: str) -> dict[str, str]:
        return {
            kind.value: DEFAULT_WAYS[kind].value for kind in NotificationKind if kind not in OF_ADMINS
        } | changed

    def stored(self) -> dict[str, str]:
        with self.ours.scope():
            return dict(NotificationChoice.objects.values_list("kind", "way"))

    def checked(self) -> dict[str, Any]:
        form = self.client.get(PAGE).context["form"]
        return {row["field"].name: row["field"].value() for row in form.rows()}

    def test_shows_how_one_is_told_at_first(self) -> None:
        self.assertContains(self.client.get("/users/profile/"), PAGE)
        self.assertEqual(self.checked(), self.choices())
        page = self.client.get(PAGE)
        self.assertContains(page, 'type="radio" name="takeable"', count=2)
        self.assertContains(page, 'type="radio" name="comment"', count=4)
        self.assertContains(page, " checked", count=len(NotificationKind) - len(OF_ADMINS))
        self.assertContains(page, "Comments on your tickets and tasks, and on tickets that you follow")

    def test_only_who_administers_something_chooses_how_to_be_told_of_errors(self) -> None:
        self.client.post(PAGE, self.choices(error="off"))
        self.assertEqual(self.stored(), {})
        for person, count in ((self.ours.submitter, 0), (self.ours.worker, 0), (self.ours.ticket_admin, 4)):
            page = logged_in(person).get(PAGE)
            self.assertContains(page, 'type="radio" name="error"', count=count)

    def test_stores_what_has_changed(self) -> None:
        wanted = self.choices(comment=NotificationWay.DAILY, takeable=NotificationWay.OFF)
        self.assertRedirects(self.client.post(PAGE, wanted), PAGE)
        self.assertEqual(self.stored(), {"comment": "daily", "takeable": "off"})
        self.assertEqual(self.checked(), wanted)
        self.client.post(PAGE, wanted)
        self.client.post(PAGE, self.choices(comment=NotificationWay.SITE))
        self.assertEqual(self.stored(), {"comment": "site", "takeable": "site"})

    def test_refuses_beside_the_field(self) -> None:
        """Of a task that many may take nobody gets an e-mail."""
        for wrong in ("mail", "daily", "", "x"):
            response = self.client.post(PAGE, self.choices(takeable=wrong, comment="off"))
            self.assertContains(response, '<p class="invalid-feedback">Choose one of these.</p>', count=1)
            self.assertContains(response, 'href="#id_takeable_0"')
        self.assertEqual(self.stored(), {})

    def test_staff_in_a_company_are_told_of_nothing(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = self.ours.company.pk
        session.save()
        self.assertRedirects(client.get(PAGE), "/users/profile/")
        self.assertContains(client.get("/notifications/"), "appears here")
