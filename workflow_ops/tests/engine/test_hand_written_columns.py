"""The columns that hand-written statements name are those of the models."""

import re

from django.apps import apps
from django.db import connection
from django.db.models import NOT_PROVIDED, Func, Model
from django.test.utils import CaptureQueriesContext

from workflow_ops.models import TaskHolder, TaskInstance, WorkflowInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

INSERT = re.compile(r"INSERT INTO (\w+)(?: AS \w+)? \(([^)]*)\)")
SET_ON_EVERY_RUN = re.compile(r"UPDATE workflow_ops_workflowinstance SET(.*)WHERE", re.DOTALL)
NEVER_CHANGED = {"id", "company_id", "workflow_id", "created_at"}
MODELS = {model._meta.db_table: model for model in apps.get_models()}


def columns(model: type[Model]) -> set[str]:
    """Return the names of all columns of a model."""
    return {str(field.column) for field in model._meta.concrete_fields}


def may_be_left_out(model: type[Model]) -> set[str]:
    """Return the columns that an INSERT may leave to the database, because they then mean "nothing"."""
    fields = model._meta.concrete_fields
    return {
        str(field.column)
        for field in fields
        if field.primary_key
        or field.generated
        or isinstance(field.db_default, Func)
        or (field.null and field.default in (NOT_PROVIDED, None))
    }


class HandWrittenColumnsTests(EngineTestCase):
    """A column that a model gains, loses or renames has to be entered in these statements."""

    def setUp(self) -> None:
        """Submit a ticket and complete its task, and keep the statements that wrote rows."""
        super().setUp()
        made = self.engine.load(workflow(form("First", "a", "out"), form("Second", "out", "done")))
        with CaptureQueriesContext(connection) as captured:
            ticket = self.engine.submit(made, a="x")
            self.engine.complete(ticket, "First", out="x")
        self.statements = [query["sql"] for query in captured]

    def test_inserted_rows(self) -> None:
        found = [insert for statement in self.statements for insert in INSERT.findall(statement)]
        written = {"ticketcounter", "ticketinstance", "workflowinstance", "workflowwrite"}
        self.assertLessEqual(written, {table.removeprefix("workflow_ops_") for table, _columns in found})
        for table, named in found:
            model = MODELS[table]
            named_columns = {column.strip() for column in named.split(",")}
            with self.subTest(table):
                self.assertEqual(named_columns - columns(model), set())
                self.assertEqual(columns(model) - named_columns - may_be_left_out(model), set())

    def test_rows_of_task_holders(self) -> None:
        """A trigger inserts them."""
        texts = [trigger.func for trigger in TaskInstance._meta.triggers]  # type: ignore[attr-defined]
        found = dict(insert for text in texts for insert in INSERT.findall(str(text)))
        named = found[TaskHolder._meta.db_table].split(", ")
        self.assertEqual(set(named), columns(TaskHolder) - may_be_left_out(TaskHolder))

    def test_stored_run(self) -> None:
        found = [text for statement in self.statements for text in SET_ON_EVERY_RUN.findall(statement)]
        self.assertTrue(found)
        for text in found:
            named = set(re.findall(r"^\s*(\w+) =", text, re.MULTILINE))
            self.assertEqual(named, columns(WorkflowInstance) - NEVER_CHANGED)
