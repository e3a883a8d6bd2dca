"""Staff entering and leaving a company."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.test import Client

from ticketflower.tenancy.context import all_companies_scope
from users.access import is_company_admin
from users.authentication import BACKEND
from users.models import Company, CompanyRole, StaffVisit
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.tests.audit import audit_events
from users.tests.cases import CompanyTestCase, logged_in

LIST = "/users/companies/"
LEAVE = "/users/companies/leave/"
DASHBOARD = "/users/dashboard/"


def enter_path(company: Company) -> str:
    """Return the path at which a company is entered."""
    return f"/users/companies/{company.pk}/enter/"


class Impersonation(CompanyTestCase):
    """Only superusers may enter, one company at a time, and everyone can see it."""

    def inside(self) -> Client:
        """Return a client in which staff are inside our company."""
        client = logged_in(self.staff)
        self.assertRedirects(client.post(enter_path(self.ours.company)), DASHBOARD)
        return client

    def request_of(self, client: Client, path: str = "/users/profile/") -> Any:
        """Return the request for which a page was rendered."""
        return client.get(path).context["request"]

    def visits(self) -> list[StaffVisit]:
        """Return all visits to all companies."""
        with all_companies_scope():
            return list(StaffVisit.objects.order_by("pk"))

    def test_enter(self) -> None:
        client = self.inside()
        request = self.request_of(client, DASHBOARD)
        self.assertEqual(request.user, self.staff)
        self.assertEqual((request.company, request.impersonating), (self.ours.company, True))
        self.assertTrue(is_company_admin(request.user))
        self.assertEqual(client.session[IMPERSONATED_COMPANY_KEY], self.ours.company.pk)
        (visit,) = self.visits()
        self.assertEqual((visit.company_id, visit.impersonator_id), (self.ours.company.pk, self.staff.pk))
        self.assertIsNone(visit.left_at)

    def test_banner_on_every_page(self) -> None:
        client = self.inside()
        for path in (DASHBOARD, "/users/profile/", "/users/people/", "/users/audit/", LIST, "/users/style/"):
            response = client.get(path)
            self.assertContains(response, "You are in <strong>Ours</strong> as TicketFlower staff.")
            self.assertContains(response, f'action="{LEAVE}"')
        self.assertNotContains(logged_in(self.ours.admin).get(DASHBOARD), "as TicketFlower staff")

    def test_their_actions_are_recorded_as_theirs(self) -> None:
        self.inside().post("/users/roles/new/", {"name": "Finance", "description": ""})
        with self.ours.scope():
            role = CompanyRole.objects.get(name="Finance")
            event = audit_events(CompanyRole).get(row_id=role.pk)
        self.assertEqual((event.person_id, event.impersonator_id), (None, self.staff.pk))

    def test_leave(self) -> None:
        client = self.inside()
        self.assertRedirects(client.post(LEAVE), LIST)
        request = self.request_of(client)
        self.assertEqual((request.company, request.impersonating), (None, False))
        self.assertIsNotNone(self.visits()[0].left_at)
        self.assertRedirects(client.get(DASHBOARD), LIST)

    def test_leave_twice(self) -> None:
        client = self.inside()
        client.post(LEAVE)
        left_at = self.visits()[0].left_at
        self.assertRedirects(client.post(LEAVE), LIST)
        self.assertEqual([visit.left_at for visit in self.visits()], [left_at])

    def test_two_browsers_are_two_visits(self) -> None:
        first = self.inside()
        self.inside()
        first.post(LEAVE)
        left = [visit.left_at is not None for visit in self.visits()]
        self.assertEqual(left, [True, False])

    def test_log_out_leaves(self) -> None:
        client = self.inside()
        client.post("/users/logout/")
        self.assertIsNotNone(self.visits()[0].left_at)
        with self.staff.scope():
            client.force_login(self.staff, backend=BACKEND)
        self.assertIsNone(self.request_of(client).company)

    def test_log_in_of_another_user_ends_it(self) -> None:
        client = self.inside()
        with self.theirs.admin.scope():
            client.force_login(self.theirs.admin, backend=BACKEND)
        self.assertNotIn(IMPERSONATED_COMPANY_KEY, client.session)
        request = self.request_of(client)
        self.assertEqual((request.company, request.impersonating), (self.theirs.company, False))

    def test_no_other_company_from_inside(self) -> None:
        client = self.inside()
        response = client.post(enter_path(self.theirs.company), follow=True)
        self.assertContains(response, "Leave it before you enter another.")
        self.assertEqual(self.request_of(client).company, self.ours.company)
        self.assertEqual(len(self.visits()), 1)

    def test_the_same_company_again(self) -> None:
        client = self.inside()
        self.assertRedirects(client.post(enter_path(self.ours.company)), DASHBOARD)
        self.assertEqual(len(self.visits()), 1)

    def test_list_from_inside_asks_to_leave(self) -> None:
        response = self.inside().get(LIST)
        self.assertContains(response, "Leave Ours?")
        self.assertNotContains(response, "Theirs")

    def test_a_search_from_inside_goes_on_after_leaving(self) -> None:
        client = self.inside()
        asked = client.get(f"{LIST}?q=theirs")
        left = client.post(asked.context["action"], follow=True)
        self.assertEqual(left.redirect_chain, [(f"{LIST}?q=theirs", 302)])
        self.assertContains(left, "Theirs")

    def test_unknown_company(self) -> None:
        client = logged_in(self.staff)
        for company_id in (0, 987654321, 10**30):
            self.assertEqual(client.post(f"/users/companies/{company_id}/enter/").status_code, 404)
        self.assertEqual(self.visits(), [])

    def test_is_a_404_for_people_of_companies(self) -> None:
        for person in self.ours.everybody:
            for path in (enter_path(self.theirs.company), enter_path(self.ours.company), LEAVE):
                self.assertEqual(logged_in(person).post(path).status_code, 404)
        self.assertEqual(self.visits(), [])

    def test_key_in_the_session_of_another_user_has_no_effect(self) -> None:
        for person in (self.ours.admin, self.ours.submitter):
            client = logged_in(person)
            session = client.session
            session[IMPERSONATED_COMPANY_KEY] = self.theirs.company.pk
            session.save()
            request = self.request_of(client)
            self.assertEqual((request.company, request.impersonating), (self.ours.company, False))
            self.assertEqual(client.session[SESSION_KEY], str(person.pk))

    def test_ends_when_the_person_is_no_longer_staff(self) -> None:
        client = self.inside()
        with all_companies_scope():
            self.staff.is_active = False
            self.staff.save()
        self.assertRedirects(client.get(DASHBOARD), f"/users/login/?next={DASHBOARD}")

    def test_company_pages_without_a_company(self) -> None:
        for path in (DASHBOARD, "/users/people/", "/users/roles/", "/users/company/", "/users/audit/"):
            self.assertRedirects(logged_in(self.staff).get(path), LIST)

    def test_nobody_logged_in(self) -> None:
        for path in (enter_path(self.ours.company), LEAVE):
            self.assertRedirects(Client().post(path), "/users/login/")

    def test_wrong_method(self) -> None:
        for person in (self.staff, self.ours.admin):
            for path in (enter_path(self.ours.company), LEAVE):
                self.assertEqual(logged_in(person).get(path).status_code, 302)
                self.assertEqual(logged_in(person).put(path).status_code, 405)
