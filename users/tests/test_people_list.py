"""The list of people: its content, filters and cost."""

from urllib.parse import quote

from django.test import Client

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.people import deactivate
from users.system_roles import SystemRoleName
from users.tests.admin_pages import AdminPageTestCase
from users.tests.cases import logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as

PATH = "/users/people/"


class PeopleList(AdminPageTestCase):
    """The list for company admins."""

    def names(self, query: str = "") -> list[str]:
        response = self.client.get(f"{PATH}{query}")
        self.assertEqual(response.status_code, 200)
        return [person.first_name for person in response.context["page"].rows]

    def test_shows_everybody_of_the_own_company_by_name(self) -> None:
        self.assertEqual(self.names(), ["Ada", "Dora", "Sam", "Tom", "Wanda"])
        response = self.client.get(PATH)
        self.assertContains(response, "wanda@ours.example")
        self.assertContains(response, "Task worker")
        self.assertContains(response, "Employee")
        self.assertContains(response, "5 people")
        self.assertNotContains(response, "theirs.example")

    def test_sorts_names_as_they_are_shown_and_by_joining(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(first_name="ada", last_name="Zwei")
        self.assertEqual(self.names(), ["Ada", "ada", "Dora", "Sam", "Tom"])
        self.assertEqual(self.names("?sort=-name"), ["Tom", "Sam", "Dora", "ada", "Ada"])
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(first_name="Wanda")
        self.assertEqual(self.names("?sort=joined"), ["Ada", "Sam", "Wanda", "Tom", "Dora"])

    def test_searches_names_and_addresses_word_by_word(self) -> None:
        for text, expected in (
            ("wan", ["Wanda"]),
            ("TESTER sam", ["Sam"]),
            ("dora@ours", ["Dora"]),
            ("theirs", []),
            ("100%", []),
        ):
            with self.subTest(text):
                self.assertEqual(self.names(f"?q={quote(text)}"), expected)

    def test_narrows_by_system_role_and_by_company_role_together(self) -> None:
        self.assertEqual(self.names("?system_role=user"), ["Ada", "Sam", "Wanda"])
        self.assertEqual(self.names("?system_role=task_worker"), ["Ada", "Wanda"])
        with self.ours.scope():
            role = CompanyRole.objects.create(name="HR")
            for person in (self.ours.submitter, self.ours.designer):
                CompanyRoleMembership.objects.create(role=role, person=person)
        self.assertEqual(self.names(f"?company_role={role.pk}"), ["Dora", "Sam"])
        self.assertEqual(self.names(f"?company_role={role.pk}&system_role=user"), ["Sam"])
        self.assertEqual(self.names(f"?company_role={role.pk}&system_role=user&q=dora"), [])

    def test_ignores_a_role_of_another_company(self) -> None:
        self.assertEqual(len(self.names(f"?company_role={self.theirs.employee_role.pk}")), 5)

    def test_keeps_the_deactivated_on_a_list_of_their_own(self) -> None:
        with self.ours.scope():
            deactivate(self.ours.worker)
        self.assertNotIn("Wanda", self.names())
        self.assertEqual(self.names("?status=deactivated"), ["Wanda"])
        response = self.client.get(f"{PATH}?status=deactivated&q=nobody")
        self.assertContains(response, "Nobody matches")
        self.assertContains(response, 'href="?status=deactivated"')

    def test_says_what_will_appear_where_nobody_is(self) -> None:
        self.assertContains(self.client.get(f"{PATH}?status=deactivated"), "whom you deactivate appear here")

    def test_marks_who_is_away(self) -> None:
        self.assertNotContains(self.client.get(PATH), "Away")
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(away_from="2020-01-01")
        self.assertContains(self.client.get(PATH), "Away")

    def test_pages_without_losing_anybody(self) -> None:
        with self.ours.scope():
            CustomUser.objects.bulk_create(
                CustomUser(company=self.ours.company, email=f"p{n}@ours.example", last_name="Same")
                for n in range(60)
            )
        first = self.client.get(PATH)
        second = self.client.get(PATH + first.context["page"].older_url)
        ids = [row.pk for response in (first, second) for row in response.context["page"].rows]
        self.assertEqual((len(ids), len(set(ids))), (65, 65))
        self.assertContains(first, "65 people")

    def test_costs_the_same_however_many_there_are(self) -> None:
        # session, wall, savepoint and their end; roles of the filter, rows, two kinds of roles, count
        with at_most_queries(10) as few:
            self.client.get(PATH)
        for number in range(50):
            make_person(
                self.ours.company,
                f"P{number}",
                system_roles=list(SystemRoleName),
                company_roles=[self.ours.employee_role],
            )
        with same_queries_as(few):
            response = self.client.get(PATH)
        self.assertEqual(len(response.context["page"].rows), 50)
        self.assertLess(len(response.content), 100_000)

    def test_is_for_admins_only(self) -> None:
        self.assert_only_for_admins(PATH)
        self.assert_wrong_methods(PATH, "post", "put", "delete")

    def test_staff_see_it_once_they_have_entered(self) -> None:
        staff: Client = logged_in(self.staff)
        self.assertRedirects(staff.get(PATH), "/users/companies/", fetch_redirect_response=False)
