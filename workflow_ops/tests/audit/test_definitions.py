"""Tests of the audit log for ordered JSON, which the database stores as text."""

from dataclasses import replace

from users.tests.cases import CompanyTestCase, logged_in
from workflow_design.editor.fields.actions import rename_field
from workflow_design.editor.parts.actions import delete_part
from workflow_design.models import TaskDefinition, WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import VACATION, long_file, without_roles
from workflow_design.versions.publishing import discard_draft
from workflow_ops.audit.wording import MAX_EVENTS


class AuditOfDefinitions(CompanyTestCase):
    """The audit log of our company admin."""

    def test_shows_single_changed_values(self) -> None:
        properties = VACATION["fields_schema"]["properties"]
        schema = {
            **VACATION["fields_schema"],
            "properties": {**properties, "days": {**properties["days"], "title": "Days off"}},
        }
        with self.ours.designer.scope():
            workflow = import_workflow(without_roles(), by=self.ours.designer)
            WorkflowDefinition.objects.filter(pk=workflow.pk).update(fields_schema=schema)
        response = logged_in(self.ours.admin).get("/users/audit/")
        self.assertContains(response, "Fields / properties / days / title")
        self.assertContains(response, "Days off")
        self.assertNotContains(response, "{&quot;type&quot;")

    def said(self) -> str:
        """Return what the newest line of the page says that our designer did."""
        line = logged_in(self.ours.admin).get("/users/audit/").context["lines"][0]
        return str(line.text.removeprefix(f"{line.who} "))

    def test_a_deleted_part_is_told_and_not_those_that_move_up(self) -> None:
        with self.ours.designer.scope():
            workflow = import_workflow(without_roles(), by=self.ours.designer)
        with self.ours.designer.scope():
            first = TaskDefinition.objects.filter(workflow=workflow).order_by("position")[0]
            delete_part(first)
        self.assertEqual(self.said(), f"deleted the task {first.title} from {workflow.title}")

    def test_a_renamed_field_is_told_and_not_the_parts_that_use_it(self) -> None:
        with self.ours.designer.scope():
            workflow = import_workflow(without_roles(), by=self.ours.designer)
        with self.ours.designer.scope():
            rename_field(workflow, "days", new="length")
        self.assertEqual(self.said(), f"changed the fields of version 1 of {workflow.title}")

    def test_a_discarded_draft_is_told_however_many_parts_it_had(self) -> None:
        with self.ours.designer.scope():
            tasks = tuple(replace(task, executor_roles=()) for task in long_file(MAX_EVENTS + 1).tasks)
            workflow = import_workflow(replace(without_roles(), tasks=tasks), by=self.ours.designer)
        with self.ours.designer.scope():
            discard_draft(workflow, by=self.ours.designer)
        self.assertEqual(self.said(), f"discarded version 1 of {workflow.title}")
