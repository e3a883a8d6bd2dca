"""What a service account gets, may do and sees (docs/programs.md, "Service accounts")."""

from __future__ import annotations

import random
from functools import partial

from django.db import IntegrityError, transaction

from users.models import CustomUser, SystemRoleMembership
from users.people import change_roles, deactivate, set_absence
from users.system_roles import SystemRoleName
from workflow_design.models import WorkflowDefinition
from workflow_ops.access import (
    executable_tasks,
    may_complete,
    may_execute,
    may_see_task,
    may_see_ticket,
    my_done_tasks,
    my_open_tasks,
    takeable_tasks,
    visible_tasks,
    visible_tickets,
)
from workflow_ops.comments.audience import may_read_internal, readable_comments
from workflow_ops.comments.following import follow
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk.actions import cancel_task, restrict_task
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.engine.assignment import candidates
from workflow_ops.engine.by_hand import assignable_people, restrictable_people
from workflow_ops.handover.actions import Distribution, HandOver, hand_over
from workflow_ops.models import ErrorReason, TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.notifications.recipients import find_recipients
from workflow_ops.refusals import NotAllowedError, NotYoursError, RefusedError
from workflow_ops.search.finding import find_tickets
from workflow_ops.tests.engine_cases import PERSON, form
from workflow_ops.tests.program_cases import CREW, ServiceAccountTestCase
from workflow_ops.work.requesters import people_who_may_submit
from workflow_ops.work.submissions import complete_task, give_back_task, take_task


class GivenTasks(ServiceAccountTestCase):
    def test_never_by_turn(self) -> None:
        task = self.task()
        self.assertIsNone(self.assignee(task))
        (error,) = self.engine.errors(self.ticket_of(task))
        self.assertEqual(error.reason, ErrorReason.ASSIGNMENT)
        self.assertIn("only service accounts have the role Crew", error.error_message)
        with self.ours.scope():
            self.assertNotIn(self.robot, candidates(task))
        one = self.engine.person("One", roles=["Crew"])
        self.assertEqual(self.assignee(self.task()), one)

    def test_the_database_keeps_it_out_of_the_rotation(self) -> None:
        for values in ({"is_in_rotation": True}, {"email": "robot@ours.example"}, {"stand_in": self.boss}):
            refused = self.assertRaises(IntegrityError)
            with self.subTest(values), self.ours.scope(), refused, transaction.atomic():
                CustomUser.objects.filter(pk=self.robot.pk).update(**values)

    def test_by_hand_and_by_taking(self) -> None:
        task = self.task()
        with self.ours.scope():
            self.assertIn(self.robot, assignable_people(task))
            self.assertIn(task, takeable_tasks(self.fresh(self.robot)))
        self.engine.as_person(self.robot, lambda: take_task(task, by=self.robot))
        self.assertEqual(self.assignee(task), self.robot)
        self.give(task, None)
        self.give(task, self.robot)
        self.assertEqual(self.assignee(task), self.robot)
        self.complete(task, self.robot)

    def test_by_a_restriction_to_it_alone(self) -> None:
        task, other = self.task(), self.make_robot("Other", "Crew")
        with self.ours.scope():
            self.assertIn(self.robot, restrictable_people(task))
        restrict = partial(restrict_task, task, by=self.boss)
        self.engine.as_person(self.boss, lambda: restrict(people=[self.robot, other]))
        self.assertIsNone(self.assignee(task))  # it is nobody's turn
        self.engine.as_person(self.boss, lambda: restrict(people=[self.robot]))
        self.assertEqual(self.assignee(task), self.robot)

    def test_by_a_field(self) -> None:
        named = form("Work", "a who", assignee_field="who")
        made = self.load(named, ticket="a who", title="Named", who=PERSON)
        task = self.task(made, who=str(self.robot.pk))
        self.assertEqual(self.assignee(task), self.robot)
        self.complete(task, self.robot)

    def test_one_without_the_role_and_one_of_another_company(self) -> None:
        task, other = self.task(), self.make_robot("Other")
        for to in (other, self.theirs.worker):
            with self.assertRaises(NotAllowedError):
                self.give(task, to)
        with self.assertRaises(NotYoursError):
            self.engine.as_person(other, lambda: take_task(task, by=other))

    def test_handed_on_when_it_is_deactivated(self) -> None:
        one = self.engine.person("One", roles=["Crew"])
        task = self.task()
        self.give(task, self.robot)
        self.engine.call(lambda: deactivate(self.robot))
        with self.ours.scope():
            hand_over(HandOver((self.robot.pk,), Distribution.SPREAD))
        self.assertEqual(self.assignee(task), one)


