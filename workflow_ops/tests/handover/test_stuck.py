"""Nothing waits for somebody who is gone without an error, and the workflow's admins are told."""

from __future__ import annotations

from typing import Any

from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from users.company_roles import give_role, take_role
from users.models import CompanyRole, CustomUser
from users.people import deactivate, reactivate
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.jobs import send_missing_people
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.jobs import process_people_changes
from workflow_ops.models import ErrorReason, ErrorStatus, TaskInstance, TicketError
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

CREW: dict[str, Any] = {"executor_roles": ("Crew",)}


class StuckTestCase(EngineTestCase):
    """Lena alone has the role for the second task."""

    def setUp(self) -> None:
        super().setUp()
        first = form("First", "a")
        self.made = self.engine.load(workflow(first, form("Work", "out", "done", **CREW), title="Borrow"))
        self.lena = self.engine.person("Lena", roles=["Crew"])
        self.admin = logged_in(self.ours.admin)

    def submit(self) -> Any:
        ticket = self.engine.submit(self.made, a="x")
        self.engine.complete(ticket, "First", out="y")
        return ticket

    def follow(self) -> None:
        process_people_changes(self.ours.company.pk)

    def new_errors(self, ticket: Any) -> list[TicketError]:
        return [error for error in self.engine.errors(ticket) if error.error_status == ErrorStatus.NEW]


class Errors(StuckTestCase):
    """Errors about open tasks that nobody can do."""

    def test_deactivated_assignee(self) -> None:
        ticket = self.submit()
        self.engine.call(lambda: deactivate(self.lena))
        self.follow()
        self.follow()
        (error,) = self.new_errors(ticket)
        self.assertEqual(error.reason, ErrorReason.ASSIGNMENT)
        self.assertIn(
            "Lena Tester (deactivated) has this task, but can't do it any more.", error.error_message
        )
        for path in (
            "/tickets/1/",
            "/manage/tickets/",
            "/manage/tasks/?assigned=gone",
            "/manage/tasks/?q=lena",
        ):
            self.assertContains(self.admin.get(path), "Lena Tester (deactivated)")
        self.assertContains(self.admin.get("/users/dashboard/"), "Tasks of people who left or are away")

    def test_retry_does_not_take_a_deactivated_assignee_for_a_solution(self) -> None:
        ticket = self.submit()
        self.engine.call(lambda: deactivate(self.lena))
        self.follow()
        (error,) = self.new_errors(ticket)
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.new_errors(ticket), [error])
        bert = self.engine.person("Bert", roles=["Crew"])
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, bert)

    def test_role_taken_from_the_last_who_could_take_a_task(self) -> None:
        ticket = self.submit()
        task = self.engine.task(ticket, "Work")
        self.engine.call(lambda: type(task).objects.filter(pk=task.pk).update(assigned_to=None))
        self.follow()
        self.assertEqual(self.new_errors(ticket), [])
        crew = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))
        self.engine.call(lambda: take_role(crew, [self.lena.pk]))
        self.follow()
        (error,) = self.new_errors(ticket)
        self.assertEqual(error.error_message, "Nobody was assigned: nobody has the role Crew.")

    def test_several_equal_tasks_that_can_be_taken_cost_as_much_as_one(self) -> None:
        self.leave_to_nobody(1)
        with at_most_queries(20) as usual:
            self.follow()
        self.leave_to_nobody(3)
        with same_queries_as(usual):
            self.follow()

    def leave_to_nobody(self, tickets: int) -> None:
        for _ticket in range(tickets):
            self.submit()
        self.engine.call(lambda: TaskInstance.objects.update(assigned_to=None))

    def test_changes_enqueue_one_job(self) -> None:
        self.engine.call(lambda: deactivate(self.lena))
        self.engine.call(lambda: reactivate(self.lena))
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.process_people_changes")
        self.assertEqual(jobs.count(), 1)

    def test_a_role_that_is_given_enqueues_the_job(self) -> None:
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.process_people_changes")
        crew = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))
        self.assertFalse(jobs.exists())
        self.engine.call(lambda: give_role(crew, [self.ours.worker.pk]))
        self.assertEqual(jobs.count(), 1)

    def test_who_completes_a_task_reads_that_nobody_can_go_on(self) -> None:
        self.engine.call(lambda: deactivate(self.lena))
        ticket = self.engine.submit(self.made, a="x")
        task = self.engine.task(ticket, "First")
        assert task.assigned_to is not None
        worker = logged_in(task.assigned_to)
        with self.captureOnCommitCallbacks(execute=True):
            worker.post(f"/tasks/{task.pk}/", {"out": "y", "_input_version": "1"})
        said = "Nobody was assigned: nobody has the role Crew"
        self.assertContains(worker.get(f"/tasks/{task.pk}/"), f"“Work” started. {said}.")
        self.assertContains(self.admin.get(f"/tickets/{ticket.number}/"), f"<strong>Work</strong> ({said})")

    def test_who_may_not_see_the_rules_reads_that_nobody_has_the_task(self) -> None:
        self.engine.call(lambda: deactivate(self.lena))
        ticket = self.submit()
        submitter = logged_in(self.ours.submitter)
        for path in (f"/tickets/{ticket.number}/", "/tickets/", "/users/dashboard/"):
            page = submitter.get(path)
            self.assertContains(page, "<strong>Work</strong>, which nobody has yet")
            for inside in ("Nobody was assigned", "Crew", "Something went wrong"):
                self.assertNotContains(page, inside)
        (error,) = self.new_errors(ticket)
        admin, texts = (
            self.ours.admin,
            ("“Work” started. Nobody was assigned", "Something went wrong", "retried"),
        )
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        for client, occurs in ((self.admin, True), (submitter, False)):
            timeline = client.get(f"/tickets/{ticket.number}/").context["timeline"].entries
            said = " ".join(entry.text for entry in timeline)
            self.assertEqual([text in said for text in texts], [occurs] * 3, said)
            self.assertIn("“Work” started", said)


