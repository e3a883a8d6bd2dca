"""The pages of the gallery: the list, the templates, and their use as drafts."""

from typing import Any

from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from users.models import CompanyRole
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries
from workflow_design.gallery.templates import gallery
from workflow_design.gallery.views import EXAMPLE
from workflow_design.models import Connection, ConnectionKind, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tests.gallery_files import NAMES
from workflow_design.tests.page_cases import DesignPageTestCase, make_draft


class Pages(DesignPageTestCase):
    """The list and the pages of templates."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("gallery")

    def titles(self, text: str) -> list[str]:
        """Return the titles of the search results."""
        found = self.client.get(self.path, {"q": text}).context["shelves"]
        return [card["title"] for _category, cards in found for card in cards]

    def test_shows_all_by_category(self) -> None:
        response = self.client.get(self.path)
        shelves = response.context["shelves"]
        self.assertEqual([len(cards) for _category, cards in shelves], [3, 3, 3, 3, 4])
        cards = [card for _category, cards in shelves for card in cards]
        for key in ("icon", "text", "title"):
            self.assertEqual(len({card[key] for card in cards}), len(NAMES), key)
        self.assertLess(max(len(str(card["text"])) for card in cards), 100)
        self.assertContains(response, "3 tasks · Manager, HR")
        for name in NAMES:
            self.assertContains(response, reverse("gallery_template", args=[name]))

    def test_search(self) -> None:
        self.assertEqual(self.titles("VACATION"), ["Vacation request"])
        self.assertEqual(self.titles("receipts finance"), ["Expense claim"])
        self.assertEqual(self.titles("nothing of the kind"), [])
        self.assertContains(self.client.get(self.path, {"q": "qqq"}), "No workflow of the gallery matches")

    def test_page_of_each(self) -> None:
        for name, template in gallery().items():
            with self.subTest(name=name):
                response = self.client.get(reverse("gallery_template", args=[name]))
                for parts in (template.file.tickets, template.file.tasks, template.file.completions):
                    for part in parts:
                        self.assertContains(response, part.title)
                self.assertContains(response, "Use this")
                # Each connection, and where its receiver of the examples listens.
                connections = {task.connection_name for task in template.file.tasks} - {""}
                self.assertEqual({each["name"] for each in response.context["connections"]}, connections)
                self.assertEqual("http://127.0.0.1:8765" in response.text, bool(connections))

    def test_whether_the_company_has_the_connection(self) -> None:
        path = reverse("gallery_template", args=["incident_alert"])
        missing = self.client.get(path)
        self.assertContains(missing, "Your company does not have it yet.")
        self.assertNotContains(missing, reverse("connection_list"))
        self.assertContains(
            logged_in(self.ours.admin).get(path), f'href="{reverse("connection_list")}">Add it'
        )
        with self.ours.scope(), transaction.atomic():
            Connection.objects.create(name="team chat", kind=ConnectionKind.SLACK, secrets=b"")
        self.assertContains(self.client.get(path), "Your company has it.")
        other = logged_in(self.theirs.designer).get(path)
        self.assertContains(other, "Your company does not have it yet.")

    def test_statements(self) -> None:
        for path, most in (
            (self.path, 5),
            (reverse("gallery_template", args=["incident"]), 5),
            (reverse("gallery_template", args=["incident_alert"]), 6),  # the company's connections
        ):
            with at_most_queries(most):
                self.client.get(path)

    def test_empty_list_of_workflows_leads_here(self) -> None:
        response = logged_in(self.theirs.designer).get(reverse("workflow_definitions_list"))
        self.assertContains(response, "Start from the gallery")

    def test_who_may(self) -> None:
        people = self.ours
        for path in (
            self.path,
            *(reverse(name, args=["incident"]) for name in ("gallery_template", "gallery_use")),
        ):
            self.assert_open(path, people.admin, people.designer)
            self.assert_refused(path, people.submitter, people.worker, people.ticket_admin)
            self.assert_wrong_methods(path, "put", "delete")

    def test_unknown_template(self) -> None:
        for path in ("/design/gallery/nonsense/", "/design/gallery/nonsense/use/"):
            self.assertEqual(self.client.get(path).status_code, 404)


class Use(DesignPageTestCase):
    """The use of the expense claim, with the roles Employee (in every company), Finance and Manager."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("gallery_use", args=["expense_claim"])
        self.names = list(gallery()["expense_claim"].roles)
        with self.ours.scope(), transaction.atomic():
            # The vacation workflow brought the role Manager along.
            self.ids = dict(CompanyRole.objects.values_list("name", "pk"))

    def values(self, **changes: Any) -> dict[str, Any]:
        """Return the form data with each role by its number."""
        roles = {"Employee": self.ids["Employee"], "Finance": self.ids["HR"], "Manager": self.ids["Manager"]}
        numbered = {f"role_{number}": roles[name] for number, name in enumerate(self.names)}
        return {"title": "Expense claim", **numbered, **changes}

    def of(self, role: str) -> str:
        """Return the name of the form field of a role."""
        return f"role_{self.names.index(role)}"

    def newest_workflow(self) -> WorkflowDefinition:
        """Return the newest workflow version."""
        return WorkflowDefinition.objects.order_by("-pk")[0]

    def test_creates_a_draft(self) -> None:
        response = self.client.post(self.path, self.values())
        with self.ours.scope(), transaction.atomic():
            newest_workflow = self.newest_workflow()
            file = export_workflow(newest_workflow)
        self.assertRedirects(
            response,
            reverse("workflow_definition_detail", args=[newest_workflow.pk]),
            fetch_redirect_response=False,
        )
        self.assertEqual(
            (newest_workflow.title, newest_workflow.version, newest_workflow.status),
            ("Expense claim", 1, "DRAFT"),
        )
        self.assertEqual(newest_workflow.created_by_id, self.ours.designer.pk)
        named = {name for task in file.tasks for name in task.executor_roles}
        self.assertEqual(named, {"HR", "Manager"})

    def test_offers_the_companys_roles(self) -> None:
        form = self.client.get(self.path).context["form"]
        self.assertEqual(form[self.of("Manager")].value(), str(self.ids["Manager"]))
        self.assertEqual(form[self.of("Finance")].value(), "")
        self.assertNotIn("+", [key for key, _label in form.fields[self.of("Finance")].choices])

    def test_a_role_must_be_chosen(self) -> None:
        response = self.client.post(self.path, self.values(**{self.of("Finance"): ""}))
        self.assertEqual(list(response.context["form"].errors), [self.of("Finance")])

    def test_no_role(self) -> None:
        self.client.post(self.path, self.values(**{self.of("Finance"): "-"}))
        with self.ours.scope(), transaction.atomic():
            file = export_workflow(self.newest_workflow())
        self.assertNotIn("Finance", [name for task in file.tasks for name in task.executor_roles])

    def test_only_an_admin_creates_roles(self) -> None:
        values = self.values(**{self.of("Finance"): "+"})
        response = self.client.post(self.path, values)
        self.assertEqual(list(response.context["form"].errors), [self.of("Finance")])
        logged_in(self.ours.admin).post(self.path, values)
        with self.ours.scope(), transaction.atomic():
            self.assertTrue(CompanyRole.objects.filter(name="Finance").exists())
            self.assertEqual(self.newest_workflow().title, "Expense claim")

    def test_a_role_of_another_company(self) -> None:
        with self.theirs.scope(), transaction.atomic():
            theirs = CompanyRole.objects.create(name="Theirs")
        response = self.client.post(self.path, self.values(**{self.of("Finance"): theirs.pk}))
        self.assertEqual(list(response.context["form"].errors), [self.of("Finance")])

    def test_taken_title(self) -> None:
        self.client.post(self.path, self.values(title="vacation"))
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowLine.objects.count(), 1)
        make_draft(self.ours)
        response = self.client.post(self.path, self.values(title="vacation", as_next_version="on"))
        self.assertContains(response, "already has a draft")

    def test_the_next_version(self) -> None:
        with self.ours.scope(), transaction.atomic():
            self.draft.delete()
        response = self.client.post(self.path, self.values(title="Vacation"))
        self.assertContains(response, "You already have a workflow with this title.")
        self.client.post(self.path, self.values(title="Vacation", as_next_version="on"))
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(
                (self.newest_workflow().version, self.newest_workflow().line_id), (2, self.workflow.line_id)
            )

    def test_title_with_a_draft(self) -> None:
        self.client.post(self.path, self.values())
        form = self.client.get(self.path).context["form"]
        self.assertEqual(form["title"].value(), "Expense claim 2")
        self.assertIn("You already have “Expense claim”.", str(form["title"].help_text))

    def test_hostile_titles(self) -> None:
        for title in ("", " ", "a\nb", "\0", "x" * 10_000, "\x7f"):
            with self.subTest(title=title[:5]):
                response = self.client.post(self.path, self.values(title=title))
                self.assertIn("title", response.context["form"].errors)
        self.client.post(self.path, self.values(title="<script>alert(1)</script>"))
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(self.newest_workflow().title, "<script>alert(1)</script>")

    def test_statements(self) -> None:
        with at_most_queries(7):
            self.client.get(self.path)


