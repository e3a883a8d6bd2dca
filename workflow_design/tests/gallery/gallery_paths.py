"""Plays of the gallery's workflows, with values that their forms accept."""

from typing import Any

from django.test import SimpleTestCase

from workflow_design.definition.schema import data_validator
from workflow_design.engine.plan import build_plan
from workflow_design.tests.engine.interpreter import RunningWorkflow
from workflow_design.tests.gallery_files import gallery_file

Step = tuple[str, dict[str, Any]]


class Play:
    """Plays a workflow of the gallery with values that its forms accept."""

    def __init__(self, name: str) -> None:
        self.file = gallery_file(name)
        self.workflow = RunningWorkflow(build_plan(self.file))

    def submit(self, values: dict[str, Any]) -> list[str]:
        """Submit the only ticket and return the names of the open tasks."""
        (ticket,) = self.file.tickets
        self._refuse_unacceptable(ticket.fields, values)
        self.workflow.submit(ticket.title, **values)
        return self._open_tasks()

    def complete(self, title: str, values: dict[str, Any]) -> list[str]:
        """Complete a task and return the names of the open tasks."""
        (task,) = (task for task in self.file.tasks if task.title == title)
        self._refuse_unacceptable(task.output_fields, values)
        self.workflow.complete(title, **values)
        return self._open_tasks()

    def _open_tasks(self) -> list[str]:
        if self.workflow.has_stalled or self.workflow.decisions[-1].failures:
            raise AssertionError(f"It stalled or failed: {self.workflow.decisions[-1]}")
        return self.workflow.open_names()

    def _refuse_unacceptable(self, fields: tuple[str, ...], values: dict[str, Any]) -> None:
        problems = data_validator(dict(self.file.fields_schema)).problems(
            values, required=[name for name in fields if name in self.file.fields_schema["required"]]
        )
        if problems:
            raise AssertionError(problems)


class PathCase(SimpleTestCase):
    """Tests that a path through a workflow of the gallery does what its description says."""

    def assert_way(self, name: str, ticket: dict[str, Any], *steps: tuple[list[str], Step], end: str) -> None:
        """Assert that each write leaves exactly these tasks open, and that the last one reaches the end."""
        play = Play(name)
        waiting = play.submit(ticket)
        for expected, (title, values) in steps:
            self.assertEqual(waiting, sorted(expected))
            waiting = play.complete(title, values)
        self.assertEqual((play.workflow.completion, waiting), (end, []))
