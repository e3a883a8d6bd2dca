"""Journeys of submitters, from the catalogue to the end of a ticket."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.path_cases import OnAPhone, PathTestCase
from users.tests.cases import PASSWORD
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.models import TicketInstance
from workflow_ops.tests.engine_cases import PERSON, YES_NO, end, equals, form, workflow

FILE = {"type": "string", "format": "file"}
FIELDS: dict[str, Any] = {
    "wish": {"type": "string", "title": "Wish", "maxLength": 40},
    "why": {"type": "string", "title": "Reason", "format": "multiline"},
    "mail": {"type": "string", "title": "Mail", "format": "email"},
    "link": {"type": "string", "title": "Link", "format": "uri"},
    "day": {"type": "string", "title": "Day", "format": "date"},
    "clock": {"type": "string", "title": "Time", "format": "time"},
    "moment": {"type": "string", "title": "Moment", "format": "date-time"},
    "size": {"type": "string", "title": "Size", "enum": ["small", "large"]},
    "shape": {"type": "string", "title": "Shape", "enum": ["box", "ball", "bag", "tube", "tray", "tin"]},
    "amount": {"type": "number", "title": "Amount"},
    "count": {"type": "integer", "title": "Count", "minimum": 1, "maximum": 9},
    "sure": {**YES_NO, "title": "Sure"},
    "extras": {"type": "array", "title": "Extras", "items": {"enum": ["card", "ribbon"]}},
    "for_whom": {**PERSON, "title": "For whom"},
    "offer": {**FILE, "title": "Offer"},
    "pictures": {"type": "array", "title": "Pictures", "items": FILE},
}
TOO_MUCH = "9" * 60  # so long that its message must wrap on a phone
TYPED = {
    "wish": "A drum & sticks",
    "why": "The old one\nis broken",
    "mail": "shop@drums.example",
    "link": "https://drums.example/7",
    "day": "1.3.2027",
    "clock": "10:30 am",
    "moment": "2 March 2027, 11:45",
    "amount": "12,5",
}


def _file(name: str, content: str) -> Any:
    return {"name": name, "mimeType": "text/plain", "buffer": content.encode()}


def _wishes() -> WorkflowFile:
    """Return a workflow whose ticket has a field of each kind, which the submitter may be asked to change."""
    change = form(
        "Change it", "verdict", "wish", condition=equals("verdict", "change"), assignee_field="$submitter"
    )
    file = workflow(
        form("Look at it", "wish", "verdict", executor_roles=("Helper",)),
        change,
        end("Granted", "verdict", condition=equals("verdict", "yes")),
        ticket=" ".join(FIELDS),
        title="Wishes",
        **FIELDS,
    )
    schema = {**file.fields_schema, "required": ["wish", "count", "sure"]}
    ticket = replace(file.tickets[0], title="Wish", description="For whatever you lack")
    return replace(file, fields_schema=schema, tickets=(ticket,))


class SubmitterPaths(PathTestCase):
    """Sam submits wishes, and Hugo checks them."""

    def setUp(self) -> None:
        super().setUp()
        self.sam = self.ours.submitter
        self.wishes = self.engine.load(_wishes())
        self.engine.person("Hugo", roles=["Helper"])

    def wish(self, text: str = "A drum") -> TicketInstance:
        return self.engine.submit(self.wishes, wish=text, count=1, sure=True)

    def count_tickets(self) -> int:
        counted: int = self.engine.call(TicketInstance.objects.count)
        return counted

    # --- A new ticket

    def test_find_fill_in_and_submit(self) -> None:
        with self.walker(self.sam) as page:
            self.find(page)
            self.fill_in_all_but_one(page)
            self.looks_elsewhere_and_comes_back(page)
            self.attaches_files(page)
            self.is_refused_and_corrects(page)
            self.goes_back_to_what_was_made(page)
            self.reads_what_was_submitted(page)
            self.saves_a_file(page)
            self.logs_out(page)
        self.assertEqual(self.count_tickets(), 1)

    def find(self, page: Page) -> None:
        self.go(page, "/users/dashboard/", "What you can start", "For whatever you lack")
        self.follow(page, "Everything you can submit", "Submit a ticket", "1 kind of ticket")
        self.fill(page, q="zebra")
        self.press(page, "Show", "No ticket that you can submit matches your search.")
        self.follow(page, "Show everything", "1 kind of ticket")
        self.fill(page, q="whatever you lack")
        self.press(page, "Show", "For whatever you lack")
        self.follow(page, "Wish", "Next, “Look at it” starts.")

    def fill_in_all_but_one(self, page: Page) -> None:
        self.fill(page, **TYPED, count=TOO_MUCH)
        for label in ("large", "ribbon"):
            page.get_by_label(label, exact=True).check()
        page.get_by_label("Shape").select_option("tin")
        page.get_by_label("For whom").select_option(label="Hugo Tester")

    def looks_elsewhere_and_comes_back(self, page: Page) -> None:
        page.once("dialog", lambda dialog: dialog.accept())  # a changed form may ask
        page.goto("/tickets/")
        self.see(page, "Tickets that you submit appear here")
        page.go_back()
        self.assert_filled(page, **TYPED, count=TOO_MUCH, shape="tin")
        for label in ("large", "ribbon"):
            expect(page.get_by_label(label, exact=True)).to_be_checked()

    def attaches_files(self, page: Page) -> None:
        page.locator("[type=file][name=offer]").set_input_files(_file("offer.txt", "Drum: 12.50"))
        pictures = [_file("front.txt", "front"), _file("back.txt", "back")]
        page.locator("[type=file][name=pictures]").set_input_files(pictures)

    def is_refused_and_corrects(self, page: Page) -> None:
        self.press(page, "Submit", "Please check what you entered", "Sure: Please fill this in.")
        self.assert_filled(page, **TYPED, count=TOO_MUCH, shape="tin")
        for label in ("large", "ribbon", "Keep offer.txt", "Keep front.txt", "Keep back.txt"):
            expect(page.get_by_label(label, exact=True)).to_be_checked()
        self.assertEqual(self.count_tickets(), 0)
        summary = page.get_by_role("alert")
        summary.get_by_role("link", name="Sure").click()
        expect(page.locator("[name=sure]").first).to_be_focused()
        summary.get_by_role("link", name="Count").click()
        expect(page.locator("[name=count]")).to_be_focused()
        self.fill(page, count="2")
        page.get_by_label("Yes").check()
        page.get_by_label("Keep back.txt").uncheck()
        self.press(page, "Submit", "has been submitted as #1.")

    def goes_back_to_what_was_made(self, page: Page) -> None:
        """Go back after a form was refused and then sent. Without scripts, the kept form is shown."""
        if self.scripts:
            page.go_back()
            self.see(page, "You have submitted this already: ")

    def reads_what_was_submitted(self, page: Page) -> None:
        texts = ("Waits for Look at it by Hugo Tester", "A drum & sticks", "The old one", "1 March 2027")
        self.see(page, *texts, "large", "tin", "12.5", "Yes", "ribbon", "Hugo Tester", "front.txt")
        expect(page.locator("main")).not_to_contain_text("back.txt")

    def saves_a_file(self, page: Page) -> None:
        with page.expect_download() as coming:
            page.get_by_role("link", name="offer.txt").first.click()
        self.assertEqual(coming.value.suggested_filename, "offer.txt")
        self.assertEqual(Path(coming.value.path()).read_text(), "Drum: 12.50")

    def logs_out(self, page: Page) -> None:
        page.goto("/users/logout/")
        page.get_by_role("main").get_by_role("button", name="Log out").click()
        expect(page).to_have_url(re.compile("/users/login/$"))
        page.go_back()
        page.go_back()
        expect(page).to_have_url(re.compile("/users/login/[?]next=/tickets/1/$"))
        expect(page.locator("body")).not_to_contain_text("A drum & sticks")

    def test_a_double_click_submits_once(self) -> None:
        with self.walker(self.sam) as page:
            self.go(page, f"/tickets/new/{self.engine.call(self.wishes.tickets.get).pk}/")
            self.fill(page, wish="One drum", count="1")
            page.get_by_label("Yes").check()
            page.get_by_role("button", name="Submit", exact=True).dblclick()
            self.see(page, "Wish #1", "One drum")
            page.go_back()
            self.see(page, "You have submitted this already: ", "One drum")
            self.go(page, "/tickets/", "1 ticket")
        self.assertEqual(self.count_tickets(), 1)

    def test_nothing_typed_is_lost(self) -> None:
        form_address = f"/tickets/new/{self.engine.call(self.wishes.tickets.get).pk}/"
        with self.walker(self.sam) as page:
            self.go(page, form_address)
            self.follow(page, "Cancel", "What do you need?")  # nothing was typed, so nothing is asked
            self.go(page, form_address)
            self.fill(page, wish="A bell", why="It\nrings", count="10")
            page.locator("[type=file][name=offer]").set_input_files(_file("offer.txt", "Bell: 9.50"))
            page.get_by_label("Yes").check()
            self.stays(page)
            page.context.clear_cookies(name="sessionid")
            self.press(page, "Submit", "You were logged out before this was sent.")
            page.get_by_label("E-mail address").fill(self.sam.email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            self.see(page, "You were logged out before this was sent. Please check it and send it.")
            self.assert_filled(page, wish="A bell", why="It\nrings", count="10")
            for label in ("Yes", "Keep offer.txt"):
                expect(page.get_by_label(label, exact=True)).to_be_checked()
            self.stays(page)
            self.fill(page, count="2")
            self.press(page, "Submit", "has been submitted as #1.", "A bell", "offer.txt")
            self.goes_back_to_what_was_made(page)
        self.assertEqual(self.count_tickets(), 1)

    def stays(self, page: Page) -> None:
        """Try to leave a changed form, and stay when the page asks. Without scripts it can't ask."""
        if self.scripts:
            with page.expect_event("dialog") as asked:
                page.once("dialog", lambda dialog: dialog.dismiss())
                page.get_by_role("link", name="Cancel").click(no_wait_after=True)
            self.assertEqual(asked.value.type, "beforeunload")

    # --- The lists

    def test_my_tickets(self) -> None:
        with self.walker(self.sam) as page:
            self.go(page, "/tickets/", "Tickets that you submit appear here")
            self.go(page, "/tickets/?status=archive", "Tickets that have ended appear here.")
            for number in range(1, 8):
                self.wish(f"Drum {number}")
            self.engine.complete(self.tickets()[0], "Look at it", verdict="yes")
            self.sorts(page)
            self.searches(page)

    def tickets(self) -> list[TicketInstance]:
        found: list[TicketInstance] = self.engine.call(
            lambda: list(TicketInstance.objects.order_by("number"))
        )
        return found

    def sorts(self, page: Page) -> None:
        self.go(page, "/tickets/", "6 tickets", "Waits for Look at it by Hugo Tester")
        expect(page.locator("main tbody tr th").first).to_contain_text("Drum 7")
        head = page.get_by_role("columnheader", name="Submitted")
        if head.is_visible():
            head.get_by_role("link").click()
            expect(head).to_have_attribute("aria-sort", "ascending")
        else:  # on a phone, there are no heads of columns
            self.choose(page, sort="Submitted, ascending")
            self.press(page, "Show", "6 tickets")
        expect(page.locator("main tbody tr th").first).to_contain_text("Wish #2")

    def searches(self, page: Page) -> None:
        self.fill(page, q="#7")
        self.press(page, "Show", "1 ticket", "Clear all filters")
        expect(page.locator("main tbody tr th").first).to_contain_text("Wish #7")
        self.follow(page, "Clear all filters", "6 tickets")
        self.follow(page, "Archive", "Completed as Granted")
        self.fill(page, q="zebra")
        self.press(page, "Show", "None of these tickets matches your search.")
        self.follow(page, "Clear all filters", "1 ticket", "Completed as Granted")
        page.locator("main tbody a").click()
        self.see(page, "Wish #1", "Completed as Granted", "Drum 1")

    # --- One ticket

    def test_follow_comment_and_withdraw(self) -> None:
        self.wish()
        with self.walker(self.sam) as page:
            self.go(page, "/tickets/", "Waits for Look at it by Hugo Tester")
            page.locator("main tbody a").click()
            self.see(page, "Wish #1", "Sam Tester submitted the ticket")
            self.looks_at_the_picture(page)
            self.comments(page)
            self.withdraws(page)

    def looks_at_the_picture(self, page: Page) -> None:
        picture = page.get_by_role("group", name="Picture of Wish")
        page.get_by_text("Show the picture").click()
        if self.scripts:  # it is loaded when it is unfolded; without, a link leads to it
            expect(picture).to_be_visible()
            return
        page.get_by_text("The picture on a page of its own").click()
        expect(picture).to_be_visible()
        page.go_back()

    def comments(self, page: Page) -> None:
        expect(page.get_by_role("button", name="Add comment")).to_be_hidden()
        page.get_by_label("Comment", exact=True).click()
        self.press(page, "Add comment", "Please check what you entered")
        self.fill(page, text="Any colour <b>will</b> do")
        self.press(page, "Add comment", "Your comment has been added.", "Any colour <b>will</b> do")
        text = page.get_by_label("Comment", exact=True)
        text.press_sequentially("Ask @Ada Admin")
        if self.scripts:  # names are offered; without, the name that was typed counts
            text.fill("")
            text.press_sequentially("Ask @ada")
            page.get_by_role("option", name="Ada Admin").click()
            expect(text).to_have_value("Ask @Ada Admin ")
        self.press(page, "Add comment", "Your comment has been added.")
        expect(page.locator(".tf-mention")).to_have_text("@Ada Admin")

    def withdraws(self, page: Page) -> None:
        self.follow(page, "Withdraw", "Wish #1”?")
        self.follow(page, "Cancel", "Waits for Look at it")
        self.follow(page, "Withdraw", "Wish #1”?")
        self.press(page, "Withdraw the ticket", "Please check what you entered")
        self.fill(page, reason="Found one in the attic")
        self.press(
            page,
            "Withdraw the ticket",
            "Wish #1” has been withdrawn.",
            "Found one in the attic",
            "Cancelled",
        )
        expect(page.get_by_role("link", name="Withdraw")).to_have_count(0)
        self.go(page, "/tickets/", "Tickets that you submit appear here")
        self.go(page, "/tickets/?status=archive", "Cancelled")

    def test_change_what_was_asked_for(self) -> None:
        self.engine.complete(self.wish(), "Look at it", verdict="change")
        with self.walker(self.sam) as page:
            self.go(page, "/users/dashboard/", "Waits for Change it by you")
            page.locator("[aria-labelledby=tickets] a.tf-row-link").click()
            self.see(page, "Waits for Change it by you", "Your task: Change it")
            self.follow(page, "Your task: Change it", "Your answers")
            self.assert_filled(page, wish="A drum")
            self.fill(page, wish="A smaller drum")
            self.press(page, "Complete", "You have completed this task", "“Look at it” #2 started")
            self.go(page, "/tickets/1/", "A smaller drum", "Waits for Look at it by Hugo Tester")


class SubmitterPathsOnAPhone(OnAPhone, SubmitterPaths):
    """The same journeys without JavaScript."""
