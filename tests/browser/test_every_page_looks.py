"""Every page at three widths: it fits, is accessible in light and dark, and is small (`docs/look.md`)."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.cases import BrowserTestCase
from tests.walls.pages import ENTRIES, World
from users.models import CustomUser
from workflow_design.tests.page_cases import make_draft

MAX_BYTES = 100_000
NOT_PAGES = {
    "audit_download",
    "report_csv",
    "favicon",
    "health",
    "health_ready",
    "workflow_definition_download",
    "workflow_format",
    "file_download",
}


PHONE, TABLET, DESKTOP = 360, 768, 1280
# The other rules of axe look at elements, which are the same in every theme.
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_NEW_ELEMENTS = """width => {
    const visible = [...document.body.querySelectorAll("*")].filter(element => element.checkVisibility());
    const added = visible.filter(element => !element.firstSeen);
    for (const element of added) element.firstSeen = width;
    return added.map(element => element.outerHTML.slice(0, 200));
}"""
_SEEN_AT_BOTH = """([phone, desktop]) => {
    for (const element of document.body.querySelectorAll("*"))
        if (element.firstSeen === phone && element.checkVisibility()) element.firstSeen = phone + desktop;
}"""
_KINDS_OF_ELEMENTS = """width => {
    const describe = element => element === document.body ? "" : describe(element.parentElement) + " "
        + element.tagName + "." + element.className + [...element.attributes].map(each => each.name);
    const here = [...document.body.querySelectorAll("*")].filter(element => element.firstSeen === width);
    return [...new Set(here.map(describe))];
}"""


class EveryPageLooks(BrowserTestCase):
    """The pages come from the list that the tests of the walls keep complete."""

    kinds_looked_at: ClassVar[dict[int, set[str]]] = {PHONE: set(), DESKTOP: set()}

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope(), transaction.atomic():
            self.world = World(self.ours)

    def addresses(self, *people: str | None) -> Iterator[tuple[str, str]]:
        """Yield the names and addresses of these people's pages."""
        for entry in ENTRIES:
            if entry.person in people and entry.get and entry.name not in NOT_PAGES:
                yield entry.name, reverse(entry.name, kwargs=entry.kwargs(self.world))

    def walk(self, who: CustomUser | None, pages: Iterable[tuple[str, str]]) -> None:
        with self.person() as page:
            page.context.add_cookies([{"name": "theme", "value": "light", "url": self.live_server_url}])
            if who is not None:
                self.log_in(page, who.email)
            for name, address in pages:
                with self.subTest(page=name):
                    self.look_at(page, address)

    def look_at(self, page: Page, address: str) -> None:
        response = page.goto(address)
        assert response is not None
        self.assertLess(len(response.body()), MAX_BYTES)
        self.assertEqual(page.locator("html").get_attribute("data-bs-theme"), "light")
        self.look_at_width(page, PHONE)
        page.evaluate(_NEW_ELEMENTS, PHONE)
        # All pages have the same style sheets.
        self.assert_accessible(page, options={"preload": not self.kinds_looked_at[PHONE]})
        self.look_at_width(page, DESKTOP)
        page.evaluate(_NEW_ELEMENTS, DESKTOP)
        page.evaluate(_SEEN_AT_BOTH, [PHONE, DESKTOP])
        self.look_at_colours(page, DESKTOP)
        page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
        self.assert_accessible(page)
        self.look_at_width(page, TABLET)
        # So axe need not look at it again.
        self.assertEqual(page.evaluate(_NEW_ELEMENTS, TABLET), [], "seen on a tablet only")
        self.look_at_colours(page, PHONE)

    def look_at_colours(self, page: Page, width: int) -> None:
        """Look at what is only seen at this width: everything else is looked at in both themes anyway.

        Elements of a kind have the same colours on every page. axe takes long to begin, so it only
        begins for new kinds.
        """
        kinds = set(page.evaluate(_KINDS_OF_ELEMENTS, width))
        if kinds - self.kinds_looked_at[width]:
            self.look_at_width(page, width)
            self.assert_accessible(page, options=_COLOURS, first_seen=width)
            self.kinds_looked_at[width] |= kinds

    def look_at_width(self, page: Page, width: int) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        self.assert_fits(page)

    def test_visitors(self) -> None:
        self.walk(None, self.addresses(None))

    def test_staff(self) -> None:
        self.walk(self.staff, self.addresses("staff"))

    # In three parts, for the processes of a parallel run.

    def test_company_admins(self) -> None:
        self._walk_as_admin(0)

    def test_company_admins_further_pages(self) -> None:
        self._walk_as_admin(1)

    def test_company_admins_last_pages(self) -> None:
        self._walk_as_admin(2)

    def _walk_as_admin(self, part: int) -> None:
        """They have submitters' and designers' pages, too."""
        pages = [*self.addresses("admin", "submitter", "designer")]
        self.assertGreater(len(pages), 50)
        self.walk(self.ours.admin, pages[part::3])


class LongTitles(BrowserTestCase):
    """A draft with many fields, whose titles are as long as the forms allow and have no spaces."""

    def setUp(self) -> None:
        super().setUp()
        fields = {
            f"f{number}": {"type": "string", "title": f"{'W' * 190}{number}", "default": "W" * 190}
            for number in range(30)
        }
        task = {"task_type": "FORM", "input_fields": ["f1"], "output_fields": ["f2", "f3"]}
        self.draft = make_draft(
            self.ours,
            title="W" * 200,
            fields_schema={"type": "object", "properties": fields},
            display_layout=[],
            tickets=[{"title": "T" * 200, "fields": ["f1"]}],
            tasks=[{"title": "M" * 200, **task}],
            completions=[{"title": "C" * 200, "completion_status": "COMPLETED", "fields": ["f3"]}],
        )

    def test_pages_of_the_draft_fit(self) -> None:
        with self.ours.scope(), transaction.atomic():
            task = self.draft.tasks.get().pk
        pages = ("", "fields/", "fields/f1/edit/", "components/", "tasks/new/", "try/", "layout/")
        addresses = [f"/design/{self.draft.pk}/{page}" for page in pages]
        addresses += [f"/design/task/{task}/{page}" for page in ("", "edit/", "delete/")]
        with self.person() as page:
            self.log_in(page, self.ours.designer.email)
            for address in ["/design/", *addresses]:
                page.goto(address)
                for width in (PHONE, TABLET, DESKTOP):
                    with self.subTest(address=address, width=width):
                        page.set_viewport_size({"width": width, "height": 800})
                        self.assert_fits(page)
                with self.subTest(address=address, tables=DESKTOP):
                    widths = page.locator(".tf-table-frame").evaluate_all(
                        "all => all.map(frame => frame.scrollWidth - frame.clientWidth)"
                    )
                    self.assertLessEqual(max(widths, default=0), 0)

    def test_a_field_is_found_by_a_search(self) -> None:
        with self.person() as page:
            self.log_in(page, self.ours.designer.email)
            page.goto(f"/design/{self.draft.pk}/tasks/new/")
            group = page.get_by_role("group", name="The form asks for")
            group.get_by_text("Add a field").click()
            group.get_by_role("searchbox").fill("w17")
            expect(group.get_by_role("checkbox")).to_have_count(1)
            group.get_by_role("searchbox").press("Enter")  # which does not send the form
            expect(group.get_by_role("checkbox")).to_have_count(1)


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
