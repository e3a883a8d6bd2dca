"""The page of the audit log: who changed what, when, and the values before and after."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.audit_lines import Line
from users.forms.audit import MOST_PEOPLE
from users.models import (
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    InvitationRole,
    StaffVisit,
    SystemRoleMembership,
)
from users.tests.cases import CompanyTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS
from users.tests.queries import at_most_queries, same_queries_as

PATH = "/users/audit/"
STATEMENTS = 9


class AuditLogTestCase(CompanyTestCase):
    """A test case that reads the page as our admin."""

    def lines(self, query: str = "", **values: Any) -> list[Line]:
        """Return the lines of the page."""
        response = logged_in(self.ours.admin).get(PATH + query, values)
        self.assertEqual(response.status_code, 200)
        lines: list[Line] = response.context["lines"]
        return lines

    def after(self, change: Callable[[], Any], **who: int) -> list[Line]:
        """Return the lines that a change adds, newest first; our admin is the default actor."""
        before = len(self.lines())
        with company_scope(self.ours.company.pk, **(who or {"person_id": self.ours.admin.pk})):
            change()
        lines = self.lines()
        return lines[: len(lines) - before]

    def line(self, change: Callable[[], Any], **who: int) -> tuple[str, ...]:
        """Return the texts of the only line that a change adds."""
        (line,) = self.after(change, **who)
        changes = (f"{change.label}: {change.before} -> {change.after}" for change in line.changes)
        return (line.who, line.done, line.kind, line.name, *changes)


class InWords(AuditLogTestCase):
    """The wording of each kind of change."""

    def test_role_made(self) -> None:
        line = self.line(lambda: CompanyRole.objects.create(name="HR", description="Contracts"))
        self.assertEqual(line, ("Ada Admin", "Added", "Company role", "HR", "Description:  -> Contracts"))

    def test_role_renamed(self) -> None:
        line = self.line(lambda: CompanyRole.objects.update(name="Everybody"))
        expected = ("Ada Admin", "Changed", "Company role", "Everybody", "Name: Employee -> Everybody")
        self.assertEqual(line, expected)

    def test_deleted_role_keeps_its_name(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="Short-lived")
            CompanyRoleMembership.objects.create(role=role, person=self.ours.worker)
        lines = self.after(lambda: CompanyRole.objects.filter(pk=role.pk).delete())
        self.assertEqual(
            [(line.done, line.kind, line.name) for line in lines],
            [
                ("Deleted", "Company role", "Short-lived"),
                ("Deleted", "Company role of a person", "Wanda Tester: Short-lived"),
            ],
        )

    def test_system_role_given_and_taken(self) -> None:
        group = Group.objects.get(name="task_worker")
        submitter = self.ours.submitter
        name = ("System role of a person", "Sam Tester: Task worker")
        given = self.line(lambda: SystemRoleMembership.objects.create(person=submitter, group=group))
        self.assertEqual(given, ("Ada Admin", "Added", *name))
        taken = self.line(lambda: SystemRoleMembership.objects.filter(person=submitter, group=group).delete())
        self.assertEqual(taken, ("Ada Admin", "Deleted", *name))

    def test_person_deactivated(self) -> None:
        people = CustomUser.objects.filter
        line = self.line(lambda: people(pk=self.ours.worker.pk).update(is_active=False))
        self.assertEqual(line, ("Ada Admin", "Changed", "Person", "Wanda Tester", "Active: Yes -> No"))

    def test_own_profile(self) -> None:
        people = CustomUser.objects.filter
        line = self.line(
            lambda: people(pk=self.ours.worker.pk).update(last_name="", time_zone="Europe/Berlin"),
            person_id=self.ours.worker.pk,
        )
        changes = ("Last name: Tester -> ", "Time zone:  -> Europe/Berlin")
        self.assertEqual(line, ("Wanda", "Changed", "Person", "Wanda", *changes))

    def test_company_renamed(self) -> None:
        line = self.line(lambda: Company.objects.update(name="Ours and more"))
        changes = "Company name: Ours -> Ours and more"
        self.assertEqual(line, ("Ada Admin", "Changed", "Company", "Ours and more", changes))

    def test_invitation(self) -> None:
        def invite() -> None:
            invitation = Invitation.objects.create(
                email="new@ours.example",
                nonce="a-secret-nonce",
                system_roles=["user", "task_worker"],
                expires_at=timezone.now().replace(2030, 7, 1, 14, 5),
                created_by=self.ours.admin,
            )
            InvitationRole.objects.create(invitation=invitation, role=self.ours.employee_role)

        role, invitation = self.after(invite)
        self.assertEqual(role.name, "new@ours.example: Employee")
        self.assertEqual(invitation.name, "new@ours.example")
        changes = {change.label: change.after for change in invitation.changes}
        self.assertEqual(changes["System roles"], "Submitter, Task worker")
        self.assertEqual(changes["Created by"], "Ada Admin")
        self.assertEqual(changes["Valid until"], "1 July 2030, 14:05")
        self.assertNotContains(logged_in(self.ours.admin).get(PATH), "a-secret-nonce")

    def test_password_changes_show_only_the_time(self) -> None:
        submitter = self.ours.submitter
        submitter.set_password("another-long-one")
        (line,) = self.after(submitter.save, person_id=submitter.pk)
        self.assertEqual([change.label for change in line.changes], ["Password changed"])
        self.assertNotContains(logged_in(self.ours.admin).get(PATH), "md5$")

    def test_staff_inside(self) -> None:
        line = self.line(lambda: CompanyRole.objects.update(name="A"), impersonator_id=self.staff.pk)
        self.assertEqual(line[0], f"{self.staff.email} (TicketFlower staff)")

    def test_first_person_is_the_actor_of_their_roles(self) -> None:
        """The system created only the company and the person themselves."""
        who = {line.kind: line.who for line in self.lines() if line.name in {"Ours", "Employee"}}
        self.assertEqual(who, {"Company": "The system", "Company role": "Ada Admin"})
        kinds = ("System role of a person", "Company role of a person")
        makers = {line.who for line in self.lines() if line.kind in kinds and "Ada Admin" in line.name}
        self.assertEqual(makers, {"Ada Admin"})

    def test_visit(self) -> None:
        visit = self.line(
            lambda: StaffVisit.objects.create(impersonator=self.staff), impersonator_id=self.staff.pk
        )
        who = self.staff.email
        expected = (f"{who} (TicketFlower staff)", "Added", "Visit by TicketFlower staff", who)
        self.assertEqual(visit, expected)

    def test_staff_in_django_admin(self) -> None:
        with all_companies_scope(impersonator_id=self.staff.pk):
            CompanyRole.objects.filter(company=self.ours.company).update(name="A")
        self.assertEqual(self.lines()[0].who, f"{self.staff.email} (TicketFlower staff)")

    def test_nobody(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.create(name="A")
        self.assertEqual(self.lines()[0].who, "The system")

    def test_deleted_person(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.designer.pk).delete()
        first = self.lines()[0]
        self.assertEqual((first.done, first.kind, first.name), ("Deleted", "Person", "Dora Tester"))

    def test_hostile_names_are_only_shown(self) -> None:
        hostile = "<script>alert(1)</script>{{ 7*7 }}\u202e"
        with self.ours.scope():
            CompanyRole.objects.create(name=hostile)
            CompanyRole.objects.filter(name=hostile).update(description=hostile * 100)
        response = logged_in(self.ours.admin).get(PATH)
        self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}")
        self.assertNotContains(response, "<script>alert")
        self.assertLessEqual(len(response.context["lines"][0].changes[0].after), 200)


class Narrowed(AuditLogTestCase):
    """Filters in the URL."""

    def test_what(self) -> None:
        kinds = {line.kind for line in self.lines(what="users.companyrole")}
        self.assertEqual(kinds, {"Company role"})

    def test_who(self) -> None:
        with company_scope(self.ours.company.pk, person_id=self.ours.worker.pk):
            CompanyRole.objects.create(name="By Wanda")
        with company_scope(self.ours.company.pk, impersonator_id=self.staff.pk):
            CompanyRole.objects.create(name="By staff")
        self.assertEqual([line.name for line in self.lines(who=self.ours.worker.pk)], ["By Wanda"])
        self.assertEqual([line.name for line in self.lines(who="staff")], ["By staff"])
        self.assertEqual({line.who for line in self.lines(who="system")}, {"The system"})
        self.assertEqual(self.lines(who=self.ours.submitter.pk), [])

    def test_who_by_name(self) -> None:
        with company_scope(self.ours.company.pk, person_id=self.ours.worker.pk):
            CompanyRole.objects.create(name="By Wanda")
        self.assertEqual([line.name for line in self.lines(q="wanda")], ["By Wanda"])
        self.assertEqual(self.lines(q="nobody of this name"), [])

    def test_offers_some_people_and_keeps_the_chosen_one(self) -> None:
        with self.ours.scope():
            CustomUser.objects.bulk_create(
                CustomUser(email=f"n{n}@many.example", last_name=f"A{n}", company=self.ours.company)
                for n in range(MOST_PEOPLE + 1)
            )
        response = logged_in(self.ours.admin).get(PATH, {"who": self.ours.worker.pk})
        self.assertContains(response, f'<option value="{self.ours.worker.pk}" selected>')
        self.assertEqual(len(response.context["form"].fields["who"].choices), 3 + MOST_PEOPLE + 1)

    def test_days_of_the_reader(self) -> None:
        now = timezone.now()
        today, tomorrow = now.date(), now.date() + timedelta(days=1)
        everything = len(self.lines())
        self.assertEqual(len(self.lines(since=today, until=today)), everything)
        self.assertEqual(self.lines(since=tomorrow), [])
        self.assertEqual(self.lines(until=today - timedelta(days=1)), [])
        with self.ours.scope():  # in those zones, it is already tomorrow or still yesterday
            zone = "Pacific/Kiritimati" if now.hour >= 10 else "Pacific/Pago_Pago"
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(time_zone=zone)
        there = tomorrow if now.hour >= 10 else today - timedelta(days=1)
        self.assertEqual(len(self.lines(since=there, until=there)), everything + 1)

    def test_invalid_filters_are_reported_and_ignored(self) -> None:
        for values in (
            {"since": "0001-01-01"},
            {"until": "9999-12-31"},
            {"what": "auth.group"},
            {"who": str(self.theirs.admin.pk)},
        ):
            response = logged_in(self.ours.admin).get(PATH, values)
            self.assertContains(response, "Please check what you entered")
            self.assertGreater(len(response.context["lines"]), 10)

    def test_hostile_texts(self) -> None:
        client = logged_in(self.ours.admin)
        cursors = [
            base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
            for value in list[Any](
                [
                    [],
                    {},
                    ["2026-01-01", "users.companyrole", 1],
                    ["0001-01-01T00:00:00+14:00", "users.companyrole", 1],
                    ["9999-12-31T23:59:59-14:00", "users.companyrole", 2**63 - 1],
                    ["2026-01-01T00:00:00+00:00", "users.companyrole", 2**63],
                    ["2026-01-01T00:00:00+00:00", "users.companyrole", float("inf")],
                    ["2026-99-01T00:00:00+00:00", "users.companyrole", 1],
                    ["2026-01-01T00:00:00+00:00", ["users.companyrole"], 1],
                    [1, 2, 3],
                ]
            )
        ]
        for field in ("what", "who", "since", "until", "after", "before"):
            for text in (*HOSTILE_TEXTS, *cursors):
                response = client.get(PATH, {field: text.encode(errors="surrogatepass")})
                self.assertEqual(response.status_code, 200, (field, text))


class Pages(AuditLogTestCase):
    """Newer and older pages."""

    def make_many(self, count: int) -> None:
        """Make changes to several kinds of rows in turn."""
        with company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
            for number in range(count):
                CompanyRole.objects.create(name=f"Role {number}")
                Company.objects.update(name=f"Ours {number}")

    def test_all_of_them_once_and_newest_first(self) -> None:
        self.make_many(60)
        client = logged_in(self.ours.admin)
        url: str | None = PATH
        pages: list[list[Line]] = []
        while url is not None:
            response = client.get(url)
            pages.append(response.context["lines"])
            older = response.context["page"]["older_url"]
            url = older and PATH + older
        lines = [line for page in pages for line in page]
        self.assertEqual([len(page) for page in pages[:2]], [50, 50])
        self.assertEqual([line.at for line in lines], sorted((line.at for line in lines), reverse=True))
        self.assertEqual(len({(line.at, line.kind, line.name) for line in lines}), len(lines))
        self.assertEqual(response.context["page"]["count_text"], f"{len(lines)} results")

    def test_back_again(self) -> None:
        self.make_many(60)
        client = logged_in(self.ours.admin)
        first = client.get(PATH)
        second = client.get(PATH + first.context["page"]["older_url"])
        back = client.get(PATH + second.context["page"]["newer_url"])
        self.assertEqual(back.context["lines"], first.context["lines"])
        self.assertIsNone(back.context["page"]["newer_url"])

    def test_same_moment(self) -> None:
        """Rows of several tables with the same time are neither lost nor repeated between two pages."""
        self.make_many(60)
        client = logged_in(self.ours.admin)
        names = []
        for kind in ("users.company", "users.companyrole"):
            response = client.get(PATH, {"what": kind})
            names += [line.name for line in response.context["lines"]]
            response = client.get(PATH + response.context["page"]["older_url"])
            names += [line.name for line in response.context["lines"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), 122)

    def test_keeps_filters(self) -> None:
        self.make_many(60)
        response = logged_in(self.ours.admin).get(PATH, {"what": "users.companyrole"})
        self.assertIn("what=users.companyrole", response.context["page"]["older_url"])

    def test_statements(self) -> None:
        client = logged_in(self.ours.admin)
        with at_most_queries(STATEMENTS) as few:
            client.get(PATH)
        self.make_many(30)
        with same_queries_as(few):
            client.get(PATH)


class Readers(AuditLogTestCase):
    """Access for company admins and staff who entered, limited to their company."""

    def test_other_companies_are_not_in_it(self) -> None:
        with company_scope(self.theirs.company.pk, person_id=self.theirs.admin.pk):
            CompanyRole.objects.create(name="Their secret role")
        response = logged_in(self.ours.admin).get(PATH)
        self.assertNotContains(response, "secret")
        self.assertNotContains(response, "Theirs")

    def test_staff_inside(self) -> None:
        client = logged_in(self.staff)
        client.post(f"/users/companies/{self.ours.company.pk}/enter/")
        self.assertEqual(client.get(PATH).context["lines"][0].kind, "Visit by TicketFlower staff")

    def test_colleagues_may_not(self) -> None:
        for person in self.ours.everybody[1:]:
            self.assertEqual(logged_in(person).get(PATH).status_code, 403)

    def test_nobody_logged_in(self) -> None:
        self.assertRedirects(Client().get(PATH), f"/users/login/?next={PATH}")

    def test_wrong_method(self) -> None:
        self.assertEqual(logged_in(self.ours.admin).post(PATH).status_code, 405)
