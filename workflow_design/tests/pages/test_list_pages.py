"""The lists of workflows, task definitions and ticket definitions."""

from django.db import transaction
from django.urls import reverse

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.models import TaskDefinition, WorkflowDefinition, WorkflowLine
from workflow_design.tests.files import VACATION
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_role_admin
from workflow_design.versions.publishing import archive

WORKFLOWS = "/design/"
TASKS = "/design/tasks/"
TICKETS = "/design/tickets/"
LISTS = (WORKFLOWS, TASKS, TICKETS)


class ListCase(DesignPageTestCase):
    """A test case with workflows of our company."""

    def rows(self, path: str) -> list[tuple[str, int]]:
        page = self.client.get(path).context["page"]
        return [(row.title, getattr(row, "workflow", row).version) for row in page.rows]

    def create_many(self, count: int) -> None:
        """Create this many workflows, each with a task."""
        with self.ours.designer.scope(), transaction.atomic():
            lines = WorkflowLine.objects.bulk_create(
                WorkflowLine(title=f"Workflow {number:02}") for number in range(count)
            )
            workflows = WorkflowDefinition.objects.bulk_create(
                WorkflowDefinition(line=line, title=line.title) for line in lines
            )
            TaskDefinition.objects.bulk_create(
                TaskDefinition(workflow=workflow, title="Do it", task_type="FORM") for workflow in workflows
            )


class Lists(ListCase):
    """The three lists."""

    def test_one_entry_of_the_menu_leads_to_all_three(self) -> None:
        for path in LISTS:
            with self.subTest(path=path):
                response = self.client.get(path)
                for other in LISTS:
                    self.assertContains(response, f'<a href="{other}"')
                self.assertContains(response, '<a class="tf-nav-link" href="/design/" aria-current="page"')
        task = self.part_path("task_definition_detail", TaskDefinition)
        self.assertContains(
            self.client.get(task), '<a class="tf-nav-link" href="/design/" aria-current="page"'
        )

    def part_path(self, name: str, model: type[TaskDefinition]) -> str:
        with self.ours.scope():
            return reverse(name, args=[model.objects.first().pk])  # type: ignore[union-attr]

    def test_shows_active_ones_and_drafts(self) -> None:
        self.assertEqual(self.rows(WORKFLOWS), [("Vacation", 1), ("Vacation", 2)])
        tasks = [("Book it", 1), ("Book it", 2), ("Change request", 1)]
        self.assertEqual(self.rows(TASKS)[:3], tasks)
        self.assertEqual(self.rows(TICKETS), [("Vacation request", 1), ("Vacation request", 2)])

    def test_shows_archived_ones_on_request(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            archive(self.workflow, by=self.ours.designer)
        for path in LISTS:
            with self.subTest(path=path):
                self.assertEqual({version for _title, version in self.rows(path)}, {2})
                self.assertEqual({version for _title, version in self.rows(f"{path}?status=ARCHIVED")}, {1})
                self.assertEqual({version for _title, version in self.rows(f"{path}?status=DRAFT")}, {2})
                self.assertEqual(self.rows(f"{path}?status=ACTIVE"), [])
                self.assertEqual({version for _title, version in self.rows(f"{path}?status=ALL")}, {1, 2})

    def test_searches_titles(self) -> None:
        make_active(self.ours, title="Purchase")
        self.assertEqual(self.rows(f"{WORKFLOWS}?q=PURCH"), [("Purchase", 1)])
        self.assertEqual({title for title, _version in self.rows(f"{TASKS}?q=book")}, {"Book it"})
        self.assertEqual(self.rows(f"{TICKETS}?q=purchase"), [])
        for path in LISTS:
            self.assertContains(self.client.get(f"{path}?q=nothing+like+it"), "matches these filters")

    def test_sorts(self) -> None:
        make_active(self.ours, title="purchase")
        self.assertEqual(self.rows(WORKFLOWS)[0][0], "purchase")
        self.assertEqual(self.rows(f"{WORKFLOWS}?sort=-title")[-1][0], "purchase")
        self.assertEqual(self.rows(f"{WORKFLOWS}?sort=-changed")[0][0], "purchase")
        page = self.client.get(f"{TASKS}?sort=-workflow").context["page"]
        self.assertEqual(page.rows[-1].workflow.title, "purchase")

    def test_hides_another_companys(self) -> None:
        make_active(self.theirs, title="Theirs alone")
        for path in LISTS:
            response = self.client.get(path)
            self.assertNotContains(response, "Theirs alone")

    def test_empty_lists_explain_what_will_appear(self) -> None:
        designer = logged_in(self.theirs.designer)
        gallery = reverse("gallery")
        page = designer.get(WORKFLOWS).content.decode()
        self.assertRegex(page, rf'class="btn btn-primary"\s+href="{gallery}"')
        self.assertNotContains(logged_in(self.theirs.ticket_admin).get(WORKFLOWS), f'href="{gallery}"')
        for path in (TASKS, TICKETS):
            self.assertContains(designer.get(path), "appear here")

    def test_pagination(self) -> None:
        self.create_many(60)
        for path, count in ((WORKFLOWS, 62), (TASKS, 66)):
            first = self.client.get(f"{path}?sort=-title")
            second = self.client.get(path + first.context["page"].older_url)
            ids = {row.pk for response in (first, second) for row in response.context["page"].rows}
            self.assertEqual(len(ids), count)

    def test_constant_statements(self) -> None:
        # session, wall, savepoint; rows, count; and back
        few = {}
        for path in LISTS:
            with self.subTest(path=path, rows="few"), at_most_queries(7) as few[path]:
                self.client.get(path)
        self.create_many(50)
        for path in LISTS:
            with self.subTest(path=path, rows="many"), same_queries_as(few[path]):
                self.client.get(path)

    def test_who_may(self) -> None:
        for path in LISTS:
            people = self.ours
            self.assert_open(path, people.admin, people.designer, people.ticket_admin)
            self.assert_refused(path, people.submitter, people.worker)
            self.assert_wrong_methods(path, "post", "put", "delete")

    def test_ticket_admins_see_their_workflows(self) -> None:
        make_active(self.ours, title="Of others", ticket_admin_roles=["Finance"])
        browser = logged_in(make_role_admin(self.ours))
        for path in LISTS:
            rows = browser.get(path).context["page"].rows
            titles = {getattr(row, "workflow", row).title for row in rows}
            self.assertEqual(titles, {"Vacation"}, path)

    def test_hostile_titles_stay_text(self) -> None:
        text = "<script>alert(1)</script> {{ 7*7 }}"
        tasks = [{**task, "title": f"{text} {task['title']}"} for task in VACATION["tasks"]]
        make_active(self.ours, title="<img src=x onerror=alert(1)>", tasks=tasks)
        self.assertNotContains(self.client.get(WORKFLOWS), "<img src=x")
        self.assertNotContains(self.client.get(TASKS), "<script>alert")


class Menu(ListCase):
    """The menu entries of the group “Design”."""

    def test_requires_access_to_definitions(self) -> None:
        for person in self.ours.everybody:
            response = logged_in(person).get("/users/profile/")
            sees = person in (self.ours.admin, self.ours.designer, self.ours.ticket_admin)
            for path, is_offered in ((WORKFLOWS, sees), (TASKS, False), (TICKETS, False)):
                self.assertEqual(
                    f'href="{path}"' in response.content.decode(), is_offered, (person.first_name, path)
                )
