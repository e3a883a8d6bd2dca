"""Error pages, with an explanation and the reference that is in the log."""

import re

from django.test import Client

from users.tests.cases import CompanyTestCase, logged_in

REFERENCE = re.compile(r"<code>[0-9a-f-]{36}</code>")


class ErrorPages(CompanyTestCase):
    """Each page explains what happened and shows its reference."""

    def assert_page(self, path: str, client: Client, status: int, heading: str, **headers: str) -> None:
        response = client.get(path, headers=headers)
        self.assertContains(response, f"<h1>{heading}</h1>", status_code=status, html=True)
        self.assertRegex(response.content.decode(), REFERENCE)
        self.assertIn("frame-ancestors 'none'", response.headers["Content-Security-Policy"])

    def test_for_visitors_and_people(self) -> None:
        for client in (Client(), logged_in(self.ours.worker), logged_in(self.staff)):
            self.assert_page("/nowhere/", client, 404, "There is no such page")
            self.assert_page("/users/theme/", client, 405, "There is nothing to see here")

    def test_without_the_right(self) -> None:
        client = logged_in(self.ours.worker)
        self.assert_page("/users/people/", client, 403, "This page is not open to you")

    def test_wrong_method_says_which_are_right(self) -> None:
        path = f"/users/people/{self.ours.worker.pk}/reactivate/"
        response = logged_in(self.ours.admin).get(path)
        self.assertEqual(response.headers["Allow"], "POST")
        self.assertEqual(logged_in(self.ours.admin).head(path).content, b"")
