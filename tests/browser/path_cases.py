"""What the paths of people stand on: each is walked on a wide screen, and on a phone without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.cases import BrowserTestCase
from users.models import CustomUser
from workflow_ops.tests.engine_cases import Engine


class PathTestCase(BrowserTestCase):
    """`self.engine` prepares what a path begins with, by the functions that the pages use."""

    width = 1280
    scripts = True

    def setUp(self) -> None:
        """The engine, with real commits."""
        super().setUp()
        self.engine = Engine(self.ours, lambda call: call())

    @contextmanager
    def walker(self, person: CustomUser) -> Iterator[Page]:
        """The browser of somebody who has logged in."""
        with self.person(width=self.width, scripts=self.scripts) as page:
            self.enter(page, person)
            yield page

    def see(self, page: Page, *texts: str) -> None:
        """The page has come, says all this, and fits the screen."""
        for text in texts:
            expect(page.locator("main")).to_contain_text(text)
        page.wait_for_load_state()  # the texts may be there before all styles are
        self.assert_fits(page)

    def go(self, page: Page, path: str, *texts: str) -> None:
        """Open an address, and see."""
        page.goto(path)
        self.see(page, *texts)

    def follow(self, page: Page, link: str, *texts: str) -> None:
        """Press the first link that is shown with these words, and see."""
        page.get_by_role("main").get_by_role("link", name=link).locator("visible=true").first.click()
        self.see(page, *texts)

    def press(self, page: Page, button: str, *texts: str) -> None:
        """Press the button with exactly these words, and see."""
        shown = page.get_by_role("main").get_by_role("button", name=button, exact=True)
        shown.locator("visible=true").first.click()
        self.see(page, *texts)

    def fill(self, page: Page, **values: str) -> None:
        """Type into fields by their names."""
        for name, text in values.items():
            page.locator(f"main [name={name}]").fill(text)

    def assert_filled(self, page: Page, **values: str) -> None:
        """The fields still hold what was typed."""
        for name, text in values.items():
            expect(page.locator(f"main [name={name}]")).to_have_value(text)


class OnAPhone:
    """Mixed in before a class of paths: they are walked again, on a phone and without JavaScript."""

    width = 360
    scripts = False
