"""`manage.py check_workflow`, the check for programs that write definitions."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.db import transaction

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.signup import give_system_roles, sign_up
from users.system_roles import SystemRoleName
from users.tests.cases import CompanyTestCase
from users.token_actions import make_service_account
from workflow_design.models import WorkflowDefinition
from workflow_design.tests.files import VACATION

MEMBERS = [
    "code",
    "severity",
    "pointer",
    "message",
    "mend",
    "counterexample",
    "likewise",
    "is_exact",
    "title",
    "digest",
    "accepted",
]


class CheckCase(CompanyTestCase):
    """A test case with a workflow file on disk."""

    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.enterContext(TemporaryDirectory())) / "file.json"
        self.write()

    def write(self, **changes: Any) -> None:
        """Write the vacation file with changes."""
        self.path.write_text(json.dumps({**VACATION, **changes}), encoding="utf-8")

    def run_command(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Return the exit status and the output of the command."""
        out = StringIO()
        status = 0
        try:
            call_command("check_workflow", str(self.path), *options, stdout=out)
        except SystemExit as leaving:
            status = int(str(leaving.code))
        report: dict[str, Any] = json.loads(out.getvalue())
        members = ["findings", "is_complete", "is_exact", "states", "writes", "out_of_date"]
        self.assertEqual(list(report), members)
        for finding in report["findings"]:
            self.assertEqual(list(finding), MEMBERS)
        return status, report

    def found(self, *options: str) -> list[tuple[str, str, str]]:
        """Return the code, severity and pointer of each finding."""
        _status, report = self.run_command(*options)
        return [(each["code"], each["severity"], each["pointer"]) for each in report["findings"]]


class CheckCommand(CheckCase):
    """The check without a company."""

    def test_without_errors(self) -> None:
        status, report = self.run_command()
        self.assertEqual(status, 0)
        self.assertNotIn("error", [finding["severity"] for finding in report["findings"]])

    def test_error(self) -> None:
        tasks = [{**VACATION["tasks"][0], "input_fields": ["dayz"]}, *VACATION["tasks"][1:]]
        self.write(tasks=tasks)
        self.assertEqual(self.run_command()[0], 1)
        self.assertIn(("unknown-field", "error", "/tasks/0/input_fields/0"), self.found())

    def test_nothing_is_stored(self) -> None:
        self.run_command("--company", "Ours")
        with self.ours.scope():
            self.assertFalse(WorkflowDefinition.objects.exists())
            self.assertEqual(CompanyRole.objects.count(), 1)

    def test_invalid_json(self) -> None:
        for content in (b"", b"{", b"[]", b"nonsense", b"\xff\xfe", b'{"a": NaN}', b'{"title": "\\ud800"}'):
            with self.subTest(content=content):
                self.path.write_bytes(content)
                status, report = self.run_command()
                self.assertEqual(status, 1)
                self.assertTrue(report["findings"])
                self.assertFalse(report["is_complete"])
                self.assertTrue(report["is_exact"])

    def test_hostile(self) -> None:
        deep = b"[" * 100_000
        long = json.dumps({**VACATION, "title": "x" * 10_000}).encode()
        for content in (deep, long, b"\0", b"9" * 5_000, b" " * 2_000_000, b'{"a":1,"a":2}'):
            with self.subTest(content=content[:20]):
                self.path.write_bytes(content)
                self.assertEqual(self.run_command()[0], 1)

    def test_unknown_member(self) -> None:
        self.write(titel="x")
        self.assertEqual(self.found(), [("unknown-member", "error", "/titel")])

    def test_no_file(self) -> None:
        for path in (self.path.with_name("missing.json"), self.path.parent, Path("\0")):
            with self.subTest(path=path):
                self.path = path
                status, report = self.run_command()
                self.assertEqual(status, 2)
                self.assertEqual(report["findings"][0]["code"], "unreadable-file")

    def test_no_company(self) -> None:
        sign_up(company_name="Ours", first_name="A", last_name="B", email="a@b.example", password="x")
        for company in ("Nobody's", "Ours", ""):
            with self.subTest(company=company):
                status, report = self.run_command("--company", company)
                self.assertEqual(status, 2)
                self.assertEqual(report["findings"][0]["code"], "unknown-company")


