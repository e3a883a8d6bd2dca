"""The page of one person."""

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.people import deactivate
from users.tests.admin_pages import AdminPageTestCase
from users.tests.cases import make_person
from users.tests.queries import at_most_queries, same_queries_as


class PersonDetail(AdminPageTestCase):
    """The page for company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.path = f"/users/people/{self.ours.worker.pk}/"

    def test_shows_who_they_are_and_what_they_may_do(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="HR & <b>more</b>", description="Hires")
            CompanyRoleMembership.objects.create(role=role, person=self.ours.worker)
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(away_from="2020-01-01")
        response = self.client.get(self.path)
        for text in (
            "Wanda Tester",
            "wanda@ours.example",
            "Task worker",
            "Submitter",
            "Hires",
            "Never",
            "Away",
        ):
            self.assertContains(response, text)
        self.assertContains(response, "HR &amp; &lt;b&gt;more&lt;/b&gt;")
        self.assertNotContains(response, "Workflow creator")
        self.assertContains(response, f"{self.path}deactivate/")
        self.assertNotContains(response, f"{self.path}reactivate/")

    def test_offers_to_reactivate(self) -> None:
        with self.ours.scope():
            deactivate(self.ours.worker)
        response = self.client.get(self.path)
        self.assertContains(response, f'action="{self.path}reactivate/"')
        self.assertNotContains(response, f"{self.path}deactivate/")

    def test_says_why_the_last_admin_cannot_be_deactivated(self) -> None:
        response = self.client.get(f"/users/people/{self.ours.admin.pk}/")
        self.assertContains(response, "the only company admin")
        self.assertNotContains(response, "/deactivate/")

    def test_costs_the_same_however_many_roles(self) -> None:
        # session, wall, savepoint and their end; person, two kinds of roles, last admin or not
        with at_most_queries(9) as few:
            self.client.get(self.path)
        with self.ours.scope():
            roles = [CompanyRole.objects.create(name=f"Role {number}") for number in range(50)]
        many = make_person(self.ours.company, "Many", company_roles=roles)
        with same_queries_as(few):
            self.client.get(f"/users/people/{many.pk}/")

    def test_is_for_admins_of_the_company_only(self) -> None:
        self.assert_only_for_admins(self.path)
        self.assert_unknown_to_others(self.path)
        self.assert_wrong_methods(self.path, "post", "put", "delete")
