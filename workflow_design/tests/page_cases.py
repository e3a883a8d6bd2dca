"""Test case and helpers for pages about definitions."""

from typing import Any, ClassVar

from django.db import transaction
from django.test import Client

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.cases import CompanyTestCase, People, logged_in, make_person
from workflow_design.models import DefinitionCheck, WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import workflow_file
from workflow_design.versions.publishing import publish


def make_draft(people: People, **changes: Any) -> WorkflowDefinition:
    """Create a draft of the vacation workflow in a company, with changes to its file."""
    with people.designer.scope(), transaction.atomic():
        file = workflow_file(**changes)
        return import_workflow(file, by=people.designer, replace=True, may_make_roles=True)


def make_active(people: People, **changes: Any) -> WorkflowDefinition:
    """Create and publish a version, as `make_draft` does."""
    workflow = make_draft(people, **changes)
    with people.designer.scope(), transaction.atomic():
        publish(workflow, by=people.designer)
    return workflow


def checked(people: People, workflow: WorkflowDefinition) -> DefinitionCheck:
    """Return the stored check of a version."""
    with people.scope(), transaction.atomic():
        return DefinitionCheck.objects.get(workflow=workflow)


def make_role_admin(people: People) -> CustomUser:
    """Create a person without system roles who has the role that administers the vacation workflow."""
    person = make_person(people.company, "Hanna")
    with people.scope(), transaction.atomic():
        role = CompanyRole.objects.get(name="HR")
        CompanyRoleMembership.objects.create(role=role, person=person)
    return person


class DesignPageTestCase(CompanyTestCase):
    """`self.client` is logged in as our designer; `self.workflow` is published, `self.draft` is next."""

    workflow: ClassVar[WorkflowDefinition]
    draft: ClassVar[WorkflowDefinition]

    @classmethod
    def setUpTestData(cls) -> None:
        """Create both versions once for each class."""
        super().setUpTestData()
        cls.workflow = make_active(cls.ours)
        cls.draft = make_draft(cls.ours)

    def setUp(self) -> None:
        """Log in our designer."""
        super().setUp()
        self.client = logged_in(self.ours.designer)

    def stored(self, workflow: WorkflowDefinition) -> WorkflowDefinition:
        """Return the current version from the database."""
        with self.ours.scope():
            return WorkflowDefinition.objects.get(pk=workflow.pk)

    def assert_refused(self, path: str, *people: CustomUser, method: str = "get") -> None:
        """Assert that these colleagues get 403, and that anonymous users are sent to the log-in page."""
        for person in people:
            response = getattr(logged_in(person), method)(path)
            self.assertEqual(response.status_code, 403, person.first_name)
        response = getattr(Client(), method)(path)
        onward = f"?next={path}" if method == "get" else ""  # a POST can't be repeated after logging in
        self.assertRedirects(response, f"/users/login/{onward}", fetch_redirect_response=False)

    def assert_open(self, path: str, *people: CustomUser) -> None:
        """Assert that these people get 200."""
        for person in people:
            self.assertEqual(logged_in(person).get(path).status_code, 200, person.first_name)

    def assert_unknown_to_others(self, path: str, *, method: str = "get") -> None:
        """Assert that another company gets the same 404 as for an id that does not exist.

        `tests/walls` tries this with its other people, and with ids beyond any number.
        """
        self.assertEqual(getattr(logged_in(self.theirs.designer), method)(path).status_code, 404)
        number = next(part for part in path.split("/") if part.isdigit())
        unknown = path.replace(f"/{number}/", "/999999999/")
        self.assertEqual(getattr(self.client, method)(unknown).status_code, 404)

    def assert_wrong_methods(self, path: str, *methods: str) -> None:
        """Assert that these methods get 405, logged in or not; a GET leads to the page above."""
        for method in methods:
            status = 302 if method == "get" else 405
            self.assertEqual(getattr(self.client, method)(path).status_code, status, method)
            self.assertEqual(getattr(Client(), method)(path).status_code, status, method)