class InACompany(CheckCase):
    """The check of the roles and people of a company."""

    def make_role(self, name: str, *people: CustomUser) -> CompanyRole:
        """Create a role with these people."""
        with self.ours.scope(), transaction.atomic():
            role = CompanyRole.objects.create(name=name)
            for person in people:
                CompanyRoleMembership.objects.create(role=role, person=person)
        return role

    def of_company(self) -> list[tuple[str, str, str]]:
        """Return the findings that depend on the company."""
        return [
            each
            for each in self.found("--company", "Ours")
            if each[0] in ("unknown-role", "nobody-to-assign")
        ]

    def test_missing_roles(self) -> None:
        self.make_role("manager", self.ours.worker)
        self.assertEqual(
            self.of_company(),
            [
                ("unknown-role", "error", "/ticket_admin_roles/0"),
                ("unknown-role", "error", "/tasks/0/executor_roles/1"),
            ],
        )
        self.assertEqual(self.run_command("--company", "Ours")[0], 1)

    def test_role_without_people(self) -> None:
        self.make_role("HR")
        self.make_role("Manager")
        self.assertEqual(self.of_company(), [("nobody-to-assign", "hint", "/tasks/0/executor_roles")])
        self.assertEqual(self.run_command("--company", "Ours")[0], 0)

    def test_person_who_is_away_or_deactivated(self) -> None:
        self.make_role("HR", self.ours.worker)
        self.make_role("Manager")
        self.assertEqual(self.of_company(), [])
        for change in ({"away_from": "2020-01-01"}, {"away_from": None, "is_active": False}):
            with self.ours.scope(), transaction.atomic():
                CustomUser.objects.filter(pk=self.ours.worker.pk).update(**change)
            self.assertEqual([each[0] for each in self.of_company()], ["nobody-to-assign"])

    def test_nobody_to_confirm(self) -> None:
        found = ("nobody-to-confirm", "warning", "/tasks/0/needs_approval")
        decide = {**VACATION["tasks"][0], "executor_roles": ["Manager"], "needs_approval": True}
        self.write(tasks=[decide, *VACATION["tasks"][1:]])
        manager = self.make_role("Manager")
        self.assertNotIn(found, self.found("--company", "Ours"))  # nobody has the role at all
        with self.ours.scope(), transaction.atomic():
            robot = make_service_account(name="Robot")
            CompanyRoleMembership.objects.create(role=manager, person=robot)
        self.assertIn(found, self.found("--company", "Ours"))
        self.assertNotIn(found, self.found())
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.create(role=manager, person=self.ours.worker)
        self.assertNotIn(found, self.found("--company", "Ours"))
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(is_active=False)
        self.assertIn(found, self.found("--company", "Ours"))

    def test_nobody_to_confirm_where_no_role_is_named(self) -> None:
        found = ("nobody-to-confirm", "warning", "/tasks/0/needs_approval")
        self.make_role("HR")
        decide = {**VACATION["tasks"][0], "executor_roles": [], "needs_approval": True}
        self.write(tasks=[decide, *VACATION["tasks"][1:]])
        with self.ours.scope(), transaction.atomic():
            give_system_roles(make_service_account(name="Robot"), [SystemRoleName.TASK_WORKER])
        self.assertNotIn(found, self.found("--company", "Ours"))
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(is_service_account=False).update(is_active=False)
        self.assertIn(found, self.found("--company", "Ours"))

    def test_task_for_every_task_worker(self) -> None:
        self.make_role("HR")
        tasks = [{**VACATION["tasks"][0], "executor_roles": []}, *VACATION["tasks"][1:]]
        self.write(tasks=tasks)
        self.assertEqual(self.of_company(), [])
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.update(away_from="2020-01-01")
        self.assertEqual([each[0] for each in self.of_company()], ["nobody-to-assign"])

    def test_people_who_could_decide_about_their_own_ticket(self) -> None:
        self.make_role("HR", self.ours.worker)
        self.make_role("requester", self.ours.submitter)
        manager = self.make_role("manager", self.ours.worker)
        tickets = [{**VACATION["tickets"][0], "submitter_roles": ["Requester"]}]
        decide = {**VACATION["tasks"][0], "executor_roles": ["Manager"], "not_submitter": False}
        self.write(tickets=tickets, tasks=[decide, *VACATION["tasks"][1:]])
        note = ("self-approval", "note", "/tasks/0/not_submitter")
        self.assertNotIn(note, self.found("--company", "Ours"))
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.create(role=manager, person=self.ours.submitter)
        self.assertIn(note, self.found("--company", "Ours"))
        self.assertNotIn(note, self.found())
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(pk=self.ours.submitter.pk).update(is_active=False)
        self.assertNotIn(note, self.found("--company", "Ours"))