class PublicPage(DesignPageTestCase):
    """What visitors see first."""

    def test_says_what_it_is_and_leads_in(self) -> None:
        with at_most_queries(2):  # the transaction of the view
            page = Client().get("/")
        self.assertContains(page, "Requests and approvals for small companies</h1>")
        for address in (reverse("company_signup"), reverse("login")):
            self.assertContains(page, f'href="{address}"')
        for part in gallery()[EXAMPLE].file.tasks:  # the picture is drawn from the gallery
            self.assertContains(page, part.title)

    def test_people_go_to_their_dashboard(self) -> None:
        self.assertRedirects(self.client.get("/"), "/users/dashboard/", fetch_redirect_response=False)
        self.assertEqual(Client().post("/").status_code, 405)

    def test_imprint_and_privacy_are_shown_where_they_are_set(self) -> None:
        for address in ("/", reverse("company_signup")):
            with self.subTest(address):
                self.assertNotContains(Client().get(address), "Imprint")
                with override_settings(IMPRINT="Rose & Sons, Vienna", PRIVACY="https://rose.example/privacy"):
                    page = Client().get(address)
                self.assertContains(page, "Imprint: Rose &amp; Sons, Vienna")
                self.assertContains(page, '<a href="https://rose.example/privacy">Privacy</a>', html=True)
