"""Base class of user journeys, each run on a wide screen and on a phone without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.cases import BrowserTestCase
from users.models import CustomUser
from workflow_ops.tests.engine_cases import Engine


class PathTestCase(BrowserTestCase):
    """A test case in which `self.engine` prepares a journey with the functions that the pages use."""

    width = 1280
    scripts = True

    def setUp(self) -> None:
        """Create an engine with real commits."""
        super().setUp()
        self.engine = Engine(self.ours, lambda call: call())

    @contextmanager
    def walker(self, person: CustomUser) -> Iterator[Page]:
        """Open a browser in which the person is logged in."""
        with self.person(width=self.width, scripts=self.scripts) as page:
            self.enter(page, person)
            yield page

    def see(self, page: Page, *texts: str) -> None:
        """Assert that the page shows all texts and fits the screen."""
        for text in texts:
            expect(page.locator("main")).to_contain_text(text)
        page.wait_for_load_state()  # the text may appear before the styles are loaded
        self.assert_fits(page)

    def assert_accessible(self, page: Page, **options: Any) -> None:
        """Assert that axe finds no violations; not on a walk without scripts, where axe would never end."""
        if self.scripts:
            super().assert_accessible(page, **options)

    def go(self, page: Page, path: str, *texts: str) -> None:
        """Open a path and assert its content."""
        page.goto(path)
        self.see(page, *texts)

    def follow(self, page: Page, link: str, *texts: str) -> None:
        """Click the first visible link with this text and assert the content."""
        page.get_by_role("main").get_by_role("link", name=link).locator("visible=true").first.click()
        self.see(page, *texts)

    def press(self, page: Page, button: str, *texts: str) -> None:
        """Click the button with exactly this text and assert the content."""
        buttons = page.get_by_role("main").get_by_role("button", name=button, exact=True)
        buttons.locator("visible=true").first.click()
        self.see(page, *texts)

    def fill(self, page: Page, **values: str) -> None:
        """Fill in fields by name."""
        for name, text in values.items():
            page.locator(f"main [name={name}]").fill(text)

    def choose(self, page: Page, **values: str) -> None:
        """Select options by the names of selects and their labels; unfold filters that are folded away."""
        for name, label in values.items():
            control = page.locator(f"main select[name={name}]")
            for fold in (".tf-filter-fold", ".tf-more-filters"):
                summary = page.locator(f"main {fold} > summary")
                if summary.is_visible() and not control.is_visible():
                    summary.click()
            control.select_option(label=label)

    def assert_filled(self, page: Page, **values: str) -> None:
        """Assert that the fields still have these values."""
        for name, text in values.items():
            expect(page.locator(f"main [name={name}]")).to_have_value(text)


class OnAPhone:
    """A mixin that runs journeys again on a phone and without JavaScript."""

    width = 360
    scripts = False