class FourEyes(ServiceAccountTestCase):
    """A program is no second pair of eyes, wherever the rule is asked."""

    def setUp(self) -> None:
        super().setUp()
        self.eyes = self.load(form("Work", "a", not_submitter=True, **CREW), title="Eyes")

    def test_never_given_taken_or_completed(self) -> None:
        task, robot = self.task(self.eyes), self.fresh(self.robot)
        with self.ours.scope():
            self.assertFalse(may_execute(robot, task))
            self.assertNotIn(task, executable_tasks(robot))
            self.assertNotIn(robot, assignable_people(task))
            self.assertNotIn(robot, restrictable_people(task))
        with self.assertRaises(NotAllowedError):
            self.give(task, robot)
        with self.assertRaises(NotYoursError):
            self.engine.as_person(robot, lambda: take_task(task, by=robot))
        # As if it had come to have it in some way.
        self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(assigned_to=robot))
        with self.assertRaises(NotYoursError):
            self.complete(task, robot)

    def test_never_named_by_a_field(self) -> None:
        named = form("Work", "a who", assignee_field="who", not_submitter=True)
        made = self.load(named, ticket="a who", title="Named", who=PERSON)
        task = self.task(made, who=str(self.robot.pk))
        self.assertIsNone(self.assignee(task))
        (error,) = self.engine.errors(self.ticket_of(task))
        self.assertIn("a service account is named", error.error_message)
        with self.ours.scope():
            self.assertNotIn(self.robot, assignable_people(task))
            self.assertIn(self.ours.worker, assignable_people(task))

    def test_why_nobody_can(self) -> None:
        (error,) = self.engine.errors(self.ticket_of(self.task(self.eyes)))
        self.assertIn("only service accounts have the role Crew", error.error_message)

    def test_handing_over(self) -> None:
        one = self.engine.person("One", roles=["Crew"])
        task = self.task(self.eyes)
        self.assertEqual(self.assignee(task), one)
        self.engine.call(lambda: deactivate(one))
        with self.ours.scope():
            hand_over(HandOver((one.pk,), Distribution.PERSON, person=self.robot.pk))
        self.assertIsNone(self.assignee(task))


class Sees(ServiceAccountTestCase):
    """It sees a ticket only while it has an unfinished task in it, or by its roles."""

    def sees(self, ticket: TicketInstance) -> bool:
        """Return whether the account sees the ticket; assert that all that answers this agrees."""
        with self.fresh(self.robot).scope(), transaction.atomic():
            robot = CustomUser.objects.select_related("company").get(pk=self.robot.pk)
            says = may_see_ticket(robot, ticket)
            self.assertEqual(ticket in visible_tickets(robot), says)
            self.assertEqual(ticket.pk in find_tickets(robot, "papaya", most=50), says)
            self.assertEqual(may_read_internal(robot, ticket), says)
            for task in TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id):
                self.assertEqual(task in visible_tasks(robot), may_see_task(robot, task))
                self.assertEqual(task in executable_tasks(robot), may_execute(robot, task))
                self.assertFalse(task.is_finished and may_see_task(robot, task))
                self.assertNotIn(task, my_done_tasks(robot))
                is_mine = not task.is_finished and may_complete(robot, task)
                self.assertEqual(task in my_open_tasks(robot), is_mine)
            return says

    def submit(self, made: WorkflowDefinition) -> TicketInstance:
        return self.engine.submit(made, a="papaya")

    def test_only_while_it_has_a_task(self) -> None:
        ticket = self.submit(self.made)
        task = self.engine.task(ticket, "Work")
        self.assertFalse(self.sees(ticket))
        self.give(task, self.robot)
        self.assertTrue(self.sees(ticket))
        self.complete(task, self.robot)
        self.assertFalse(self.sees(ticket))

    def test_not_after_it_gave_it_back_or_it_was_cancelled(self) -> None:
        ticket = self.submit(self.made)
        task = self.engine.task(ticket, "Work")
        self.give(task, self.robot)
        self.engine.as_person(self.robot, lambda: give_back_task(task, by=self.robot))
        self.assertFalse(self.sees(ticket))
        self.give(task, self.robot)
        self.assertTrue(self.sees(ticket))
        self.engine.as_person(self.boss, lambda: cancel_task(task, reason="No", by=self.boss))
        self.assertFalse(self.sees(ticket))

    def test_comments_of_a_ticket_that_it_has_left(self) -> None:
        ticket = self.submit(self.made)
        self.engine.as_person(self.boss, lambda: add_comment(ticket, text="Hm", by=self.boss))
        task = self.engine.task(ticket, "Work")
        self.give(task, self.robot)

        def readable() -> int:
            count: int = self.engine.call(lambda: readable_comments(self.fresh(self.robot), ticket).count())
            return count

        self.assertEqual(readable(), 1)
        self.complete(task, self.robot)
        self.assertEqual(readable(), 0)
        with self.assertRaises(NotAllowedError):
            self.engine.as_person(self.robot, lambda: add_comment(ticket, text="Oh", by=self.robot))

    def test_by_a_role(self) -> None:
        ticket = self.submit(self.made)
        roles = [SystemRoleName.TICKET_ADMIN]
        self.engine.call(lambda: change_roles(self.robot, system_roles=roles, company_role_ids=[]))
        with self.ours.scope():
            self.assertTrue(may_see_ticket(self.fresh(self.robot), ticket))

    def test_at_random(self) -> None:
        """Whatever happens to tasks, all places say the same of each ticket after each step."""
        two = self.load(form("Work", "a", **CREW), form("More", "a", "done", **CREW), title="Two")
        one = self.engine.person("One", roles=["Crew"])
        dice = random.Random(16)  # noqa: S311 - the same each time
        tickets = [self.submit(made) for made in (self.made, two, two)]
        seen = set()
        for _step in range(60):
            ticket = dice.choice(tickets)
            task = self.engine.task(
                ticket, dice.choice(["Work", "More"] if ticket is not tickets[0] else ["Work"])
            )
            person = dice.choice([self.robot, self.robot, one])
            act = dice.choice(
                [self._give, self._give, self._take, self._give_back, self._complete, self._cancel]
            )
            try:
                act(task, person, dice)
            except RefusedError:
                continue
            for each in tickets:
                expected = bool(self.open_tasks(each))
                self.assertEqual(self.sees(each), expected)
                seen.add(expected)
            if all(not self.engine.unfinished(each) for each in tickets):
                tickets = [self.submit(made) for made in (self.made, two, two)]
        self.assertEqual(seen, {True, False})

    def open_tasks(self, ticket: TicketInstance) -> set[int]:
        def find() -> set[int]:
            run = {"workflow_instance": ticket.workflow_instance_id}
            mine = TaskInstance.objects.filter(assigned_to=self.robot, status__in=UNFINISHED_STATUSES, **run)
            return set(mine.values_list("pk", flat=True))

        found: set[int] = self.engine.call(find)
        return found

    def _give(self, task: TaskInstance, person: CustomUser, _dice: random.Random) -> None:
        self.give(task, person)

    def _take(self, task: TaskInstance, person: CustomUser, _dice: random.Random) -> None:
        self.engine.as_person(person, lambda: take_task(task, by=person))

    def _give_back(self, task: TaskInstance, person: CustomUser, _dice: random.Random) -> None:
        self.engine.as_person(person, lambda: give_back_task(task, by=person))

    def _complete(self, task: TaskInstance, person: CustomUser, _dice: random.Random) -> None:
        out = task.task_definition.output_fields[0]
        self.engine.as_person(
            person, lambda: complete_task(task, values={out: "y"}, input_version=1, by=person)
        )

    def _cancel(self, task: TaskInstance, _person: CustomUser, dice: random.Random) -> None:
        if dice.random() < 0.3:
            self.engine.as_person(self.boss, lambda: cancel_task(task, reason="No", by=self.boss))


