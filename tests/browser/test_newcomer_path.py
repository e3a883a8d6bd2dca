"""The journey of a new designer: from an empty workflow to its first ticket, without any JSON."""

import re

from django.db import transaction
from playwright.sync_api import Locator, Page, expect

from tests.browser.cases import BrowserTestCase
from users.models import CompanyRole


class NewcomerPath(BrowserTestCase):
    """Dora has never seen JSON. Sam wants a bike, and Wanda hands it over."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope(), transaction.atomic():
            CompanyRole.objects.create(name="Workshop").memberships.create(person=self.ours.worker)

    def test_on_a_desktop(self) -> None:
        self.walk(width=1280, scripts=True)

    def test_on_a_phone_without_scripts(self) -> None:
        self.walk(width=360, scripts=False)

    def walk(self, *, width: int, scripts: bool) -> None:
        self.scripts = scripts
        with self.person(width=width, scripts=scripts) as dora:
            self.log_in(dora, self.ours.designer.email)
            self.begin(dora)
            self.add_fields(dora)
            self.add_ticket(dora)
            self.add_tasks(dora)
            self.add_completion(dora)
            self.find_dead_end(dora)
            self.fix_it(dora)
            self.try_out(dora)
            self.publish(dora)
        with (
            self.person(width=width, scripts=scripts) as sam,
            self.person(width=width, scripts=scripts) as wanda,
        ):
            self.submit(sam)
            self.do_tasks(wanda)
            sam.reload()
            expect(self.main(sam)).to_contain_text("Completed")
            self.look(sam)

    def look(self, page: Page) -> None:
        """Assert what holds for every page of the journey."""
        page.wait_for_load_state()  # including the style sheets
        self.assert_fits(page)

    def main(self, page: Page) -> Locator:
        return page.locator("main")

    def press(self, page: Page, name: str) -> None:
        self.look(page)
        self.main(page).get_by_role("button", name=name, exact=True).click()

    def follow(self, page: Page, name: str) -> None:
        self.look(page)
        self.main(page).get_by_role("link", name=name, exact=True).first.click()

    def begin(self, page: Page) -> None:
        page.goto("/design/")
        self.look(page)
        page.locator("a:visible", has_text="New workflow").click()
        page.get_by_label("Title").fill("Company bike")
        self.press(page, "Continue to its fields")
        expect(page.get_by_role("heading", level=1)).to_have_text("Fields")

    def add_fields(self, page: Page) -> None:
        for look, title, choices in (
            ("Short text", "Reason", ()),
            ("Whole number", "Days", ()),
            ("Choice", "Decision", ("Approve", "Reject")),
            ("Yes or no", "Handed over", ()),
        ):
            self.look(page)
            self.main(page).get_by_role("link", name=look).first.click()
            page.get_by_label("Title").fill(title)
            for number, choice in enumerate(choices):
                page.get_by_label("Label").nth(number).fill(choice)
            page.get_by_label("Must be filled in").check()
            self.press(page, "Add the field")
            expect(self.main(page)).to_contain_text(title)

    def add_ticket(self, page: Page) -> None:
        self.follow(page, "Continue to tickets and tasks")
        self.follow(page, "Add a ticket")
        page.get_by_label("Title").fill("Bike request")
        self.tick(page, "The form asks for", "Reason", "Days")
        self.press(page, "Add a ticket")

    def add_tasks(self, page: Page) -> None:
        self.follow(page, "Add a task")
        expect(page.locator("details.tf-more[open]")).to_have_count(0)  # optional settings are folded
        page.get_by_label("Title").fill("Decide")
        self.tick(page, "Starts when one of these is filled in", "Reason", "Days")
        self.tick(page, "The form asks for", "Decision")
        self.tick(page, "Roles that do it", "Workshop")
        self.press(page, "Add a task")
        self.follow(page, "Add a task")
        page.get_by_label("Title").fill("Hand over")
        self.tick(page, "Starts when one of these is filled in", "Decision")
        self.only_if(page, "Decision", "Approve")
        self.tick(page, "The form asks for", "Handed over")
        self.tick(page, "Roles that do it", "Workshop")
        self.press(page, "Add a task")

    def add_completion(self, page: Page) -> None:
        self.follow(page, "Add a completion")
        page.get_by_label("Title").fill("Bike is out")
        page.get_by_role("radio", name="Completed").check()
        self.tick(page, "Checked when one of these is filled in", "Handed over")
        self.press(page, "Add a completion")

    def find_dead_end(self, page: Page) -> None:
        """Find the missing step after the answer "no", which the check reports."""
        self.follow(page, "Overview")
        expect(self.main(page)).to_contain_text("The check found something.")
        finding = page.locator(".tf-findings > li").first
        finding.get_by_text("How it happens").click()
        expect(finding).to_contain_text("Reject")
        self.look(page)
        finding.get_by_role("button", name="Show me").click()
        self.look(page)
        expect(self.main(page)).to_contain_text("Reject")

    def fix_it(self, page: Page) -> None:
        self.follow(page, "Fix the draft")
        self.follow(page, "Tickets and tasks")
        self.follow(page, "Add a completion")
        page.get_by_label("Title").fill("Refused")
        page.get_by_role("radio", name="Cancelled The request ends").check()
        self.tick(page, "Checked when one of these is filled in", "Decision")
        self.only_if(page, "Decision", "Reject")
        self.press(page, "Add a completion")
        self.follow(page, "Overview")
        expect(self.main(page)).to_contain_text("It is complete.")

    def try_out(self, page: Page) -> None:
        self.follow(page, "Try it out")
        self.ask(page)
        self.press(page, "Submit")
        page.get_by_label("Approve").check()
        self.press(page, "Complete")
        page.get_by_label("Yes").check()
        self.press(page, "Complete")
        expect(page.get_by_role("status")).to_contain_text("Completed")
        self.look(page)

    def publish(self, page: Page) -> None:
        self.follow(page, "Back to the workflow")
        self.follow(page, "Publish")
        self.press(page, "Publish")
        expect(self.main(page)).to_contain_text("Active")

    def submit(self, page: Page) -> None:
        """Submit the first real ticket."""
        self.log_in(page, self.ours.submitter.email)
        page.goto("/tickets/new/")
        self.follow(page, "Bike request")
        self.ask(page)
        self.press(page, "Submit")
        expect(page).to_have_url(re.compile(r"/tickets/\d+/$"))
        self.look(page)

    def do_tasks(self, page: Page) -> None:
        self.log_in(page, self.ours.worker.email)
        for title, answer in (("Decide", "Approve"), ("Hand over", "Yes")):
            page.goto("/tasks/")
            self.look(page)
            page.get_by_role("link", name=title).first.click()
            page.get_by_label(answer).check()
            self.press(page, "Complete")
            expect(page.get_by_role("button", name="Complete")).to_have_count(0)

    def ask(self, page: Page) -> None:
        page.get_by_label("Reason").fill("A customer out of town")
        page.get_by_label("Days").fill("2")

    def tick(self, page: Page, question: str, *answers: str) -> None:
        group = page.get_by_role("group", name=question)
        for answer in answers:
            group.get_by_label(answer).check()

    def only_if(self, page: Page, field: str, value: str) -> None:
        """Add a condition that a choice has this value."""
        page.get_by_role("button", name="Add a condition").click()
        page.get_by_label("Field of row 1").select_option(label=field)
        if not self.scripts:
            page.get_by_role("button", name="Next").click()
        page.get_by_label("Value of row 1").select_option(label=value)
        if self.scripts:
            expect(self.main(page)).to_contain_text(f"{field} is “{value}”")
