"""The settings of a company."""

from users.models import Company
from users.tests.admin_pages import AdminPageTestCase
from users.tests.audit import audit_events
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries

PATH = "/users/company/"
VALID = {
    "name": "Ours & Sons",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "currency": "CHF",
    "working_days": ["0", "1", "2", "3", "5"],
    "day_begins": "08:30",
    "day_ends": "17:00",
    "country": "DE",
    "holiday_region": "DE-BY",
}


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
        self.assertContains(self.client.get(PATH), "Search will find words of the new language")
        company = self.company()
        self.assertEqual(
            (company.name, company.language, company.time_zone, company.currency),
            ("Ours & Sons", "de", "Europe/Berlin", "CHF"),
        )
        self.assertEqual(
            (company.working_days, str(company.day_begins), str(company.day_ends), company.holiday_region),
            ([0, 1, 2, 3, 5], "08:30:00", "17:00:00", "DE-BY"),
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
        wrong = {
            "name": "x" * 256,
            "language": "en-gb",
            "time_zone": "Europe/Nowhere",
            "currency": "XXX",
            "country": "XX",
            "holiday_region": "XX-1",
            "working_days": ["7"],
            "day_begins": "9 o'clock",
        }
        response = self.client.post(PATH, wrong)
        self.assertEqual(set(response.context["form"].errors), set(wrong))
        self.assertContains(response, f'value="{"x" * 256}"')
        self.assertContains(response, "· Ours</title>")
        self.assertEqual(self.company().name, "Ours")

    def test_hours_end_after_they_begin(self) -> None:
        response = self.client.post(PATH, VALID | {"day_ends": "08:30"})
        self.assertEqual(response.context["form"].errors, {"day_ends": ["The day must end after it begins."]})
        for name in ("day_begins", "day_ends"):
            response = self.client.post(PATH, VALID | {name: ""})
            self.assertEqual(response.context["form"].errors, {name: ["Enter both times, or none."]})
        response = self.client.post(PATH, VALID | {"working_days": []})
        self.assertEqual(response.context["form"].errors, {"working_days": ["Choose at least one day."]})

    def test_all_hours_count_without_any(self) -> None:
        self.assertRedirects(self.client.post(PATH, VALID | {"day_begins": "", "day_ends": ""}), PATH)
        self.assertEqual((self.company().day_begins, self.company().day_ends), (None, None))

    def test_regions_and_holidays_are_shown_before_anything_is_saved(self) -> None:
        page = self.client.get(PATH)
        self.assertNotContains(page, 'name="holiday_region"')
        self.assertNotContains(page, "The next holidays there")
        page = self.client.post(PATH, VALID | {"holiday_region": "FR-57", "_redisplay": "holidays"})
        self.assertContains(page, '<option value="DE-BY">Bayern</option>', html=True)
        # What was chosen for another country counts no more.
        self.assertEqual(page.context["form"].region, "DE")
        self.assertEqual(len(page.context["form"].next_holidays()), 3)
        page = self.client.post(PATH, VALID | {"_redisplay": "holidays"})
        self.assertContains(page, '<option value="DE-BY" selected>Bayern</option>', html=True)
        self.assertEqual((self.company().name, self.company().holiday_region), ("Ours", ""))

    def test_a_country_without_a_region(self) -> None:
        self.client.post(PATH, VALID | {"holiday_region": "FR-57"})
        self.assertEqual(self.company().holiday_region, "DE")
        self.client.post(PATH, VALID | {"country": ""})
        self.assertEqual(self.company().holiday_region, "")

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
