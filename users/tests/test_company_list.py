"""Staff's list of all companies."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from users.models import Company, CustomUser
from users.tests.cases import CompanyTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS
from users.tests.queries import at_most_queries, same_queries_as

PATH = "/users/companies/"
STATEMENTS = 9


def make_companies(count: int) -> None:
    """Create the companies "Firm 000", "Firm 001" … without people, the first one the oldest."""
    now = timezone.now()
    with all_companies_scope():
        companies = Company.objects.bulk_create(Company(name=f"Firm {n:03}") for n in range(count))
        for age, company in enumerate(reversed(companies), start=1):
            Company.objects.filter(pk=company.pk).update(created_at=now - timedelta(days=age))


class CompanyList(CompanyTestCase):
    """The list of every company, only for staff."""

    def names(self, query: str = "") -> list[str]:
        """Return the names on the page, in order."""
        response = logged_in(self.staff).get(PATH + query)
        self.assertEqual(response.status_code, 200)
        return [company.name for company in response.context["page"].rows]

    def test_shows_all_with_their_active_people(self) -> None:
        with self.theirs.scope():
            CustomUser.objects.filter(pk__in=[self.theirs.worker.pk, self.theirs.designer.pk]).update(
                is_active=False
            )
        rows = logged_in(self.staff).get(PATH).context["page"].rows
        self.assertEqual([(row.name, row.active_people) for row in rows], [("Ours", 5), ("Theirs", 3)])

    def test_search(self) -> None:
        self.assertEqual(self.names("?q=HEI"), ["Theirs"])
        self.assertEqual(self.names("?q=%25"), [])
        self.assertContains(logged_in(self.staff).get(PATH, {"q": "nobody"}), "No company matches this name.")

    def test_search_that_is_too_long_can_be_corrected(self) -> None:
        response = logged_in(self.staff).get(PATH, {"q": "x" * 256})
        self.assertContains(response, "Please check what you entered")
        self.assertContains(response, 'name="q"')
        self.assertContains(response, "No company matches this name.")

    def test_sorted_by_name_without_regard_to_case_or_by_age(self) -> None:
        with all_companies_scope():
            Company.objects.create(name="paper mill")
        self.assertEqual(self.names(), ["Ours", "paper mill", "Theirs"])
        self.assertEqual(self.names("?sort=-name"), ["Theirs", "paper mill", "Ours"])
        self.assertEqual(self.names("?sort=created"), ["Ours", "Theirs", "paper mill"])
        self.assertEqual(self.names("?sort=-created"), ["paper mill", "Theirs", "Ours"])

    def test_pages(self) -> None:
        make_companies(60)
        client = logged_in(self.staff)
        for sort in ("name", "-name", "created", "-created"):
            first = client.get(PATH, {"q": "Firm", "sort": sort}).context["page"]
            second = client.get(PATH + first.older_url).context["page"]
            self.assertEqual([len(first.rows), len(second.rows)], [50, 10])
            self.assertEqual(len({row.pk for row in (*first.rows, *second.rows)}), 60)
            self.assertIsNone(second.older_url)
            back = client.get(PATH + second.newer_url).context["page"]
            self.assertEqual([row.pk for row in back.rows], [row.pk for row in first.rows])

    def test_statements(self) -> None:
        client = logged_in(self.staff)
        with at_most_queries(STATEMENTS) as few:
            client.get(PATH)
        make_companies(60)
        with same_queries_as(few):
            client.get(PATH)

    def test_is_a_404_for_people_of_companies(self) -> None:
        for person in self.ours.everybody:
            self.assertEqual(logged_in(person).get(PATH).status_code, 404)
            self.assertEqual(logged_in(person).get("/users/style/").status_code, 404)

    def test_nobody_logged_in(self) -> None:
        self.assertRedirects(Client().get(PATH), f"/users/login/?next={PATH}")
        self.assertRedirects(Client().get("/users/style/"), "/users/login/?next=/users/style/")

    def test_wrong_method(self) -> None:
        for person in (self.staff, self.ours.admin):
            self.assertEqual(logged_in(person).post(PATH).status_code, 405)
            self.assertEqual(logged_in(person).post("/users/style/").status_code, 405)

    def test_hostile_texts(self) -> None:
        client = logged_in(self.staff)
        for field in ("q", "sort", "after", "before"):
            for text in HOSTILE_TEXTS:
                response = client.get(PATH, {field: text.encode(errors="surrogatepass")})
                self.assertEqual(response.status_code, 200, (field, text))
        self.assertContains(client.get(PATH, {"q": "x" * 256}), "Please check what you entered")

    def test_company_with_a_hostile_name(self) -> None:
        with all_companies_scope():
            Company.objects.create(name="<script>alert(1)</script>{{ 7*7 }}")
        response = logged_in(self.staff).get(PATH)
        self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}")
        self.assertNotContains(response, "<script>alert")

    def test_style_page(self) -> None:
        self.assertContains(logged_in(self.staff).get("/users/style/"), "Style page")
