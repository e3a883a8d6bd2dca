"""The dashboard."""

from django.test import Client

from ticketflower.tenancy.context import company_scope
from users.invitations import invite
from users.models import CompanyRole
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.signup import sign_up
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as

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

    def test_a_person_without_a_role(self) -> None:
        nora = make_person(self.ours.company, "Nora")
        self.assertContains(logged_in(nora).get(PATH), "You have no role yet.")

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
        self.assertContains(answer, "Theirs")
        self.assertEqual(len(answer.context["steps"]), 3)


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
        self.assertEqual(self.done(), [False, False, False])
        answer = self.client.get(PATH)
        for step in answer.context["steps"]:
            self.assertContains(answer, f'href="{step.url}"')
            self.assertEqual(self.client.get(step.url).status_code, 200)

    def test_steps_are_ticked_off_and_disappear(self) -> None:
        with company_scope(self.company.pk):
            invitation = invite(self.admin, email="second@new.example", system_roles=[], company_role_ids=[])
        self.assertEqual(self.done(), [True, False, False])
        with company_scope(self.company.pk):
            invitation.delete()
        self.assertEqual(self.done(), [False, False, False])
        make_person(self.company, "Second")
        with company_scope(self.company.pk):
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [True, True, False])
        with company_scope(self.company.pk):
            self.company.time_zone = "Europe/Vienna"
            self.company.save()
        self.assertEqual(self.done(), [])

    def test_other_companies_do_not_count(self) -> None:
        with self.theirs.scope():
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [False, False, False])

    def test_only_for_admins(self) -> None:
        self.assertNotContains(logged_in(self.ours.submitter).get(PATH), "First steps")

    def test_statements_do_not_depend_on_the_size_of_the_company(self) -> None:
        with at_most_queries(
            9
        ) as few:  # session, savepoint, setting and back; tasks, tickets, kinds, the steps
            self.client.get(PATH)
        with company_scope(self.company.pk):
            CompanyRole.objects.bulk_create(CompanyRole(name=f"Role {number}") for number in range(50))
        for number in range(50):
            make_person(self.company, f"Person{number}")
        with same_queries_as(few):
            self.assertEqual(self.done(), [True, True, False])
