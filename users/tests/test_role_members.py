"""Giving a company role to people and taking it from them."""

from collections.abc import Iterable

from django.db import transaction

from users.models import CompanyRoleMembership, CustomUser
from users.tests.admin_pages import AdminPageTestCase
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS, post_raw


def ids(people: Iterable[CustomUser]) -> dict[str, list[int]]:
    """Return the POST data for these selected people."""
    return {"people": [person.pk for person in people]}


class Members(AdminPageTestCase):
    """The page for company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.page = f"/users/roles/{self.ours.employee_role.pk}/"
        self.give, self.take = f"{self.page}give/", f"{self.page}take/"

    def members(self) -> set[str]:
        with self.ours.scope():
            return set(self.ours.employee_role.users.values_list("first_name", flat=True))

    def test_gives_it_to_those_who_were_ticked(self) -> None:
        response = self.client.post(self.give, ids([self.ours.worker, self.ours.designer]), follow=True)
        self.assertRedirects(response, self.page)
        self.assertContains(response, "2 people got the role.")
        self.assertEqual(self.members(), {"Ada", "Wanda", "Dora"})

    def test_says_why_nobody_is_listed(self) -> None:
        others = [person for person in self.ours.everybody if person.pk != self.ours.admin.pk]
        self.client.post(self.give, ids(others))
        self.assertContains(self.client.get(self.page), "Everybody has this role.")
        self.assertContains(self.client.get(f"{self.page}?q=zoe"), "No other person matches.")

    def test_members_keep_the_role_without_a_write(self) -> None:
        with self.ours.scope():
            before = audit_events(CompanyRoleMembership).count()
        response = self.client.post(self.give, ids([self.ours.admin]), follow=True)
        self.assertNotContains(response, "got the role")
        with self.ours.scope():
            after = audit_events(CompanyRoleMembership).count()
        self.assertEqual(after, before)

    def test_takes_it_from_those_who_were_ticked(self) -> None:
        self.client.post(self.give, ids([self.ours.worker, self.ours.designer]), follow=True)
        response = self.client.post(self.take, ids([self.ours.worker, self.ours.submitter]), follow=True)
        self.assertContains(response, "1 person lost the role.")
        self.assertEqual(self.members(), {"Ada", "Dora"})

    def test_leaves_everybody_else_as_they_are(self) -> None:
        """A page that was open earlier does not undo the changes of another admin."""
        self.client.post(self.give, ids([self.ours.worker]))
        self.client.post(self.give, ids([self.ours.designer]))
        self.assertEqual(self.members(), {"Ada", "Wanda", "Dora"})

    def test_nobody_ticked(self) -> None:
        for path in (self.give, self.take):
            self.assertContains(self.client.post(path, {}, follow=True), "No person is selected.")
        self.assertEqual(self.members(), {"Ada"})

    def test_refuses_people_of_another_company_and_invalid_ids(self) -> None:
        values = [str(self.theirs.worker.pk), str(self.staff.pk), *filter(None, HOSTILE_TEXTS)]
        for path in (self.give, self.take):
            for value in values:
                with self.subTest(path=path, value=value[:40]):
                    response = post_raw(self.client, path, {"people": value})
                    self.assertRedirects(response, self.page, fetch_redirect_response=False)
        both = ids([self.ours.worker, self.theirs.worker])
        self.client.post(self.give, both)
        self.assertEqual(self.members(), {"Ada"})

    def test_is_for_admins_of_the_company_only(self) -> None:
        for path in (self.give, self.take):
            self.assert_only_for_admins(path, method="post")
            self.assert_unknown_to_others(path, method="post")
            self.assert_wrong_methods(path, "get", "put", "delete")


class AtOnce(CommittedTestCase):
    """Two admins who act simultaneously."""

    def test_given_twice_is_there_once(self) -> None:
        client = logged_in(self.ours.admin)
        path = f"/users/roles/{self.ours.employee_role.pk}/give/"
        responses = at_once(*[lambda: client.post(path, ids([self.ours.worker]))] * 4)
        self.assertEqual([response.status_code for response in responses], [302] * 4)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(CompanyRoleMembership.objects.filter(person=self.ours.worker).count(), 1)

    def test_given_while_it_is_deleted(self) -> None:
        client = logged_in(self.ours.admin)
        page = f"/users/roles/{self.ours.employee_role.pk}/"
        responses = at_once(
            lambda: client.post(f"{page}give/", ids([self.ours.worker])),
            lambda: client.post(f"{page}delete/"),
        )
        self.assertLessEqual({response.status_code for response in responses}, {302, 404})
        with self.ours.scope(), transaction.atomic():
            self.assertFalse(CompanyRoleMembership.objects.exists())
