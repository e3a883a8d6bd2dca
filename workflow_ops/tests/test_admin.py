"""The Django admin of definitions and running workflows, with the demo's data."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import connection, models, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope, company_scope
from ticketflower.tenant_admin import ReadOnlyAdmin
from users import demo as people
from users.models import CustomUser
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.starting_rows import empty_tables
from users.tests.test_staff_admin import our_models, page
from workflow_design.models import TaskDefinition, WorkflowDefinition
from workflow_design.versions.publishing import new_version
from workflow_ops.actions.secrets import signing_secret_of_company
from workflow_ops.demo.loading import load_demo
from workflow_ops.models import (
    ActionCall,
    BulkAction,
    CompletionInstance,
    FileUpload,
    IdempotentCall,
    ListFile,
    NotificationChoice,
    NotificationMail,
    TaskHolder,
    TaskInstance,
    TicketError,
    TicketInstance,
    WorkflowData,
    WorkflowWrite,
)
from workflow_ops.search.documents import update_documents

MOST_STATEMENTS = 9  # the demo has up to hundreds of rows of a kind


@pytest.mark.slow
class StaffAdmin(CommittedTestCase):
    """The admin of every table; each table has rows."""

    def setUp(self) -> None:
        TransactionTestCase.setUp(self)
        empty_tables()  # the demo brings its own staff
        load_demo()
        self.add_what_jobs_make()
        self.client = logged_in(CustomUser.objects.get_by_natural_key(people.STAFF.email))

    def add_what_jobs_make(self) -> None:
        """Make rows of calls, searches, bulk actions and files of lists, which the demo does not have."""
        with all_companies_scope(), transaction.atomic():
            task = TaskInstance.objects.latest("pk")
        assert task.company_id is not None
        with company_scope(task.company_id), transaction.atomic():
            signing_secret_of_company()
            ActionCall.objects.create(task=task, started_at=timezone.now())
            update_documents(TicketInstance.objects.filter(number=1))
            bulk = BulkAction.objects.create(operation="hold", row_ids=[1], form_token=uuid4())
            bulk.results.create(position=0, row_id=1, outcome="DONE")
            ListFile.objects.create(desk_list="tickets", form_token=uuid4())
            person = CustomUser.objects.earliest("pk")
            IdempotentCall.objects.create(person=person, operation="POST tickets", key="k", digest=b"x")
            NotificationMail.objects.create(person=person)
            NotificationChoice.objects.create(person=person, kind="ended", way="mail")

    def first(self, model: type[models.Model]) -> Any:
        """Return the first row of the model."""
        with all_companies_scope(), transaction.atomic():
            return model._default_manager.order_by("pk").first()

    def test_every_page(self) -> None:
        for model in our_models("workflow_design", "workflow_ops"):
            with self.subTest(model=model._meta.label):
                self.check_pages(model)
                self.check_list(page(model, "changelist"))
        self.check_secrets()
        self.check_ticket_numbers()

    def check_ticket_numbers(self) -> None:
        """Assert that what belongs to a ticket is shown with its number, and found by it."""
        for model in (TaskInstance, TaskHolder, WorkflowWrite, WorkflowData, CompletionInstance):
            with self.subTest(model=model._meta.label):
                with all_companies_scope(), transaction.atomic():
                    number = model._default_manager.order_by("-pk")[0].workflow_instance.ticket.number
                found = self.client.get(page(model, "changelist"), {"q": str(number)})
                tickets = {row.workflow_instance.ticket.number for row in found.context["cl"].result_list}
                self.assertEqual(tickets, {number})
                rows = len(found.context["cl"].result_list)
                self.assertContains(found, f'class="field-of_ticket">#{number}</td>', count=rows)

    def check_pages(self, model: type[models.Model]) -> None:
        """Assert that rows can be viewed but not added, changed or deleted."""
        self.assertIsInstance(admin.site.get_model_admin(model), ReadOnlyAdmin)
        row = self.first(model)
        pages = {
            page(model, "change", row.pk): 200,
            page(model, "history", row.pk): 200,
            page(model, "add"): 403,
            page(model, "delete", row.pk): 403,
            page(model, "change", 10**30): 302,
        }
        for path, status in pages.items():
            self.assertEqual(self.client.get(path).status_code, status, path)
        refused = self.client.post(page(model, "change", row.pk), {"title": "x"}).status_code
        self.assertEqual(refused, 200 if model is TicketError else 403)

    def check_list(self, path: str) -> None:
        """Search and filter the list; the number of statements must not depend on the number of rows."""
        for query in ("q=tester", "q=1", "q=%00", "company_name=Demo", "company_name=%00"):
            self.assertEqual(self.client.get(f"{path}?{query}").status_code, 200, (path, query))
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.client.get(path).status_code, 200)
        self.assertLessEqual(len(captured), MOST_STATEMENTS)

    def test_notes_on_errors_and_drafts_can_be_changed(self) -> None:
        error = self.first(TicketError)
        values = {"error_status": error.error_status, "resolution_notes": "Called the supplier."}
        self.assertEqual(self.client.post(page(TicketError, "change", error.pk), values).status_code, 302)
        self.assertEqual(self.first(TicketError).resolution_notes, "Called the supplier.")
        designer = CustomUser.objects.get_by_natural_key("admin@demo.example")
        with designer.scope(), transaction.atomic():
            published = TaskDefinition.objects.filter(workflow__status="ACTIVE")[0]
            draft = new_version(published.workflow, by=designer)
            task = draft.tasks.get(title=published.title)
        json_fields = (
            "ext_ref",
            "display_layout",
            "input_fields",
            "output_fields",
            "condition",
            "edit_layout",
        )
        values = {name: json.dumps(getattr(task, name)) for name in json_fields}
        values |= {"title": task.title, "description": "By hand"}
        saved = self.client.post(page(TaskDefinition, "change", task.pk), values)
        self.assertEqual(saved.status_code, 302, saved.context and saved.context["errors"])
        with all_companies_scope(), transaction.atomic():
            changed = TaskDefinition.objects.get(pk=task.pk)
            self.assertEqual((changed.description, changed.condition), ("By hand", task.condition))
            self.assertGreater(WorkflowDefinition.objects.get(pk=draft.pk).updated_at, draft.updated_at)
        self.assertEqual(
            self.client.post(page(TaskDefinition, "change", published.pk), values).status_code, 403
        )

    def check_secrets(self) -> None:
        """Assert that storage keys of files and tokens of forms are hidden."""
        file, ticket = self.first(FileUpload), self.first(TicketInstance)
        answer = self.client.get(page(FileUpload, "change", file.pk))
        self.assertNotContains(answer, file.ext_key)
        answer = self.client.get(page(TicketInstance, "change", ticket.pk))
        self.assertNotContains(answer, str(ticket.form_token))
