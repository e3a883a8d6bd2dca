"""Tickets that are submitted for another person."""

from typing import Any
from uuid import uuid4

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CustomUser
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import logged_in
from workflow_ops.access import may_execute, may_submit, takeable_tasks
from workflow_ops.engine.by_hand import eligible_people
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.refusals import NotAllowedError
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow
from workflow_ops.work.requesters import people_who_may_submit
from workflow_ops.work.submissions import find_submitted_ticket, submit_ticket, withdraw_ticket


class SubmitForTests(EngineTestCase):
    """Tom, a ticket admin, submits for Sam. Nobody who submitted may do *Check*; *Answer* goes to Sam."""

    def setUp(self) -> None:
        super().setUp()
        self.tom, self.sam, self.wanda = self.ours.ticket_admin, self.ours.submitter, self.ours.worker
        self.made = self.engine.load(
            workflow(
                form("Check", "a", not_submitter=True),
                form("Answer", "a", "done", assignee_field="$submitter"),
            )
        )
        self.definition = self.engine.call(lambda: self.made.tickets.select_related("workflow").get())
        self.path = f"/tickets/new/{self.definition.pk}/"

    def submit(self, **more: Any) -> TicketInstance:
        values: dict[str, Any] = {"values": {"a": "x"}, "by": self.sam, "entered_by": self.tom} | more
        token = values.pop("form_token", uuid4())
        ticket: TicketInstance = self.engine.as_person(
            values["entered_by"], lambda: submit_ticket(self.definition, form_token=token, **values)
        )
        return ticket

    def test_whose_it_is_and_who_submitted_it(self) -> None:
        client = logged_in(self.tom)
        self.assertContains(client.get(self.path, follow=True), "Sam Tester")
        with self.captureOnCommitCallbacks(execute=True):
            page = client.post(
                self.path, {"a": "x", "_for": self.sam.pk, "_form_token": str(uuid4())}, follow=True
            )
        self.assertContains(page, " for Sam Tester, who is told about it.")
        with self.ours.scope():
            ticket = TicketInstance.objects.get()
        self.assertEqual((ticket.created_by_id, ticket.entered_by_id), (self.sam.pk, self.tom.pk))
        self.assertEqual(self.engine.task(ticket, "Answer").assigned_to, self.sam)
        for reader, path in ((self.sam, "/tickets/"), (self.tom, "/manage/tickets/")):
            with self.subTest(path):
                page = logged_in(reader).get(f"{path}{ticket.number}/")
                self.assertContains(page, "Submitted for")
                self.assertInHTML("<dt>Submitted by</dt><dd>Tom Tester</dd>", page.content.decode())
                self.assertContains(page, "submitted the ticket for Sam Tester")
        audit = logged_in(self.ours.admin).get("/users/audit/")
        self.assertContains(audit, "<strong>Tom Tester</strong> submitted")
        self.assertContains(audit, "for <em>Sam Tester</em>")

    def test_the_requester_may_withdraw(self) -> None:
        ticket = self.submit()
        self.assertFalse(ProcrastinateJob.objects.exists())  # the request makes none for it
        with self.assertRaises(NotAllowedError), self.tom.scope():
            withdraw_ticket(ticket, reason="No", by=self.tom)
        self.engine.as_person(self.sam, lambda: withdraw_ticket(ticket, reason="No", by=self.sam))
        self.assertEqual(self.engine.status(ticket), "CANCELLED")

    def test_one_form_makes_one_ticket(self) -> None:
        token = uuid4()
        first, second = self.submit(form_token=token), self.submit(form_token=token)
        self.assertEqual(first.pk, second.pk)
        for person, found in ((self.tom, first), (self.sam, first), (self.wanda, None)):
            with self.subTest(person=person.first_name), person.scope():
                self.assertEqual(find_submitted_ticket(token, by=person), found)
        client, values = logged_in(self.tom), {"a": "x", "_for": self.sam.pk, "_form_token": str(uuid4())}
        self.assertContains(client.post(self.path, values), "The same was submitted")
        self.assertContains(client.post(self.path, values), f'value="{self.sam.pk}" selected')

    def test_who_may(self) -> None:
        for by, entered_by in ((self.sam, self.wanda), (self.ours.designer, self.tom), (self.sam, self.sam)):
            with self.subTest(by=by.first_name), self.assertRaises(NotAllowedError):
                self.submit(by=by, entered_by=entered_by)
        gone = self.engine.person("Gone")
        with self.ours.scope():
            CustomUser.objects.filter(pk=gone.pk).update(is_active=False)
        for chosen in (gone, self.theirs.submitter, self.ours.designer):
            page = logged_in(self.tom).post(self.path, {"a": "x", "_for": chosen.pk})
            self.assertTrue(page.context["requester_form"].errors["_for"], chosen.first_name)
        self.assertNotContains(logged_in(self.sam).get(self.path, follow=True), 'name="_for"')
        self.assertEqual(
            logged_in(self.sam).post(self.path, {"a": "x", "_for": self.wanda.pk}).status_code, 200
        )
        with self.ours.scope():
            self.assertFalse(TicketInstance.objects.exists())
            able = set(people_who_may_submit(self.definition))
            self.assertEqual(
                able, {each for each in self.ours.everybody if may_submit(each, self.definition)}
            )

    def test_four_eyes_bar_both(self) -> None:
        tina = self.engine.person("Tina")
        with self.ours.scope(), transaction.atomic():
            for person in (self.tom, tina):
                give_system_roles(person, [SystemRoleName.TASK_WORKER])
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(is_in_rotation=False)
            self.tom = CustomUser.objects.select_related("company").get(pk=self.tom.pk)
            tina = CustomUser.objects.select_related("company").get(pk=tina.pk)
        ticket = self.submit(by=self.wanda)
        task = self.engine.task(ticket, "Check")
        self.assertEqual(task.assigned_to, tina)  # the last of those with the role
        expected = {self.wanda: False, self.tom: False, tina: True, self.ours.admin: True}
        for person, may in expected.items():
            with self.subTest(person=person.first_name), self.ours.scope(), transaction.atomic():
                tasks = TaskInstance.objects.filter(pk=task.pk)
                tasks.update(assigned_to=None)
                row = tasks.get()
                self.assertIs(may_execute(person, row), may)
                self.assertIs(row in takeable_tasks(person), may)
                self.assertIs(person in eligible_people(row), may)
                tasks.update(assigned_to=person)
                self.assertIs(tasks_with_ineligible_assignee(tasks).exists(), not may)

    def test_staff(self) -> None:
        client = logged_in(self.staff)
        client.post(f"/users/companies/{self.ours.company.pk}/enter/")
        with self.captureOnCommitCallbacks(execute=True):
            client.post(self.path, {"a": "x", "_for": self.sam.pk, "_form_token": str(uuid4())})
        with self.ours.scope():
            ticket = TicketInstance.objects.get()
        authors = (ticket.created_by_id, ticket.entered_by_id, ticket.impersonator_id)
        self.assertEqual(authors, (self.sam.pk, None, self.staff.pk))
        page = logged_in(self.sam).get(f"/tickets/{ticket.number}/")
        self.assertInHTML("<dt>Submitted by</dt><dd>TicketFlower staff</dd>", page.content.decode())
        self.assertContains(page, "<dd>Sam Tester</dd>", html=True)
        for reader in (logged_in(self.sam), client):
            self.assertContains(reader.get("/tickets/"), f"/tickets/{ticket.number}/")
        task = self.engine.task(ticket, "Check")
        self.assertContains(client.get(f"/tasks/{task.pk}/"), "Check")
        self.assertNotContains(client.get(f"/tasks/{task.pk}/"), "_save_draft")
