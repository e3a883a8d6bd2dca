"""The command `manage.py load_demo`."""

from dataclasses import replace
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, TestCase, TransactionTestCase, override_settings

from ticketflower.tenancy.context import all_companies_scope
from users import demo
from users.models import Company, CompanyRole, CustomUser
from users.signup import sign_up
from users.system_roles import SystemRoleName
from users.tests.cases import CommittedTestCase, CompanyTestCase
from users.tests.starting_rows import empty_tables
from workflow_design.models import WorkflowDefinition, WorkflowLine, WorkflowStatus
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.gallery_files import gallery_file
from workflow_ops.demo.history import TICKETS
from workflow_ops.demo.programs import ASSISTANT
from workflow_ops.models import (
    ErrorReason,
    Report,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
    TicketLink,
    WorkflowInstance,
    WorkflowWrite,
    WriteStatus,
)


def load_demo() -> str:
    """Run the command and return its output."""
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


EXPECTED = {
    "admin@demo.example": (set(SystemRoleName.values), {"Employee"}),
    "manager@demo.example": ({"user", "task_worker"}, {"Employee", "Manager", "Editor"}),
    "hr@demo.example": ({"user", "task_worker"}, {"Employee", "HR", "Office"}),
    "finance@demo.example": (
        {"user", "task_worker"},
        {"Employee", "Finance", "Purchasing", "Legal"},
    ),
    "it@demo.example": ({"user", "task_worker"}, {"Employee", "IT", "IT specialist"}),
    "employee@demo.example": ({"user"}, {"Employee"}),
    "designer@demo.example": ({"user", "workflow_creator"}, {"Employee", "Marketing"}),
}


class LoadDemo(CommittedTestCase):
    """The demo on an empty site, with real commits, which the engine needs."""

    def setUp(self) -> None:
        TransactionTestCase.setUp(self)
        empty_tables()
        self.printed = load_demo()

    def test_people_workflows_and_tickets(self) -> None:
        for text in [*EXPECTED, "staff@ticketflower.example", demo.PASSWORD, "Demo Company"]:
            self.assertIn(text, self.printed)
        self.check_people()
        self.check_log_in()
        admin = demo.demo_admin()
        assert admin is not None
        with admin.scope(), transaction.atomic():
            self.check_workflows()
            self.check_tickets()
            self.assertEqual([report.state for report in Report.objects.all()], ["READY", "READY"])
        before = _people(), _counts()
        self.assertIn("nothing was changed", load_demo())
        self.assertEqual((_people(), _counts()), before)
        self.check_every_act_is_told()

    def check_every_act_is_told(self) -> None:
        """Check the sentences of the audit log."""
        client = Client()
        client.post("/users/login/", {"username": "admin@demo.example", "password": demo.PASSWORD})
        url, lines = "/users/audit/", []
        while url:
            response = client.get(url)
            lines += response.context["lines"]
            older = response.context["page"]["older_url"]
            url = f"/users/audit/{older}" if older else ""
        self.assertGreater(len(lines), 50)
        for line in lines:
            self.assertTrue(line.text.startswith(f"{line.who} "), line.text)
            # Not a general sentence, and none with a name missing. A subject may have a colon.
            self.assertNotRegex(
                line.text, r"^[^#]*: | (changed|continued|recorded) |  | (of|on|to|from|role|version)$"
            )
        texts = [line.text for line in lines]
        for text in (
            "Alma Winter signed up Demo Company",
            f"Ilse Tanaka put #{TICKETS + 10} Access for the auditors on hold",
            f"Ilse Tanaka made Ilse Tanaka responsible for #{TICKETS + 23} No network in room 12",
        ):
            self.assertIn(text, texts)
        for start in (
            f"Emil Okafor completed Change request on #{TICKETS + 1} From ",
            f"Alma Winter cancelled #{TICKETS + 15} ",
        ):
            self.assertTrue(any(text.startswith(start) for text in texts), start)

    def check_people(self) -> None:
        """Check all people and their roles."""
        for email, (system_roles, company_roles) in EXPECTED.items():
            person = CustomUser.objects.get_by_natural_key(email)
            with self.subTest(email), person.scope(), transaction.atomic():
                self.assertEqual(person.system_roles, system_roles)
                self.assertEqual({role.name for role in person.company_roles.all()}, company_roles)
                self.assertTrue(person.first_name and person.last_name)
                self.assertFalse(person.is_superuser)
        staff = CustomUser.objects.get_by_natural_key("staff@ticketflower.example")
        self.assertTrue(staff.is_superuser and staff.is_staff and staff.first_name)
        self.assertIsNone(staff.company_id)
        with all_companies_scope(), transaction.atomic():
            self.assertEqual([company.name for company in Company.objects.all()], ["Demo Company"])
            program = CustomUser.objects.get(is_service_account=True, first_name=ASSISTANT)
            self.assertEqual({role.name for role in program.company_roles.all()}, {"IT"})
            people = CustomUser.objects.filter(is_service_account=False)
            self.assertEqual(people.count(), len(EXPECTED) + 1)

    def check_log_in(self) -> None:
        """Check that all people can log in."""
        for email in [*EXPECTED, "staff@ticketflower.example"]:
            form = {"username": email, "password": "ticketflower-demo"}
            self.assertEqual(Client().post("/users/login/", form).status_code, 302)

    def check_workflows(self) -> None:
        """Check the published workflows, and that each of their roles has people."""
        versions = WorkflowDefinition.objects.all()
        self.assertEqual({version.status for version in versions}, {WorkflowStatus.ACTIVE})
        titles = {line.title for line in WorkflowLine.objects.all()}
        self.assertEqual(
            titles,
            {
                "Vacation request",
                "IT support",
                "Purchase approval",
                "Onboarding of a new employee",
                "New colleague with an account",
                "Expense claim",
                "Expense claim with a limit",
                "Content approval",
            },
        )
        self.assertEqual(list(CompanyRole.objects.filter(memberships=None)), [])

    def check_tickets(self) -> None:
        """Check that there are tickets in every state, and only the intended errors."""
        runs = set(WorkflowInstance.objects.values_list("status", flat=True))
        self.assertEqual(runs, set(RunStatus) - {RunStatus.NOT_STARTED})
        tasks = TaskInstance.objects.all()
        self.assertEqual(
            {task.status for task in tasks}, set(TaskStatus) - {TaskStatus.PENDING, TaskStatus.ERROR}
        )
        self.assertEqual([task for task in tasks if not task.is_finished and task.assigned_to_id is None], [])
        self.assertEqual([error.reason for error in TicketError.objects.all()], [ErrorReason.STALL])
        self.assertFalse(WorkflowWrite.objects.exclude(status=WriteStatus.APPLIED).exists())
        entered = TicketInstance.objects.get(entered_by__first_name="Ilse")
        self.assertEqual(str(entered.created_by), "Femi Brandt")
        self.assertEqual(TicketLink.objects.get().other, entered)
        overdue = TaskInstance.objects.exclude(status=TaskStatus.COMPLETED).get(overdue_at__isnull=False)
        self.assertEqual((overdue.status, overdue.task_definition.title), (TaskStatus.IN_PROGRESS, "Help"))
        self.assertTrue(overdue.workflow_instance.data["help_is_late"])
        self.assertTrue(TicketInstance.objects.get(number=TICKETS + 10).held_until)
        self.assertEqual(len(set(TicketInstance.objects.values_list("priority", flat=True))), 3)


