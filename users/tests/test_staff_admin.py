"""Django admin, for superusers who are outside of companies."""

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower import staff_admin_urls  # noqa: F401 - registers the models
from ticketflower.tenancy.context import all_companies_scope, company_scope
from ticketflower.tenant_admin import ReadOnlyAdmin
from users.models import (
    AccessToken,
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    InvitationRole,
    LimitedUse,
    Session,
    StaffVisit,
    SystemRoleMembership,
    TokenUse,
    UnsentForm,
)
from users.people import is_last_admin
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS

NOT_REGISTERED = {
    UnsentForm: "what a person has not sent is nobody else's business",
    LimitedUse: "the site's role can't read the table",
    TokenUse: "counts for a while, and stands with its token",
    Session: "the site's role can't read the table",
}


def our_models(*app_labels: str) -> list[type[models.Model]]:
    """Return every model with an admin page, of these apps or of others."""
    return [
        model
        for label in app_labels or ("users",)
        for model in apps.get_app_config(label).get_models()
        if model not in NOT_REGISTERED
    ]


def page(model: type[models.Model], name: str, *args: Any) -> str:
    """Return the URL of a model's admin page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


class StaffAdminTestCase(CompanyTestCase):
    """A test case with a row in every table."""

    def setUp(self) -> None:
        super().setUp()
        with company_scope(self.ours.company.pk, impersonator_id=self.staff.pk):
            self.invitation = Invitation.objects.create(
                email="new@ours.example", nonce="the-nonce", expires_at=timezone.now()
            )
            InvitationRole.objects.create(invitation=self.invitation, role=self.ours.employee_role)
            StaffVisit.objects.create(impersonator=self.staff)
            AccessToken.objects.create(
                person=self.ours.admin, name="Backup", digest=b"x", scopes=["read"], expires_at=timezone.now()
            )
        self.client = logged_in(self.staff)

    def first(self, model: type[models.Model]) -> Any:
        """Return any row of the model."""
        with all_companies_scope():
            return model._default_manager.order_by("pk").first()


class Tables(StaffAdminTestCase):
    """The admin pages of each model."""

    def test_every_model_is_there(self) -> None:
        for model in our_models():
            self.assertTrue(admin.site.is_registered(model), model._meta.label)
        self.assertTrue(admin.site.is_registered(Group))
        self.assertContains(self.client.get("/admin/"), "Company roles of people")

    def test_every_page_works(self) -> None:
        for model in our_models():
            row = self.first(model)
            model_admin = admin.site.get_model_admin(model)
            read_only = isinstance(model_admin, ReadOnlyAdmin)
            may_delete = getattr(model_admin, "may_delete", True)
            pages = {
                page(model, "changelist"): 200,
                page(model, "change", row.pk): 200,
                page(model, "history", row.pk): 200,
                page(model, "add"): 403 if read_only else 200,
                page(model, "delete", row.pk): 200 if may_delete else 403,
                page(model, "change", 10**30): 302,
            }
            for path, status in pages.items():
                self.assertEqual(self.client.get(path).status_code, status, path)

    def test_pages_of_packages(self) -> None:
        for path in (
            "/admin/auth/group/",
            "/admin/auth/group/1/change/",
            "/admin/procrastinate/procrastinatejob/",
        ):
            self.assertEqual(self.client.get(path).status_code, 200, path)

    def test_search_and_filter(self) -> None:
        for model in our_models():
            path = page(model, "changelist")
            queries = ["q=tester", "q=1", "q=%00"]
            if model is not Company:
                queries += ["company_name=Ours", "company_name=nobody", "company_name=%00"]
            for query in queries:
                self.assertEqual(self.client.get(f"{path}?{query}").status_code, 200, (path, query))

    def test_hostile_texts(self) -> None:
        path = page(CustomUser, "changelist")
        for field in ("q", "company_name", "o", "p", "company", "pk__in"):
            for text in HOSTILE_TEXTS:
                response = self.client.get(path, {field: text.encode(errors="surrogatepass")})
                self.assertIn(response.status_code, (200, 302, 400), (field, text))

    def test_filter_by_company(self) -> None:
        response = self.client.get(page(CustomUser, "changelist"), {"company_name": "hei"})
        self.assertEqual({row.company for row in response.context["cl"].result_list}, {self.theirs.company})
        response = self.client.get(
            page(CustomUser, "changelist"), {"company_name": "hei", "is_active__exact": "1"}
        )
        self.assertContains(response, '<input type="hidden" name="is_active__exact" value="1">', html=True)
        self.assertContains(response, 'value="hei"')

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        def statements() -> dict[str, int]:
            return {model._meta.label: self._statements(page(model, "changelist")) for model in our_models()}

        few = statements()
        with self.ours.scope():
            for number in range(10):
                role = CompanyRole.objects.create(name=f"Role {number}")
                CompanyRoleMembership.objects.create(role=role, person=self.ours.worker)
                InvitationRole.objects.create(role=role, invitation=self.invitation)
                StaffVisit.objects.create(impersonator=self.staff)
        self.assertEqual(statements(), few)

    def _statements(self, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.client.get(path)
        return len(captured)

    def test_nothing_secret_is_shown(self) -> None:
        response = self.client.get(page(Invitation, "change", self.invitation.pk))
        self.assertNotContains(response, "the-nonce")
        response = self.client.get(page(CustomUser, "change", self.ours.admin.pk))
        self.assertNotContains(response, self.ours.admin.password)
        self.assertNotContains(response, 'name="password"')


class Refused(StaffAdminTestCase):
    """Users and situations in which the admin is refused."""

    def paths(self) -> list[str]:
        """Return some paths of the admin."""
        return [
            "/admin/",
            page(CustomUser, "changelist"),
            page(CompanyRole, "change", self.ours.employee_role.pk),
        ]

    def test_people_of_companies(self) -> None:
        for person in (self.ours.admin, self.ours.submitter):
            for path in (*self.paths(), "/admin/login/"):
                self.assertEqual(logged_in(person).get(path).status_code, 403, path)

    def test_nobody_logged_in(self) -> None:
        for path in self.paths():
            self.assertRedirects(Client().get(path), f"/users/login/?next={path}")
        self.assertRedirects(Client().get("/admin/login/"), "/users/login/?next=/admin/")

    def test_staff_inside_a_company(self) -> None:
        self.client.post(f"/users/companies/{self.ours.company.pk}/enter/")
        for path in self.paths():
            response = self.client.get(path, follow=True)
            self.assertRedirects(response, "/users/companies/")
            self.assertContains(response, "Leave the company before you open the tables of all companies.")
        self.client.post("/users/companies/leave/")
        self.assertEqual(self.client.get("/admin/").status_code, 200)

    def test_log_in_page_is_ours(self) -> None:
        self.assertRedirects(self.client.get("/admin/login/"), "/admin/")

    def test_log_out(self) -> None:
        self.assertRedirects(self.client.post("/admin/logout/"), "/users/login/")
        self.assertRedirects(self.client.get("/admin/"), "/users/login/?next=/admin/")


class Changes(StaffAdminTestCase):
    """Changes that staff make in the admin."""

    def add(self, model: type[models.Model], **values: Any) -> Any:
        """Return the response to the form for a new row."""
        return self.client.post(page(model, "add"), values)

    def test_add_staff(self) -> None:
        values = {
            "email": "second@ticketflower.example",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        self.assertEqual(self.add(CustomUser, **values).status_code, 302)
        person = CustomUser.objects.get_by_natural_key("second@ticketflower.example")
        self.assertTrue(person.is_superuser and person.is_staff and person.check_password(PASSWORD))
        self.assertIsNone(person.company_id)

    def test_add_person_of_a_company(self) -> None:
        values = {
            "email": "new@theirs.example",
            "company": self.theirs.company.pk,
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        values |= {"is_superuser": "on", "is_staff": "on"}
        self.assertEqual(self.add(CustomUser, **values).status_code, 302)
        person = CustomUser.objects.get_by_natural_key("new@theirs.example")
        self.assertFalse(person.is_superuser or person.is_staff)
        self.assertEqual(person.company_id, self.theirs.company.pk)

    def test_address_that_is_taken(self) -> None:
        values = {
            "email": self.theirs.admin.email.upper(),
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        response = self.add(CustomUser, **values)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["adminform"].form.errors)

    def person_values(self, person: CustomUser, **values: Any) -> dict[str, Any]:
        """Return the data of a person's form as the page shows it, with some values changed."""
        with all_companies_scope():
            system = [(row.pk, row.group_id) for row in person.system_role_memberships.order_by("pk")]
            company = [(row.pk, row.role_id) for row in person.company_role_memberships.order_by("pk")]
        forms: dict[str, Any] = {}
        for prefix, column, rows in (
            ("system_role_memberships", "group", system),
            ("company_role_memberships", "role", company),
        ):
            forms |= {f"{prefix}-INITIAL_FORMS": len(rows), f"{prefix}-TOTAL_FORMS": len(rows)}
            for number, (row_id, role_id) in enumerate(rows):
                forms |= {
                    f"{prefix}-{number}-id": row_id,
                    f"{prefix}-{number}-person": person.pk,
                    f"{prefix}-{number}-{column}": role_id,
                }
        fields = ("email", "first_name", "last_name", "time_zone")
        return {name: getattr(person, name) for name in fields} | {"is_active": "on"} | forms | values

    def test_change_person(self) -> None:
        person = self.ours.submitter
        values = self.person_values(
            person, first_name="Samuel", company=self.theirs.company.pk, is_superuser="on", password="x"
        )
        self.assertEqual(self.client.post(page(CustomUser, "change", person.pk), values).status_code, 302)
        changed = CustomUser.objects.get_by_natural_key(person.email)
        self.assertEqual(
            (changed.first_name, changed.company_id, changed.is_superuser),
            ("Samuel", self.ours.company.pk, False),
        )
        self.assertEqual(changed.password, person.password)

    def test_give_and_take_a_system_role(self) -> None:
        person = self.ours.submitter
        group = Group.objects.get(name="task_worker")
        prefix = "system_role_memberships"
        values = self.person_values(
            person,
            **{
                f"{prefix}-TOTAL_FORMS": 2,
                f"{prefix}-1-person": person.pk,
                f"{prefix}-1-group": group.pk,
                f"{prefix}-0-DELETE": "on",
            },
        )
        self.assertEqual(self.client.post(page(CustomUser, "change", person.pk), values).status_code, 302)
        with self.ours.scope():
            (membership,) = person.system_role_memberships.all()
        self.assertEqual((membership.group, membership.company_id), (group, self.ours.company.pk))

    def test_who_depends_on_people_learns_of_changes(self) -> None:
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.process_people_changes")
        with all_companies_scope():
            row = self.ours.submitter.system_role_memberships.get()
        changed = (page(CustomUser, "change", self.ours.worker.pk), self.person_values(self.ours.worker))
        deleted = (page(SystemRoleMembership, "delete", row.pk), {"post": "yes"})
        for path, values in (changed, deleted):
            with self.subTest(path):
                jobs.delete()
                self.assertEqual(self.client.post(path, values).status_code, 302)
                self.assertEqual([job.args for job in jobs], [{"company_id": self.ours.company.pk}])

    def test_same_system_role_twice(self) -> None:
        person = self.ours.submitter
        group = Group.objects.get(name="user")
        prefix = "system_role_memberships"
        values = self.person_values(
            person,
            **{f"{prefix}-TOTAL_FORMS": 2, f"{prefix}-1-person": person.pk, f"{prefix}-1-group": group.pk},
        )
        self.assertEqual(self.client.post(page(CustomUser, "change", person.pk), values).status_code, 200)

    def test_staff_have_no_system_roles(self) -> None:
        self.assertNotContains(
            self.client.get(page(CustomUser, "change", self.staff.pk)), "system_role_memberships"
        )

    def test_new_password(self) -> None:
        path = f"/admin/users/customuser/{self.ours.worker.pk}/password/"
        self.assertEqual(self.client.get(path).status_code, 200)
        values = {
            "password1": "quite-another-one",
            "password2": "quite-another-one",
            "usable_password": "true",
        }
        self.assertEqual(self.client.post(path, values).status_code, 302)
        changed = CustomUser.objects.get_by_natural_key(self.ours.worker.email)
        self.assertTrue(changed.check_password("quite-another-one"))

    def test_own_password(self) -> None:
        values = {
            "old_password": PASSWORD,
            "new_password1": "quite-another-one",
            "new_password2": "quite-another-one",
        }
        self.assertEqual(self.client.get("/admin/password_change/").status_code, 200)
        self.assertEqual(self.client.post("/admin/password_change/", values).status_code, 302)
        self.assertEqual(self.client.get("/admin/").status_code, 200)

    def test_rows_of_two_companies_are_refused_beside_the_field(self) -> None:
        ours, theirs = self.ours, self.theirs
        group = Group.objects.get(name="admin").pk
        for model, values, wrong in (
            (
                CompanyRoleMembership,
                {"company": ours.company.pk, "role": theirs.employee_role.pk, "person": ours.worker.pk},
                {"role"},
            ),
            (
                CompanyRoleMembership,
                {"company": ours.company.pk, "role": ours.employee_role.pk, "person": theirs.worker.pk},
                {"person"},
            ),
            (
                CompanyRoleMembership,
                {"company": ours.company.pk, "role": ours.employee_role.pk, "person": self.staff.pk},
                {"person"},
            ),
            (
                CompanyRoleMembership,
                {"company": theirs.company.pk, "role": ours.employee_role.pk, "person": ours.worker.pk},
                {"role", "person"},
            ),
            (
                SystemRoleMembership,
                {"company": ours.company.pk, "person": theirs.worker.pk, "group": group},
                {"person"},
            ),
        ):
            response = self.add(model, **values)
            self.assertEqual(response.status_code, 200)
            errors = response.context["adminform"].form.errors
            self.assertEqual(set(errors), wrong)
            self.assertContains(response, "This belongs to another company.")

    def test_rows_of_one_company(self) -> None:
        values = {
            "company": self.theirs.company.pk,
            "role": self.theirs.employee_role.pk,
            "person": self.theirs.worker.pk,
        }
        self.assertEqual(self.add(CompanyRoleMembership, **values).status_code, 302)
        response = self.add(CompanyRoleMembership, **values)
        self.assertContains(response, "already exists")

    def test_change_to_a_row_of_another_company(self) -> None:
        with self.ours.scope():
            membership = CompanyRoleMembership.objects.get(person=self.ours.admin)
        path = page(CompanyRoleMembership, "change", membership.pk)
        response = self.client.post(
            path, {"role": self.theirs.employee_role.pk, "person": self.ours.admin.pk}
        )
        self.assertContains(response, "This belongs to another company.")
        response = self.client.post(
            path,
            {
                "role": self.ours.employee_role.pk,
                "person": self.ours.worker.pk,
                "company": self.theirs.company.pk,
            },
        )
        self.assertEqual(response.status_code, 302)
        with self.ours.scope():
            membership.refresh_from_db()
        self.assertEqual(
            (membership.company_id, membership.person_id), (self.ours.company.pk, self.ours.worker.pk)
        )

    def test_name_that_exists_in_the_company(self) -> None:
        response = self.add(CompanyRole, company=self.ours.company.pk, name="EMPLOYEE", description="")
        self.assertEqual(response.status_code, 200)
        with self.ours.scope():
            role = CompanyRole.objects.create(name="HR")
        response = self.client.post(
            page(CompanyRole, "change", role.pk), {"name": "EMPLOYEE", "description": ""}
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.add(CompanyRole, company=self.theirs.company.pk, name="HR").status_code, 302)

    def test_hostile_values(self) -> None:
        for text in HOSTILE_TEXTS:
            hostile = text.encode("utf-8", "replace").decode()
            for name in ("name", "company", "description"):
                values = {"company": self.ours.company.pk, "name": "A", "description": ""} | {name: hostile}
                self.assertIn(self.add(CompanyRole, **values).status_code, (200, 302), (name, text))

    def test_delete(self) -> None:
        confirm = {"post": "yes"}
        role = page(CompanyRole, "delete", self.ours.employee_role.pk)
        self.assertContains(self.client.get(role), "Ada Admin: Employee")
        self.assertEqual(self.client.post(role, confirm).status_code, 302)
        person = page(CustomUser, "delete", self.ours.designer.pk)
        self.assertEqual(self.client.post(person, confirm).status_code, 302)
        with self.ours.scope():
            self.assertFalse(CompanyRole.objects.exists())
            self.assertFalse(CustomUser.objects.filter(pk=self.ours.designer.pk).exists())

    def test_last_admin_stays(self) -> None:
        admin, person_page = self.ours.admin, page(CustomUser, "change", self.ours.admin.pk)
        with self.ours.scope():
            roles = list(admin.system_role_memberships.order_by("pk"))
            row = next(row for row in roles if row.group.name == "admin")
        prefix, submitter = "system_role_memberships", Group.objects.get(name="user").pk
        for changes in (
            {"is_active": ""},
            {f"{prefix}-{roles.index(row)}-DELETE": "on"},
        ):
            with self.subTest(changes):
                answer = self.client.post(person_page, self.person_values(admin, **changes))
                self.assertContains(answer, "This is the last company admin.")
        both = [admin.pk, self.ours.worker.pk]
        selected = {"action": "delete_selected", "post": "yes"}
        for path, values in (
            (page(CustomUser, "delete", admin.pk), {"post": "yes"}),
            (page(SystemRoleMembership, "delete", row.pk), {"post": "yes"}),
            (
                page(CustomUser, "changelist"),
                selected | {"_selected_action": both},
            ),
            (page(SystemRoleMembership, "changelist"), selected | {"_selected_action": [row.pk]}),
        ):
            with self.subTest(path):
                self.assertContains(self.client.post(path, values), "This is the last company admin.")
        self.client.post(page(SystemRoleMembership, "change", row.pk), {"group": submitter})
        with self.ours.scope():
            self.assertTrue(is_last_admin(admin))

    def test_one_of_two_admins_may_go(self) -> None:
        with self.ours.scope():
            give_system_roles(self.ours.worker, [SystemRoleName.ADMIN])
        values = self.person_values(self.ours.admin, is_active="")
        self.assertEqual(
            self.client.post(page(CustomUser, "change", self.ours.admin.pk), values).status_code, 302
        )
        with self.ours.scope():
            self.assertTrue(is_last_admin(self.ours.worker))

    def test_system_roles_are_read_only(self) -> None:
        group = Group.objects.get(name="user")
        for path in (
            "/admin/auth/group/add/",
            f"/admin/auth/group/{group.pk}/change/",
            f"/admin/auth/group/{group.pk}/delete/",
        ):
            self.assertEqual(self.client.post(path, {"name": "submitter", "post": "yes"}).status_code, 403)
        self.assertTrue(Group.objects.filter(name="user").exists())

    def test_a_company_is_entered_and_deleted_on_pages_of_the_site(self) -> None:
        company = self.ours.company.pk
        self.assertEqual(self.client.post(page(Company, "delete", company), {"post": "yes"}).status_code, 403)
        response = self.client.get(page(Company, "change", company))
        for path in (f"/users/companies/{company}/enter/", f"/users/companies/{company}/delete/"):
            self.assertContains(response, f'"{path}"')

    def test_a_new_company_and_its_first_person_have_what_signing_up_gives(self) -> None:
        settings = {"time_zone": "UTC", "currency": "EUR", "language": "en", "working_days": "0,1,2"}
        hours = {"day_begins": "09:00", "day_ends": "17:00"}
        self.assertEqual(self.add(Company, name="Empty", **settings, **hours).status_code, 302)
        with all_companies_scope():
            company = Company.objects.get(name="Empty")
            self.assertEqual([role.name for role in company.roles.all()], ["Employee"])
        for name in ("first", "second"):
            values = {"first_name": name, "last_name": "Person", "email": f"{name}@empty.example"}
            password = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
            self.assertEqual(self.add(CustomUser, company=company.pk, **values, **password).status_code, 302)
        with all_companies_scope():
            first, second = CustomUser.objects.filter(company=company).order_by("pk")
            self.assertEqual(first.system_role_memberships.count(), len(SystemRoleName))
            self.assertEqual(first.company_role_memberships.count(), 1)
            self.assertEqual(second.system_role_memberships.count(), 0)
        self.assertEqual(self.add(Company, name="Bad zone", time_zone="Moon/Crater").status_code, 200)

    def test_delete_a_person_who_is_logged_in(self) -> None:
        client = logged_in(self.ours.designer)
        self.client.post(page(CustomUser, "delete", self.ours.designer.pk), {"post": "yes"})
        self.assertRedirects(client.get("/users/profile/"), "/users/login/?next=/users/profile/")

    def test_drop_downs_say_which_company(self) -> None:
        query = {
            "app_label": "users",
            "model_name": "companyrolemembership",
            "field_name": "role",
            "term": "emp",
        }
        results = self.client.get("/admin/autocomplete/", query).json()["results"]
        self.assertEqual([result["text"] for result in results], ["Employee (Ours)", "Employee (Theirs)"])
        for text in HOSTILE_TEXTS:
            hostile = urlencode(query | {"term": text}, errors="surrogatepass")
            self.assertEqual(self.client.get(f"/admin/autocomplete/?{hostile}").status_code, 200, text[:20])

    def test_staff_see_only_their_own_admin_log(self) -> None:
        self.add(CompanyRole, company=self.theirs.company.pk, name="Secret")
        self.assertContains(self.client.get("/admin/"), "Secret")
        with self.ours.scope():
            self.assertEqual(LogEntry.objects.count(), 0)
        with all_companies_scope():
            self.assertEqual(LogEntry.objects.count(), 1)
