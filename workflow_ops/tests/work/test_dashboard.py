"""The dashboard."""

from django.db import transaction
from django.test import Client

from ticketflower.tenancy.context import company_scope
from users.invitations import invite
from users.models import CompanyRole
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.signup import sign_up
from users.tests.cases import PASSWORD, CompanyTestCase, People, logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.actions import hold_workflow, resume_workflow
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations
from workflow_ops.work.dashboard import SETTLED_TICKETS
from workflow_ops.work.submissions import give_back_task

PATH = "/users/dashboard/"


class Dashboard(CompanyTestCase):
    """The dashboard of each role."""

    def test_greets(self) -> None:
        answer = logged_in(self.ours.submitter).get(PATH)
        self.assertContains(answer, "Hello, Sam")
        self.assertContains(answer, "Ours")

    def test_shows_what_they_may_do(self) -> None:
        pages = {
            person.first_name: logged_in(person).get(PATH).context["prospects"]
            for person in [*self.ours.everybody, make_person(self.ours.company, "Nora")]
        }
        titles = {name: [prospect.title for prospect in prospects] for name, prospects in pages.items()}
        self.assertEqual(titles["Sam"], ["Ask for something"])
        self.assertEqual(titles["Wanda"], ["Ask for something", "Do your tasks"])
        self.assertEqual(titles["Tom"], ["Keep an eye on the tickets"])
        self.assertEqual(titles["Dora"], ["Design workflows"])
        self.assertEqual(len(titles["Ada"]), 4)
        self.assertEqual(titles["Nora"], [])

    def test_each_is_a_link(self) -> None:
        client = logged_in(self.ours.admin)
        page = client.get(PATH)
        for prospect in page.context["prospects"]:
            self.assertContains(page, f'href="{prospect.url}">{prospect.title}</a>')
            self.assertEqual(client.get(prospect.url).status_code, 200)

    def test_a_person_without_a_role(self) -> None:
        nora = make_person(self.ours.company, "Nora")
        page = logged_in(nora).get(PATH)
        self.assertContains(page, "You have no role yet.")
        labels = [entry.label for group in page.context["navigation"] for entry, *_rest in group["entries"]]
        self.assertEqual(labels, ["Dashboard", "My tickets"])

    def test_who_may(self) -> None:
        self.assertRedirects(Client().get(PATH), f"/users/login/?next={PATH}")
        self.assertEqual(logged_in(self.ours.submitter).post(PATH).status_code, 405)
        answer = logged_in(self.staff).get(PATH)
        self.assertRedirects(answer, "/users/companies/", fetch_redirect_response=False)

    def test_staff_in_a_company_see_it_as_its_admins_do(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = self.theirs.company.pk
        session.save()
        answer = client.get(PATH)
        self.assertContains(answer, "<h1>Theirs</h1>", html=True)
        self.assertNotContains(answer, "First steps")


class FirstSteps(CompanyTestCase):
    """The first steps of admins of a new company, which are derived from the data."""

    def setUp(self) -> None:
        """Sign up a company with one person."""
        self.admin = sign_up(
            company_name="New", first_name="N", last_name="N", email="n@new.example", password=PASSWORD
        )
        assert self.admin.company is not None
        self.company = self.admin.company
        self.client = logged_in(self.admin)

    def done(self) -> list[bool]:
        """Return whether each step is done."""
        return [step.is_done for step in self.client.get(PATH).context["steps"]]

    def test_nothing_done(self) -> None:
        self.assertEqual(self.done(), [False] * 5)
        answer = self.client.get(PATH)
        for step in answer.context["steps"]:
            self.assertContains(answer, f'href="{step.url}"')
            self.assertEqual(self.client.get(step.url).status_code, 200)

    def test_steps_are_ticked_off_and_disappear(self) -> None:
        with company_scope(self.company.pk):
            invite(self.admin, email="second@new.example", system_roles=[], company_role_ids=[])
        self.assertEqual(self.done(), [False] * 5)
        self.assertContains(self.client.get(PATH), "Nobody has accepted your invitation yet.")
        make_person(self.company, "Second")
        with company_scope(self.company.pk):
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [True, True, False, False, False])
        with company_scope(self.company.pk):
            self.company.time_zone = "Europe/Vienna"
            self.company.save()
        self.assertEqual(self.done(), [True, True, True, False, False])

    def test_the_first_workflow_and_the_first_ticket(self) -> None:
        people = People("Newer")
        self.client = logged_in(people.admin)
        self.assertContains(self.client.get("/tickets/new/"), "Open the gallery")
        self.assertNotContains(logged_in(people.worker).get("/tickets/new/"), "Open the gallery")
        vacations = Vacations(people)
        self.assertEqual(self.done(), [True, True, False, True, False])
        vacations.submit()
        self.assertEqual(self.done(), [True, True, False, True, True])
        for _number in range(SETTLED_TICKETS):
            vacations.submit()
        self.assertEqual(self.done(), [])

    def test_other_companies_do_not_count(self) -> None:
        with self.theirs.scope():
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [False] * 5)

    def test_only_for_admins(self) -> None:
        self.assertNotContains(logged_in(self.ours.submitter).get(PATH), "First steps")

    def test_statements_do_not_depend_on_the_size_of_the_company(self) -> None:
        # Session, savepoint, setting and back; steps, tasks, held ones, pauses, needs, tickets, kinds.
        with at_most_queries(12) as few:
            self.client.get(PATH)
        with company_scope(self.company.pk):
            CompanyRole.objects.bulk_create(CompanyRole(name=f"Role {number}") for number in range(50))
        for number in range(50):
            make_person(self.company, f"Person{number}")
        with same_queries_as(few):
            self.assertEqual(self.done(), [True, True, False, False, False])


