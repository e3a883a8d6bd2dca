"""Tests of the access rules for definitions (`docs/access.md`, "Who may do what")."""

from django.contrib.auth.models import AnonymousUser

from users.company_roles import create_role, give_role
from users.models import CustomUser
from users.tests.cases import CompanyTestCase, logged_in
from workflow_design import access
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import without_roles


class Access(CompanyTestCase):
    """One workflow for all ticket admins, and one for the role "HR", which Wanda has."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope():
            hr = create_role(name="HR", description="")
            give_role(hr, [self.ours.worker.pk])
            self.open = import_workflow(without_roles(title="Open"), by=None)
            self.named = import_workflow(without_roles(title="Named", ticket_admin_roles=["HR"]), by=None)

    def allowed(self, person: CustomUser) -> dict[str, object]:
        """Return what the person may do, as a person without cached roles."""
        with person.scope():
            workflows = WorkflowDefinition.objects.order_by("title")
            return {
                "design": access.may_design(person),
                "see all": access.may_see_definitions(person),
                "see": [row.title for row in workflows if access.may_see_workflow(person, row)],
                "administer": [row.title for row in workflows if access.may_administer_workflow(person, row)],
            }

    def test_every_row_of_the_table(self) -> None:
        both, nothing = ["Named", "Open"], list[str]()
        rows = {
            self.ours.admin: (True, True, both, both),
            self.ours.designer: (True, True, both, nothing),
            self.ours.ticket_admin: (False, True, both, ["Open"]),
            self.ours.worker: (False, False, ["Named"], ["Named"]),
            self.ours.submitter: (False, False, nothing, nothing),
        }
        for person, expected in rows.items():
            with self.subTest(person.first_name):
                self.assertEqual(tuple(self.allowed(person).values()), expected)

    def test_querysets_say_the_same(self) -> None:
        for person in self.ours.everybody:
            allowed = self.allowed(person)
            with self.subTest(person.first_name), person.scope():
                for name, found in (
                    ("see", access.visible_workflows(person)),
                    ("administer", access.administered_by(person)),
                ):
                    titles = sorted(found.values_list("title", flat=True))
                    self.assertEqual(titles, allowed[name], name)

    def test_another_company(self) -> None:
        for person in self.theirs.everybody:
            self.assertFalse(access.may_see_workflow(person, self.open), person.first_name)
            self.assertFalse(access.may_administer_workflow(person, self.open), person.first_name)
            with person.scope():
                self.assertEqual(list(access.visible_workflows(person)), [])
                self.assertEqual(list(access.administered_by(person)), [])

    def test_staff_in_the_company_and_outside(self) -> None:
        staff = self.staff
        self.assertFalse(access.may_administer_workflow(staff, self.open))
        staff.impersonated_company = self.ours.company
        with staff.scope():
            self.assertTrue(access.may_design(staff))
            self.assertTrue(access.may_administer_workflow(staff, self.named))
            self.assertEqual(access.administered_by(staff).count(), 2)
        staff.impersonated_company = self.theirs.company
        self.assertFalse(access.may_see_workflow(staff, self.open))

    def test_nobody(self) -> None:
        nobody = AnonymousUser()
        self.assertFalse(access.may_design(nobody) or access.may_see_definitions(nobody))
        with self.ours.scope():
            self.assertFalse(access.may_see_workflow(nobody, self.open))
            self.assertEqual(list(access.visible_workflows(nobody)), [])

    def test_model_permissions_agree(self) -> None:
        may = {
            "workflow_design.add_workflowdefinition": {"Ada", "Dora"},
            "workflow_design.change_taskdefinition": {"Ada", "Dora"},
            "workflow_design.view_workflowdefinition": {"Ada", "Dora", "Tom"},
            "workflow_ops.add_ticketinstance": {"Ada", "Sam", "Wanda"},
            "workflow_ops.change_taskinstance": {"Ada", "Wanda", "Tom"},
            "workflow_ops.change_ticketinstance": {"Ada", "Tom"},
            "workflow_ops.change_ticketerror": {"Ada", "Tom"},
        }
        for permission, names in may.items():
            holders = set()
            for person in self.ours.everybody:
                with person.scope():
                    if person.has_perm(permission):
                        holders.add(person.first_name)
            self.assertEqual(holders, names, permission)


class RoleInUse(CompanyTestCase):
    """A company role that a workflow names."""

    def test_is_not_deleted(self) -> None:
        with self.ours.scope():
            role = create_role(name="HR", description="")
            import_workflow(without_roles(ticket_admin_roles=["HR"]), by=None)
        path = f"/users/roles/{role.pk}/delete/"
        page = logged_in(self.ours.admin).get(path)
        self.assertContains(page, "The role “HR” can&#x27;t be deleted")
        self.assertContains(page, "<li>Vacation</li>")
        self.assertNotContains(page, "data-submit-once")
        response = logged_in(self.ours.admin).post(path, follow=True)
        self.assertContains(response, "can&#x27;t be deleted because workflows use it: Vacation.")
        with self.ours.scope():
            role.refresh_from_db()
