"""The vacation example of `docs/engine.md`, row by row, in the browsers of the people involved."""

from pathlib import Path

from django.db import transaction
from playwright.sync_api import Page, expect

import workflow_design
from tests.browser.cases import BrowserTestCase
from users.models import CompanyRole, CustomUser
from users.system_roles import SystemRoleName
from users.tests.cases import make_person
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.models import RunStatus, TaskInstance, TicketInstance

FILE = Path(workflow_design.__file__).parent / "gallery" / "files" / "vacation_request.json"


class VacationPath(BrowserTestCase):
    """Sam asks, Mara decides, and Hella books."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope(), transaction.atomic():
            file = parse_workflow_file(FILE.read_bytes())
            draft = import_workflow(file, by=self.ours.admin, may_make_roles=True)
        with self.ours.scope(), transaction.atomic():
            publish(draft, by=self.ours.admin)
        self.manager = self.person_with("Mara", "Manager")
        self.hr = self.person_with("Hella", "HR")
        with self.ours.scope(), transaction.atomic():
            self.ours.employee_role.memberships.create(person=self.ours.submitter)

    def person_with(self, first_name: str, role: str) -> CustomUser:
        with self.ours.scope(), transaction.atomic():
            company_role = CompanyRole.objects.get(name=role)
        system_roles = [SystemRoleName.USER, SystemRoleName.TASK_WORKER]
        return make_person(
            self.ours.company, first_name, system_roles=system_roles, company_roles=[company_role]
        )

    def test_every_row_of_the_example(self) -> None:
        self.walk(width=1280, scripts=True)

    def test_on_a_phone_without_scripts(self) -> None:
        self.walk(width=360, scripts=False)

    def walk(self, *, width: int, scripts: bool) -> None:
        with (
            self.person(width=width, scripts=scripts) as sam,
            self.person(width=width, scripts=scripts) as mara,
            self.person(width=width, scripts=scripts) as hella,
        ):
            for page, person in ((sam, self.ours.submitter), (mara, self.manager), (hella, self.hr)):
                self.log_in(page, person.email)
            self.ask(sam, days=5, first_day="2027-07-01")
            self.decide(mara, "Ask for a change", note="too long")
            self.change(sam, days=5, first_day="2027-08-01")
            self.decide(mara, "Ask for a change", note="too long")
            self.change(sam, days=3, first_day="2027-08-01")
            self.decide(mara, "Approve")
            self.book(hella)
            sam.goto("/tickets/1/")
            expect(sam.locator("main")).to_contain_text("Completed")
        self.assert_ended()

    def ask(self, page: Page, *, days: int, first_day: str) -> None:
        page.goto("/tickets/new/")
        page.get_by_role("link", name="Vacation request").click()
        self.fill_dates(page, days=days, first_day=first_day)
        page.locator("main form button.btn-primary").click()
        expect(page.locator("main")).to_contain_text("Decide")

    def fill_dates(self, page: Page, *, days: int, first_day: str) -> None:
        page.locator("[name=days]").fill(str(days))
        page.locator("[name=first_day]").fill(first_day)

    def open_task(self, page: Page, title: str) -> None:
        page.goto("/tasks/")
        page.get_by_role("link", name=title).first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)

    def decide(self, page: Page, decision: str, *, note: str = "") -> None:
        self.open_task(page, "Decide")
        page.get_by_label(decision).check()
        page.locator("[name=manager_note]").fill(note)
        self.complete(page)

    def change(self, page: Page, *, days: int, first_day: str) -> None:
        self.open_task(page, "Change request")
        self.fill_dates(page, days=days, first_day=first_day)
        self.complete(page)

    def book(self, page: Page) -> None:
        self.open_task(page, "Book it")
        page.locator("[name=booked][value=True]").check()
        self.complete(page)

    def complete(self, page: Page) -> None:
        page.get_by_role("button", name="Complete").click()
        expect(page.get_by_role("button", name="Complete")).to_have_count(0)

    def assert_ended(self) -> None:
        with self.ours.scope(), transaction.atomic():
            ticket = TicketInstance.objects.get()
            self.assertEqual(ticket.workflow_instance.status, RunStatus.COMPLETED)
            tasks = TaskInstance.objects.order_by("pk").values_list("task_definition__title", "run", "status")
            self.assertEqual(
                list(tasks),
                [
                    ("Decide", 1, "COMPLETED"),
                    ("Change request", 1, "COMPLETED"),
                    ("Decide", 2, "COMPLETED"),
                    ("Change request", 2, "COMPLETED"),
                    ("Decide", 3, "COMPLETED"),
                    ("Book it", 1, "COMPLETED"),
                ],
            )