class NeedsOfTheDesk(DeskTestCase):
    """What waits for whoever administers tickets, each with a link to the list of them."""

    def needs(self, client: Client) -> dict[str, str]:
        """Return the counts on the dashboard; each must be that of the list to which it leads."""
        needs = client.get(PATH).context["needs"]
        for need in needs:
            self.assertEqual(len(client.get(need.url).context["rows"]), int(need.count), need.label)
        return {need.label: need.count for need in needs}

    def test_nothing_waits(self) -> None:
        page = self.client.get(PATH)
        self.assertEqual(page.context["needs"], [])
        self.assertContains(page, "Nothing waits for you.")

    def test_what_waits_is_counted_and_linked(self) -> None:
        with self.ours.scope(), transaction.atomic():
            give_back_task(self.vacations.task(self.ticket, "Decide"), by=self.vacations.manager)
        held = self.vacations.submit()
        with self.ours.scope(), transaction.atomic():
            hold_workflow(held, reason="Later", by=self.ours.admin)
        expected = {"Tasks that nobody has": "1", "Tickets on hold": "1"}
        self.assertEqual(self.needs(self.client), expected)
        self.assertEqual(self.needs(logged_in(self.ours.admin)), expected)
        self.assertNotContains(self.client.get(PATH), "Nothing waits for you.")
        self.assertEqual(logged_in(self.ours.submitter).get(PATH).context["needs"], [])
        self.assertEqual(self.needs(logged_in(self.theirs.admin)), {})

    def test_tasks_on_hold_do_not_wait(self) -> None:
        manager = logged_in(self.vacations.manager)
        self.assertEqual(len(manager.get(PATH).context["tasks"]), 1)
        with self.ours.scope(), transaction.atomic():
            hold_workflow(self.ticket, reason="Later", by=self.ours.admin)
        page = manager.get(PATH)
        self.assertEqual(page.context["tasks"], [])
        self.assertContains(page, "Tasks of yours wait until their ticket is resumed.")
        self.assertNotContains(page, "Nothing waits for you.")
        self.assertNotContains(page, "tf-count")  # nor does the badge count it
        self.assertEqual(manager.get("/tasks/").context["page"].rows, [])
        (task,) = manager.get("/tasks/?show=held").context["page"].rows
        for client, path in ((manager, f"/tasks/{task.pk}/"), (self.client, "/manage/tasks/")):
            self.assertContains(client.get(path), "On hold</span>", msg_prefix=path)
        with self.ours.scope(), transaction.atomic():
            resume_workflow(self.ticket, by=self.ours.admin)
        self.vacations.apply_writes(self.ticket)
        self.assertEqual(manager.get("/tasks/?show=held").context["page"].rows, [])
        self.assertEqual(len(manager.get(PATH).context["tasks"]), 1)
