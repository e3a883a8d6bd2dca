"""A day at the desk: somebody submits, a ticket admin keeps order, and a worker does the tasks."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.path_cases import OnAPhone, PathTestCase
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.desk.actions import hold_workflow
from workflow_ops.desk.bulk.running import perform_bulk_action
from workflow_ops.jobs import enqueue_overdue_checks
from workflow_ops.models import BulkAction, RunStatus, TaskInstance, TicketInstance
from workflow_ops.notifications.events import READER
from workflow_ops.tests.engine_cases import YES_NO, end, equals, form, workflow
from workflow_ops.work.submissions import give_back_task

FIELDS: dict[str, Any] = {
    "wish": {"type": "string", "title": "What is missing", "maxLength": 60},
    "urgency": {"type": "string", "title": "Urgency", "enum": ["today", "this week", "some day"]},
    "place": {"type": "string", "title": "Place", "enum": ["office", "home"], "filterable": True},
    "verdict": {"type": "string", "title": "Verdict", "enum": ["yes", "no"]},
    "note": {"type": "string", "title": "Note", "format": "multiline"},
    "sent": {**YES_NO, "title": "Sent"},
    "late": {**YES_NO, "title": "Late"},
    "answer": {"type": "string", "title": "Answer"},
}
SIZES: Any = {"name": "sizes.txt", "mimeType": "text/plain", "buffer": b"Two metres"}
NEXT_MONTH = timezone.localdate() + timedelta(days=31)


def _requests() -> WorkflowFile:
    """Return a workflow with a subject, a priority, a field to filter by, and an escalation."""
    file = workflow(
        form(
            "Look at it",
            "wish urgency place",
            "verdict note",
            executor_roles=("Helper",),
            due_hours=8,
            overdue_field="late",
        ),
        form("Send it", "verdict", "sent", condition=equals("verdict", "yes"), executor_roles=("Helper",)),
        form("Ask why", "late", "answer", condition=equals("late", True), executor_roles=("Lead",)),
        end("Sent", "sent", condition=equals("sent", True)),
        end("Refused", "verdict", condition=equals("verdict", "no")),
        ticket="wish urgency place",
        title="Equipment",
        **FIELDS,
    )
    ticket = replace(file.tickets[0], title="Request", subject="{wish}", priority_field="urgency")
    schema = {**file.fields_schema, "required": ["wish", "urgency", "place"]}
    return replace(file, fields_schema=schema, tickets=(ticket,))


class DeskDay(PathTestCase):
    """Sam asks for things, Hugo and Hanna send them, and Tom administers."""

    def setUp(self) -> None:
        super().setUp()
        self.sam, self.tom = self.ours.submitter, self.ours.ticket_admin
        self.requests = self.engine.load(_requests())
        self.hugo = self.engine.person("Hugo", roles=["Helper"])

    def request(self, wish: str, urgency: str = "this week", place: str = "office") -> TicketInstance:
        return self.engine.submit(self.requests, wish=wish, urgency=urgency, place=place)

    @property
    def new_ticket(self) -> str:
        return f"/tickets/new/{self.engine.call(self.requests.tickets.get).pk}/"

    def fill_in(self, page: Page, wish: str) -> None:
        self.fill(page, wish=wish)
        for label in ("today", "home"):
            page.get_by_label(label, exact=True).check()

    def unfold(self, page: Page, label: str) -> None:
        page.locator("main summary", has_text=label).click()

    def assert_rows(self, page: Page, *subjects: str) -> None:
        """Assert that the list has these rows in this order."""
        expect(page.locator("main tbody th")).to_contain_text(list(subjects))

    # --- Who submits

    def test_a_submitter(self) -> None:
        with self.walker(self.sam) as page:
            self.go(page, self.new_ticket)
            self.fill_in(page, "A lamp for the dsek")
            self.press(page, "Submit", "“A lamp for the dsek” has been submitted as #1.", "Request #1")
            self.follow(page, "Correct", "You can do this until work on it begins.")
            self.fill(page, wish="A lamp for the desk")
            self.press(page, "Save the correction", "Your correction is saved.", "A lamp for the desk")
            self.submits_again(page)
            self.finds_by_search(page)

    def submits_again(self, page: Page) -> None:
        self.follow(page, "Submit again", "The form begins with what was submitted before.")
        self.press(page, "Submit", "The same was submitted", "Once more?")
        self.fill(page, wish="A lamp for the hall")
        self.press(page, "Submit once more", "“A lamp for the hall” has been submitted as #2.")

    def finds_by_search(self, page: Page) -> None:
        """From any page: in the box of the top bar, on phones on the page behind its icon."""
        box = page.get_by_role("searchbox", name="Search tickets")
        if not box.is_visible():
            page.get_by_role("banner").get_by_role("link", name="Search").click()
            box = page.get_by_role("searchbox", name="Words or the number")
        box.fill("lamps desk")
        box.press("Enter")
        self.see(page, "In progress")
        expect(page.locator("main a mark")).to_have_text(["lamp", "desk"])
        self.follow(page, "A lamp for the desk", "Request #1", "Sam Tester corrected")

    # --- Who administers

    def test_a_ticket_admin_finds_work(self) -> None:
        self.engine.as_person(self.hugo, partial(give_back_task, self.first_task("A chair"), by=self.hugo))
        for wish, urgency, place in (
            ("A desk", "some day", "office"),
            ("A key", "today", "office"),
            ("A mouse", "today", "home"),
        ):
            self.request(wish, urgency, place)
        self.engine.person("Hanna", roles=["Helper"])
        with self.walker(self.tom) as page:
            self.assigns_what_nobody_has(page)
            self.filters_and_sorts(page)
            self.chooses_columns(page)
            self.saves_a_view(page)
            self.goes_to_the_next_ticket(page)
            self.holds_two_at_once(page)

    def first_task(self, wish: str) -> Any:
        return self.engine.task(self.request(wish), "Look at it")

    def assigns_what_nobody_has(self, page: Page) -> None:
        self.go(page, "/users/dashboard/", "Needs you")
        self.follow(page, "Tasks that nobody has", "1 task", "A chair")
        self.follow(page, "Look at it", "Request #1")
        self.follow(page, "Assign", "Nobody has it.")
        self.choose(page, person="Hanna Tester: 0 open tasks")
        self.fill(page, note="Her chair broke")
        self.press(page, "Assign", "The task has been assigned.", "Hanna Tester", "Her chair broke")

    def filters_and_sorts(self, page: Page) -> None:
        self.go(page, "/manage/tickets/", "4 tickets")
        self.assert_rows(page, "A mouse", "A key", "A desk", "A chair")
        self.choose(page, workflow="Equipment")
        self.fill(page, q="zebra")
        self.press(page, "Show", "No ticket matches these filters.", "Workflow: Equipment")
        self.follow(page, "Remove the filter Number, subject or person: zebra", "4 tickets", "Workflow: Equ")
        self.choose(page, f_place="office")
        self.press(page, "Show", "3 tickets", "Place: office")
        head = page.get_by_role("columnheader", name="Priority").get_by_role("link")
        if head.is_visible():
            head.click()
        else:  # on a phone, there are no heads of columns
            self.choose(page, sort="Priority, ascending")
            self.press(page, "Show", "3 tickets", "Place: office")
        self.assert_rows(page, "A key", "A chair", "A desk")

    def chooses_columns(self, page: Page) -> None:
        self.unfold(page, "View and columns")
        page.get_by_label("Submitted", exact=True).check()
        page.get_by_label("Waiting", exact=True).uncheck()
        self.press(page, "Show these columns", "3 tickets", "Place: office")
        expect(page.locator("main thead")).to_contain_text("Submitted")
        expect(page.locator("main thead")).not_to_contain_text("Waiting")

    def saves_a_view(self, page: Page) -> None:
        self.unfold(page, "View and columns")
        self.follow(page, "Save as a view", "It keeps the filters, the order and the columns")
        self.fill(page, name="Office first")
        self.press(page, "Save the view", "The view has been saved.")
        self.go(page, "/manage/tickets/", "4 tickets")
        self.follow(page, "Office first", "3 tickets", "Place: office")
        self.assert_rows(page, "A key", "A chair", "A desk")

    def goes_to_the_next_ticket(self, page: Page) -> None:
        self.follow(page, "A key", "Request #3")
        self.follow(page, "Next", "Request #1")
        if self.scripts:
            page.keyboard.press("j")
            self.see(page, "This is the last ticket of the list.")
        else:
            self.follow(page, "Next", "This is the last ticket of the list.")
        if page.get_by_role("navigation", name="Where you are").is_visible():
            page.get_by_role("navigation", name="Where you are").get_by_role("link").click()
        else:
            page.get_by_role("link", name="Back to the list").click()
        self.see(page, "3 tickets", "Place: office")

    def holds_two_at_once(self, page: Page) -> None:
        for wish in ("A key", "A desk"):
            page.locator("main tbody tr", has_text=wish).get_by_role("checkbox").check()
        self.choose(page, what="Put on hold")
        self.press(page, "Those ticked", "Put on hold: 2 selected tickets", "A key", "A desk")
        self.press(page, "Put on hold: 2 tickets", "Please check what you entered")
        self.fill(page, reason="The shop is closed")
        self.press(page, "Put on hold: 2 tickets", "Begins soon", "0 of 2", "The shop is closed")
        bulk = self.engine.call(BulkAction.objects.get)
        perform_bulk_action(self.ours.company.pk, bulk.pk)
        self.go(page, f"/manage/bulk/{bulk.pk}/", "Ended", "2 of 2", "A key", "On hold")
        self.follow(page, "Back to the list", "3 tickets", "Place: office", "On hold")
        self.follow(page, "Bulk actions", "Put on hold: 2 selected tickets")

    def test_a_ticket_admin_works_on_tickets(self) -> None:
        first, second = self.request("A lamp"), self.request("A lapm")
        with self.walker(self.tom) as page:
            self.go(page, "/manage/tickets/2/", "A lapm", "Request #2")
            self.edits(page)
            self.takes_responsibility(page)
            self.asks_why(page)
            self.links_the_duplicate(page)
            self.holds_until_a_day(page)
            self.submits_for_sam(page)
        self.assertEqual(self.engine.status(first), RunStatus.ON_HOLD)
        self.assertEqual(self.engine.status(second), RunStatus.CANCELLED)

    def edits(self, page: Page) -> None:
        self.follow(page, "Edit data", "Only what you change is written")
        self.fill(page, wish="A lamp")
        self.press(page, "Save", "Save these changes?", "“Look at it”, which Hugo Tester has, shows the new")
        self.press(page, "Only correct, start nothing", "Corrected, and nothing started.")
        expect(page.get_by_role("heading", level=1)).to_have_text("A lamp")

    def takes_responsibility(self, page: Page) -> None:
        self.unfold(page, "More")
        self.follow(page, "Responsible person", "That person looks after the ticket as a whole.")
        self.choose(page, person="Tom Tester")
        self.press(page, "Save", "The responsible person has been saved.", "Tom Tester")

    def asks_why(self, page: Page) -> None:
        self.follow(page, "Why?", "Why, and why not", "The data after this step")
        self.follow(page, "Previous step", "Step 1: ", "Look at it")
        self.follow(page, "Look at it", "What starts it", "Written in this step", "It has no condition.")

    def links_the_duplicate(self, page: Page) -> None:
        self.go(page, "/manage/tickets/2/", "Request #2")
        self.unfold(page, "More")
        self.follow(page, "Link to another ticket", "Both tickets show the link")
        page.get_by_label("Duplicate of").check()
        self.fill(page, other="#1")
        self.press(page, "Link", "Cancel the ticket?", "A lamp")
        self.assert_filled(page, reason="Duplicate of #1.")
        self.press(page, "Cancel the ticket", "The ticket has been cancelled.", "Duplicate of #1.")
        self.follow(page, "A lamp · Request #1", "Has the duplicate")

    def holds_until_a_day(self, page: Page) -> None:
        self.go(page, "/manage/tickets/1/", "Has the duplicate")
        self.follow(page, "Put on hold", "Nobody can complete its tasks until you resume it.")
        self.fill(page, until=NEXT_MONTH.isoformat(), reason="None in the shop")
        page.get_by_label("Resume by itself on that day").check()
        day = f"{NEXT_MONTH.day} {NEXT_MONTH:%B %Y}"
        self.press(page, "Put on hold", "The ticket has been put on hold.", day, "None in the shop")

    def submits_for_sam(self, page: Page) -> None:
        self.go(page, self.new_ticket)
        self.choose(page, _for="Sam Tester")
        self.fill_in(page, "A bell")
        self.press(page, "Submit", "has been submitted as #3 for Sam Tester", "Tom Tester")

    # --- Who does the tasks

    def test_a_worker(self) -> None:
        held = self.request("A piano")
        hold = partial(hold_workflow, held, reason="Too heavy", by=self.tom, until=NEXT_MONTH)
        self.engine.as_person(self.tom, hold)
        for wish in ("A bell", "A drum"):
            self.request(wish)
        with self.walker(self.hugo) as page:
            self.finds_held_tasks_apart(page)
            self.gives_back(page)
            self.completes_and_goes_on(page)

    def finds_held_tasks_apart(self, page: Page) -> None:
        self.go(page, "/tasks/?show=held", "1 task", "A piano", "Too heavy")
        self.follow(page, "Open", "2 tasks")
        self.assert_rows(page, "A bell", "A drum")

    def gives_back(self, page: Page) -> None:
        self.follow(page, "A bell", "Your answers")
        expect(page.get_by_label("yes", exact=True)).to_be_in_viewport()
        self.follow(page, "Give it back", "another person can take it")
        self.fill(page, reason="I am allergic to bells")
        self.press(page, "Give it back", "You have given the task back.", "I am allergic to bells")
        self.press(page, "Take this task", "The task is yours now.")

    def completes_and_goes_on(self, page: Page) -> None:
        page.get_by_label("no", exact=True).check()
        self.press(page, "Complete", "You have completed this task", "Next task: Look at it", "A drum")
        self.follow(page, "Next task", "A drum")
        page.get_by_label("yes", exact=True).check()
        self.press(page, "Complete", "“Send it” started", "Next task: Send it")
        self.follow(page, "Next task", "Your answers")
        page.get_by_label("Yes", exact=True).check()
        self.press(page, "Complete", "Sent", "You have no other open tasks.")

    # --- What they tell each other

    def test_they_comment(self) -> None:
        self.request("A lamp")
        self.tell()
        with self.walker(self.hugo) as hugo, self.walker(self.sam) as sam, self.walker(self.tom) as tom:
            hugo.clock.install()
            self.begins_an_answer(hugo)
            self.comments_with_a_file(sam)
            self.sees_the_bell_change(hugo)
            self.answers_internally(hugo)
            self.finds_it_by_the_bell(tom)
            self.never_sees_it(sam)

    def tell(self) -> None:
        """Do what the worker does every few seconds."""
        READER.read_next(self.ours.company.pk)

    def bell(self, page: Page, unread: int) -> Locator:
        name = f"Notifications {unread} unread" if unread else "Notifications"
        return page.get_by_role("banner").get_by_role("link", name=name, exact=True)

    def begins_an_answer(self, page: Page) -> None:
        self.go(page, "/tasks/", "A lamp")
        self.follow(page, "A lamp", "Your answers")
        expect(self.bell(page, 1)).to_be_visible()
        self.fill(page, note="Which shade")

    def comments_with_a_file(self, page: Page) -> None:
        self.go(page, "/tickets/1/", "Everyone who may see the ticket can read it.")
        self.fill(page, text="It is for the hall")
        page.locator("[type=file][name=attached]").set_input_files(SIZES)
        self.press(page, "Add comment", "Your comment has been added.", "It is for the hall", "sizes.txt")
        self.tell()

    def sees_the_bell_change(self, page: Page) -> None:
        """With scripts while the page stays open; what was begun on it is still there."""
        if self.scripts:
            page.clock.fast_forward("01:00")
            expect(self.bell(page, 2)).to_be_visible()
            self.assert_filled(page, note="Which shade")
        self.press(page, "Save draft", "Your draft has been saved.", "It is for the hall", "sizes.txt")
        self.bell(page, 2).click()
        self.press(page, "Unread: Sam Tester commented", "Submitted data", "It is for the hall")
        expect(self.bell(page, 1)).to_be_visible()

    def answers_internally(self, page: Page) -> None:
        text = page.locator("main [name=text]")
        if self.scripts:
            text.press_sequentially("@To")
            expect(page.get_by_role("option")).to_have_text(["Tom Tester"])
            text.press("Enter")
            text.press_sequentially("may he have two?")
        else:
            text.fill("@Tom Tester may he have two?")
        expect(page.get_by_label("Internal")).to_be_checked()
        self.press(page, "Add comment", "Your comment has been added.", "@Tom Tester may he have two?")
        self.tell()

    def finds_it_by_the_bell(self, page: Page) -> None:
        self.go(page, "/users/dashboard/")
        self.bell(page, 1).click()
        mentioned = "Unread: Hugo Tester mentioned you in an internal comment"
        self.press(page, mentioned, "Internal", "@Tom Tester may he have two?", "sizes.txt")
        self.go(page, "/search/?q=two", "A lamp")

    def never_sees_it(self, page: Page) -> None:
        self.go(page, "/tickets/1/", "It is for the hall")
        expect(page.locator("main")).not_to_contain_text("may he have two?")
        expect(self.bell(page, 0)).to_be_visible()
        self.go(page, "/search/?q=two", "No ticket that you may see has all of these words.")

    # --- What nobody does in time

    def test_a_task_becomes_overdue(self) -> None:
        hanna = self.engine.person("Hanna", roles=["Lead"])
        self.request("A drum")
        late = self.first_task("A lamp")
        yesterday = timezone.now() - timedelta(days=1)
        self.engine.call(lambda: TaskInstance.objects.filter(pk=late.pk).update(due_at=yesterday))
        enqueue_overdue_checks(0)
        self.do_jobs()
        self.tell()
        with self.walker(self.hugo) as page:
            self.is_reminded(page)
        with self.walker(self.tom) as page:
            self.finds_what_is_overdue(page)
        with self.walker(hanna) as page:
            self.is_asked_to_care(page)

    def is_reminded(self, page: Page) -> None:
        self.go(page, "/tasks/", "2 tasks")
        expect(page.locator("main tbody tr", has_text="1 day over")).to_contain_text(["A lamp"])
        self.bell(page, 3).click()
        self.press(page, "Unread: “Look at it” is overdue", "Overdue", "Your answers", "A lamp")

    def finds_what_is_overdue(self, page: Page) -> None:
        self.go(page, "/users/dashboard/", "Needs you")
        self.follow(page, "Overdue tickets", "1 ticket", "1 day over")
        self.assert_rows(page, "A lamp")
        self.follow(page, "A lamp", "Request #2", "“Look at it” is overdue", "Ask why")

    def is_asked_to_care(self, page: Page) -> None:
        self.go(page, "/tasks/", "1 task")
        self.follow(page, "A lamp", "Ask why", "Late", "Your answers")
        self.fill(page, answer="He is ill")
        self.press(page, "Complete", "You have completed this task")


class DeskDayOnAPhone(OnAPhone, DeskDay):
    """The same day without JavaScript."""

    width = 390