class OldDemo(CommittedTestCase):
    """A demo of an older release: fewer people and roles, no workflows, no tickets."""

    def setUp(self) -> None:
        TransactionTestCase.setUp(self)
        empty_tables()
        everybody = demo.PEOPLE
        of_old = [person for person in everybody if person.first_name not in {"Femi", "Ilse"}]
        self.set_people(tuple(replace(one, company_roles=one.company_roles[:1]) for one in of_old))
        try:
            self.admin = demo.load_demo()
        finally:
            self.set_people(everybody)

    def set_people(self, people: tuple[demo.DemoPerson, ...]) -> None:
        """Set the people of the demo."""
        vars(demo)["PEOPLE"] = people

    def test_adds_missing_parts(self) -> None:
        load_demo()
        self.assertIn("nothing was changed", load_demo())
        for email, (system_roles, company_roles) in EXPECTED.items():
            person = CustomUser.objects.get_by_natural_key(email)
            with self.subTest(email), person.scope(), transaction.atomic():
                self.assertEqual(person.system_roles, system_roles)
                self.assertEqual({role.name for role in person.company_roles.all()}, company_roles)
        with self.admin.scope(), transaction.atomic():
            self.assertEqual(WorkflowLine.objects.count(), 8)
            self.assertTrue(TicketInstance.objects.exists())

    def test_does_not_change_a_company_with_workflows(self) -> None:
        with self.admin.scope(), transaction.atomic():
            import_workflow(gallery_file("vacation_request"), by=self.admin, may_make_roles=True)
        load_demo()
        with self.admin.scope(), transaction.atomic():
            self.assertEqual(WorkflowLine.objects.count(), 1)
            self.assertFalse(TicketInstance.objects.exists())


class Production(TestCase):
    """The demo in production, where its public password would be a risk."""

    @override_settings(IS_PRODUCTION=True)
    def test_refused(self) -> None:
        before = _people()
        with self.assertRaisesMessage(CommandError, "publicly known password"):
            load_demo()
        self.assertEqual(_people(), before)


class LoadDemoBesideOthers(CompanyTestCase):
    """The demo on a site with companies, in which a member of staff has one of the demo's addresses."""

    def test_all_or_nothing(self) -> None:
        before = _people()
        with self.assertRaisesMessage(CommandError, "already belongs to another person"):
            load_demo()
        self.assertEqual(_people(), before)

    def test_address_of_one_person_taken(self) -> None:
        with all_companies_scope():
            CustomUser.objects.filter(pk=self.staff.pk).update(email="other@ticketflower.example")
        sign_up(company_name="Late", first_name="L", last_name="L", email="HR@demo.example", password="x")
        before = _people()
        with self.assertRaisesMessage(CommandError, "already belongs to another person"):
            load_demo()
        self.assertEqual(_people(), before)


def _people() -> list[object]:
    with all_companies_scope(), transaction.atomic():
        return [*CustomUser.objects.order_by("pk").values()]


def _counts() -> list[int]:
    with all_companies_scope(), transaction.atomic():
        return [
            model._default_manager.count() for model in (WorkflowDefinition, TicketInstance, TaskInstance)
        ]
