"""What saving costs: whatever form changes a draft, the draft is read once and checked once."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from users.models import CompanyRole
from workflow_design.definition.file_json import to_json
from workflow_design.persistence.reports import compute_digest
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase
from workflow_design.tests.page_cases import checked

ROOT = f"{Path(settings.BASE_DIR)}/"
CHECK = f"{ROOT}workflow_design/check/"
READ = "workflow_design/persistence/exporting.py:_read"
CHECKED = "workflow_design/check/static.py:check_definition"
EXPLORED = "workflow_design/check/check_file.py:explore"


class Calls:
    """Counts the calls of the project's own functions, and those that the check does not make."""

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()
        self.outside_the_check = 0
        self._check: FrameType | None = None

    def of(self, request: Callable[[], Any]) -> Any:
        """Run the request and count."""
        before = sys.getprofile()
        sys.setprofile(self._note)
        try:
            return request()
        finally:
            sys.setprofile(before)

    @property
    def total(self) -> int:
        """The number of all calls."""
        return sum(self.by_name.values())

    def _note(self, frame: FrameType, event: str, _argument: Any) -> None:
        name = frame.f_code.co_filename
        if event == "return" and frame is self._check:
            self._check = None
        if event != "call" or not name.startswith(ROOT) or "/tests/" in name or "/.venv/" in name:
            return
        if self._check is None and name.startswith(CHECK):
            self._check = frame
        self.outside_the_check += self._check is None
        self.by_name[f"{name.removeprefix(ROOT)}:{frame.f_code.co_name}"] += 1


class SavingTests(DraftPageTestCase):
    def assert_once(self, path: str, *, statements: int = 16, **data: Any) -> Calls:
        """Assert that a form is stored with one read, one check and at most these statements."""
        calls = Calls()
        data = {"edition": self.stored(self.draft).updated_at.isoformat(), **data}
        with CaptureQueriesContext(connection) as sent:
            response = calls.of(lambda: self.client.post(path, data))
        self.assert_saved(response)
        for name in (READ, CHECKED, EXPLORED):
            self.assertEqual(calls.by_name[name], 1, (path, name))
        self.assertLessEqual(len(sent), statements, (path, [each["sql"][:200] for each in sent]))
        # The stored report is about exactly what is stored.
        self.assertEqual(checked(self.ours, self.draft).digest, compute_digest(self.file()), path)
        return calls

    def add_field(self, title: str) -> Calls:
        choices: Any = {"options_label": ["Red", "Blue"], "options_value": ["", ""]}
        return self.assert_once(f"{self.address('field_create')}?kind=choice", title=title, **choices)

    def part_path(self, members: str, title: str, action: str, *more: str) -> str:
        name = {"tickets": "ticket_definition", "tasks": "task_definition", "completions": "completion"}
        return reverse(f"{name[members]}_{action}", args=[self.part(members, title).pk, *more])

    def test_a_field(self) -> None:
        self.add_field("First")
        calls = self.add_field("Second")
        self.assertLessEqual(calls.total, 9_200, calls.by_name.most_common(20))
        self.assertLessEqual(calls.outside_the_check, 1_500)
        calls = self.assert_once(self.address("field_edit", "days"), title="Number of days", required="on")
        self.assertLessEqual(calls.total, 9_200, calls.by_name.most_common(20))
        self.assertLessEqual(calls.outside_the_check, 1_500)

    def test_other_changes_of_fields(self) -> None:
        self.assert_once(self.address("field_move", "days"), to="down")
        self.assert_once(self.address("field_rename", "manager_note"), name="remark", statements=18)
        self.assert_once(self.address("field_remove", "employee_note"), statements=19)
        schema = {**self.file().fields_schema, "title": "Vacation data"}
        self.assert_once(self.address("workflow_schema"), schema=json.dumps(schema))

    def test_the_workflow(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.get(name="Manager").pk
        path = self.address("workflow_definition_update")
        self.assert_once(path, title="Vacation", ticket_admin_roles=[role], statements=22)
        layout: Any = {"layout-view": "json", "layout-json": '["days"]'}
        self.assert_once(self.address("workflow_definition_layout"), **layout)
        file = to_json(self.file())
        file["tasks"][0]["description"] = "Look at it."
        text = json.dumps(file)
        self.assert_once(self.address("workflow_components_upload"), text=text, statements=19)

    def test_parts(self) -> None:
        with self.ours.scope():
            roles = list(CompanyRole.objects.order_by("name").values_list("pk", flat=True))
        task = {"input_fields": ["booked"], "output_fields": ["manager_note"], **NO_CONDITION}
        path = f"{self.address('task_definition_create')}?kind=FORM"
        self.assert_once(path, title="Archive", executor_roles=roles, **task, statements=22)
        path = self.part_path("tasks", "Archive", "edit")
        self.assert_once(path, title="File it", executor_roles=roles[1:], **task, statements=24)
        ticket = {"title": "Vacation request", "asks": ["days", "first_day", "employee_note", "a"]}
        path = self.part_path("tickets", "Vacation request", "edit")
        self.assert_once(path, submitter_roles=roles, **ticket, statements=23)
        layout: Any = {"layout-view": "json", "layout-json": '["manager_note"]'}
        self.assert_once(self.part_path("tasks", "File it", "layout", "form"), **layout, statements=19)

    def test_arranged_parts(self) -> None:
        self.assert_once(self.part_path("tasks", "Decide", "duplicate"), statements=24)
        self.assert_once(self.part_path("tasks", "Decide", "move"), to="down", statements=18)
        self.assert_once(self.part_path("tasks", "Decide (copy)", "delete"), statements=26)
