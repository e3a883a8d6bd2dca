"""Cached rules: only of versions that never change, and separate for each company."""

from __future__ import annotations

from ticketflower.tenancy.context import WallError
from users.company_roles import RoleInUseError, change_role, delete_role
from users.models import CompanyRole
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow


class CachedRulesTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", executor_roles=("Crew",))))
        self.role = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))

    def test_rules_of_a_draft_are_not_cached(self) -> None:
        draft = self.engine.call(lambda: import_workflow(workflow(form("Work", "a"), title="Other"), by=None))
        with self.assertRaises(ValueError):
            self.engine.call(lambda: get_rules(draft.pk))

    def test_a_renamed_role_still_counts(self) -> None:
        person = self.engine.person("One", roles=["Crew"])
        self.engine.submit(self.made, a="x")
        self.engine.call(lambda: change_role(self.role, name="Team", description=""))
        ticket = self.engine.submit(self.made, a="x")
        self.assertEqual(self.engine.task(ticket, "Work").assigned_to, person)

    def test_a_role_in_the_rules_cannot_be_deleted(self) -> None:
        self.engine.call(lambda: get_rules(self.made.pk))
        with self.assertRaises(RoleInUseError):
            self.engine.call(lambda: delete_role(self.role))

    def test_another_company_does_not_get_the_rules(self) -> None:
        self.engine.call(lambda: get_rules(self.made.pk))
        with self.theirs.scope(), self.assertRaises(WorkflowDefinition.DoesNotExist):
            get_rules(self.made.pk)
        with self.assertRaises(WallError):
            get_rules(self.made.pk)
