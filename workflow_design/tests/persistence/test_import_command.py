"""Tests of `manage.py import_workflow`."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import CommandError, call_command

from users.models import CompanyRole
from users.signup import sign_up
from users.tests.audit import audit_events
from users.tests.cases import CompanyTestCase
from workflow_design.models import WorkflowDefinition, WorkflowStatus
from workflow_design.tests.files import VACATION


class ImportCommand(CompanyTestCase):
    """Imports into our company."""

    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.enterContext(TemporaryDirectory())) / "file.json"
        self.write()

    def write(self, **changes: Any) -> None:
        """Write the vacation file with changes."""
        self.path.write_text(json.dumps({**VACATION, **changes}), encoding="utf-8")

    def run_command(self, *options: str, company: str = "Ours") -> str:
        """Run the command and return its output."""
        out = StringIO()
        call_command("import_workflow", str(self.path), "--company", company, *options, stdout=out)
        return out.getvalue()

    def versions(self) -> list[tuple[int, str]]:
        """Return our versions with their statuses."""
        with self.ours.scope():
            return list(WorkflowDefinition.objects.order_by("version").values_list("version", "status"))

    def test_draft_with_its_roles(self) -> None:
        printed = self.run_command()
        self.assertIn("“Vacation”, version 1, is imported as a draft in “Ours”.", printed)
        self.assertEqual(self.versions(), [(1, WorkflowStatus.DRAFT)])
        with self.ours.scope():
            self.assertEqual(CompanyRole.objects.count(), 3)
            self.assertIsNone(WorkflowDefinition.objects.get().created_by_id)
            self.assertIsNone(audit_events(WorkflowDefinition).get().person_id)
        with self.theirs.scope():
            self.assertEqual((WorkflowDefinition.objects.count(), CompanyRole.objects.count()), (0, 1))

    def test_publish(self) -> None:
        self.assertIn("published", self.run_command("--publish"))
        self.run_command("--publish")
        self.assertEqual(self.versions(), [(1, WorkflowStatus.ARCHIVED), (2, WorkflowStatus.ACTIVE)])

    def test_draft_exists(self) -> None:
        self.run_command()
        with self.assertRaisesMessage(CommandError, "--replace replaces it"):
            self.run_command("--publish")
        self.write(description="New")
        self.run_command("--replace", "--publish")
        self.assertEqual(self.versions(), [(1, WorkflowStatus.ACTIVE)])
        with self.ours.scope():
            self.assertEqual(WorkflowDefinition.objects.get().description, "New")

    def test_problems_with_their_pointers(self) -> None:
        self.write(tickets=[], unknown=1, title=3)
        with self.assertRaises(CommandError) as caught:
            self.run_command()
        for pointer in ("/unknown: ", "/title: "):
            self.assertIn(pointer, str(caught.exception))
        self.write(completions=[])
        with self.assertRaisesMessage(CommandError, "/completions: "):
            self.run_command()
        self.assertEqual(self.versions(), [])
        with self.ours.scope():
            self.assertEqual(CompanyRole.objects.count(), 1)

    def test_no_json_and_no_file(self) -> None:
        for content in (b"", b"\xff\xfe", b"{", b'{"title": "\\u0000"}', b"[" * 100_000):
            self.path.write_bytes(content)
            with self.assertRaisesMessage(CommandError, "was not imported"):
                self.run_command()
        self.path.unlink()
        with self.assertRaisesMessage(CommandError, "No such file"):
            self.run_command()

    def test_company(self) -> None:
        for name in ("Nobody", "", "Ours' --"):
            with self.assertRaisesMessage(CommandError, "There is no company"):
                self.run_command(company=name)

    def test_several_companies_of_one_name(self) -> None:
        second = sign_up(
            company_name="Ours", first_name="A", last_name="B", email="x@second.example", password="x"
        )
        with self.assertRaisesMessage(CommandError, "2 companies are called “Ours”"):
            self.run_command()
        self.assertEqual(self.versions(), [])
        options = [f"--company-id={second.company_id}"]
        call_command("import_workflow", str(self.path), *options, stdout=StringIO())
        self.assertEqual(self.versions(), [])
        with second.scope():
            self.assertEqual(WorkflowDefinition.objects.count(), 1)
