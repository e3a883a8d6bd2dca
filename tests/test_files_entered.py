"""How many of the project's files an everyday request enters: a reader who follows it opens as many."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

from django.conf import settings

from users.tests.cases import logged_in
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_ops.models import TaskInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

_ROOT = f"{Path(settings.BASE_DIR)}/"
_TRYING_ALL_PATHS = tuple(f"workflow_design/check/{name}/" for name in ("values", "exploration", "reporting"))


def files_entered(request: Callable[[], Any]) -> set[str]:
    """Return the project's files in which a function starts while `request` runs, tests left out."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            entered.add(frame.f_code.co_filename)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        request()
    finally:
        sys.setprofile(before)
    inside = {name.removeprefix(_ROOT) for name in entered if name.startswith(_ROOT)}
    return {name for name in inside if "tests/" not in name and not name.startswith(".venv")}


class WorkTests(EngineTestCase):
    """A ticket is submitted and its task completed, each a second time, so that every cache is filled."""

    def setUp(self) -> None:
        super().setUp()
        self.workflow = self.engine.load(workflow(form("First", "a", "out"), form("Second", "out", "done")))
        self.kind = self.engine.call(self.workflow.tickets.get)
        self.client = logged_in(self.ours.admin)

    def post(self, path: str, **data: Any) -> None:
        """Post a form that is accepted, and run what follows from its commit."""
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(path, data)
        self.assertEqual(answer.status_code, 302)

    def submit(self) -> None:
        """Submit a ticket, which starts the first task."""
        self.post(f"/tickets/new/{self.kind.pk}/", a=str(uuid4()), _form_token=str(uuid4()))

    def complete(self) -> None:
        """Complete the newest first task, which starts the second one."""
        tasks = TaskInstance.objects
        task = self.engine.call(lambda: tasks.filter(task_definition__title="First").latest("pk"))
        self.post(f"/tasks/{task.pk}/", out="x", _input_version="1")

    def test_submitted_ticket(self) -> None:
        self.submit()
        entered = files_entered(self.submit)
        self.assertLessEqual(len(entered), 37, sorted(entered))

    def test_completed_task(self) -> None:
        self.submit()
        self.complete()
        self.submit()
        entered = files_entered(self.complete)
        self.assertLessEqual(len(entered), 36, sorted(entered))


class DesignTests(DraftPageTestCase):
    """A designer adds a choice to a draft that has been checked before."""

    def add(self, title: str) -> None:
        """Add a field with two choices."""
        choices = {"options_label": ["Red", "Blue"], "options_value": ["", ""]}
        self.assert_saved(self.post(f"{self.address('field_create')}?kind=choice", title=title, **choices))

    def test_saved_field(self) -> None:
        self.add("First")
        entered = files_entered(lambda: self.add("Second"))
        # To follow a saved field, nobody reads how the check tries all paths: it is one pure function.
        entered = {name for name in entered if not name.startswith(_TRYING_ALL_PATHS)}
        self.assertLessEqual(len(entered), 52, sorted(entered))
