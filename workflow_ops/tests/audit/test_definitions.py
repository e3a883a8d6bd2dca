"""Tests of the audit log for ordered JSON, which the database stores as text."""

from users.tests.cases import CompanyTestCase, logged_in
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.files import VACATION, without_roles


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
