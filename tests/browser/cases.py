"""Base class of the browser tests: a live site, and browsers for several people."""

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
_AXE = Axe()
_COUNT_VIOLATIONS = """async ([options, firstSeen]) => {
    const isMeant = element => element.firstSeen === firstSeen;
    const elements = firstSeen ? [...document.body.querySelectorAll("*")].filter(isMeant) : document;
    return elements.length === 0 ? 0 : (await axe.run(elements, options)).violations.length;
}"""
TIMEOUT = 10_000  # milliseconds after which any step of a test fails


@pytest.mark.browser
class BrowserTestCase(CommittedTestCase, LiveServerTestCase):
    """A test case with real pages in a real browser. It is skipped if there is no browser."""

    static_handler = StaticFilesHandler
    playwright: ClassVar[Playwright]
    browser: ClassVar[Browser]

    @classmethod
    def setUpClass(cls) -> None:
        """Start the browser once per class."""
        path = installed.find()
        if path is None:
            raise SkipTest(f"no Chromium was found; set {installed.VARIABLE} to its path")
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(executable_path=path, args=_flags())

    @classmethod
    def tearDownClass(cls) -> None:
        """Close the browser."""
        cls.browser.close()
        cls.playwright.stop()
        super().tearDownClass()

    @contextmanager
    def person(self, *, width: int = 1280, scripts: bool = True, **options: Any) -> Iterator[Page]:
        """Open a separate browser for one person; fail on script errors and policy violations."""
        context = self.browser.new_context(
            base_url=self.live_server_url,
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            reduced_motion="reduce",  # otherwise colours are measured in the middle of a change
            **options,
        )
        context.set_default_timeout(TIMEOUT)
        console_errors = self.console_errors(context)
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()
        self.assertEqual(console_errors, [])

    def console_errors(self, context: BrowserContext) -> list[str]:
        """Return a list that collects errors and warnings of the browser's console."""
        found: list[str] = []

        def collect(message: Any) -> None:
            # The browser also logs HTTP errors, which tests expect.
            if (
                message.type in {"error", "warning"}
                and "the server responded with a status" not in message.text
            ):
                found.append(message.text)

        context.on("console", collect)
        context.on("weberror", lambda error: found.append(str(error.error)))
        return found

    def log_in(self, page: Page, email: str, password: str = PASSWORD) -> None:
        """Log in with the form."""
        page.goto("/users/login/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()

    def enter(self, page: Page, person: CustomUser) -> None:
        """Log in without the form, for paths that start after the log-in."""
        name = settings.SESSION_COOKIE_NAME
        key = logged_in(person).cookies[name].value
        page.context.add_cookies([{"name": name, "value": key, "url": self.live_server_url}])

    def do_jobs(self) -> None:
        """Run all waiting jobs with a real worker that then stops."""
        do_jobs()

    def link_in_last_mail(self, *, to: str) -> str:
        """Return the path of the link in the newest e-mail to this address."""
        message = next(message for message in reversed(mail.outbox) if message.to == [to])
        link = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
        assert link is not None, message.body
        return link[1]

    def assert_fits(self, page: Page) -> None:
        """Assert that the page does not scroll sideways."""
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertLessEqual(width, 0, page.url)

    def assert_accessible(
        self, page: Page, *, options: dict[str, Any] | None = None, first_seen: int | None = None
    ) -> None:
        """Assert that axe, run with these options, finds no violations.

        Without `preload`, it does not fetch the style sheets for the one rule about them.
        With `first_seen`, it looks only at elements of which this is the property `firstSeen`.
        """
        if not page.evaluate("'axe' in window"):
            page.evaluate(_AXE.axe_script)
        # Half of the time of axe is spent on describing what passes, so leave that out.
        options = {"reporter": "no-passes", "selectors": False, "preload": False, **(options or {})}
        count = page.evaluate(_COUNT_VIOLATIONS, [options, first_seen])
        if count:
            found = _AXE.run(page)
            self.fail(f"{page.url}: {count} violations\n{found.generate_report()}")


def _flags() -> list[str]:
    """Draw without a process for graphics; run without a sandbox as root, where Chromium has none."""
    flags = ["--disable-gpu", "--in-process-gpu"]
    return [*flags, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags
