"""Assignment of tasks (`docs/engine.md`, "Assignment"), and who may do them (`docs/access.md`)."""

from __future__ import annotations

from functools import partial
from typing import Any

from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_ops.access import may_complete, may_execute, my_open_tasks, takeable_tasks, visible_tickets
from workflow_ops.desk.actions import assign_task, restrict_task
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.engine.assignment import candidates
from workflow_ops.models import ErrorReason, ErrorStatus, ErrorType, TaskInstance, TicketInstance
from workflow_ops.refusals import NotAllowedError
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, form, workflow

CREW: dict[str, Any] = {"executor_roles": ("Crew",)}


class AssignmentTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", **CREW)))
        self.one = self.engine.person("One", roles=["Crew"])
        self.two = self.engine.person("Two", roles=["Crew"])

    def _assignee_of_new_ticket(self) -> CustomUser | None:
        return self.engine.task(self.engine.submit(self.made, a="x"), "Work").assigned_to

    def _set(self, person: CustomUser, **values: str | bool | None) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=person.pk).update(**values))

    def test_fewest_unfinished_then_longest_ago(self) -> None:
        first = self.engine.submit(self.made, a="x")
        self.assertEqual(self.engine.task(first, "Work").assigned_to, self.one)
        self.assertEqual(self._assignee_of_new_ticket(), self.two)
        self.engine.complete(first, "Work", out="y")
        self.assertEqual(self._assignee_of_new_ticket(), self.one)  # has none
        self.assertEqual(self._assignee_of_new_ticket(), self.two)  # both have one; Two's last is longer ago

    def test_two_tasks_of_one_write_go_to_two_people(self) -> None:
        made = self.engine.load(
            workflow(form("B", "a", "b", **CREW), form("C", "a", "c", **CREW), title="Both")
        )
        ticket = self.engine.submit(made, a="x")
        people = {self.engine.task(ticket, title).assigned_to for title in "BC"}
        self.assertEqual(people, {self.one, self.two})

    def test_people_who_are_away_or_inactive_are_skipped(self) -> None:
        self._set(self.one, away_from="2020-01-01")
        both = (self._assignee_of_new_ticket(), self._assignee_of_new_ticket())
        self.assertEqual(both, (self.two, self.two))
        self._set(self.one, away_from=None, is_active=False)
        self.assertEqual(self._assignee_of_new_ticket(), self.two)

    def test_no_candidate_is_an_error_and_the_retry_fixes_it(self) -> None:
        for person in (self.one, self.two):
            self._set(person, away_from="2020-01-01")
        ticket = self.engine.submit(self.made, a="x")
        self.assertIsNone(self.engine.task(ticket, "Work").assigned_to)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(
            (error.error_type, error.reason), (ErrorType.WORKFLOW_TRANSITION, ErrorReason.ASSIGNMENT)
        )
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.NEW)
        self._set(self.two, away_from=None)
        self.engine.as_person(admin, lambda: retry_error(error, by=admin))
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, self.two)
        self.assertEqual(self.engine.errors(ticket)[0].error_status, ErrorStatus.RESOLVED)

    def test_company_admins_need_a_role_to_be_given_one(self) -> None:
        self.assertNotIn(self.ours.admin, {self._assignee_of_new_ticket() for _round in range(4)})
        with self.ours.admin.scope():
            task = TaskInstance.objects.select_related("task_definition", "workflow_instance__ticket").first()
            assert task is not None
            self.assertTrue(may_complete(self.ours.admin, task))
            self.assertNotIn(self.ours.admin, candidates(task))

    def test_the_submitter_is_named(self) -> None:
        named = form("Work", "a", assignee_field="$submitter", **CREW)
        ticket = self.engine.submit(self.engine.load(workflow(named, title="Named")), a="x")
        task = self.engine.task(ticket, "Work")
        self.assertEqual(task.assigned_to, self.ours.submitter)
        self.engine.complete(ticket, "Work", out="y")

    def test_a_field_names_a_person_whatever_their_roles(self) -> None:
        named = form("Work", "a who", assignee_field="who")
        made = self.engine.load(workflow(named, ticket="a who", title="Named", who=PERSON))
        self._set(self.ours.designer, away_from="2020-01-01")
        ticket = self.engine.submit(made, a="x", who=str(self.ours.designer.pk))
        task = self.engine.task(ticket, "Work")
        self.assertEqual(task.assigned_to, self.ours.designer)
        with self.ours.scope():
            self.assertTrue(may_execute(self.ours.designer, task))
            self.assertFalse(may_execute(self.ours.worker, task))
        for nobody in (None, str(self.theirs.worker.pk), "9" * 18):
            ticket = self.engine.submit(made, a="x", who=nobody)
            self.assertIsNone(self.engine.task(ticket, "Work").assigned_to)
            self.assertEqual([each.reason for each in self.engine.errors(ticket)], [ErrorReason.ASSIGNMENT])

    def test_four_eyes(self) -> None:
        made = self.engine.load(workflow(form("Work", "a", not_submitter=True, **CREW), title="Eyes"))
        boss = self.engine.person("Boss", roles=["Crew"], system_roles=[SystemRoleName.USER])
        for by in (boss, self.ours.admin):
            ticket = self.engine.submit(made, by=self._fresh(by), a="x")
            task = self.engine.task(ticket, "Work")
            with self.ours.scope():
                self.assertNotEqual(task.assigned_to, by)
                self.assertFalse(may_execute(self._fresh(by), task))
                self.assertNotIn(task, takeable_tasks(self._fresh(by)))
            with self.assertRaises(NotAllowedError):
                self.engine.as_person(self.ours.admin, partial(assign_task, task, to=by, by=self.ours.admin))

    def test_assigning_and_restricting(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        task = self.engine.task(ticket, "Work")
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: assign_task(task, to=self.two, by=admin))
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, self.two)
        for stranger in (self.ours.worker, self.theirs.worker):
            with self.assertRaises(NotAllowedError):
                self.engine.as_person(admin, partial(assign_task, task, to=stranger, by=admin))
        self.engine.as_person(admin, lambda: restrict_task(task, people=[self.one], by=admin))
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, self.one)
        with self.ours.scope():
            self.assertFalse(may_execute(self.two, self.engine.task(ticket, "Work")))
        self.engine.as_person(admin, lambda: assign_task(task, to=None, by=admin))
        with self.ours.scope():
            self.assertIn(task, takeable_tasks(self.one))
            self.assertNotIn(task, takeable_tasks(self.two))
            self.assertNotIn(task, my_open_tasks(self.one))

    def test_who_sees_a_ticket(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        ours = self.ours
        can_see = [ours.admin, ours.submitter, ours.ticket_admin, self.one]
        can_not_see = [ours.worker, ours.designer, self.two]
        for people, expected in ((can_see, True), (can_not_see, False)):
            for person in people:
                with self.subTest(person.first_name), person.scope():
                    self.assertEqual(ticket in visible_tickets(person), expected)
        with self.theirs.admin.scope():
            self.assertEqual(list(visible_tickets(self.theirs.admin)), [])
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 1)

    def _fresh(self, person: CustomUser) -> CustomUser:
        """Return a new instance of the person, without cached roles."""
        with self.ours.scope():
            return CustomUser.objects.get(pk=person.pk)
