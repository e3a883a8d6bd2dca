"""The names that the design gave (`docs/decisions.md`, "Names and addresses")."""

from django.conf import settings
from django.template.loader import get_template
from django.test import SimpleTestCase
from django.urls import reverse

from users.models import Company, CompanyRole, CustomUser
from users.sessions import CompanyMiddleware
from users.tests.cases import CompanyTestCase
from workflow_design.models import (
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
)

TEMPLATES = (
    "users/company_signup.html",
    "users/login.html",
    "users/dashboard.html",
    "workflow_design/workflow_definitions_list.html",
    "workflow_design/workflow_definition_detail.html",
    "workflow_design/task_definition_detail.html",
    "workflow_design/ticket_definition_detail.html",
    "workflow_design/completion_detail.html",
    "workflow_design/workflow_definition_upload.html",
    "workflow_design/workflow_components_upload.html",
)
ADDRESSES = {
    ("company_signup", ()): "/users/signup/",
    ("login", ()): "/users/login/",
    ("logout", ()): "/users/logout/",
    ("user_dashboard", ()): "/users/dashboard/",
    ("workflow_definitions_list", ()): "/design/",
    ("workflow_definition_detail", (7,)): "/design/7/",
    ("task_definition_detail", (7,)): "/design/task/7/",
    ("ticket_definition_detail", (7,)): "/design/ticket/7/",
    ("completion_detail", (7,)): "/design/completion/7/",
    ("workflow_definition_upload", ()): "/design/upload/",
    ("workflow_definition_update", (7,)): "/design/7/edit/",
    ("workflow_components_upload", (7,)): "/design/7/components/json/",
}
LENGTHS = {
    (Company, "name"): 255,
    (CompanyRole, "name"): 100,
    (CompanyRole, "description"): 255,
    (CustomUser, "first_name"): 100,
    (CustomUser, "last_name"): 100,
    (WorkflowDefinition, "title"): 255,
    (TaskDefinition, "title"): 255,
    (TicketDefinition, "title"): 255,
    (WorkflowCompletion, "title"): 255,
}


class DesignNamesTests(SimpleTestCase):
    def test_templates(self) -> None:
        for name in TEMPLATES:
            with self.subTest(name):
                self.assertTrue(get_template(name))

    def test_addresses(self) -> None:
        for (name, arguments), address in ADDRESSES.items():
            with self.subTest(name):
                self.assertEqual(reverse(name, args=arguments), address)

    def test_lengths(self) -> None:
        for (model, name), length in LENGTHS.items():
            with self.subTest(model=model.__name__, field=name):
                self.assertEqual(getattr(model._meta.get_field(name), "max_length", None), length)

    def test_middleware(self) -> None:
        self.assertIn(f"{CompanyMiddleware.__module__}.CompanyMiddleware", settings.MIDDLEWARE)


class RelatedNamesTests(CompanyTestCase):
    def test_people_and_roles_of_a_company(self) -> None:
        with self.ours.scope():
            self.assertEqual(set(self.ours.company.users.all()), set(self.ours.everybody))
            self.assertEqual(list(self.ours.company.roles.all()), [self.ours.employee_role])

    def test_what_a_role_gives_access_to(self) -> None:
        with self.ours.scope():
            self.assertEqual(list(self.ours.employee_role.accessible_tasks.all()), [])
            self.assertEqual(list(self.ours.employee_role.accessible_tickets.all()), [])
