"""Journeys of ticket admins: managing tickets, tasks and errors."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.path_cases import OnAPhone, PathTestCase
from users.models import CompanyRole, CompanyRoleMembership
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.models import TicketInstance
from workflow_ops.tests.engine.failing_storage import PERMANENT_ERROR, RefusingDatabase
from workflow_ops.tests.engine_cases import end, equals, form, workflow

FIELDS: dict[str, Any] = {
    "wish": {"type": "string", "title": "Wish"},
    "count": {"type": "integer", "title": "Count", "maximum": 9},
    "verdict": {"type": "string", "title": "Verdict"},
    "bill": {"type": "string", "title": "Bill"},
}


def _wishes() -> WorkflowFile:
    """Return a workflow: a helper checks each wish, and a buyer orders granted ones; other verdicts stall."""
    return workflow(
        form("Look at it", "wish count", "verdict", executor_roles=("Helper",)),
        form("Order it", "verdict", "bill", condition=equals("verdict", "yes"), executor_roles=("Buyer",)),
        end("Ordered", "bill", condition=equals("bill", "paid")),
        end("Refused", "verdict", condition=equals("verdict", "no"), status="CANCELLED"),
        ticket="wish count",
        title="Wishes",
        **FIELDS,
    )


class AdminCase(PathTestCase):
    """Sam wishes, Hugo and Hanna help, and Tom resolves stalled tickets."""

    def setUp(self) -> None:
        super().setUp()
        self.tom = self.ours.ticket_admin
        self.wishes = self.engine.load(_wishes())
        self.hugo = self.engine.person("Hugo", roles=["Helper"])
        self.ticket = self.wish("A drum")

    def wish(self, text: str) -> TicketInstance:
        return self.engine.submit(self.wishes, wish=text, count=1)

    def rows(self, page: Page) -> Locator:
        return page.locator("main tbody tr")


class AdminPaths(AdminCase):
    """Tom manages tickets and tasks."""

    # --- Tickets

    def test_edit_and_read_the_history(self) -> None:
        with self.walker(self.tom) as page:
            self.go(page, "/manage/tickets/1/", "A drum")
            self.follow(page, "Edit data", "Only what you change is written")
            self.is_refused(page)
            self.is_outdated(page)
            self.follow(page, "Step by step", "Step 3: ", "Step 1: ")
            self.see(page, "Tom Tester", "Sam Tester", "A large drum")

    def is_refused(self, page: Page) -> None:
        self.fill(page, wish="A large drum", count="10")
        self.press(page, "Save", "Please check what you entered")
        self.assert_filled(page, wish="A large drum", count="10")
        count = page.locator("main [name=count]")
        expect(count).to_have_attribute("aria-invalid", "true")
        expect(count).to_have_accessible_description(re.compile(r"\b9\b"))

    def is_outdated(self, page: Page) -> None:
        self.engine.complete(self.ticket, "Look at it", verdict="perhaps")
        self.fill(page, count="2")
        self.press(page, "Save", "The data has changed since you opened this page. Nothing of yours is")
        self.assert_filled(page, wish="A large drum", count="2")
        self.press(page, "Save", "Save these changes?", "“Look at it” starts, for", "A large drum")
        self.press(page, "Back", "Only what you change is written")
        self.assert_filled(page, wish="A large drum", count="2")
        self.press(page, "Save", "Save these changes?")
        self.press(
            page, "Save and start these", "The data has been saved. “Look at it” #2 started", "A large drum"
        )

    def test_hold_resume_and_cancel(self) -> None:
        with self.walker(self.tom) as page:
            self.go(page, "/manage/tickets/1/", "A drum")
            self.holds(page)
            self.edits_while_it_rests(page)
            self.follow(page, "Resume", "Resume the ticket?")
            self.press(page, "Resume", "The ticket has been resumed.", "A quiet drum", "Waits for Look at it")
            self.cancels(page)

    def holds(self, page: Page) -> None:
        self.follow(page, "Put on hold", "Nobody can complete its tasks until you resume it.")
        self.press(page, "Put on hold", "Please check what you entered")
        self.fill(page, reason="The shop is closed")
        self.press(
            page, "Put on hold", "The ticket has been put on hold.", "Is on hold", "The shop is closed"
        )

    def edits_while_it_rests(self, page: Page) -> None:
        self.follow(page, "Edit data", "Only what you change is written")
        self.fill(page, wish="A quiet drum")
        self.press(page, "Save", "What follows once it is resumed", "“Look at it”")
        self.press(page, "Save", "Your change has been saved and takes effect when the ticket is resumed.")
        expect(page.locator("main")).not_to_contain_text("A quiet drum")

    def cancels(self, page: Page) -> None:
        self.follow(page, "Cancel the ticket", "Cancel the ticket?")
        self.press(page, "Cancel the ticket", "Please check what you entered")
        self.fill(page, reason="Sam plays the horn now")
        self.press(page, "Cancel the ticket", "The ticket has been cancelled.", "Sam plays the horn now")
        for link in ("Edit data", "Cancel the ticket", "Put on hold", "Resume"):
            expect(page.get_by_role("link", name=link)).to_have_count(0)

    # --- Tasks

    def test_manage_a_task(self) -> None:
        self.engine.person("Hanna", roles=["Helper"])
        with self.walker(self.tom) as page:
            self.finds_the_task(page)
            self.assigns(page)
            self.restricts(page)
            self.cancels_the_task(page)

    def finds_the_task(self, page: Page) -> None:
        self.go(page, "/manage/tasks/", "1 task", "Hugo Tester")
        self.choose(page, assigned="Nobody")
        self.press(page, "Show", "No task matches these filters.")
        self.follow(page, "Clear all filters", "1 task")
        self.follow(page, "Look at it", "About this task", "A drum", "Everyone who may do it")

    def assigns(self, page: Page) -> None:
        self.follow(page, "Assign", "Hugo Tester has had it since", "Hanna Tester")
        # So few people need no search; found by its address, it keeps the assignee, and nobody else matches.
        self.go(page, f"{page.url}?q=zebra", "Hugo Tester: 1 open task (has it now)")
        expect(page.locator("main select[name=person]")).not_to_contain_text("Hanna")
        self.follow(page, "Clear all filters", "Hanna Tester")
        self.choose(page, person="Hanna Tester: 0 open tasks")
        self.press(page, "Assign", "The task has been assigned.", "Hanna Tester")
        self.assertEqual(str(self.engine.task(self.ticket, "Look at it").assigned_to), "Hanna Tester")

    def restricts(self, page: Page) -> None:
        self.follow(page, "Restrict to people", "This restricts only this task.")
        page.get_by_label("Hugo Tester: 0 open tasks").check()
        self.press(page, "Save", "The restriction of the task has been saved.")
        self.assertEqual(self.engine.task(self.ticket, "Look at it").assigned_to, self.hugo)
        expect(page.locator("main")).not_to_contain_text("Hanna Tester")

    def cancels_the_task(self, page: Page) -> None:
        self.follow(page, "Cancel the task", "the ticket stops until you act")
        self.press(page, "Cancel the task", "Please check what you entered")
        self.fill(page, reason="Asked twice")
        self.press(page, "Cancel the task", "The task has been cancelled.", "Cancelled")
        self.follow(page, "Ticket #1", "Stopped", "Asked twice", "The workflow has stalled")


class AdminPathsOnAPhone(OnAPhone, AdminPaths):
    """The same journeys without JavaScript."""


class Errors(RefusingDatabase, AdminCase):
    """Tom resolves errors: on a phone only, since the rest is the same there and on a desk."""

    width = OnAPhone.width

    def test_retry_until_a_person_can_be_assigned(self) -> None:
        self.engine.complete(self.ticket, "Look at it", verdict="yes")
        with self.walker(self.tom) as page:
            self.finds_the_error(page)
            self.press(page, "Try again", "It failed again, for the same reason.", "Nobody")
            self.notes(page)
            self.hire()
            self.press(page, "Try again", "It worked: the error is resolved.")
            expect(page.get_by_role("button", name="Try again")).to_have_count(0)
            self.go(page, "/manage/tickets/1/", "Waits for Order it by Bert Tester")

    def finds_the_error(self, page: Page) -> None:
        self.go(page, "/manage/errors/", "1 error", "Ticket #1")
        self.choose(page, status="Resolved")
        self.press(page, "Show", "No error matches these filters.")
        self.follow(page, "Clear all filters", "1 error")
        self.rows(page).get_by_role("link").click()
        self.see(page, "Nobody", "Order it", "Try again with the current data")

    def notes(self, page: Page) -> None:
        self.fill(page, notes="Bert begins on Monday")
        self.press(page, "Mark as reviewed", "The error has been marked as reviewed.", "Reviewed")
        self.assert_filled(page, notes="Bert begins on Monday")

    def hire(self) -> None:
        bert = self.engine.person("Bert")

        def give() -> None:
            CompanyRoleMembership.objects.create(role=CompanyRole.objects.get(name="Buyer"), person=bert)

        self.engine.call(give)

    def test_resolve_a_stalled_ticket(self) -> None:
        self.engine.complete(self.ticket, "Look at it", verdict="perhaps")
        with self.walker(self.tom) as page:
            self.go(page, "/manage/tickets/1/", "Stopped")
            self.follow(page, "The workflow has stalled", "What was evaluated")
            self.see(page, "“Order it”")
            # The same data stalls in the same way, so there is nothing to try again.
            expect(page.get_by_role("button", name="Try again")).to_have_count(0)
            expect(page.get_by_role("link", name="Edit the data").last).to_be_visible()
            self.fill(page, notes="Asked Hugo")
            self.press(page, "Mark as resolved", "The error has been marked as resolved.", "Resolved")
            self.only_notes_are_left(page)
            self.go(page, "/manage/errors/", "There are none.")

    def test_retry_a_task_that_could_not_be_stored(self) -> None:
        self.refuse("INSERT ON workflow_ops_taskinstance", code=PERMANENT_ERROR)
        self.engine.complete(self.ticket, "Look at it", verdict="yes")
        with self.walker(self.tom) as page:
            self.go(page, "/manage/errors/", "1 error")
            self.choose(page, kind="A task could not be created", status="New")
            self.press(page, "Show", "1 error", "Kind: A task could not be created")
            self.rows(page).get_by_role("link").click()
            self.see(page, "Order it: IntegrityError: refused")
            self.reads_the_stack_trace(page)
            self.press(
                page,
                "Try again",
                "It failed again, for the same reason.",
                "Order it: IntegrityError: refused",
            )
            self.allow()
            self.press(page, "Try again", "Resolved")
            expect(page.get_by_role("button", name="Try again")).to_have_count(0)

    def reads_the_stack_trace(self, page: Page) -> None:
        trace = page.get_by_text("Traceback (most recent call last)").first
        expect(trace).to_be_hidden()
        page.get_by_text("Stack trace, for the operator of this site").click()
        expect(trace).to_be_visible()
        self.assert_fits(page)

    def only_notes_are_left(self, page: Page) -> None:
        for button in ("Try again", "Mark as reviewed", "Mark as resolved"):
            expect(page.get_by_role("button", name=button)).to_have_count(0)
        self.fill(page, notes="Asked Hugo, who will decide")
        self.press(page, "Save notes", "The notes have been saved.", "Resolved")
        self.assert_filled(page, notes="Asked Hugo, who will decide")
