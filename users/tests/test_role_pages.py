"""Company roles: listing, creating, editing and deleting them."""

from django.db import transaction

from users.models import CompanyRole, CompanyRoleMembership, CustomUser, Invitation
from users.people import deactivate
from users.tests.admin_pages import AdminPageTestCase
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, logged_in, make_person
from users.tests.hostile import hostile_posts
from users.tests.queries import at_most_queries, same_queries_as
from users.tests.test_invitation_list import invited

LIST = "/users/roles/"
NEW = "/users/roles/new/"


class RoleList(AdminPageTestCase):
    """The list for company admins."""

    def make(self, *names: str) -> None:
        with self.ours.scope():
            for name in names:
                CompanyRole.objects.create(name=name, description=f"Those of {name}")

    def names(self, query: str = "") -> list[str]:
        return [role.name for role in self.client.get(f"{LIST}{query}").context["page"].rows]

    def test_shows_the_companys_roles_with_how_many_have_them(self) -> None:
        self.make("finance", "Boss")
        with self.theirs.scope():
            CompanyRole.objects.create(name="Their role")
        self.assertEqual(self.names(), ["Boss", "Employee", "finance"])
        rows = self.client.get(LIST).context["page"].rows
        self.assertEqual([role.people for role in rows], [0, 1, 0])
        self.assertContains(self.client.get(LIST), "Those of finance")

    def test_sorts_and_searches(self) -> None:
        self.make("Finance", "Boss")
        self.assertEqual(self.names("?sort=-name"), ["Finance", "Employee", "Boss"])
        self.assertEqual(self.names("?sort=-people")[0], "Employee")
        self.assertEqual(self.names("?q=FIN"), ["Finance"])
        self.assertEqual(self.names("?q=those+of+b"), ["Boss"])
        self.assertContains(self.client.get(f"{LIST}?q=nothing"), "No role matches")

    def test_says_what_will_appear(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.all().delete()
        page = self.client.get(LIST).content.decode()
        self.assertRegex(page, r'class="btn btn-primary"\s+href="/users/roles/new/"')

    def test_pages_by_number_of_people(self) -> None:
        self.make(*(f"Role {number:02}" for number in range(55)))
        first = self.client.get(f"{LIST}?sort=-people")
        second = self.client.get(LIST + first.context["page"].older_url)
        ids = [row.pk for response in (first, second) for row in response.context["page"].rows]
        self.assertEqual((len(ids), len(set(ids))), (56, 56))

    def test_costs_the_same_however_many_there_are(self) -> None:
        # session, wall, savepoint and their end; rows with numbers, count
        with at_most_queries(7) as few:
            self.client.get(LIST)
        self.make(*(f"Role {number}" for number in range(50)))
        with same_queries_as(few):
            response = self.client.get(LIST)
        self.assertEqual(len(response.context["page"].rows), 50)

    def test_is_for_admins_only(self) -> None:
        self.assert_only_for_admins(LIST)
        self.assert_wrong_methods(LIST, "post", "put", "delete")


class RoleCreate(AdminPageTestCase):
    """Creating roles by company admins."""

    def test_makes_a_role_of_the_own_company(self) -> None:
        response = self.client.post(NEW, {"name": "  Human   resources ", "description": "Hires\npeople"})
        with self.ours.scope():
            role = CompanyRole.objects.get(name="Human resources")
            event = audit_events(CompanyRole).latest("pk")
        self.assertRedirects(response, f"/users/roles/{role.pk}/", fetch_redirect_response=False)
        self.assertEqual(role.description.split(), ["Hires", "people"])
        self.assertEqual(event.person_id, self.ours.admin.pk)
        with self.theirs.scope():
            self.assertEqual(CompanyRole.objects.count(), 1)

    def test_name_is_taken_without_regard_to_case(self) -> None:
        response = self.client.post(NEW, {"name": "EMPLOYEE", "description": "kept"})
        self.assertIn("already has a role with this name", str(response.context["form"].errors["name"]))
        self.assertContains(response, 'value="EMPLOYEE"')
        self.assertContains(response, "kept")

    def test_name_of_another_companys_role_is_free(self) -> None:
        with self.theirs.scope():
            CompanyRole.objects.create(name="Boss")
        self.assertEqual(self.client.post(NEW, {"name": "Boss"}).status_code, 302)

    def test_name_is_required_and_limited(self) -> None:
        for name in ("", " ", "x" * 101):
            self.assertTrue(self.client.post(NEW, {"name": name}).context["form"].errors["name"])

    def test_hostile_texts(self) -> None:
        valid = {"name": "Boss", "description": "x"}
        for field, text, response in hostile_posts(NEW, valid, browser=lambda: self.client):
            with self.subTest(field=field, text=text[:40]):
                self.assertIn(response.status_code, {200, 302})
                if response.status_code == 302:
                    page = self.client.get(response["Location"])
                    self.assertNotContains(page, "<script>alert")
                    self.assertNotContains(page, "<img src=x")
                    self.assertNotContains(page, "49{")
        self.assertNotContains(self.client.get(LIST), "<script>alert")

    def test_is_for_admins_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(NEW, method=method)
        self.assert_wrong_methods(NEW, "put", "delete")


class RoleEdit(AdminPageTestCase):
    """Editing roles by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.role = self.ours.employee_role
        self.path = f"/users/roles/{self.role.pk}/"

    def test_renames_and_describes(self) -> None:
        response = self.client.post(self.path, {"name": "Staff", "description": ""})
        self.assertRedirects(response, self.path, fetch_redirect_response=False)
        with self.ours.scope():
            role = CompanyRole.objects.get()
        self.assertEqual((role.name, role.description), ("Staff", ""))

    def test_own_name_with_other_case_is_accepted(self) -> None:
        self.assertEqual(self.client.post(self.path, {"name": "employee"}).status_code, 302)

    def test_name_of_another_role_is_taken(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.create(name="HR")
        response = self.client.post(self.path, {"name": "hr"})
        self.assertIn("already has a role with this name", str(response.context["form"].errors["name"]))
        with self.ours.scope():
            self.assertTrue(CompanyRole.objects.filter(name="Employee").exists())

    def test_shows_who_has_it_and_who_could(self) -> None:
        response = self.client.get(self.path)
        self.assertEqual([person.first_name for person in response.context["page"].rows], ["Ada"])
        candidates = [person.first_name for person in response.context["candidates"]]
        self.assertEqual(candidates, ["Dora", "Sam", "Tom", "Wanda"])
        self.assertNotContains(response, "theirs.example")

    def test_deactivated_members_keep_it_but_are_not_offered_it(self) -> None:
        with self.ours.scope():
            CompanyRoleMembership.objects.create(role=self.role, person=self.ours.worker)
            for person in (self.ours.worker, self.ours.designer):
                deactivate(person)
        response = self.client.get(self.path)
        self.assertEqual([person.first_name for person in response.context["page"].rows], ["Ada", "Wanda"])
        candidates = [person.first_name for person in response.context["candidates"]]
        self.assertEqual(candidates, ["Sam", "Tom"])
        self.assertContains(response, "Deactivated")

    def test_finds_people_where_there_are_many(self) -> None:
        with self.ours.scope():
            CustomUser.objects.bulk_create(
                CustomUser(
                    company=self.ours.company, email=f"p{n}@ours.example", first_name=f"P{n}", last_name="A"
                )
                for n in range(60)
            )
        response = self.client.get(self.path)
        self.assertEqual(len(response.context["candidates"]), 20)
        self.assertContains(response, "There are more")
        response = self.client.get(f"{self.path}?q=wanda")
        self.assertEqual([person.first_name for person in response.context["candidates"]], ["Wanda"])
        self.assertNotContains(response, "There are more")

    def test_costs_the_same_however_many_have_it(self) -> None:
        # session, wall, savepoint and their end; role, candidates, members, count
        with at_most_queries(9) as few:
            self.client.get(self.path)
        for number in range(50):
            make_person(self.ours.company, f"P{number}", company_roles=[self.role] if number % 2 else [])
        with same_queries_as(few):
            self.client.get(self.path)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(self.path, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")


class RoleDelete(AdminPageTestCase):
    """Deleting roles by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.role = self.ours.employee_role
        self.path = f"/users/roles/{self.role.pk}/delete/"

    def test_says_who_loses_it_first(self) -> None:
        for number in range(14):
            make_person(self.ours.company, f"P{number:02}", company_roles=[self.role])
        response = self.client.get(self.path)
        self.assertContains(response, "Delete the role “Employee”?")
        self.assertContains(response, "15 people have this role")
        self.assertContains(response, "Ada Admin")
        self.assertContains(response, "and 5 more")
        with self.ours.scope():
            self.assertTrue(CompanyRole.objects.exists())

    def test_says_so_where_nobody_has_it(self) -> None:
        with self.ours.scope():
            CompanyRoleMembership.objects.all().delete()
        self.assertContains(self.client.get(self.path), "Nobody has this role.")

    def test_takes_it_from_everybody_and_every_invitation(self) -> None:
        invited(self.ours)
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "The role “Employee” has been deleted.")
        with self.ours.scope():
            self.assertFalse(CompanyRole.objects.exists())
            self.assertFalse(CompanyRoleMembership.objects.exists())
            self.assertTrue(Invitation.objects.pending().exists())
            event = audit_events(CompanyRoleMembership).latest("pk")
        self.assertEqual((event.operation, event.person_id), ("delete", self.ours.admin.pk))

    def test_already_deleted(self) -> None:
        self.client.post(self.path)
        self.assertEqual(self.client.post(self.path).status_code, 404)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(self.path, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        with self.ours.scope():
            self.assertTrue(CompanyRole.objects.exists())


class AtOnce(CommittedTestCase):
    """Two admins who act simultaneously."""

    def test_one_name_twice_is_one_role(self) -> None:
        client = logged_in(self.ours.admin)
        responses = at_once(*[lambda: client.post(NEW, {"name": "HR"})] * 4)
        self.assertEqual(sorted(response.status_code for response in responses), [200, 200, 200, 302])

    def test_renamed_to_one_name(self) -> None:
        client = logged_in(self.ours.admin)
        with self.ours.scope(), transaction.atomic():
            roles = [CompanyRole.objects.create(name=name).pk for name in ("A", "B")]
        responses = at_once(
            lambda: client.post(f"{LIST}{roles[0]}/", {"name": "HR"}),
            lambda: client.post(f"{LIST}{roles[1]}/", {"name": "hr"}),
        )
        self.assertEqual(sorted(response.status_code for response in responses), [200, 302])

    def test_deleted_twice(self) -> None:
        client = logged_in(self.ours.admin)
        path = f"{LIST}{self.ours.employee_role.pk}/delete/"
        responses = at_once(*[lambda: client.post(path)] * 3)
        self.assertLessEqual({response.status_code for response in responses}, {302, 404})
