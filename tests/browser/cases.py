"""What the browser tests stand on: a site that really answers, and browsers of several people."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from unittest import SkipTest

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core import mail
from django.test import LiveServerTestCase
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.worker import do_jobs
from ticketflower.development import browser as installed
from users.models import CustomUser
from users.tests.cases import PASSWORD, CommittedTestCase, logged_in

WIDTHS = (360, 768, 1280)
SLOWEST = 10_000  # milliseconds that anything may take before the test fails


@pytest.mark.browser
class BrowserTestCase(CommittedTestCase, LiveServerTestCase):
    """Real pages in a real browser. Skipped, loudly, where there is none."""

    static_handler = StaticFilesHandler
    playwright: ClassVar[Playwright]
    browser: ClassVar[Browser]

    @classmethod
    def setUpClass(cls) -> None:
        """Start the browser once for the class."""
        path = installed.find()
        if path is None:
            raise SkipTest(f"no Chromium was found; set {installed.VARIABLE} to its path")
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if hasattr(os, "geteuid") and not os.geteuid() else []
        )

    @classmethod
    def tearDownClass(cls) -> None:
        """Close it."""
        cls.browser.close()
        cls.playwright.stop()
        super().tearDownClass()

    @contextmanager
    def person(self, *, width: int = 1280, scripts: bool = True, **options: Any) -> Iterator[Page]:
        """A browser of one person's own. Fails if a page had a script error or broke the policy."""
        context = self.browser.new_context(
            base_url=self.live_server_url,
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            **options,
        )
        context.set_default_timeout(SLOWEST)
        complaints = self.complaints(context)
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()
        self.assertEqual(complaints, [])

    def complaints(self, context: BrowserContext) -> list[str]:
        """A list that fills with what the browser's console complains of."""
        found: list[str] = []

        def note(message: Any) -> None:
            # A refused page is an answer, not a fault of the page.
            if (
                message.type in {"error", "warning"}
                and "the server responded with a status" not in message.text
            ):
                found.append(message.text)

        context.on("console", note)
        context.on("weberror", lambda error: found.append(str(error.error)))
        return found

    def log_in(self, page: Page, email: str, password: str = PASSWORD) -> None:
        """By the form, as people do."""
        page.goto("/users/login/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()

    def enter(self, page: Page, person: CustomUser) -> None:
        """Logged in already, for paths that begin after the log-in."""
        name = settings.SESSION_COOKIE_NAME
        key = logged_in(person).cookies[name].value
        page.context.add_cookies([{"name": name, "value": key, "url": self.live_server_url}])

    def do_jobs(self) -> None:
        """What the worker would do: everything that waits, by a real worker that then stops."""
        do_jobs()

    def link_in_last_mail(self, *, to: str) -> str:
        """The path of the link in the newest mail to this address."""
        message = next(message for message in reversed(mail.outbox) if message.to == [to])
        link = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
        assert link is not None, message.body
        return link[1]

    def assert_fits(self, page: Page) -> None:
        """No scrolling sideways."""
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertLessEqual(width, 0, page.url)

    def assert_accessible(self, page: Page) -> None:
        """Free of violations in axe."""
        found = Axe().run(page)
        self.assertEqual(found.violations_count, 0, f"{page.url}\n{found.generate_report()}")
