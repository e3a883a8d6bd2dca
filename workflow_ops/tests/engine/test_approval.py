"""Tasks that need approval: what programs answer, a person confirms (docs/engine.md, "Approval")."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.people import deactivate
from users.tests.at_once import at_once
from users.token_actions import make_service_account
from workflow_ops.access import may_see_task, may_see_ticket, my_open_tasks, takeable_tasks
from workflow_ops.desk.actions import assign_task, edit_data, hold_workflow, restrict_task
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.by_hand import assignable_people, restrictable_people
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.handover.stuck import report_stuck_tasks
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    TimelineKind,
    WorkflowWrite,
)
from workflow_ops.refusals import (
    AlreadyDoneError,
    InputChangedError,
    NotAllowedError,
    NotPreparedError,
    NotYoursError,
    OnHoldError,
    PreparationChangedError,
    RefusedError,
    WrongStatusError,
)
from workflow_ops.tests.engine_cases import (
    NUMBER,
    CommittedEngineTestCase,
    act_by_token,
    form,
    workflow,
)
from workflow_ops.tests.program_cases import ANSWER, APPROVED, ApprovalTestCase
from workflow_ops.work.submissions import (
    complete_task,
    give_back_task,
    save_draft,
    send_back_task,
    take_task,
)


class Preparing(ApprovalTestCase):
    def test_an_answer_of_a_service_account_is_a_draft_for_a_person(self) -> None:
        ticket = self.ticket()
        task = self.prepare(ticket, note="Both amounts agree.")
        self.assertEqual((task.status, task.assigned_to), (TaskStatus.IN_PROGRESS, self.one))
        self.assertEqual((task.draft, task.prepared_by_id), (ANSWER, self.robot.pk))
        self.assertEqual(self.allowed(task), set())
        self.assertNotIn("out", self.engine.run(ticket).data)
        self.assertEqual(self.engine.call(lambda: WorkflowWrite.objects.filter(task=task).count()), 0)
        event = self.newest(ticket, TimelineKind.TASK_PREPARED)
        self.assertEqual((event.person, event.about), (self.robot, self.one))
        self.assertEqual(event.details, {"token": "nightly", "reason": "Both amounts agree."})

    def test_the_account_is_out_of_it_until_it_is_sent_back(self) -> None:
        ticket = self.ticket()
        task, robot = self.prepare(ticket), self.fresh(self.robot)
        with self.ours.scope():
            self.assertFalse(may_see_ticket(robot, ticket))
            self.assertFalse(may_see_task(robot, task))
        with self.assertRaises(NotYoursError):
            self.answer(ticket, self.program)

    def test_confirmed_as_it_is(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.assertIs(self.answer(ticket, self.one), True)
        self.assertEqual(self.engine.run(ticket).data["n"], 5)
        event = self.newest(ticket, TimelineKind.TASK_COMPLETED)
        self.assertEqual((event.person, event.about), (self.one, self.robot))
        self.assertEqual(event.details, {"prepared_with": "nightly", "differs": []})

    def test_confirmed_with_a_change(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.answer(ticket, self.one, {"out": "pay", "n": 7})
        self.assertEqual(self.newest(ticket, TimelineKind.TASK_COMPLETED).details["differs"], ["n"])
        ticket = self.ticket()
        self.prepare(ticket)
        self.answer(ticket, self.one, {"out": None, "n": 5})
        self.assertEqual(self.newest(ticket, TimelineKind.TASK_COMPLETED).details["differs"], ["out"])

    def test_the_token_of_the_assignee_prepares_for_the_assignee(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        self.engine.person("Two", roles=["Crew"])
        task = self.prepare(ticket, act_by_token(self.one))
        self.assertEqual((task.assigned_to, task.prepared_by_id), (self.one, self.one.pk))
        self.prepare(ticket, act_by_token(self.one))  # the program may think again
        self.assertIs(self.answer(ticket, self.one), True)
        self.assertEqual(self.engine.call(lambda: self.engine.run(ticket).step), 2)

    def test_the_token_of_a_company_admin_prepares_for_the_assignee(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        task = self.prepare(ticket, act_by_token(self.ours.admin))
        self.assertEqual(task.assigned_to, self.one)

    def test_in_the_browser_it_is_a_form_like_any_other(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        self.assertIs(self.answer(ticket, self.one), True)
        self.assertEqual(self.newest(ticket, TimelineKind.TASK_COMPLETED).details, {})

    def test_without_the_mark_a_program_completes(self) -> None:
        task = self.task()
        self.give(task, self.robot)
        done = partial(
            complete_task, task, values={"out": "y"}, input_version=1, by=self.program, note="Easy"
        )
        self.assertIs(self.engine.as_person(self.program, done), True)
        event = self.newest(self.ticket_of(task), TimelineKind.TASK_COMPLETED)
        self.assertEqual(event.details, {"token": "nightly", "reason": "Easy"})

    def test_four_eyes(self) -> None:
        eyes = self.load(form("Work", "a", "out n", not_submitter=True, **APPROVED), title="Eyes", n=NUMBER)
        ticket = self.engine.submit(eyes, a="x", by=self.ours.admin)
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, self.one)
        with self.assertRaises(NotYoursError):
            self.answer(ticket, act_by_token(self.ours.admin))
        self.prepare(ticket, act_by_token(self.one))
        with self.assertRaises(NotYoursError):
            self.answer(ticket, self.ours.admin)
        self.assertIs(self.answer(ticket, self.one), True)

    def test_the_answer_of_another_is_not_replaced(self) -> None:
        ticket = self.ticket()
        first = self.prepare(ticket)
        for by in (self.one, self.ours.admin):
            with self.assertRaisesRegex(WrongStatusError, "Robot .* has prepared an answer already"):
                self.answer(ticket, act_by_token(by), {"out": "other", "n": 1})
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.prepared_id, task.draft), (first.prepared_id, ANSWER))
        self.send_back(ticket, self.one)
        self.assertEqual((self.assignee(task), self.allowed(task)), (self.robot, {self.robot.pk}))

    def test_who_may_not(self) -> None:
        ticket = self.ticket()
        for by in (self.one, self.ours.submitter):
            with self.assertRaises(NotYoursError):
                self.answer(ticket, act_by_token(by))
        with self.assertRaises(TaskInstance.DoesNotExist):
            self.answer(ticket, act_by_token(self.theirs.worker))
        with self.assertRaises(InputChangedError):
            self.answer(ticket, self.program, input_version=2)
        with self.assertRaises(ValueError):
            self.answer(ticket, self.program, {"other": 1})
        self.engine.as_person(self.boss, lambda: hold_workflow(ticket, reason="Wait", by=self.boss))
        with self.assertRaises(OnHoldError):
            self.answer(ticket, self.program)


class Confirming(ApprovalTestCase):
    def test_nobody_to_confirm(self) -> None:
        self.engine.call(lambda: deactivate(self.one))
        ticket = self.ticket()
        task = self.prepare(ticket)
        self.assertIsNone(task.assigned_to)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.reason, ErrorReason.ASSIGNMENT)
        with self.ours.scope():
            self.assertNotIn(task, takeable_tasks(self.fresh(self.robot)))
            self.assertNotIn(self.robot, [*assignable_people(task), *restrictable_people(task)])
        for act in (
            lambda: take_task(task, by=self.robot),
            lambda: assign_task(task, to=self.robot, by=self.ours.admin),
        ):
            with self.assertRaises(RefusedError):
                self.engine.call(act)
        two = self.engine.person("Two", roles=["Crew"])
        self.engine.as_person(two, lambda: take_task(task, by=two))
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)
        self.answer(ticket, two)

    def test_passed_on_while_it_waits(self) -> None:
        two = self.engine.person("Two", roles=["Crew"])
        ticket = self.ticket()
        task = self.prepare(ticket)
        self.assertEqual(task.assigned_to, self.one)
        self.engine.as_person(self.one, lambda: give_back_task(task, by=self.one))
        self.engine.as_person(self.boss, lambda: restrict_task(task, people=[two], by=self.boss))
        self.assertEqual(self.assignee(task), two)
        self.answer(ticket, two)
        self.assertEqual(self.newest(ticket, TimelineKind.TASK_COMPLETED).about, self.robot)

    def test_a_restriction_of_the_desk_outlives_sending_back(self) -> None:
        two = self.engine.person("Two", roles=["Crew"])
        ticket = self.ticket()
        task = self.prepare(ticket)
        self.engine.as_person(self.boss, lambda: restrict_task(task, people=[two], by=self.boss))
        with self.assertRaises(NotAllowedError):
            self.send_back(ticket, two)
        self.assertEqual(self.allowed(task), {two.pk})

    def test_whom_the_desk_assigns_keeps_the_task(self) -> None:
        """Of a task of an `assignee_field`, the new assignee replaces the people to whom it is restricted."""
        quinn = self.engine.person("Quinn")
        ticket = self.ticket()
        task = self.prepare(ticket)
        self.give(task, quinn)
        with self.assertRaises(NotAllowedError):
            self.send_back(ticket, quinn)
        self.engine.as_person(self.boss, lambda: edit_data(ticket, values={"a": "new"}, by=self.boss))
        self.assertEqual((self.assignee(task), self.allowed(task)), (quinn, {quinn.pk}))
        self.assertIs(self.answer(ticket, quinn), True)

    def test_a_retry_of_the_assignment_gives_it_to_a_person(self) -> None:
        """Although the field names the account whose answer is to be confirmed."""
        self.engine.call(lambda: deactivate(self.one))
        ticket = self.ticket()
        task = self.prepare(ticket)
        self.retry(ticket)
        self.assertEqual((self.assignee(task), self.allowed(task)), (None, set()))
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.error_status, ErrorStatus.NEW)
        two = self.engine.person("Two", roles=["Crew"])
        self.retry(ticket)
        self.assertEqual((self.assignee(task), self.allowed(task)), (two, set()))
        event = self.newest(ticket, TimelineKind.TASK_ASSIGNED)
        self.assertEqual((event.person, event.about), (self.boss, two))
        self.answer(ticket, two)

    def test_a_retry_after_the_third_time_gives_it_to_a_person(self) -> None:
        ticket = self.ticket()
        for _each in range(3):
            self.prepare(ticket)
            self.send_back(ticket, self.one)
        self.engine.call(lambda: deactivate(self.one))
        self.engine.call(report_stuck_tasks)
        two = self.engine.person("Two", roles=["Crew"])
        self.retry(ticket)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.assigned_to, self.allowed(task)), (two, set()))
        self.answer(ticket, two)

    def retry(self, ticket: TicketInstance) -> None:
        (error,) = self.engine.errors(ticket)
        self.engine.as_person(self.boss, lambda: retry_error(error, by=self.boss))

    def test_an_account_that_has_a_task_that_waits_for_a_person_is_reported(self) -> None:
        ticket = self.ticket()
        for prepared_by, times, is_reported in ((None, 0, False), (self.robot, 0, True), (None, 3, True)):
            with self.subTest(prepared_by=prepared_by, times=times), self.ours.scope(), transaction.atomic():
                tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
                tasks.update(prepared_by=prepared_by, sent_back_times=times)
                self.assertIs(tasks_with_ineligible_assignee(tasks).exists(), is_reported)

    def test_an_answer_that_came_meanwhile_is_seen_first(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        with self.assertRaises(PreparationChangedError):  # it was dropped, or sent back
            self.answer(ticket, self.one, prepared="other")
        seen = self.prepare(ticket, act_by_token(self.one)).prepared_id
        self.prepare(ticket, act_by_token(self.one))
        task = self.engine.task(ticket, "Work")
        for prepared in ("", seen):
            with self.assertRaises(PreparationChangedError):
                self.answer(ticket, self.one, prepared=prepared)
            with self.assertRaises(PreparationChangedError):
                save = partial(save_draft, task, values={}, by=self.one, prepared=prepared)
                self.engine.as_person(self.one, save)
        self.assertIs(self.answer(ticket, self.one, prepared=task.prepared_id), True)

    def test_twice(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.answer(ticket, self.one)
        for act in (partial(self.answer, ticket, self.one), partial(self.send_back, ticket, self.one)):
            with self.assertRaises(AlreadyDoneError):
                act()


class SendingBack(ApprovalTestCase):
    def test_the_account_has_it_again(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.send_back(ticket, self.one)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.status, task.assigned_to), (TaskStatus.OPEN, self.robot))
        self.assertEqual((task.draft, task.preparation, task.prepared_by_id), (None, None, None))
        self.assertEqual(self.allowed(task), {self.robot.pk})
        with self.ours.scope():
            self.assertIn(task, my_open_tasks(self.robot))
            self.assertTrue(may_see_ticket(self.fresh(self.robot), ticket))
        event = self.newest(ticket, TimelineKind.TASK_SENT_BACK)
        self.assertEqual((event.person, event.about), (self.one, self.robot))
        self.assertEqual(event.details, {"reason": "Look at the date"})
        self.prepare(ticket)
        self.answer(ticket, self.one)

    def test_at_most_three_times(self) -> None:
        ticket = self.ticket()
        for _each in range(3):
            self.prepare(ticket)
            self.send_back(ticket, self.one)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.status, task.assigned_to, task.draft), (TaskStatus.OPEN, self.one, None))
        self.assertTrue(self.newest(ticket, TimelineKind.TASK_SENT_BACK).details["is_last"])
        with self.assertRaises(NotAllowedError):
            self.give(task, self.robot)
        with self.assertRaises(NotYoursError):
            self.answer(ticket, self.program)
        with self.assertRaises(NotAllowedError):
            self.answer(ticket, act_by_token(self.one))
        self.assertIs(self.answer(ticket, self.one), True)

    def test_to_ones_own_program(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        self.prepare(ticket, act_by_token(self.one))
        self.send_back(ticket, self.one)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.status, task.assigned_to), (TaskStatus.OPEN, self.one))
        self.prepare(ticket, act_by_token(self.one))

    def test_who_may_not(self) -> None:
        ticket = self.ticket()
        with self.assertRaises(NotPreparedError):
            self.send_back(ticket, self.ours.admin)
        seen = self.prepare(ticket).prepared_id
        two = self.engine.person("Two", roles=["Crew"])
        for by in (two, self.ours.submitter, self.boss):
            with self.assertRaises(NotYoursError):
                self.send_back(ticket, by)
        with self.assertRaises(TaskInstance.DoesNotExist):
            self.send_back(ticket, self.theirs.admin)
        with self.assertRaises(NotAllowedError):
            self.send_back(ticket, act_by_token(self.one))
        with self.assertRaises(PreparationChangedError):
            self.send_back(ticket, self.one, prepared="other")
        self.send_back(ticket, self.one, prepared=seen)

    def test_to_an_account_that_is_gone(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.engine.call(lambda: deactivate(self.robot))
        with self.assertRaises(NotAllowedError):
            self.send_back(ticket, self.one)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.prepared_by_id, task.sent_back_times), (self.robot.pk, 0))
        self.answer(ticket, self.one)


class Refreshing(ApprovalTestCase):
    def edit(self, ticket: TicketInstance, **more: Any) -> None:
        by = self.boss
        self.engine.as_person(by, lambda: edit_data(ticket, values={"a": "new"}, by=by, **more))

    def test_new_input_drops_the_draft(self) -> None:
        for only_corrects in (False, True):
            ticket = self.ticket()
            task = self.prepare(ticket)
            change = partial(save_draft, task, values={"out": "mine"}, by=self.one)
            self.engine.as_person(self.one, change)
            self.edit(ticket, only_corrects=only_corrects)
            task = self.engine.task(ticket, "Work")
            self.assertEqual((task.status, task.assigned_to), (TaskStatus.OPEN, self.robot))
            self.assertEqual((task.draft, task.prepared_by_id, task.input_version), (None, None, 2))
            self.assertEqual(self.newest(ticket, TimelineKind.DRAFT_DROPPED).about, self.robot)
            self.assertEqual(self.newest(ticket, TimelineKind.TASK_ASSIGNED).about, self.robot)
            with self.assertRaises(NotYoursError):
                self.answer(ticket, self.one)
            self.assertEqual(self.prepare(ticket).sent_back_times, 0)

    def test_what_a_person_prepared_stays_with_them(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        self.prepare(ticket, act_by_token(self.one))
        self.edit(ticket)
        self.assertNotIn(TimelineKind.TASK_ASSIGNED, self.engine.event_kinds(ticket))
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.status, task.assigned_to, task.draft), (TaskStatus.OPEN, self.one, None))
        with self.assertRaises(InputChangedError):
            self.answer(ticket, self.one, input_version=1)

    def test_an_account_that_is_gone_has_it_no_more(self) -> None:
        ticket = self.ticket()
        self.prepare(ticket)
        self.engine.call(lambda: deactivate(self.robot))
        self.edit(ticket)
        task = self.engine.task(ticket, "Work")
        self.assertEqual((task.status, task.assigned_to, task.draft), (TaskStatus.OPEN, self.one, None))
        self.assertEqual(self.newest(ticket, TimelineKind.DRAFT_DROPPED).about, self.robot)
        self.assertNotIn(TimelineKind.TASK_ASSIGNED, self.engine.event_kinds(ticket))

    def test_a_draft_of_a_person_stays(self) -> None:
        ticket = self.engine.submit(self.plain, a="x")
        task = self.engine.task(ticket, "Work")
        self.engine.as_person(self.one, partial(save_draft, task, values={"out": "mine"}, by=self.one))
        self.edit(ticket)
        self.assertEqual(self.engine.task(ticket, "Work").draft, {"out": "mine"})


class AtOnce(CommittedEngineTestCase):
    """One confirms while the program sends again, confirms twice, or while the input is refreshed."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", "out n", **APPROVED), n=NUMBER))
        self.one = self.engine.person("One", roles=["Crew"])
        self.robot = self.engine.call(self._make_robot)
        self.ticket = self.engine.submit(self.made, a="x")
        self.task = self.engine.task(self.ticket, "Work")
        self.program = act_by_token(self.one)
        self.attempt(self.program)
        self.prepared = self.engine.task(self.ticket, "Work").prepared_id

    def _make_robot(self) -> CustomUser:
        robot = make_service_account(name="Robot")
        CompanyRoleMembership.objects.create(role=CompanyRole.objects.get(name="Crew"), person=robot)
        return robot

    def attempt(self, by: CustomUser, **more: Any) -> str:
        """Return what became of an answer."""
        answer = partial(complete_task, self.task, values=ANSWER, input_version=1, by=by, **more)
        try:
            return "done" if self.engine.as_person(by, answer) else "prepared"
        except RefusedError as refusal:
            return type(refusal).__name__

    def confirm(self) -> str:
        return self.attempt(self.one, prepared=self.prepared)

    def edit(self) -> str:
        by = self.ours.ticket_admin
        self.engine.as_person(by, lambda: edit_data(self.ticket, values={"a": "new"}, by=by))
        return "edited"

    def send_back(self) -> str:
        back = partial(send_back_task, self.task, by=self.one, reason="No", prepared=self.prepared)
        try:
            self.engine.as_person(self.one, back)
        except RefusedError as refusal:
            return type(refusal).__name__
        return "sent back"

    def completions(self) -> int:
        found: int = self.engine.call(lambda: WorkflowWrite.objects.filter(task=self.task).count())
        return found

    def test_confirm_while_the_program_sends_again(self) -> None:
        ends = tuple(at_once(self.confirm, partial(self.attempt, self.program)))
        self.assertIn(ends, {("done", "AlreadyDoneError"), ("PreparationChangedError", "prepared")})
        self.assertEqual(self.completions(), int(ends[0] == "done"))

    def test_confirm_twice(self) -> None:
        self.assertEqual(sorted(at_once(self.confirm, self.confirm)), ["AlreadyDoneError", "done"])
        self.assertEqual(self.completions(), 1)

    def test_confirm_and_send_back(self) -> None:
        ends = tuple(at_once(self.confirm, self.send_back))
        self.assertIn(ends, {("done", "AlreadyDoneError"), ("PreparationChangedError", "sent back")})
        self.assertEqual(self.completions(), int(ends[0] == "done"))

    def test_confirm_while_the_input_is_refreshed(self) -> None:
        confirmed, _edited = at_once(self.confirm, self.edit)
        self.assertIn(confirmed, {"done", "InputChangedError"})
        self.assertEqual(self.completions(), int(confirmed == "done"))
        task = self.engine.task(self.ticket, "Work")
        if confirmed != "done":
            self.assertEqual((task.status, task.draft, task.prepared_by_id), ("OPEN", None, None))
