"""Journeys of task workers, from their list to the follow-up tasks, while others act too."""

from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.path_cases import OnAPhone, PathTestCase
from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.desk.actions import assign_task, edit_data, hold_workflow, resume_workflow
from workflow_ops.models import RunStatus, TaskInstance, TaskStatus, TicketInstance
from workflow_ops.notifications.events import READER
from workflow_ops.tests.engine_cases import YES_NO, end, equals, form, workflow
from workflow_ops.work.submissions import give_back_task, take_task

NOTE = "Two words <b>&</b>\nanother line"
DONE = "You have completed this task"


def _parcels(**more: Any) -> WorkflowFile:
    """Return a workflow in which helpers check a wish and pack it; `more` is passed to the first task."""
    return workflow(
        form("Look at it", "wish", "verdict note", executor_roles=("Helper",), **more),
        form("Pack it", "verdict", "packed", condition=equals("verdict", "yes"), executor_roles=("Helper",)),
        end("Sent", "packed", condition=equals("packed", True)),
        end("Refused", "verdict", condition=equals("verdict", "no")),
        ticket="wish",
        title="Parcels",
        wish={"type": "string", "title": "Wish"},
        verdict={"type": "string", "title": "Verdict", "enum": ["yes", "no"]},
        note={"type": "string", "title": "Note", "format": "multiline", "maxLength": 60},
        packed={**YES_NO, "title": "Packed"},
    )


class WorkerCase(PathTestCase):
    """Sam wishes, Hugo and in some tests Hedda check and pack, and Tom administers."""

    def setUp(self) -> None:
        super().setUp()
        self.parcels = self.engine.load(_parcels())
        self.hugo = self.helper("Hugo")

    def helper(self, name: str) -> CustomUser:
        return self.engine.person(name, roles=["Helper"], system_roles=[SystemRoleName.USER])

    def wish(self, text: str = "A drum", *, by: CustomUser | None = None) -> TicketInstance:
        return self.engine.submit(self.parcels, wish=text, by=by)

    def task_of(self, ticket: TicketInstance) -> TaskInstance:
        return self.engine.task(ticket, "Look at it")

    def meanwhile(self, person: CustomUser, act: Callable[..., object], on: object, **more: Any) -> None:
        """Act as another person while a page is open."""
        self.engine.as_person(person, partial(act, on, **more, by=person))

    def open_first(self, page: Page) -> None:
        self.go(page, "/tasks/", "Look at it")
        self.follow(page, "Look at it", "Your answers", "A drum")

    def type_in(self, page: Page, *, verdict: str = "yes", note: str = NOTE) -> None:
        page.get_by_label(verdict, exact=True).check()
        self.fill(page, note=note)

    def assert_input_kept(self, page: Page, *, verdict: str = "yes", note: str = NOTE) -> None:
        expect(page.get_by_label(verdict, exact=True)).to_be_checked()
        self.assert_filled(page, note=note)

    def refused(self, page: Page, *texts: str) -> None:
        """Press Complete and assert a conflict (409) that explains itself and keeps the input."""
        with page.expect_response(lambda answer: answer.request.method == "POST") as coming:
            self.press(page, "Complete", *texts)
        self.assertEqual(coming.value.status, 409)
        self.assert_input_kept(page)

    def refused_for_good(self, page: Page, reason: str) -> None:
        """Assert a refusal that leaves no button that would only be refused again."""
        self.refused(page, reason, "What you typed")
        for button in ("Complete", "Save draft"):
            expect(page.get_by_role("button", name=button)).to_have_count(0)


class WorkerPaths(WorkerCase):
    """Hugo takes tasks and does them."""

    def test_take(self) -> None:
        hedda, ticket = self.helper("Hedda"), self.wish()
        self.meanwhile(self.hugo, give_back_task, self.task_of(ticket))
        with self.walker(self.hugo) as page:
            self.go(page, "/tasks/", "You have no open tasks.", "Not assigned yet")
            self.follow(page, "To take", "1 task", "Sam Tester")
            self.follow(page, "Look at it", "Nobody has this task yet.")
            expect(page.get_by_role("button", name="Complete")).to_have_count(0)
            self.meanwhile(hedda, take_task, self.task_of(ticket))
            self.finds_the_task_taken(page)

    def finds_the_task_taken(self, page: Page) -> None:
        texts = ("This task is not assigned to you. Hedda Tester has it.", "Hedda Tester has this task.")
        self.press(page, "Take this task", *texts)
        expect(page.get_by_role("button", name="Take this task")).to_have_count(0)
        self.go(page, "/tasks/", "You have no open tasks.")
        expect(page.get_by_text("Not assigned yet")).to_have_count(0)

    def test_from_a_draft_to_the_last_task(self) -> None:
        self.wish()
        self.wish("A flute")
        with self.walker(self.hugo) as page:
            self.open_first(page)
            self.saves_a_draft(page)
            self.is_refused_and_corrects(page)
            self.goes_on_to_the_next(page)
            self.finds_what_is_done(page)

    def saves_a_draft(self, page: Page) -> None:
        expect(page.get_by_label("Note")).to_be_in_viewport()
        self.fill(page, note=NOTE)
        self.press(page, "Save draft", "Your draft has been saved. The task stays open")
        self.go(page, "/tasks/", "2 tasks")
        self.follow(page, "Look at it", "Your answers", "A drum")
        self.assert_filled(page, note=NOTE)

    def is_refused_and_corrects(self, page: Page) -> None:
        too_long = NOTE + "!" * 60
        self.type_in(page, note=too_long)
        self.press(page, "Complete", "Please check what you entered")
        self.assert_input_kept(page, note=too_long)
        page.get_by_role("alert").get_by_role("link", name="Note").click()
        expect(page.locator("[name=note]")).to_be_focused()
        self.fill(page, note=NOTE)
        self.press(page, "Complete", DONE, "What happened next:", "“Pack it” started", "Answers")
        self.see(page, "Two words <b>&</b>", "Next task: Look at it")

    def goes_on_to_the_next(self, page: Page) -> None:
        self.follow(page, "Next task: Look at it", "Your answers", "A flute")
        self.type_in(page, verdict="no", note="")
        self.press(page, "Complete", DONE, "Refused", "Next task: Pack it")
        self.follow(page, "Next task: Pack it", "Your answers")
        page.get_by_label("Yes", exact=True).check()
        self.press(page, "Complete", DONE, "Sent", "You have no other open tasks.")

    def finds_what_is_done(self, page: Page) -> None:
        self.follow(page, "My tasks", "You have no open tasks.")
        self.follow(page, "Done", "3 tasks", "Pack it")
        self.fill(page, q="pack")
        self.press(page, "Show", "1 task", "Pack it")
        self.follow(page, "Pack it", "You have completed this task", "Answers")


