"""The editors of drafts with JavaScript: they update at once and keep the input."""

from itertools import product
from typing import Literal

from django.test import override_settings
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.cases import WIDTHS, BrowserTestCase
from workflow_design.tests.editor.editor_pages import STORED

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@override_settings(ROOT_URLCONF="workflow_design.tests.editor.editor_pages")
class Editors(BrowserTestCase):
    """A page with all editors."""

    def open(self, page: Page) -> None:
        self.log_in(page, self.ours.designer.email)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.goto("/editor/")

    def saved(self, page: Page) -> str:
        page.get_by_role("button", name="Save").click()
        return page.locator("body").inner_text()

    def test_a_condition_is_described_while_it_is_edited(self) -> None:
        with self.person() as page:
            self.open(page)
            words = page.locator("#id_condition-sentence")
            expect(words).to_contain_text("Decision is “Go on”")
            page.get_by_role("button", name="Add a row").click()
            field = page.get_by_label("Field of row 2")
            expect(field).to_be_focused()
            field.select_option(label="Days")
            page.get_by_label("Comparison of row 2").select_option("between")
            page.get_by_label("From, row 2").fill("1")
            page.get_by_label("To, row 2").fill("5")
            page.get_by_label("Title").focus()
            expect(words).to_contain_text("Decision is “Go on” and Days is between 1 and 5")
            page.get_by_label("How the rows are joined").select_option("any")
            expect(words).to_contain_text("Decision is “Go on” or Days is between 1 and 5")
            page.get_by_role("button", name="Remove row 1").click()
            expect(words).to_have_text("In words: Days is between 1 and 5.")
            result = page.locator("#id_answer-result")
            expect(result).to_contain_text("“Sent”")
            page.get_by_label("Part of the answer, row 1").press_sequentially("x")
            expect(result).to_contain_text("is emptied")
            page.get_by_role("button", name="Add a field to fill").click()
            page.get_by_label("Field, row 2").select_option(label="Days")
            page.get_by_label("Part of the answer, row 2").fill("number")
            expect(result).to_contain_text("12")
            saved = self.saved(page)
            self.assertIn('"condition": {"<=": [1, {"var": "days"}, 5]}', saved)
            self.assertIn('"days": {"var": "response.body.number"}', saved)

    def test_enter_in_a_value_saves(self) -> None:
        with self.person() as page:
            self.open(page)
            page.get_by_label("Field of row 1").select_option(label="Days")
            value = page.locator("input#id_condition-0-value")
            value.fill("3")
            value.press("Enter")
            expect(page.locator("body")).to_contain_text('{"==": [{"var": "days"}, 3]}')

    def test_no_answer_moves_the_button_that_is_pressed(self) -> None:
        with self.person() as page:
            self.open(page)
            words = page.locator("#id_condition-sentence")
            self.press_save_before_the_answer(page, "no")
            expect(words).to_contain_text("Decision is “Go on”")
            page.mouse.move(1, 1)
            page.mouse.up()  # elsewhere: the answer is shown then
            expect(words).to_contain_text("Decision is “Stop”")
            self.press_save_before_the_answer(page, "yes")
            page.mouse.up()
            expect(page.locator("body")).to_contain_text('{"==": [{"var": "decision"}, "yes"]}')

    def press_save_before_the_answer(self, page: Page, value: str) -> None:
        """Choose a value, and press Save while the answer arrives, which would move it down."""
        requests: list[Route] = []

        def hold(route: Route) -> None:
            requests.append(route)

        page.route("**/editor/", hold)
        with page.expect_request("**/editor/"):
            page.locator("#id_condition-0-value").select_option(value)
        page.get_by_role("button", name="Save").hover()
        page.mouse.down()
        answer = requests[0].fetch()
        # Far enough that the button is not below the pointer any more.
        body = answer.text().replace('<p class="tf-sentence"', f'{"<br>" * 30}<p class="tf-sentence"')
        self.assertIn("<br><br>", body)
        page.evaluate(
            "addEventListener('htmx:afterRequest', () => document.body.id = 'answered', {once: true})"
        )
        requests[0].fulfill(response=answer, body=body)
        expect(page.locator("body")).to_have_id("answered")
        page.evaluate("document.body.id = ''")
        page.unroute("**/editor/")

    def test_the_preview_follows_what_is_arranged(self) -> None:
        with self.person() as page:
            self.open(page)
            preview = page.locator("#id_form-preview")
            self.assert_order(preview, "Days", "First day", "Decision")
            page.get_by_role("button", name="Move down Days").first.click()
            expect(page.locator("#id_form-1-down")).to_be_focused()
            self.assert_order(preview, "First day", "Days", "Decision")
            page.locator("#id_form-heading").click()
            page.get_by_label("Heading, line 4").fill("At last")
            page.get_by_label("Title").focus()
            expect(preview).to_contain_text("At last")
            self.assertIn("At last", self.saved(page))

    def assert_order(self, preview: Locator, *titles: str) -> None:
        """Assert the order of the labels as soon as the preview is loaded."""
        for number, title in enumerate(titles):
            expect(preview.locator(".form-label").nth(number)).to_contain_text(title)

    def test_it_looks_right_everywhere(self) -> None:
        phone, tablet, desktop = WIDTHS
        for widths in ((phone,), (desktop, tablet)):
            with self.person(width=widths[0]) as page:
                self.open(page)
                page.get_by_role("button", name="Add a group").click()
                expect(page.get_by_label("Field of row 2.1")).to_be_focused()
                page.get_by_label("Field of row 2.1").select_option(label="Days")
                page.get_by_label("Value of row 2.1").fill("five")
                page.locator("#id_form-heading").click()
                page.get_by_role("button", name="Save").click()
                expect(page.locator(".tf-error-summary")).to_contain_text("“five” is not a whole number")
                for width, theme in product(widths, THEMES):
                    page.set_viewport_size({"width": width, "height": 800})
                    page.emulate_media(color_scheme=theme)
                    self.assert_fits(page)
                    self.assert_accessible(page)

    def test_nothing_is_lost_on_the_way(self) -> None:
        with self.person() as page:
            self.open(page)
            page.locator("#id_condition .tf-more-menu > summary").click()
            page.locator("#id_condition-switch").click()
            expect(page.locator("#id_condition-json")).to_be_visible()
            page.locator("#id_condition-switch").click()
            expect(page.get_by_label("Field of row 1")).to_have_value("decision")
            saved = self.saved(page)
        self.assertIn(str(STORED["condition"]["=="][1]), saved)
