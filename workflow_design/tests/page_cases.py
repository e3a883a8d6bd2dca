"""What the tests of pages about definitions have in common."""

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
    """A draft of the vacation workflow in a company, with some members of its file changed."""
    with people.designer.scope(), transaction.atomic():
        file = workflow_file(**changes)
        return import_workflow(file, by=people.designer, replace=True, may_make_roles=True)


def make_active(people: People, **changes: Any) -> WorkflowDefinition:
    """The same, published."""
    workflow = make_draft(people, **changes)
    with people.designer.scope(), transaction.atomic():
        publish(workflow, by=people.designer)
    return workflow


def checked(people: People, workflow: WorkflowDefinition) -> DefinitionCheck:
    """What the check said of a version."""
    with people.scope(), transaction.atomic():
        return DefinitionCheck.objects.get(workflow=workflow)


def make_role_admin(people: People) -> CustomUser:
    """Somebody without a system role, who has the company role that administers the vacation workflow."""
    person = make_person(people.company, "Hanna")
    with people.scope(), transaction.atomic():
        role = CompanyRole.objects.get(name="HR")
        CompanyRoleMembership.objects.create(role=role, person=person)
    return person


class DesignPageTestCase(CompanyTestCase):
    """`self.client` is our designer's browser, `self.workflow` published, `self.draft` the next version."""

    workflow: ClassVar[WorkflowDefinition]
    draft: ClassVar[WorkflowDefinition]

    @classmethod
    def setUpTestData(cls) -> None:
        """Once for each class."""
        super().setUpTestData()
        cls.workflow = make_active(cls.ours)
        cls.draft = make_draft(cls.ours)

    def setUp(self) -> None:
        """Log our designer in."""
        super().setUp()
        self.client = logged_in(self.ours.designer)

    def stored(self, workflow: WorkflowDefinition) -> WorkflowDefinition:
        """The version as it is now."""
        with self.ours.scope():
            return WorkflowDefinition.objects.get(pk=workflow.pk)

    def assert_refused(self, path: str, *people: CustomUser, method: str = "get") -> None:
        """403 for these colleagues, and the log-in page and back for nobody."""
        for person in people:
            answer = getattr(logged_in(person), method)(path)
            self.assertEqual(answer.status_code, 403, person.first_name)
        answer = getattr(Client(), method)(path)
        onward = f"?next={path}" if method == "get" else ""  # nobody is led on to a POST's own address
        self.assertRedirects(answer, f"/users/login/{onward}", fetch_redirect_response=False)

    def assert_open(self, path: str, *people: CustomUser) -> None:
        """200 for these people."""
        for person in people:
            self.assertEqual(logged_in(person).get(path).status_code, 200, person.first_name)

    def assert_unknown_to_others(self, path: str, *, method: str = "get") -> None:
        """The same 404 for everybody of another company and for an id that never was."""
        for person in self.theirs.everybody:
            self.assertEqual(getattr(logged_in(person), method)(path).status_code, 404, person.first_name)
        number = next(part for part in path.split("/") if part.isdigit())
        for unknown in ("0", "999999999", "9" * 30):
            answer = getattr(self.client, method)(path.replace(f"/{number}/", f"/{unknown}/"))
            self.assertEqual(answer.status_code, 404, unknown)

    def assert_wrong_methods(self, path: str, *methods: str) -> None:
        """405, logged in or not."""
        for method in methods:
            self.assertEqual(getattr(self.client, method)(path).status_code, 405, method)
            self.assertEqual(getattr(Client(), method)(path).status_code, 405, method)