class WorkerPathsOnAPhone(OnAPhone, WorkerPaths):
    """The same journeys without JavaScript."""


class Meanwhile(WorkerCase):
    """Others act, or Hugo is away: on a phone only, since the rest is the same there and on a desk."""

    width = OnAPhone.width

    def test_four_eyes(self) -> None:
        self.parcels = self.engine.load(_parcels(not_submitter=True))
        hedda = self.helper("Hedda")
        task = self.task_of(self.wish(by=self.hugo))
        self.assertEqual(task.assigned_to, hedda)
        self.meanwhile(hedda, give_back_task, task)
        with self.walker(self.hugo) as page:
            self.go(page, "/tasks/?show=take", "Tasks that are not assigned yet")
            answer = page.goto(f"/tasks/{task.pk}/")
            self.assertEqual(answer.status if answer else None, 403)
            self.assert_fits(page)
        with self.walker(hedda) as page:
            self.go(page, "/tasks/?show=take", "1 task", "Hugo Tester")
            self.follow(page, "Look at it", "Nobody has this task yet.")

    def test_while_away_others_are_given_the_tasks(self) -> None:
        self.helper("Hedda")
        self.wish("A drum before")
        with self.walker(self.hugo) as page:
            self.says_away(page, True)
            self.assertEqual(self.holders(self.wish(), self.wish()), ["Hedda", "Hedda"])
            self.go(page, "/tasks/", "1 task")  # he keeps his earlier task
            self.says_away(page, False)
            self.assertEqual(self.holders(self.wish("A drum after")), ["Hugo"])
            READER.read_next(self.ours.company.pk)
            self.go(page, "/tasks/", "2 tasks")
            page.get_by_role("link", name="Notifications 2 unread").click()
            self.press(page, "Unread: You have a new task: “Look at it”", "Your answers", "A drum after")
            expect(page.get_by_role("link", name="Notifications 1 unread")).to_be_visible()

    def says_away(self, page: Page, is_away: bool) -> None:
        self.go(page, "/users/profile/away/", "New tasks go to others on these days")
        page.get_by_label("Away from").fill("2020-01-01" if is_away else "")
        self.press(page, "Save", "The absence has been saved.")

    def holders(self, *tickets: TicketInstance) -> list[str]:
        found = [self.task_of(ticket).assigned_to for ticket in tickets]
        return [person.first_name if person else "" for person in found]

    def test_another_worker_did_it_or_has_it(self) -> None:
        done, given = self.wish(), self.wish("A flute")
        hedda = self.helper("Hedda")
        with self.walker(self.hugo) as page:
            self.open_first(page)
            self.type_in(page)
            self.meanwhile(self.ours.ticket_admin, assign_task, self.task_of(done), to=hedda)
            self.engine.complete(done, "Look at it", verdict="no")
            texts = "Hedda Tester has already completed this task. What you typed is below, but was not used."
            self.refused_for_good(page, texts)
            self.follow(page, "Next task: Look at it", "A flute")
            self.type_in(page)
            self.meanwhile(self.ours.ticket_admin, assign_task, self.task_of(given), to=hedda)
            self.refused_for_good(page, "This task is not assigned to you. Hedda Tester has it.")
        self.assertEqual(self.task_of(done).output_data, {"verdict": "no"})
        self.assertEqual(self.task_of(given).status, TaskStatus.OPEN)

    def test_what_it_is_about_changes(self) -> None:
        ticket = self.wish()
        with self.walker(self.hugo) as page:
            self.open_first(page)
            self.type_in(page)
            self.meanwhile(self.ours.ticket_admin, edit_data, ticket, values={"wish": "A bigger one"})
            texts = "The data of this task has changed since you opened it. Please look again."
            self.refused(page, texts, "A bigger one")
            self.press(page, "Complete", DONE, "“Pack it” started")

    def test_on_hold(self) -> None:
        ticket, tom = self.wish(), self.ours.ticket_admin
        with self.walker(self.hugo) as page:
            self.open_first(page)
            self.type_in(page)
            self.meanwhile(tom, hold_workflow, ticket, reason="Stocktaking")
            self.refused(page, "The workflow is on hold. Nothing can be completed until it is resumed.")
            self.press(page, "Save draft", "Your draft has been saved.", "The ticket is on hold.")
            expect(page.get_by_role("button", name="Complete")).to_have_count(0)
            self.meanwhile(tom, resume_workflow, ticket)
            self.open_first(page)
            self.assert_input_kept(page)
            self.press(page, "Complete", DONE, "“Pack it” started")
        self.assertEqual(self.engine.status(ticket), RunStatus.IN_PROGRESS)
