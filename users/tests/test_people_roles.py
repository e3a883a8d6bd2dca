"""Changing a person's roles: only differences are written, and one admin always remains."""

from django.db import transaction

from users import people
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.system_roles import SystemRoleName
from users.tests.admin_pages import AdminPageTestCase
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, logged_in, make_person
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from users.tests.queries import at_most_queries, same_queries_as


def changes(model: type[SystemRoleMembership] | type[CompanyRoleMembership]) -> int:
    """Return the number of audit events for these memberships."""
    return audit_events(model).count()


class PersonRoles(AdminPageTestCase):
    """The page for company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.person = self.ours.worker
        self.path = f"/users/people/{self.person.pk}/roles/"
        with self.ours.scope():
            self.hr = CompanyRole.objects.create(name="HR", description="Hires people")
            CompanyRoleMembership.objects.create(role=self.ours.employee_role, person=self.person)

    def roles(self, person: CustomUser | None = None) -> tuple[set[str], set[int]]:
        with self.ours.scope():
            row = CustomUser.objects.get(pk=(person or self.person).pk)
            return set(row.system_roles), set(row.company_role_ids)

    def test_shows_the_roles_that_they_have(self) -> None:
        response = self.client.get(self.path)
        form = response.context["form"]
        self.assertEqual(set(form["system_roles"].value()), {"user", "task_worker"})
        self.assertEqual(form["company_roles"].value(), [self.ours.employee_role.pk])
        for role in SystemRoleName:
            self.assertContains(response, role.explanation)
        self.assertContains(response, "Hires people")

    def test_writes_what_differs_and_nothing_else(self) -> None:
        with self.ours.scope():
            system_before, company_before = changes(SystemRoleMembership), changes(CompanyRoleMembership)
            unchanged = set(self.person.system_role_memberships.filter(group__name="user").values_list("pk"))
        data = {"system_roles": ["user", "ticket_admin"], "company_roles": [self.hr.pk]}
        response = self.client.post(self.path, data)
        self.assertRedirects(response, f"/users/people/{self.person.pk}/", fetch_redirect_response=False)
        self.assertEqual(self.roles(), ({"user", "ticket_admin"}, {self.hr.pk}))
        with self.ours.scope():
            self.assertEqual(changes(SystemRoleMembership), system_before + 2)
            self.assertEqual(changes(CompanyRoleMembership), company_before + 2)
            after = set(self.person.system_role_memberships.filter(group__name="user").values_list("pk"))
        self.assertEqual(after, unchanged)

    def test_the_same_again_changes_nothing(self) -> None:
        data = {"system_roles": ["user", "task_worker"], "company_roles": [self.ours.employee_role.pk]}
        with self.ours.scope():
            before = changes(SystemRoleMembership), changes(CompanyRoleMembership)
        self.client.post(self.path, data)
        with self.ours.scope():
            self.assertEqual((changes(SystemRoleMembership), changes(CompanyRoleMembership)), before)

    def test_says_who_did_it(self) -> None:
        staff = logged_in(self.staff)
        staff.post(f"/users/companies/{self.ours.company.pk}/enter/")
        for client, who in ((self.client, (self.ours.admin.pk, None)), (staff, (None, self.staff.pk))):
            client.post(self.path, {"system_roles": ["user"] if who[0] else ["task_worker"]})
            with self.ours.scope():
                event = audit_events(SystemRoleMembership).latest("pk")
            self.assertEqual((event.person_id, event.impersonator_id), who)

    def test_takes_effect_in_open_sessions_immediately(self) -> None:
        theirs = logged_in(self.person)
        self.assertEqual(theirs.get("/users/people/").status_code, 403)
        self.client.post(self.path, {"system_roles": ["admin"]})
        self.assertEqual(theirs.get("/users/people/").status_code, 200)
        self.client.post(self.path, {"system_roles": ["user"]})
        self.assertEqual(theirs.get("/users/people/").status_code, 403)

    def test_can_leave_them_without_any_role(self) -> None:
        self.client.post(self.path, {})
        self.assertEqual(self.roles(), (set(), set()))

    def test_last_admin_keeps_that_role_and_the_rest_of_the_form(self) -> None:
        path = f"/users/people/{self.ours.admin.pk}/roles/"
        before = self.roles(self.ours.admin)
        response = self.client.post(path, {"system_roles": ["user"], "company_roles": [self.hr.pk]})
        self.assertIn("the only company admin", str(response.context["form"].errors["system_roles"]))
        self.assertEqual(response.context["form"]["company_roles"].value(), [str(self.hr.pk)])
        self.assertEqual(self.roles(self.ours.admin), before)

    def test_a_deactivated_admin_does_not_count(self) -> None:
        other = make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        with self.ours.scope():
            people.deactivate(other)
        self.client.post(f"/users/people/{self.ours.admin.pk}/roles/", {"system_roles": ["user"]})
        self.assertIn("admin", self.roles(self.ours.admin)[0])

    def test_admin_may_step_down_where_another_remains(self) -> None:
        make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        self.client.post(f"/users/people/{self.ours.admin.pk}/roles/", {"system_roles": ["user"]})
        self.assertEqual(self.roles(self.ours.admin)[0], {"user"})
        self.assertEqual(self.client.get("/users/people/").status_code, 403)

    def test_an_admin_of_another_company_does_not_count(self) -> None:
        with self.ours.scope(), self.assertRaises(people.LastAdminError):
            people.change_roles(self.ours.admin, system_roles=[], company_role_ids=[])

    def test_refuses_roles_of_another_company_and_invalid_ids(self) -> None:
        before = self.roles()
        hostile = [text for text in HOSTILE_TEXTS if text]
        for field, values in (
            ("company_roles", [str(self.theirs.employee_role.pk), *hostile]),
            ("system_roles", ["superuser", *hostile]),
        ):
            for value in values:
                with self.subTest(field=field, value=value[:40]):
                    response = post_raw(self.client, self.path, {field: value})
                    self.assertEqual(response.status_code, 200)
                    self.assertTrue(response.context["form"].errors[field])
                    self.assertEqual(self.roles(), before)

    def test_function_leaves_out_a_role_that_was_deleted_meanwhile(self) -> None:
        with self.ours.scope():
            people.change_roles(
                self.person, system_roles=[], company_role_ids=[self.hr.pk, 0, self.theirs.employee_role.pk]
            )
        self.assertEqual(self.roles(), (set(), {self.hr.pk}))

    def test_works_where_the_company_has_no_role(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.all().delete()
        self.assertEqual(self.client.get(self.path).status_code, 200)
        self.assertEqual(self.client.post(self.path, {"system_roles": ["user"]}).status_code, 302)

    def test_costs_the_same_however_many_roles(self) -> None:
        # session, wall, savepoint and their end; person, two kinds of roles, the company's roles
        with at_most_queries(9) as few:
            self.client.get(self.path)
        with self.ours.scope():
            for number in range(50):
                role = CompanyRole.objects.create(name=f"Role {number}")
                CompanyRoleMembership.objects.create(role=role, person=self.person)
        with same_queries_as(few):
            self.client.get(self.path)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(self.path, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")


class AtOnce(CommittedTestCase):
    """Two admins who act simultaneously."""

    def admins(self) -> list[CustomUser]:
        with self.ours.scope(), transaction.atomic():
            return list(CustomUser.objects.active().with_system_role(SystemRoleName.ADMIN))

    def test_two_admins_who_demote_each_other_leave_one(self) -> None:
        other = make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        first, second = logged_in(self.ours.admin), logged_in(other)
        responses = at_once(
            lambda: first.post(f"/users/people/{other.pk}/roles/", {"system_roles": ["user"]}),
            lambda: second.post(f"/users/people/{self.ours.admin.pk}/roles/", {"system_roles": ["user"]}),
        )
        self.assertNotIn(500, [response.status_code for response in responses])
        self.assertEqual(len(self.admins()), 1)

    def test_one_demotes_and_one_deactivates(self) -> None:
        other = make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        first, second = logged_in(self.ours.admin), logged_in(other)
        at_once(
            lambda: first.post(f"/users/people/{other.pk}/roles/", {"system_roles": ["user"]}),
            lambda: second.post(f"/users/people/{self.ours.admin.pk}/deactivate/"),
        )
        self.assertEqual(len(self.admins()), 1)

    def test_the_same_role_given_twice_is_there_once(self) -> None:
        client = logged_in(self.ours.admin)
        path = f"/users/people/{self.ours.worker.pk}/roles/"
        data = {"system_roles": ["ticket_admin"], "company_roles": [self.ours.employee_role.pk]}
        responses = at_once(*[lambda: client.post(path, data)] * 4)
        self.assertEqual([response.status_code for response in responses], [302] * 4)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(CompanyRoleMembership.objects.filter(person=self.ours.worker).count(), 1)

    def test_a_role_that_is_deleted_while_it_is_given(self) -> None:
        client = logged_in(self.ours.admin)
        path = f"/users/people/{self.ours.worker.pk}/roles/"
        role = self.ours.employee_role.pk
        responses = at_once(
            lambda: client.post(path, {"company_roles": [role]}),
            lambda: client.post(f"/users/roles/{role}/delete/"),
        )
        self.assertEqual(responses[1].status_code, 302)
        self.assertIn(responses[0].status_code, {200, 302})
        with self.ours.scope(), transaction.atomic():
            self.assertFalse(CompanyRoleMembership.objects.exists())
