"""People who have, had or did a task may see its ticket, whatever became of the task (`docs/access.md`)."""

from __future__ import annotations

from functools import partial

from django.db import ProgrammingError, connection, transaction

from users.models import CompanyRoleMembership, CustomUser
from users.tests.cases import CommittedTestCase, logged_in
from workflow_ops.access import may_see_ticket, visible_tickets
from workflow_ops.desk.actions import assign_task, cancel_task, restrict_task
from workflow_ops.models import TaskHolder, TicketInstance
from workflow_ops.tests.desk.desk_cases import Vacations
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow
from workflow_ops.work.submissions import give_back_task, take_task


class HadATask(EngineTestCase):
    """A task that is assigned to One. Two may do it, too."""

    def setUp(self) -> None:
        """Submit a ticket whose task is assigned to One."""
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", executor_roles=("Crew",)), title="Work"))
        self.one = self.engine.person("One", roles=["Crew"])
        self.two = self.engine.person("Two", roles=["Crew"])
        self.ticket = self.engine.submit(self.made, a="x")
        self.task = self.engine.task(self.ticket, "Work")
        self.admin = self.ours.ticket_admin

    def sees(self, person: CustomUser) -> bool:
        """Return whether the person sees the ticket; assert that predicate, queryset and page agree."""
        with person.scope():
            fresh = CustomUser.objects.get(pk=person.pk)
            says = may_see_ticket(fresh, self.ticket)
            self.assertEqual(self.ticket in visible_tickets(fresh), says)
        page = logged_in(person).get(f"/tickets/{self.ticket.number}/")
        self.assertEqual(page.status_code, 200 if says else 403)
        return says

    def test_the_assignee_and_nobody_else(self) -> None:
        self.assertEqual((self.sees(self.one), self.sees(self.two)), (True, False))

    def test_a_person_who_gave_it_back(self) -> None:
        self.engine.as_person(self.one, lambda: give_back_task(self.task, by=self.one))
        self.assertTrue(self.sees(self.one))
        self.engine.as_person(self.two, lambda: take_task(self.task, by=self.two))
        self.assertTrue(self.sees(self.two))

    def test_a_person_from_whom_it_was_taken(self) -> None:
        by = self.admin
        self.engine.as_person(by, lambda: assign_task(self.task, to=self.two, by=by))
        self.engine.as_person(by, lambda: restrict_task(self.task, people=[self.one], by=by))
        self.assertEqual((self.sees(self.one), self.sees(self.two)), (True, True))

    def test_a_person_whose_task_was_cancelled_and_who_lost_the_role(self) -> None:
        by = self.admin
        self.engine.as_person(by, lambda: cancel_task(self.task, reason="no", by=by))
        self.engine.call(lambda: CompanyRoleMembership.objects.filter(person=self.one).delete())
        self.assertTrue(self.sees(self.one))

    def test_a_person_who_did_it_for_another(self) -> None:
        boss = self.ours.admin
        self.engine.complete(self.ticket, "Work", by=boss, out="y")
        holders = self.engine.call(lambda: set(TaskHolder.objects.values_list("person", flat=True)))
        self.assertEqual(holders, {self.one.pk, boss.pk})

    def test_only_of_that_ticket(self) -> None:
        other = self.engine.submit(self.made, a="x")  # goes to Two
        with self.one.scope():
            self.assertFalse(may_see_ticket(self.one, TicketInstance.objects.get(pk=other.pk)))

    def test_another_company_sees_no_holders(self) -> None:
        with self.theirs.scope():
            self.assertEqual(TaskHolder.objects.count(), 0)

    def test_once_for_each_person(self) -> None:
        for to in (self.two, self.one, self.two):
            self.engine.as_person(self.admin, partial(assign_task, self.task, to=to, by=self.admin))
        self.assertEqual(self.engine.call(TaskHolder.objects.count), 2)


class MaintainedByTheDatabase(CommittedTestCase):
    """Task holders are written by triggers only, and a migration finds those of earlier tasks."""

    def setUp(self) -> None:
        """Submit a ticket whose task the manager gave back."""
        super().setUp()
        self.vacations = Vacations(self.ours)
        task = self.vacations.task(self.vacations.submit(), "Decide")
        with self.vacations.manager.scope(), transaction.atomic():
            give_back_task(task, by=self.vacations.manager)

    def execute(self, statement: str) -> None:
        """Run the statement in a transaction of its own."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_the_site_may_only_read_it(self) -> None:
        for statement in ("DELETE FROM workflow_ops_taskholder", "UPDATE workflow_ops_taskholder SET id = 1"):
            with self.ours.scope(), self.assertRaises(ProgrammingError):
                self.execute(statement)
