"""Tests of `import_workflow` and `export_workflow`."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from users.company_roles import RoleInUseError, change_role, create_role, delete_role
from users.models import CompanyRole
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, CompanyTestCase
from users.tests.queries import at_most_queries
from workflow_design.definition.file_json import to_json
from workflow_design.definition.ready_made import recipient_role
from workflow_design.models import (
    ExecutorRole,
    TaskDefinition,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowStatus,
)
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import (
    CheckFailedError,
    DraftExistsError,
    RolesMissingError,
    import_workflow,
)
from workflow_design.tests.files import VACATION, long_file, with_message, without_roles, workflow_file
from workflow_design.versions.publishing import publish


class Imports(CompanyTestCase):
    """Imports by our designer, in our company's scope."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.ours.designer.scope())
        self.by = self.ours.designer

    def roles(self) -> set[str]:
        """Return the names of our roles."""
        return set(CompanyRole.objects.values_list("name", flat=True))


class NewWorkflow(Imports):
    """Imports of a title that the company does not have."""

    def test_version_one_is_a_draft(self) -> None:
        workflow = import_workflow(workflow_file(), by=self.by, may_make_roles=True)
        workflow.refresh_from_db()
        self.assertEqual((workflow.title, workflow.version), ("Vacation", 1))
        self.assertEqual(workflow.status, WorkflowStatus.DRAFT)
        self.assertEqual(workflow.created_by, self.by)
        self.assertEqual(WorkflowLine.objects.get().title, "Vacation")
        tasks = list(workflow.tasks.order_by("position").values_list("title", "version", "created_by"))
        titles = ("Decide", "Change request", "Book it")
        self.assertEqual(tasks, [(title, 1, self.by.pk) for title in titles])

    def test_the_export_equals_the_file(self) -> None:
        file = workflow_file()
        workflow = import_workflow(file, by=self.by, may_make_roles=True)
        again = export_workflow(WorkflowDefinition.objects.get(pk=workflow.pk))
        self.assertEqual(again, file)
        self.assertEqual(str(to_json(again)), str(to_json(file)))  # the order of members, too

    def test_members_keep_their_order(self) -> None:
        """Assert the order that people see; PostgreSQL's jsonb would put short names first."""
        workflow = import_workflow(workflow_file(), by=self.by, may_make_roles=True)
        schema = WorkflowDefinition.objects.get(pk=workflow.pk).fields_schema
        self.assertEqual(list(schema["properties"]), list(VACATION["fields_schema"]["properties"]))

    def test_by_nobody(self) -> None:
        workflow = import_workflow(without_roles(), by=None)
        self.assertIsNone(workflow.created_by_id)

    def test_written_in_the_audit_log(self) -> None:
        workflow = import_workflow(without_roles(), by=self.by)
        event = audit_events(WorkflowDefinition).get(row_id=workflow.pk)
        self.assertEqual((event.operation, event.person_id), ("insert", self.by.pk))

    def test_other_companys_title_is_free(self) -> None:
        import_workflow(without_roles(), by=self.by)
        self.doCleanups()
        with self.theirs.scope():
            self.assertEqual(import_workflow(without_roles(), by=None).version, 1)

    def test_statements_do_not_grow(self) -> None:
        def statements(tasks: int) -> int:
            WorkflowDefinition.objects.all().delete()
            WorkflowLine.objects.all().delete()
            with CaptureQueriesContext(connection) as captured:
                workflow = import_workflow(long_file(tasks), by=self.by, may_make_roles=True)
            self.assertEqual(workflow.tasks.count(), tasks + 2)
            return len(captured)

        few, many = statements(2), statements(150)
        self.assertIn(many, (few, few + 1))  # one more if the check is slow and continues in a job
        self.assertLess(few, 32)

    def test_six_statements_back(self) -> None:
        workflow = import_workflow(long_file(50), by=self.by, may_make_roles=True)
        with at_most_queries(6):
            export_workflow(workflow)


class Refused(Imports):
    """Imports that fail and store nothing."""

    def tearDown(self) -> None:
        self.assertFalse(WorkflowLine.objects.exists())
        super().tearDown()

    def test_problems_of_the_check(self) -> None:
        with self.assertRaises(CheckFailedError) as caught:
            import_workflow(without_roles(completions=[], display_layout=["nothing"]), by=self.by)
        pointers = {problem.pointer for problem in caught.exception.problems}
        self.assertLessEqual({"/completions", "/display_layout/0"}, pointers)

    def test_missing_roles_are_all_named(self) -> None:
        before = self.roles()
        with self.assertRaises(RolesMissingError) as caught:
            import_workflow(workflow_file(), by=self.by)
        self.assertEqual(
            [problem.pointer for problem in caught.exception.problems],
            ["/ticket_admin_roles/0", "/tasks/0/executor_roles/0", "/tasks/0/executor_roles/1"],
        )
        self.assertIn("“HR”", caught.exception.problems[0].message)
        self.assertEqual(self.roles(), before)

    def test_other_companys_role_is_no_role(self) -> None:
        self.doCleanups()
        with self.theirs.scope():
            for name in ("HR", "Manager"):
                create_role(name=name, description="")
        self.enterContext(self.by.scope())
        with self.assertRaises(RolesMissingError):
            import_workflow(workflow_file(), by=self.by)


