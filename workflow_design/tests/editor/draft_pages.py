"""Test cases for the pages that change drafts."""

from typing import Any

from django.contrib.messages import get_messages
from django.urls import reverse

from users.tests.cases import CommittedTestCase, logged_in
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import current_edition
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tests.page_cases import DesignPageTestCase, make_draft

NO_CONDITION = {"condition-view": "json", "condition-json": ""}


def transform_data(name: str, *rows: tuple[str, str, str]) -> dict[str, str]:
    """Return the form data of the rows of a transform: name, source and value of each."""
    parts = ("name", "source", "value")
    return {
        f"{name}-{number}-{part}": text
        for number, row in enumerate(rows)
        for part, text in zip(parts, row, strict=True)
    }


class DraftPageTestCase(DesignPageTestCase):
    """`self.client` is logged in as our designer; forms are submitted with the draft's current edition."""

    def file(self) -> WorkflowFile:
        """Return the current content of the draft."""
        with self.ours.scope():
            return export_workflow(WorkflowDefinition.objects.get(pk=self.draft.pk))

    def part(self, members: str, title: str, *, of: WorkflowDefinition | None = None) -> Part:
        """Return a ticket, task or completion by its title."""
        with self.ours.scope():
            found: Part = getattr(of or self.draft, members).get(title=title)
        return found

    def address(self, name: str, *values: Any) -> str:
        """Return the URL of a page about the draft or one of its fields."""
        return reverse(name, args=[self.draft.pk, *values])

    def post(self, path: str, /, **data: Any) -> Any:
        """Submit a form with the current edition of the draft."""
        edition = current_edition(self.stored(self.draft))
        return self.client.post(path, {"edition": edition, **data})

    def assert_saved(self, response: Any) -> None:
        """Assert that the form was stored and redirects."""
        form = response.context and response.context.get("form")
        self.assertEqual(response.status_code, 302, form and form.errors)

    def assert_beside(self, response: Any, **messages: str) -> None:
        """Assert that the form was rejected with exactly these messages beside these fields."""
        self.assertEqual(response.status_code, 200)
        errors = {name: " ".join(map(str, each)) for name, each in response.context["form"].errors.items()}
        self.assertEqual(set(errors), set(messages), errors)
        for name, text in messages.items():
            self.assertIn(text, errors[name])

    def assert_only_for_designers(self, path: str, *, method: str = "get") -> None:
        """Assert that the page refuses other colleagues, people of other companies, and anonymous users."""
        ours = self.ours
        self.assert_refused(path, ours.submitter, ours.worker, ours.ticket_admin, method=method)
        self.assert_unknown_to_others(path, method=method)

    def assert_drafts_only(self, path: str, published: str, *, method: str = "get") -> None:
        """Assert that the page of a published version redirects to the version and changes nothing."""
        with self.ours.scope():
            before = export_workflow(self.workflow)
        # What the page that they lead to shows would cost more than everything else here.
        response = getattr(logged_in(self.ours.designer), method)(published)
        onward = reverse("workflow_definition_detail", args=[self.workflow.pk])
        self.assertRedirects(response, onward, fetch_redirect_response=False)
        (message,) = get_messages(response.wsgi_request)
        self.assertIn("is published, so it can't be changed", str(message))
        with self.ours.scope():
            self.assertEqual(export_workflow(self.workflow), before)


class CommittedDraftTestCase(CommittedTestCase):
    """`self.draft` is our committed draft; `self.client` is logged in as our designer."""

    def setUp(self) -> None:
        """Create the draft and log in our designer."""
        super().setUp()
        self.draft = make_draft(self.ours)
        self.client = logged_in(self.ours.designer)
