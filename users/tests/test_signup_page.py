"""Signing up a company as a visitor."""

from django.test import Client
from django.urls import reverse

from users.models import Company, CompanyRole, CustomUser
from users.system_roles import SystemRoleName
from users.tests.at_once import at_once
from users.tests.cases import PASSWORD, CommittedTestCase, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries

PATH = "/users/signup/"
VALID = {
    "company_name": "Bakery Berg",
    "first_name": "Berta",
    "last_name": "O'Neill",
    "email": "Berta@Bakery.example",
    "password1": "a-quiet-oven-42",
    "password2": "a-quiet-oven-42",
}


def person_with(email: str) -> CustomUser:
    """Return the person with the address."""
    return CustomUser.objects.get_by_natural_key(email)


class SignUpPage(CompanyTestCase):
    """The results of the form."""

    def test_makes_the_company_and_logs_its_first_person_in(self) -> None:
        client = Client()
        response = client.post(PATH, VALID)
        self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
        person = person_with("berta@bakery.example")
        with person.scope():
            self.assertEqual(Company.objects.get().name, "Bakery Berg")
            self.assertEqual(person.get_full_name(), "Berta O'Neill")
            self.assertEqual(person.system_roles, set(SystemRoleName.values))
            self.assertEqual([role.name for role in CompanyRole.objects.all()], ["Employee"])
        self.assertContains(client.get("/users/profile/"), "Bakery Berg")

    def test_never_creates_staff_or_joins_an_existing_company(self) -> None:
        extra = {
            "is_staff": "on",
            "is_superuser": "on",
            "company": str(self.theirs.company.pk),
            "company_id": str(self.theirs.company.pk),
            "groups": "1",
        }
        Client().post(PATH, VALID | extra)
        person = person_with(VALID["email"])
        self.assertFalse(person.is_staff or person.is_superuser)
        self.assertNotIn(person.company_id, {None, self.ours.company.pk, self.theirs.company.pk})

    def test_taken_address_gets_a_neutral_answer_and_stores_nothing(self) -> None:
        client = Client()
        response = client.post(PATH, VALID | {"email": f" {self.theirs.worker.email.upper()} "})
        self.assertContains(response, "be created with this address")
        self.assertContains(response, 'value="Bakery Berg"')
        self.assertNotContains(response, "Theirs")
        self.assertNotContains(response, VALID["password1"])
        self.assertRedirects(client.get("/users/profile/"), "/users/login/?next=/users/profile/")
        with self.theirs.scope():
            self.assertEqual(Company.objects.count(), 1)

    def test_says_beside_the_field_what_is_wrong(self) -> None:
        for change, field, words in (
            ({"password2": "something else"}, "password2", "not the same"),
            ({"password1": "berta@bakery", "password2": "berta@bakery"}, "password1", "too similar"),
            ({"password1": "12345", "password2": "12345"}, "password1", "too short"),
            ({"email": "berta"}, "email", "valid email"),
            ({"company_name": " \t "}, "company_name", "fill this in"),
            ({"first_name": "Ber\u202eta"}, "first_name", "control characters"),
            ({"last_name": "x" * 101}, "last_name", "at most 100"),
        ):
            with self.subTest(field):
                response = Client().post(PATH, VALID | change)
                self.assertEqual(response.status_code, 200)
                self.assertIn(words, " ".join(response.context["form"].errors[field]))

    def test_tidies_white_space(self) -> None:
        Client().post(PATH, VALID | {"company_name": "  Bakery \n\t Berg "})
        person = person_with(VALID["email"])
        with person.scope():
            self.assertEqual(Company.objects.get().name, "Bakery Berg")

    def test_authenticated_user_goes_to_the_dashboard(self) -> None:
        client = logged_in(self.ours.submitter)
        for response in (client.get(PATH), client.post(PATH, VALID)):
            self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
        with self.assertRaises(CustomUser.DoesNotExist):
            person_with(VALID["email"])

    def test_page(self) -> None:
        with at_most_queries(2):  # the request's savepoint
            response = Client().get(reverse("company_signup"))
        self.assertContains(response, 'autocomplete="new-password"', count=2)
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(Client().put(PATH).status_code, 405)

    def test_needs_its_own_form(self) -> None:
        self.assertEqual(Client(enforce_csrf_checks=True).post(PATH, VALID).status_code, 403)


class TwoSignUps(CommittedTestCase):
    """One person who submits the form in two windows."""

    def test_only_one_company_is_created(self) -> None:
        responses = at_once(*[lambda: Client().post(PATH, VALID).status_code] * 2)
        self.assertEqual(sorted(responses), [200, 302])
        self.assertTrue(person_with(VALID["email"]).check_password(VALID["password1"]))
        self.assertNotEqual(VALID["password1"], PASSWORD)
