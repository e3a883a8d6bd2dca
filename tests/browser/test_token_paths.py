"""Tokens: made in the browser, used by a program against the running site, seen in the list, deleted."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.path_cases import OnAPhone, PathTestCase
from users.tests.cases import PASSWORD
from workflow_ops.tests.engine_cases import form, workflow


class TokenPathTests(PathTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Check", "a")))
        self.ticket = self.engine.submit(made, a="Paper")

    def test_a_token_of_ones_own(self) -> None:
        with self.walker(self.ours.submitter) as page:
            self.go(page, "/users/tokens/", "Tokens of your programs appear here")
            self.follow(page, "Make a token", "It acts in your name")
            self.make(page, "Backup", "wrong", "Read tickets and tasks")
            self.see(page, "This is not your password.")
            secret = self.make(page, "Backup", PASSWORD)
            self.assertEqual(self.get(secret, "tickets")[0], 200)
            self.assertEqual(self.get(secret, "people")[0], 403)
            self.go(page, "/users/tokens/", "Backup", "Read tickets and tasks")
            self.assertNotIn(secret, page.content())
            last_used = page.get_by_role("row", name="Backup").get_by_role("cell").nth(2)
            expect(last_used).to_have_text("just now")
            self.follow(page, "Delete: Backup", "Programs that use it are refused from now on.")
            self.press(page, "Delete the token", "The token “Backup” has been deleted.")
            status, answer = self.get(secret, "tickets")
            self.assertEqual((status, answer["status"]), (401, 401))

    def test_a_service_account_with_its_token(self) -> None:
        with self.walker(self.ours.admin) as page:
            self.go(page, "/users/tokens/")
            self.follow(page, "Service accounts")
            self.follow(page, "Make a service account")
            self.fill(page, first_name="Invoice reader")
            self.press(page, "Make the service account", "has been made")
            self.follow(page, "Make a token", "It acts as the service account")
            secret = self.make(page, "Reader", PASSWORD, "Read tickets and tasks")
            status, answer = self.get(secret, "tickets")
            self.assertEqual((status, answer["items"]), (200, []))
            self.assertEqual(self.get(secret, f"tickets/{self.ticket.number}")[0], 403)
            self.go(page, "/users/tokens/company/", "Reader", "Invoice reader")

    def test_the_pages_about_the_api(self) -> None:
        with self.walker(self.ours.submitter) as page:
            self.go(page, "/users/tokens/")
            self.follow(page, "What programs can do", "The first request")
            self.assert_accessible(page)
            operation = "Submit a new ticket with the values of its form, and return its number."
            self.follow(page, operation, "curl")
            self.assert_accessible(page)
            expect(page.locator("#submit_ticket")).to_be_in_viewport()

    def make(self, page: Page, name: str, password: str, *scopes: str) -> str:
        """Fill in and send the form; return the secret that the next page shows."""
        self.fill(page, name=name, old_password=password)
        for scope in scopes:
            page.get_by_label(scope).check()
        page.get_by_role("button", name="Make the token", exact=True).first.click()
        secret = page.get_by_label("Token", exact=True)
        return secret.input_value() if password == PASSWORD else ""

    def get(self, secret: str, path: str) -> tuple[int, Any]:
        """Send the request of a program, and return the status and the content of the answer."""
        place = urlsplit(self.live_server_url)
        connection = HTTPConnection(str(place.hostname), place.port, timeout=20)
        connection.request("GET", f"/api/1/{path}", headers={"Authorization": f"Bearer {secret}"})
        response = connection.getresponse()
        content = json.loads(response.read())
        connection.close()
        return response.status, content


class TokenPathOnAPhoneTests(OnAPhone, TokenPathTests):
    pass
