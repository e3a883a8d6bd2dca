"""A designer's journey: trying out a workflow, finding its dead end, and comparing two versions."""

from dataclasses import replace

from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.cases import BrowserTestCase
from users.tests.cases import make_person
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.gallery_files import gallery_file
from workflow_design.versions.publishing import new_version, publish


class TryoutPath(BrowserTestCase):
    """The journey uses the vacation workflow of the gallery."""

    workflow: WorkflowDefinition

    def setUp(self) -> None:
        super().setUp()
        make_person(self.ours.company, "Marek")
        by = self.ours.designer
        with by.scope(), transaction.atomic():
            self.workflow = import_workflow(self.vacation_in_time(), by=by, may_make_roles=True)
            publish(self.workflow, by=by)

    def vacation_in_time(self) -> WorkflowFile:
        """Return the vacation request with a task that can become overdue."""
        file = gallery_file("vacation_request")
        (decide, *others), schema = file.tasks, file.fields_schema
        properties = {**schema["properties"], "late": {"type": "boolean", "title": "Late"}}
        timed = replace(decide, due_hours=8, overdue_field="late")
        return replace(file, tasks=(timed, *others), fields_schema={**schema, "properties": properties})

    def looks_well(self, page: Page, *, scripts: bool) -> None:
        self.assert_fits(page)
        if scripts:  # axe is a script
            self.assert_accessible(page)

    def opens_the_calendar(self, page: Page) -> None:
        # As htmx does it, which replaces what it gets without loading the page.
        page.locator(".input-group").evaluate("group => group.replaceWith(group.cloneNode(true))")
        page.get_by_label("First day").fill("2026-06-30")
        page.get_by_role("button", name="Choose in a calendar").click()
        picker = page.locator(".tf-calendar-picker")
        self.assertEqual(picker.input_value(), "2026-06-30")
        picker.evaluate("picker => picker.value = '2026-07-01'")
        picker.dispatch_event("change")
        self.assertEqual(page.get_by_label("First day").input_value(), "2026-07-01")

    def play(self, *, width: int, theme: str, scripts: bool) -> None:
        with self.person(width=width, scripts=scripts) as page:
            page.context.add_cookies([{"name": "theme", "value": theme, "url": self.live_server_url}])
            self.log_in(page, self.ours.designer.email)
            page.goto(reverse("workflow_definition_detail", args=[self.workflow.pk]))
            page.get_by_role("link", name="Try out").click()
            state = page.locator("#state")
            page.get_by_role("button", name="Submit").click()
            self.assertIn("Not started", state.inner_text())
            self.looks_well(page, scripts=scripts)
            page.get_by_label("First day").fill("2026-07-01")
            if scripts:
                self.opens_the_calendar(page)
            page.get_by_label("Days").fill("5")
            page.get_by_role("button", name="Submit").click()
            self.assertIn("Decide (Manager)", state.inner_text())
            self.looks_well(page, scripts=scripts)
            page.get_by_role("button", name="Decide becomes overdue").click()
            self.assertIn("Due after 8 working hours.", page.locator("#now").inner_text())
            self.assertIn("Decide became overdue", page.locator(".tf-way").inner_text())
            page.get_by_label("Reject").check()
            page.get_by_role("button", name="Complete").click()
            self.assertIn("Rejected ended it after 3 steps.", state.inner_text())
            self.looks_well(page, scripts=scripts)
            page.get_by_role("button", name="Answer differently").click()
            page.get_by_label("Approve").check()
            page.get_by_role("button", name="Complete").click()
            page.get_by_label("No", exact=True).check()
            page.get_by_role("button", name="Complete").click()
            self.assertIn("Not booked ended it", state.inner_text())
            self.assertIn("“Booked” was not reached", page.locator("main").inner_text())
            self.looks_well(page, scripts=scripts)
            page.get_by_role("button", name="Back to the state after step 1").click()
            self.assertIn("Decide (Manager)", state.inner_text())

    def test_on_a_desk(self) -> None:
        self.play(width=1280, theme="light", scripts=True)

    def test_on_a_phone_in_the_dark(self) -> None:
        self.play(width=360, theme="dark", scripts=True)

    def test_without_scripts(self) -> None:
        self.play(width=360, theme="light", scripts=False)

    def test_new_version_and_what_is_different(self) -> None:
        by = self.ours.designer
        with self.person(width=360) as page:
            self.log_in(page, by.email)
            page.goto(reverse("workflow_definition_detail", args=[self.workflow.pk]))
            page.get_by_role("button", name="New version").click()
            self.assertIn("Version 2 is the draft.", page.locator("body").inner_text())
            with by.scope(), transaction.atomic():
                draft = new_version(self.workflow, by=by)
                draft.tasks.filter(title="Decide").update(condition={">": [{"var": "days"}, 1]})
            page.goto(reverse("workflow_versions", args=[self.workflow.pk]))
            page.get_by_role("button", name="Compare").click()
            self.assertIn("Days is more than 1", page.locator("main").inner_text())
            self.assert_fits(page)
            self.assert_accessible(page)
