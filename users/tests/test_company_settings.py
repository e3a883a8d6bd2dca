"""The name, time zone and currency of a company."""

from users.models import Company
from users.tests.admin_pages import AdminPageTestCase
from users.tests.audit import audit_events
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries

PATH = "/users/company/"
VALID = {"name": "Ours & Sons", "time_zone": "Europe/Berlin", "currency": "CHF"}


class CompanySettings(AdminPageTestCase):
    """The page for company admins."""

    def company(self) -> Company:
        with self.ours.scope():
            return Company.objects.get()

    def test_shows_what_is_set(self) -> None:
        response = self.client.get(PATH)
        self.assertContains(response, 'value="Ours"')
        self.assertContains(response, '<option value="UTC" selected>')
        self.assertContains(response, '<optgroup label="Europe">')
        self.assertContains(response, '<option value="EUR" selected>EUR</option>')
        self.assertLess(len(response.content), 100_000)

    def test_changes_all_for_everyone(self) -> None:
        response = self.client.post(PATH, VALID)
        self.assertRedirects(response, PATH, fetch_redirect_response=False)
        company = self.company()
        self.assertEqual(
            (company.name, company.time_zone, company.currency), ("Ours & Sons", "Europe/Berlin", "CHF")
        )
        self.assertContains(logged_in(self.ours.submitter).get("/users/dashboard/"), "Ours &amp; Sons")
        with self.theirs.scope():
            self.assertEqual(Company.objects.get().name, "Theirs")

    def test_audit_says_who_and_what(self) -> None:
        self.client.post(PATH, VALID)
        with self.ours.scope():
            event = audit_events(Company).latest("pk")
        self.assertEqual((event.label, event.person_id), ("Ours & Sons", self.ours.admin.pk))

    def test_the_same_again_is_no_change(self) -> None:
        self.client.post(PATH, VALID)
        with self.ours.scope():
            before = audit_events(Company).count()
        self.client.post(PATH, VALID)
        with self.ours.scope():
            self.assertEqual(audit_events(Company).count(), before)

    def test_refused_form_keeps_what_was_typed_and_the_page_its_name(self) -> None:
        response = self.client.post(
            PATH, {"name": "x" * 256, "time_zone": "Europe/Nowhere", "currency": "XXX"}
        )
        self.assertEqual(set(response.context["form"].errors), {"name", "time_zone", "currency"})
        self.assertContains(response, f'value="{"x" * 256}"')
        self.assertContains(response, "· Ours</title>")
        self.assertEqual(self.company().name, "Ours")

    def test_a_removed_time_zone_stays_selectable(self) -> None:
        with self.ours.scope():
            Company.objects.update(time_zone="Etc/GMT+3")
        self.assertContains(self.client.get(PATH), '<option value="Etc/GMT+3" selected>')

    def test_staff_who_entered_may(self) -> None:
        staff = logged_in(self.staff)
        staff.post(f"/users/companies/{self.ours.company.pk}/enter/")
        staff.post(PATH, VALID)
        self.assertEqual(self.company().name, "Ours & Sons")

    def test_costs(self) -> None:
        # session, wall, savepoint and their end; the content was loaded with the session
        with at_most_queries(5):
            self.client.get(PATH)

    def test_is_for_admins_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(PATH, method=method)
        self.assert_wrong_methods(PATH, "put", "delete")
        self.assertEqual(self.company().name, "Ours")