class Badge(StuckTestCase):
    """The number of new errors at the menu entry."""

    def badge(self, person: CustomUser) -> str:
        groups = logged_in(person).get("/users/profile/").context["navigation"].groups
        entries = (entry for group in groups for entry in group["entries"])
        return str(next((badge for entry, _is_current, badge in entries if entry.label == "Errors"), "-"))

    def test_counts_new_errors_of_who_administers(self) -> None:
        named = self.engine.load(workflow(form("Work", "a", **CREW), title="Named"))
        self.engine.call(lambda: deactivate(self.lena))
        self.assertEqual(self.badge(self.ours.admin), "")
        for _number in range(2):
            self.engine.submit(named, a="x")
        self.assertEqual(self.badge(self.ours.admin), "2")
        self.assertEqual(self.badge(self.ours.ticket_admin), "2")
        self.assertEqual(self.badge(self.ours.worker), "-")
        self.assertEqual(self.badge(self.theirs.admin), "")
        self.engine.call(lambda: TicketError.objects.update(error_status=ErrorStatus.RESOLVED))
        self.assertEqual(self.badge(self.ours.admin), "")


class Telling(StuckTestCase):
    """The workflow's admins get an e-mail when something has become worse."""

    def jobs(self) -> list[dict[str, Any]]:
        rows = ProcrastinateJob.objects.filter(task_name="workflow_design.jobs.send_missing_people")
        return list(rows.order_by("pk").values_list("args", flat=True))

    def test_once_for_what_is_worse(self) -> None:
        self.follow()
        self.assertEqual(self.jobs(), [])
        self.engine.call(lambda: deactivate(self.lena))
        self.follow()
        self.follow()
        jobs = {job["person_id"]: job for job in self.jobs()}
        self.assertEqual(len(self.jobs()), 2)
        self.assertEqual(set(jobs), {self.ours.ticket_admin.pk, self.ours.admin.pk})
        send_missing_people(**jobs[self.ours.ticket_admin.pk])
        (message,) = mail.outbox
        self.assertEqual(message.to, [self.ours.ticket_admin.email])
        self.assertIn("Borrow\n- Work\n", message.body)
        self.assertIn(f"/design/{self.made.pk}/", message.body)
        page = self.admin.get(f"/design/{self.made.pk}/")
        self.assertContains(page, "Nobody could get “Work” today")
        self.engine.call(lambda: reactivate(self.lena))
        self.follow()
        self.assertEqual(len(self.jobs()), 2)
        self.engine.call(lambda: deactivate(self.lena))
        self.follow()
        self.assertEqual(len(self.jobs()), 4)
