"""What webhooks are told of tasks that need approval: when a program has one to do."""

from __future__ import annotations

from functools import partial
from typing import Any

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.people import deactivate
from users.token_actions import make_service_account
from workflow_ops.desk.actions import assign_task, edit_data
from workflow_ops.models import TaskInstance, TicketInstance, WebhookEvent
from workflow_ops.tests.engine_cases import NUMBER, PERSON, act_by_token, form, workflow
from workflow_ops.tests.notifications.webhooks.webhook_cases import CommittedWebhookTestCase
from workflow_ops.tests.program_cases import ANSWER, APPROVED
from workflow_ops.work.submissions import complete_task, send_back_task


class PreparedTests(CommittedWebhookTestCase):
    """Robot is named by a field, and has prepared a task that One has then."""

    def setUp(self) -> None:
        super().setUp()
        named = form("Work", "a who", "out n", assignee_field="who", **APPROVED)
        made = self.engine.load(workflow(named, ticket="a who", who=PERSON, n=NUMBER))
        self.one = self.engine.person("One", roles=["Crew"])
        self.robot: CustomUser = self.engine.call(self._make_robot)
        self.boss = self.ours.ticket_admin
        self.ticket: TicketInstance = self.engine.submit(made, a="x", who=str(self.robot.pk))
        self.prepare()
        events = [WebhookEvent.TASK_STARTED, WebhookEvent.TASK_ASSIGNED, WebhookEvent.TASK_CHANGED]
        self.register(events=events)

    def _make_robot(self) -> CustomUser:
        robot = make_service_account(name="Robot")
        CompanyRoleMembership.objects.create(role=CompanyRole.objects.get(name="Crew"), person=robot)
        return robot

    def task(self) -> TaskInstance:
        return self.engine.task(self.ticket, "Work")

    def do(self, by: CustomUser, function: Any, *args: Any, **more: Any) -> None:
        self.engine.as_person(by, partial(function, *args, by=by, **more))

    def prepare(self) -> None:
        version = self.task().input_version
        program = act_by_token(self.robot)
        self.do(program, complete_task, self.task(), values=ANSWER, input_version=version)

    def refresh(self) -> None:
        self.do(self.boss, edit_data, self.ticket, values={"a": "new"})

    def messages(self) -> list[tuple[str, int | None]]:
        """Return the events since the webhook was registered, with the account that has the task."""
        self.announce()
        return [(each["event"], each.get("service_account")) for each in self.contents()]

    def test_new_input_gives_it_to_the_account_again(self) -> None:
        self.refresh()
        changed = ("task.changed", None)  # the input, and the answer that is dropped
        self.assertEqual(self.messages(), [changed, changed, ("task.assigned", self.robot.pk)])

    def test_new_input_of_a_task_that_a_person_has_for_good(self) -> None:
        self.do(self.boss, assign_task, self.task(), to=self.engine.person("Quinn"))
        self.refresh()
        changed = ("task.changed", None)
        self.assertEqual(self.messages(), [("task.assigned", None), changed, changed])

    def test_new_input_for_an_account_that_is_gone(self) -> None:
        self.engine.call(lambda: deactivate(self.robot))
        self.refresh()
        self.assertEqual(self.messages(), [("task.changed", None)] * 2)

    def test_what_is_sent_back(self) -> None:
        self.do(self.one, send_back_task, self.task(), reason="Look at the date")
        self.prepare()
        self.assertEqual(self.messages(), [("task.assigned", self.robot.pk), ("task.changed", None)])