class NothingElse(ServiceAccountTestCase):
    """No mail, no notification, no care of tickets, no absence, and never a company admin."""

    def test_no_notification_is_for_it(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        task = self.engine.task(ticket, "Work")
        self.give(task, self.robot)
        text = "@Robot (service account) and all"
        self.engine.as_person(
            self.boss, lambda: add_comment(ticket, text=text, by=self.boss, mentions=[self.robot.pk])
        )

        def recipients() -> set[int]:
            events = ticket.timeline.select_related("ticket__workflow_instance", "task", "comment")
            people = set[int]()
            for event in events.select_related("task__task_definition", "workflow_data"):
                people.update(find_recipients(event))
            return people

        people = self.engine.call(recipients)
        self.assertTrue(people)
        self.assertNotIn(self.robot.pk, people)
        with self.assertRaises(NotAllowedError):
            self.engine.as_person(self.robot, lambda: follow(ticket, self.robot))

    def test_it_cares_for_no_ticket(self) -> None:
        ticket = self.engine.submit(self.made, a="x")
        roles = [SystemRoleName.TICKET_ADMIN, SystemRoleName.USER]
        self.engine.call(lambda: change_roles(self.robot, system_roles=roles, company_role_ids=[]))
        with self.assertRaises(NotAllowedError):
            self.engine.as_person(self.boss, lambda: set_responsible(ticket, to=self.robot, by=self.boss))
        with self.ours.scope():
            self.assertNotIn(self.robot, people_who_may_submit(self.made.tickets.get()))

    def test_it_is_never_away_and_stands_in_for_nobody(self) -> None:
        for person, stand_in in ((self.robot, None), (self.boss, self.robot)):
            with self.assertRaises(ValueError):
                self.engine.call(
                    partial(set_absence, person, away_from=None, away_until=None, stand_in=stand_in)
                )

    def test_it_is_no_company_admin(self) -> None:
        roles = [SystemRoleName.ADMIN, SystemRoleName.USER]
        self.engine.call(lambda: change_roles(self.robot, system_roles=roles, company_role_ids=[]))
        self.assertEqual(self.engine.call(lambda: self.fresh(self.robot).system_roles), {"user"})
        with self.ours.scope(), self.assertRaises(IntegrityError), transaction.atomic():
            admin = SystemRoleMembership.objects.filter(group__name="admin").values("group")[:1]
            SystemRoleMembership.objects.filter(person=self.robot).update(group=admin)
