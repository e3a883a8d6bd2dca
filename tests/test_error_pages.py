"""Error pages, with an explanation and the reference that is in the log."""

import re

from django.test import Client

from users.tests.cases import CompanyTestCase, logged_in

REFERENCE = re.compile(r"<code>[0-9a-f]{8}</code>")


class ErrorPages(CompanyTestCase):
    """Each page explains what happened and shows its reference."""

    def assert_page(
        self, path: str, client: Client, status: int, heading: str, *, method: str = "get", **headers: str
    ) -> None:
        response = getattr(client, method)(path, headers=headers)
        self.assertContains(response, f"<h1>{heading}</h1>", status_code=status, html=True)
        self.assertRegex(response.content.decode(), REFERENCE)
        self.assertIn("frame-ancestors 'none'", response.headers["Content-Security-Policy"])

    def test_for_visitors_and_people(self) -> None:
        for client in (Client(), logged_in(self.ours.worker), logged_in(self.staff)):
            self.assert_page("/nowhere/", client, 404, "There is no such page")
            self.assert_page("/users/theme/", client, 405, "There is nothing to see here", method="put")

    def test_only_people_are_told_of_their_tickets_and_keep_the_menu(self) -> None:
        for client, has_tickets in ((Client(), False), (logged_in(self.ours.worker), True)):
            page = client.get("/nowhere/").content.decode()
            self.assertEqual("Your tickets and tasks" in page, has_tickets)
            self.assertEqual('aria-label="Main menu"' in page, has_tickets)
            self.assertEqual("your dashboard" in page, has_tickets)

    def test_without_the_right(self) -> None:
        client = logged_in(self.ours.worker)
        self.assert_page("/users/people/", client, 403, "This page is not open to you")

    def test_wrong_method_says_which_are_right(self) -> None:
        path = f"/users/people/{self.ours.worker.pk}/reactivate/"
        response = logged_in(self.ours.admin).put(path)
        self.assertEqual(response.headers["Allow"], "POST")

    def test_an_address_for_buttons_leads_to_the_page_above_it(self) -> None:
        client = logged_in(self.ours.admin)
        for path, above in (
            ("/design/7/check/", "/design/7/"),
            ("/design/7/fields/days/move/", "/design/7/fields/"),
            ("/design/task/7/duplicate/", "/design/task/7/"),
            (f"/users/people/{self.ours.worker.pk}/reactivate/", f"/users/people/{self.ours.worker.pk}/"),
            ("/users/theme/?next=/design/", "/"),
        ):
            with self.subTest(path=path):
                for answer in (client.get(path), client.head(path), Client().get(path)):
                    self.assertRedirects(answer, above, fetch_redirect_response=False)
