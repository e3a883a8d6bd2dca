"""Base classes of the tests of ticket admins' pages: the published vacation workflow and its tickets."""

import uuid
from typing import Any, ClassVar

from django.db import transaction
from django.test import Client

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.cases import CompanyTestCase, People, logged_in, make_person
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.gallery_files import stalling_vacation
from workflow_design.versions.publishing import publish
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.state_manager import WorkflowStateManager
from workflow_ops.work.submissions import complete_task, submit_ticket

VACATION = {"days": 5, "first_day": "2026-07-01", "employee_note": "Please"}


class Vacations:
    """A company with the vacation workflow, a manager and a person of HR."""

    def __init__(self, people: People) -> None:
        self.people = people
        with people.designer.scope(), transaction.atomic():
            file = stalling_vacation()
            self.workflow = import_workflow(file, by=people.designer, may_make_roles=True)
            publish(self.workflow, by=people.designer)
        self.manager = self.person_with_role("Marek", "Manager")
        self.hr = self.person_with_role("Hanna", "HR")

    def person_with_role(self, first_name: str, role_name: str) -> CustomUser:
        """Return a new person with this company role."""
        person = make_person(self.people.company, first_name)
        with self.people.scope(), transaction.atomic():
            role, _made = CompanyRole.objects.get_or_create(name=role_name)
            CompanyRoleMembership.objects.create(role=role, person=person)
        return person

    def submit(self, by: CustomUser | None = None, **values: Any) -> TicketInstance:
        """Submit a ticket and start its workflow."""
        person = by or self.people.submitter
        with person.scope():
            with transaction.atomic():
                definition = self.workflow.tickets.get()
                ticket = submit_ticket(
                    definition, values={**VACATION, **values}, form_token=uuid.uuid4(), by=person
                )
            return self.apply_writes(ticket)

    def apply_writes(self, ticket: TicketInstance) -> TicketInstance:
        """Apply all waiting writes, as after a commit, and return the ticket."""
        with self.people.scope():
            WorkflowStateManager(ticket.workflow_instance_id).apply_waiting()
            with transaction.atomic():
                return TicketInstance.objects.select_related("workflow_instance").get(pk=ticket.pk)

    def task(self, ticket: TicketInstance, title: str) -> TaskInstance:
        """Return the newest task of this title."""
        with self.people.scope(), transaction.atomic():
            tasks = TaskInstance.objects.filter(
                workflow_instance=ticket.workflow_instance_id, task_definition__title=title
            )
            return tasks.select_related("task_definition").latest("pk")

    def complete(self, ticket: TicketInstance, title: str, **values: Any) -> TicketInstance:
        """Complete the newest task of this title as its assignee."""
        task = self.task(ticket, title)
        with self.people.admin.scope():
            with transaction.atomic():
                complete_task(task, values=values, input_version=task.input_version, by=self.people.admin)
            return self.apply_writes(ticket)


class DeskTestCase(CompanyTestCase):
    """A test case in which `self.client` is our ticket admin's client; `self.ticket` was just submitted."""

    vacations: ClassVar[Vacations]
    their_vacations: ClassVar[Vacations]
    ticket: TicketInstance

    @classmethod
    def setUpTestData(cls) -> None:
        """Create the workflow in both companies, so that each has data that the other must not see."""
        super().setUpTestData()
        cls.vacations = Vacations(cls.ours)
        cls.their_vacations = Vacations(cls.theirs)
        cls.their_vacations.submit()
        cls.ticket = cls.vacations.submit()

    def setUp(self) -> None:
        """Log in our ticket admin, who is Hanna, because the vacation workflow names HR."""
        super().setUp()
        self.admin = self.vacations.hr
        self.client = logged_in(self.admin)

    def now(self, ticket: TicketInstance | None = None) -> TicketInstance:
        """Apply all waiting writes and return the current ticket."""
        return self.vacations.apply_writes(ticket or self.ticket)

    def assert_guarded(self, path: str, *, get: bool = True, post: bool = True) -> None:
        """Assert the responses to requests that must be refused.

        Expect 403 for colleagues, 404 for other companies and unknown ids, a redirect to the login for
        anonymous users, and 405 for wrong methods.
        """
        methods = [name for name, is_taken in (("get", get), ("post", post)) if is_taken]
        wrong = [name for name, is_taken in (("get", get), ("post", post)) if not is_taken]
        for method in methods:
            for colleague in (self.ours.submitter, self.ours.worker, self.ours.designer):
                response = getattr(logged_in(colleague), method)(path)
                self.assertEqual(response.status_code, 403, colleague.first_name)
            response = getattr(Client(), method)(path)
            onwards = f"?next={path}" if method == "get" else ""
            self.assertRedirects(response, f"/users/login/{onwards}", fetch_redirect_response=False)
            number = next(part for part in path.split("/") if part.isdigit())
            for unknown in ("0", "999999999", "9" * 30):
                response = getattr(self.client, method)(path.replace(f"/{number}/", f"/{unknown}/"))
                self.assertEqual(response.status_code, 404, unknown)
        for method in [*wrong, "put", "delete"]:
            status = 302 if method == "get" else 405
            self.assertEqual(getattr(self.client, method)(path).status_code, status, method)
            self.assertEqual(getattr(Client(), method)(path).status_code, status, method)