class Roles(Imports):
    """Roles in a file, matched by name without regard to case."""

    def test_present_ones_are_used(self) -> None:
        hr, manager = (create_role(name=name, description="") for name in ("hr", "MANAGER"))
        workflow = import_workflow(workflow_file(), by=self.by)
        links = ExecutorRole.objects.order_by("pk").values_list("role", flat=True)
        self.assertEqual(list(links), [manager.pk, hr.pk])
        self.assertEqual(export_workflow(workflow).ticket_admin_roles, ("hr",))
        self.assertEqual(self.roles(), {"Employee", "hr", "MANAGER"})

    def test_missing_ones_are_made(self) -> None:
        import_workflow(workflow_file(), by=self.by, may_make_roles=True)
        self.assertEqual(self.roles(), {"Employee", "HR", "Manager"})

    def test_the_role_that_gets_an_email(self) -> None:
        with self.assertRaises(RolesMissingError) as caught:
            import_workflow(with_message(), by=self.by)
        pointers = [problem.pointer for problem in caught.exception.problems]
        self.assertIn("/tasks/3/action/email/to/role", pointers)
        workflow = import_workflow(with_message(), by=self.by, may_make_roles=True)
        self.assertEqual(export_workflow(workflow), with_message())
        role = CompanyRole.objects.get(name="Team leads")
        with self.assertRaises(RoleInUseError) as used:
            delete_role(role)
        self.assertEqual(used.exception.named_by, ["Vacation: Tell the team"])
        change_role(role, name="Leads", description="")
        action = export_workflow(workflow).tasks[3].action
        self.assertEqual(recipient_role(action), "Leads")

    def test_several_spellings_of_one(self) -> None:
        file = workflow_file(ticket_admin_roles=["hr"])
        workflow = import_workflow(file, by=self.by, may_make_roles=True)
        self.assertEqual(len(self.roles()), 3)
        self.assertEqual(len(export_workflow(workflow).ticket_admin_roles), 1)


class NextVersion(Imports):
    """Imports of a title that the company already has."""

    def setUp(self) -> None:
        super().setUp()
        self.first = import_workflow(workflow_file(), by=self.by, may_make_roles=True)

    def test_draft_is_not_replaced_by_default(self) -> None:
        with self.assertRaises(DraftExistsError) as caught:
            import_workflow(workflow_file(title="VACATION", description="New"), by=self.by)
        self.assertEqual(caught.exception.draft, self.first)
        self.first.refresh_from_db()
        self.assertNotEqual(self.first.description, "New")
        self.assertEqual(WorkflowLine.objects.get().title, "Vacation")

    def test_draft_is_replaced(self) -> None:
        file = workflow_file(title="vacation", description="New", display_layout=[])
        workflow = import_workflow(file, by=self.by, replace=True)
        self.assertEqual((workflow.pk, workflow.version), (self.first.pk, 1))
        self.assertEqual(export_workflow(workflow), file)
        self.assertEqual(TaskDefinition.objects.count(), 3)
        self.assertEqual(WorkflowLine.objects.get().title, "vacation")

    def test_next_version_after_publishing(self) -> None:
        publish(self.first, by=self.by)
        workflow = import_workflow(workflow_file(title="VACATION"), by=self.by)
        self.assertEqual((workflow.version, workflow.line), (2, self.first.line))
        self.assertNotEqual(workflow.pk, self.first.pk)
        self.assertEqual(WorkflowLine.objects.get().title, "VACATION")
        self.first.refresh_from_db()
        self.assertEqual((self.first.status, self.first.title), (WorkflowStatus.ACTIVE, "Vacation"))
        self.assertEqual(self.first.tasks.count(), 3)


class TwoAtOnce(CommittedTestCase):
    """Two people import the same file at the same moment."""

    def attempt(self) -> str:
        with self.ours.designer.scope():
            try:
                import_workflow(workflow_file(), by=self.ours.designer, may_make_roles=True)
            except DraftExistsError:
                return "draft exists"
        return "imported"

    def test_one_wins(self) -> None:
        self.assertEqual(sorted(at_once(self.attempt, self.attempt)), ["draft exists", "imported"])
