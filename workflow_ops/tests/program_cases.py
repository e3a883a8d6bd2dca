"""Base classes of the tests of programs: a service account, and tasks that need approval."""

from __future__ import annotations

from functools import partial
from typing import Any

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.token_actions import make_service_account
from workflow_design.definition.workflow import TaskFile
from workflow_design.models import WorkflowDefinition
from workflow_ops.desk.actions import assign_task
from workflow_ops.models import TaskInstance, TicketInstance, TimelineEvent, TimelineKind
from workflow_ops.tests.engine_cases import NUMBER, PERSON, EngineTestCase, act_by_token, form, workflow
from workflow_ops.work.submissions import complete_task, send_back_task

CREW: dict[str, Any] = {"executor_roles": ("Crew",)}
ANSWER: dict[str, Any] = {"out": "pay", "n": 5}
APPROVED: dict[str, Any] = {"executor_roles": ("Crew",), "needs_approval": True}


class ServiceAccountTestCase(EngineTestCase):
    """A service account and a person who both have the role Crew."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.load(form("Work", "a", **CREW), title="Work")
        self.robot = self.make_robot("Robot", "Crew")
        self.boss = self.ours.ticket_admin

    def load(self, *parts: TaskFile, **more: Any) -> WorkflowDefinition:
        return self.engine.load(workflow(*parts, **more))

    def make_robot(self, name: str, *roles: str) -> CustomUser:
        def make() -> CustomUser:
            robot = make_service_account(name=name)
            for role in CompanyRole.objects.filter(name__in=roles):
                CompanyRoleMembership.objects.create(role=role, person=robot)
            return robot

        robot: CustomUser = self.engine.call(make)
        return robot

    def fresh(self, person: CustomUser) -> CustomUser:
        """Return the person without cached roles."""
        found: CustomUser = self.engine.call(
            lambda: CustomUser.objects.select_related("company").get(pk=person.pk)
        )
        return found

    def task(self, made: WorkflowDefinition | None = None, **values: Any) -> TaskInstance:
        ticket = self.engine.submit(made or self.made, a="x", **values)
        return self.engine.task(ticket, "Work")

    def ticket_of(self, task: TaskInstance) -> TicketInstance:
        found: TicketInstance = self.engine.call(
            lambda: TicketInstance.objects.get(workflow_instance=task.workflow_instance_id)
        )
        return found

    def give(self, task: TaskInstance, to: CustomUser | None) -> None:
        self.engine.as_person(self.boss, lambda: assign_task(task, to=to, by=self.boss))

    def complete(self, task: TaskInstance, by: CustomUser) -> None:
        values = {"out": "y"}
        self.engine.as_person(by, lambda: complete_task(task, values=values, input_version=1, by=by))

    def assignee(self, task: TaskInstance) -> CustomUser | None:
        found: CustomUser | None = self.engine.call(
            lambda: TaskInstance.objects.select_related("assigned_to").get(pk=task.pk).assigned_to
        )
        return found


class ApprovalTestCase(ServiceAccountTestCase):
    """Robot is named by a field; One and Two have the role Crew, and confirm what it answers."""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.engine.person("One", roles=["Crew"])
        named = form("Work", "a who", "out n", assignee_field="who", **APPROVED)
        self.named = self.load(named, ticket="a who", title="Named", who=PERSON, n=NUMBER)
        self.plain = self.load(form("Work", "a", "out n", **APPROVED), title="Plain", n=NUMBER)
        self.program = act_by_token(self.robot)

    def ticket(self) -> TicketInstance:
        ticket: TicketInstance = self.engine.submit(self.named, a="x", who=str(self.robot.pk))
        return ticket

    def answer(
        self, ticket: TicketInstance, by: CustomUser, values: dict[str, Any] | None = None, **more: Any
    ) -> bool:
        """Complete the task as this person, with the version of its input that it has now."""
        task = self.engine.task(ticket, "Work")
        answer = partial(complete_task, task, values=ANSWER if values is None else values, by=by)
        done: bool = self.engine.as_person(
            by, lambda: answer(**{"input_version": task.input_version, **more})
        )
        return done

    def prepare(self, ticket: TicketInstance, by: CustomUser | None = None, note: str = "") -> TaskInstance:
        self.assertIs(self.answer(ticket, by or self.program, note=note), False)
        return self.engine.task(ticket, "Work")

    def send_back(self, ticket: TicketInstance, by: CustomUser, **more: Any) -> None:
        task = self.engine.task(ticket, "Work")
        self.engine.as_person(by, lambda: send_back_task(task, by=by, reason="Look at the date", **more))

    def newest(self, ticket: TicketInstance, kind: TimelineKind) -> TimelineEvent:
        found: TimelineEvent = self.engine.call(
            lambda: (
                TimelineEvent.objects.select_related("about", "person")
                .filter(ticket=ticket, kind=kind)
                .latest("pk")
            )
        )
        return found

    def allowed(self, task: TaskInstance) -> set[int]:
        found: set[int] = self.engine.call(
            lambda: set(task.allowed_links.values_list("person_id", flat=True))
        )
        return found
