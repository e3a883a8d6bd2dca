"""Every page at three widths, in light and dark: it fits, is accessible, and is small (`docs/look.md`)."""

from collections.abc import Iterator

from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.cases import WIDTHS, BrowserTestCase
from tests.walls.pages import ENTRIES, World
from tests.walls.pages import Page as Entry

MOST_BYTES = 100_000
NOT_PAGES = {
    "health",
    "health_ready",
    "home",
    "workflow_definition_download",
    "workflow_format",
    "file_download",
}


class EveryPageLooks(BrowserTestCase):
    """The pages come from the list that the tests of the walls keep complete."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope(), transaction.atomic():
            self.world = World(self.ours)

    def addresses(self, who: str | None) -> Iterator[tuple[Entry, str]]:
        for entry in ENTRIES:
            is_theirs = entry.person == who or (who == "admin" and entry.person in {"submitter", "designer"})
            if is_theirs and entry.get and entry.name not in NOT_PAGES:
                yield entry, reverse(entry.name, kwargs=entry.kwargs(self.world))

    def walk(self, who: str | None, *, width: int, theme: str) -> None:
        with self.person(width=width) as page:
            page.context.add_cookies([{"name": "theme", "value": theme, "url": self.live_server_url}])
            if who is not None:
                self.log_in(page, self.staff.email if who == "staff" else self.ours.admin.email)
            for entry, address in self.addresses(who):
                with self.subTest(page=entry.name, width=width, theme=theme):
                    self.look_at(page, address)

    def look_at(self, page: Page, address: str) -> None:
        response = page.goto(address)
        assert response is not None
        self.assertLess(len(response.body()), MOST_BYTES)
        self.assert_fits(page)
        self.assert_accessible(page)

    def test_visitors(self) -> None:
        for width, theme in zip(WIDTHS, ("dark", "light", "dark"), strict=True):
            self.walk(None, width=width, theme=theme)

    def test_company_admins(self) -> None:
        for width, theme in zip(WIDTHS, ("light", "dark", "light"), strict=True):
            self.walk("admin", width=width, theme=theme)

    def test_company_admins_the_other_way_round(self) -> None:
        for width, theme in zip(WIDTHS, ("dark", "light", "dark"), strict=True):
            self.walk("admin", width=width, theme=theme)

    def test_staff(self) -> None:
        for theme in ("light", "dark"):
            self.walk("staff", width=1280, theme=theme)
            self.walk("staff", width=360, theme=theme)


class WithoutScripts(BrowserTestCase):
    """Everything that admins do works without JavaScript."""

    def test_invite_and_withdraw(self) -> None:
        with self.person(scripts=False, width=360) as page:
            self.log_in(page, self.ours.admin.email)
            page.goto("/users/people/invite/")
            page.get_by_label("E-mail address").fill("guest@new.example")
            page.get_by_role("button", name="Send the invitation").click()
            self.assertIn("guest@new.example", page.locator("main").inner_text())
            page.get_by_role("link", name="Withdraw").first.click()
            page.get_by_role("button", name="Withdraw").click()
            self.assertIn("has been withdrawn", page.locator("body").inner_text())
