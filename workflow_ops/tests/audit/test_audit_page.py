"""The page of the audit log: one line for each act, its filters, its readers and its download."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ticketflower.tenancy.context import JOB, PAGE, all_companies_scope, company_scope, one_act
from users.models import (
    AuditEvent,
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    InvitationRole,
    StaffVisit,
    SystemRoleMembership,
)
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.versions.publishing import discard_draft, new_version
from workflow_ops.audit import views
from workflow_ops.audit.wording import MAX_EVENTS, Line
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk import actions
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations

PATH = "/users/audit/"
CSV = "/users/audit/csv/"
STATEMENTS = 7
SUBJECT = "From 1 July 2026, days off: 5"


class AuditLogTestCase(CompanyTestCase):
    """A test case that reads the page as our admin."""

    def lines(self, query: str = "", **values: Any) -> list[Line]:
        """Return the lines of the page."""
        response = logged_in(self.ours.admin).get(PATH + query, values)
        self.assertEqual(response.status_code, 200)
        lines: list[Line] = response.context["lines"]
        return lines

    def line(self, change: Callable[[], Any], **who: Any) -> Line:
        """Return the only line that a change adds; our admin is the default actor."""
        before = len(self.lines())
        with company_scope(self.ours.company.pk, **(who or {"person_id": self.ours.admin.pk})):
            change()
        lines = self.lines()
        self.assertEqual(len(lines), before + 1)
        return lines[0]

    def said(self, change: Callable[[], Any], **who: int) -> tuple[str, ...]:
        """Return the sentence of the only line that a change adds, and its values before and after."""
        line = self.line(change, **who)
        changes = [change for detail in line.details for change in detail.changes]
        return (line.text, *(f"{change.label}: {change.before} -> {change.after}" for change in changes))


class InWords(AuditLogTestCase):
    """The sentence and the details of changes in the company."""

    def test_role_made(self) -> None:
        said = self.said(lambda: CompanyRole.objects.create(name="HR", description="Contracts"))
        self.assertEqual(
            said, ("Ada Admin created the role HR", "Name:  -> HR", "Description:  -> Contracts")
        )

    def test_role_renamed(self) -> None:
        said = self.said(lambda: CompanyRole.objects.update(name="Everybody"))
        self.assertEqual(said, ("Ada Admin changed the role Everybody", "Name: Employee -> Everybody"))

    def test_deleted_role_keeps_its_name(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="Short-lived")
            people = [*self.ours.everybody]
            CompanyRoleMembership.objects.bulk_create(
                CompanyRoleMembership(role=role, person=person) for person in people
            )
        line = self.line(lambda: CompanyRole.objects.filter(pk=role.pk).delete())
        self.assertEqual(line.text, "Ada Admin deleted the role Short-lived")
        self.assertEqual(line.details[0].name, "Company role: Short-lived")
        self.assertIn("Company role of a person: Short-lived, Wanda Tester", [d.name for d in line.details])

    def test_most_important_change_of_a_large_act_is_told(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="Large")
            many = CustomUser.objects.bulk_create(
                CustomUser(email=f"n{n}@many.example", company=self.ours.company) for n in range(MAX_EVENTS)
            )
            CompanyRoleMembership.objects.bulk_create(
                CompanyRoleMembership(role=role, person=p) for p in many
            )
        line = self.line(lambda: CompanyRole.objects.filter(pk=role.pk).delete())
        self.assertEqual(line.text, "Ada Admin deleted the role Large")
        self.assertEqual((len(line.details), line.left_out), (MAX_EVENTS, 1))

    def test_system_role_given_and_taken(self) -> None:
        group = Group.objects.get(name="task_worker")
        submitter = self.ours.submitter
        given = self.said(lambda: SystemRoleMembership.objects.create(person=submitter, group=group))
        self.assertEqual(given[0], "Ada Admin gave Sam Tester the role Task worker")
        self.assertIn("Group:  -> Task worker", given)
        taken = self.said(lambda: SystemRoleMembership.objects.filter(person=submitter, group=group).delete())
        self.assertEqual(taken[0], "Ada Admin took the role Task worker from Sam Tester")

    def test_person_deactivated(self) -> None:
        people = CustomUser.objects.filter
        said = self.said(lambda: people(pk=self.ours.worker.pk).update(is_active=False))
        self.assertEqual(said, ("Ada Admin deactivated Wanda Tester", "Active: Yes -> No"))

    def test_names_of_that_time(self) -> None:
        self.line(lambda: CustomUser.objects.filter(pk=self.ours.worker.pk).update(away_from="2020-01-01"))
        self.line(lambda: CustomUser.objects.update(first_name="Renamed", last_name="Later"))
        self.assertEqual(self.lines()[1].text, "Ada Admin marked Wanda Tester as away")

    def test_own_profile(self) -> None:
        people = CustomUser.objects.filter
        said = self.said(
            lambda: people(pk=self.ours.worker.pk).update(last_name="", time_zone="Europe/Berlin"),
            person_id=self.ours.worker.pk,
        )
        changes = ("Last name: Tester -> ", "Time zone:  -> Europe/Berlin")
        self.assertEqual(said, ("Wanda changed the profile of Wanda", *changes))

    def test_company_renamed(self) -> None:
        said = self.said(lambda: Company.objects.update(name="Ours and more"))
        changes = "Company name: Ours -> Ours and more"
        self.assertEqual(said, ("Ada Admin changed the settings of Ours and more", changes))

    def test_company_settings(self) -> None:
        settings = {
            "language": "de",
            "working_days": [0, 6],
            "day_begins": "08:30",
            "holiday_region": "DE-BY",
        }
        self.assertEqual(
            set(self.said(lambda: Company.objects.update(**settings))[1:]),
            {
                "Language: English -> Deutsch",
                "Working days: Monday, Tuesday, Wednesday, Thursday, Friday -> Monday, Sunday",
                "Working day begins: 09:00 -> 08:30",
                "Public holidays:  -> Germany, Bayern",
            },
        )

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

        line = self.line(invite)
        self.assertEqual(line.text, "Ada Admin invited new@ours.example")
        invitation, role = line.details
        self.assertEqual(role.name, "Company role of an invitation: Employee, new@ours.example")
        changes = {change.label: change.after for change in invitation.changes}
        self.assertEqual(changes["System roles"], "Submitter, Task worker")
        self.assertEqual(changes["Created by"], "Ada Admin")
        self.assertEqual(changes["Valid until"], "1 July 2030, 14:05")
        self.assertNotContains(logged_in(self.ours.admin).get(PATH), "a-secret-nonce")

    def test_password_changes_show_only_the_time(self) -> None:
        submitter = self.ours.submitter
        submitter.set_password("another-long-one")
        line = self.line(submitter.save, person_id=submitter.pk)
        self.assertEqual(line.text, "Sam Tester changed the password of Sam Tester")
        self.assertEqual([change.label for change in line.details[0].changes], ["Password changed"])
        self.assertNotContains(logged_in(self.ours.admin).get(PATH), "md5$")

    def test_staff_inside(self) -> None:
        line = self.line(lambda: CompanyRole.objects.update(name="A"), impersonator_id=self.staff.pk)
        self.assertEqual(line.who, f"{self.staff.email} (TicketFlower staff)")

    def test_visit(self) -> None:
        said = self.said(
            lambda: StaffVisit.objects.create(impersonator=self.staff), impersonator_id=self.staff.pk
        )
        self.assertEqual(said[0], f"{self.staff.email} (TicketFlower staff) entered the company")

    def test_staff_in_django_admin(self) -> None:
        with all_companies_scope(impersonator_id=self.staff.pk):
            CompanyRole.objects.filter(company=self.ours.company).update(name="A")
        self.assertEqual(self.lines()[0].who, f"{self.staff.email} (TicketFlower staff)")

    def test_nobody(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.create(name="A")
        self.assertEqual(self.lines()[0].text, "The system created the role A")

    def test_deleted_person(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.designer.pk).delete()
        self.assertEqual(self.lines()[0].text, "The system deleted Dora Tester")

    def test_signing_up_is_one_act_of_the_new_person(self) -> None:
        self.assertEqual(self.lines()[-1].text, "Ada Admin signed up Ours")

    def test_links_and_hostile_names(self) -> None:
        hostile = "<script>alert(1)</script>{{ 7*7 }}{who}\u202e"
        with company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
            role = CompanyRole.objects.create(name=hostile)
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(first_name=hostile)
            CompanyRoleMembership.objects.create(person=self.ours.worker, role=role)
            CompanyRole.objects.filter(pk=role.pk).update(description=hostile * 5)
        response = logged_in(self.ours.admin).get(PATH)
        self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}{who}")
        self.assertNotContains(response, "<script>alert")
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(is_active=False)
        response = logged_in(self.ours.admin).get(PATH)
        self.assertContains(response, f'href="/users/people/{self.ours.worker.pk}/"')


class OfTickets(DeskTestCase):
    """Acts on tickets, tasks and definitions, as company admins and ticket admins read them."""

    def texts(self, query: str = "", person: CustomUser | None = None) -> list[str]:
        """Return the sentences that the person (our admin) reads, newest first."""
        response = logged_in(person or self.ours.admin).get(PATH + query)
        self.assertEqual(response.status_code, 200, query)
        return [line.text for line in response.context["lines"]]

    def act(self, change: Callable[..., Any], **values: Any) -> str:
        """Return the sentence for what our ticket admin does."""
        with self.admin.scope():
            change(**values, by=self.admin)
        self.vacations.apply_writes(self.ticket)
        return self.texts()[0]

    def test_life_of_a_ticket(self) -> None:
        number = self.ticket.number
        self.assertIn(f"Sam Tester submitted #{number} {SUBJECT}", self.texts())
        task = self.vacations.task(self.ticket, "Decide")
        for change, values, text in (
            (actions.hold_workflow, {"ticket": self.ticket, "reason": "x"}, "put {} on hold"),
            (actions.assign_task, {"task": task, "to": None}, "unassigned Decide on {}"),
            (
                actions.assign_task,
                {"task": task, "to": self.vacations.manager},
                "assigned Decide on {} to Marek Tester",
            ),
            (
                actions.restrict_task,
                {"task": task, "people": [self.vacations.manager]},
                "restricted Decide on {} to Marek Tester",
            ),
            (add_comment, {"ticket": self.ticket, "text": "Soon"}, "commented on {}"),
            (actions.cancel_workflow, {"ticket": self.ticket, "reason": "x"}, "cancelled {}"),
        ):
            self.assertEqual(
                self.act(change, **values), f"Hanna Tester {text.format(f'#{number} {SUBJECT}')}"
            )

    def test_edited_data_names_the_fields(self) -> None:
        text = self.act(actions.edit_data, ticket=self.ticket, values={"days": 9})
        self.assertEqual(text, f"Hanna Tester edited days of #{self.ticket.number} {SUBJECT}")

    def test_line_shows_no_ids_and_not_the_state_of_now(self) -> None:
        response = logged_in(self.ours.admin).get(PATH, {"ticket": self.ticket.number})
        line = response.context["lines"][-1]
        texts = [line.text] + [f"{c.label}{c.before}{c.after}" for d in line.details for c in d.changes]
        self.assertNotIn("Form token", " ".join(texts))
        self.assertIn(f'<a href="/manage/tickets/{self.ticket.number}/">', line.sentence)
        self.assertContains(response, f"#{self.ticket.number} {SUBJECT}</a>")

    def test_filter_by_ticket(self) -> None:
        other = self.vacations.submit()
        texts = self.texts(f"?ticket={self.ticket.number}")
        self.assertTrue(texts)
        self.assertFalse([text for text in texts if f"#{other.number} " in text])
        self.assertEqual(self.texts("?ticket=999999"), [])

    def test_ticket_admin_reads_that_of_a_ticket_and_of_a_workflow(self) -> None:
        for query in (f"?ticket={self.ticket.number}", f"?workflow={self.vacations.workflow.pk}"):
            texts = self.texts(query, self.admin)
            self.assertIn(f"Sam Tester submitted #{self.ticket.number} {SUBJECT}", texts)
        self.assertFalse([text for text in texts if "gave" in text])
        found = logged_in(self.admin).get(f"{PATH}?ticket={self.ticket.number}&q=tester").context["people"]
        self.assertNotIn(self.ours.designer, found)  # who did nothing there
        for page in (
            f"/manage/tickets/{self.ticket.number}/",
            f"/design/{self.vacations.workflow.pk}/",
        ):
            response = self.client.get(page)
            self.assertContains(response, f"{PATH}?")

    def test_ticket_admin_reads_nothing_else(self) -> None:
        with self.theirs.scope():
            number = self.their_vacations.workflow.pk
        for query in ("", "?q=x", "?ticket=x", "?ticket=999999", f"?workflow={number}", "?kind=PEOPLE"):
            for path in (PATH, CSV):
                self.assertEqual(self.client.get(path + query).status_code, 403, query)

    def test_colleagues_read_nothing(self) -> None:
        for person in (self.ours.submitter, self.ours.worker, self.ours.designer, self.vacations.manager):
            for query in ("", f"?ticket={self.ticket.number}", f"?workflow={self.vacations.workflow.pk}"):
                self.assertEqual(logged_in(person).get(PATH + query).status_code, 403)

    def test_ticket_admin_sees_only_the_ticket_in_a_larger_act(self) -> None:
        with self.admin.scope():
            add_comment(self.ticket, text="Soon", by=self.admin)
            CompanyRole.objects.create(name="Secret role")
        response = self.client.get(PATH, {"ticket": self.ticket.number})
        self.assertContains(response, "commented on")
        self.assertNotContains(response, "Secret role")

    def test_ticket_admin_can_neither_clear_the_ticket_nor_leave_the_workflow(self) -> None:
        response = self.client.get(PATH, {"ticket": self.ticket.number})
        self.assertContains(response, f'<input type="hidden" name="ticket" value="{self.ticket.number}"')
        self.assertNotContains(response, "Clear all filters")
        values = {"workflow": self.vacations.workflow.pk, "ticket": 999}
        self.assertEqual(self.client.get(PATH, values).context["lines"], [])

    def test_clearing_keeps_the_ticket(self) -> None:
        response = self.client.get(f"{PATH}?ticket={self.ticket.number}&kind=TASK")
        self.assertContains(response, f'href="{PATH}?ticket={self.ticket.number}"')

    def test_versions_and_a_link_only_where_one_leads(self) -> None:
        with self.ours.designer.scope():
            draft = new_version(self.vacations.workflow, by=self.ours.designer)
            draft_id = draft.pk
        link = f'href="/design/{draft_id}/"'
        self.assertEqual(self.texts()[0], "Dora Tester began version 2 of Vacation request")
        self.assertContains(logged_in(self.ours.admin).get(PATH), link)
        with self.ours.designer.scope():
            discard_draft(draft, by=self.ours.designer)
        self.assertEqual(self.texts()[0], "Dora Tester discarded version 2 of Vacation request")
        self.assertNotContains(logged_in(self.ours.admin).get(PATH), link)


class OneRequest(CommittedTestCase):
    """A request with two transactions, with real commits."""

    def test_completing_a_task_is_one_line(self) -> None:
        vacations = Vacations(self.ours)
        ticket = vacations.submit()
        task = vacations.task(ticket, "Decide")
        admin, texts = logged_in(self.ours.admin), []
        for _ in range(2):
            texts.append([line.text for line in admin.get(PATH).context["lines"]])
            data = {"decision": "approve", "_input_version": "1"}
            logged_in(vacations.manager).post(f"/tasks/{task.pk}/", data)
        before, after = texts
        self.assertEqual(
            after[: -len(before)], [f"Marek Tester completed Decide on #{ticket.number} {SUBJECT}"]
        )
        with self.ours.scope(), transaction.atomic():
            newest = AuditEvent.objects.latest("pk")
            tables = set(AuditEvent.objects.filter(act=newest.act).values_list("table", "operation"))
        self.assertIn(("workflow_ops_taskinstance", "insert"), tables)
        self.assertEqual(newest.way, "page")


class Narrowed(AuditLogTestCase):
    """Filters in the URL."""

    def test_kind(self) -> None:
        texts = [line.text for line in self.lines(kind="COMPANY")]
        self.assertEqual(texts, ["Ada Admin signed up Ours"])

    def test_who(self) -> None:
        with company_scope(self.ours.company.pk, impersonator_id=self.staff.pk):
            CompanyRole.objects.create(name="By staff")
        (line,) = self.lines(who="staff")
        self.assertIn("created the role By staff", line.text)
        self.assertNotIn(line, self.lines(who="system"))

    def test_the_system_does_not_act_on_pages(self) -> None:
        """What a visitor does there is done by a person, though nobody is logged in yet."""
        for way, name in ((PAGE, "By a visitor"), (JOB, "By a job")):
            with one_act(way), company_scope(self.ours.company.pk):
                CompanyRole.objects.create(name=name)
        texts = [line.text for line in self.lines(who="system")]
        self.assertIn("The system created the role By a job", texts)
        self.assertNotIn("By a visitor", "".join(texts))
        self.assertIn("A visitor created the role By a visitor", [line.text for line in self.lines()])

    def test_person_by_name_and_by_address(self) -> None:
        with company_scope(self.ours.company.pk, person_id=self.ours.worker.pk):
            CompanyRole.objects.create(name="By Wanda")
        for text in ("wanda", self.ours.worker.email.upper()):
            self.assertEqual(
                [line.text for line in self.lines(q=text)], ["Wanda Tester created the role By Wanda"]
            )
        self.assertEqual(self.lines(q="nobody of this name"), [])

    def test_of_several_people_one_is_chosen(self) -> None:
        response = logged_in(self.ours.admin).get(PATH, {"q": "tester", "kind": "TASK"})
        self.assertContains(response, "Which of them?")
        self.assertContains(response, f'href="?kind=TASK&amp;q={self.ours.worker.email.replace("@", "%40")}"')
        self.assertEqual(response.context["lines"], [])

    def test_days_of_the_reader(self) -> None:
        now = timezone.now()
        today, tomorrow = now.date(), now.date() + timedelta(days=1)
        everything = len(self.lines())
        self.assertEqual(len(self.lines(since=today, until=today)), everything)
        self.assertEqual(self.lines(since=tomorrow), [])
        self.assertEqual(self.lines(until=today - timedelta(days=1)), [])
        self.assertEqual(len(self.lines(since="1.1.1900", until="31.12.2999")), everything)
        self.assertEqual(self.lines(since="31.12.2999"), [])
        with self.ours.scope():  # in those zones, it is already tomorrow or still yesterday
            zone = "Pacific/Kiritimati" if now.hour >= 10 else "Pacific/Pago_Pago"
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(time_zone=zone)
        there = tomorrow if now.hour >= 10 else today - timedelta(days=1)
        self.assertEqual(len(self.lines(since=there, until=there)), everything + 1)

    def test_invalid_filters_are_reported_and_ignored(self) -> None:
        everything = len(self.lines())
        for values in (
            {"since": "0001-01-01"},
            {"until": "9999-12-31"},
            {"kind": "auth.group"},
            {"ticket": "x"},
        ):
            response = logged_in(self.ours.admin).get(PATH, values)
            self.assertContains(response, "Please check what you entered")
            self.assertEqual(len(response.context["lines"]), everything)

    def test_what_is_nearly_a_number(self) -> None:
        client = logged_in(self.ours.admin)
        for field in ("q", "who", "kind", "ticket", "workflow", "since", "until", "after", "before"):
            for text in (str(2**63), "1" * 5000, "1.5", "²"):
                response = client.get(PATH, {field: text})
                self.assertEqual(response.status_code, 200, (field, text))


class Pages(AuditLogTestCase):
    """Newer and older pages."""

    def make_many(self, count: int) -> None:
        """Make acts of several changes."""
        for number in range(count):
            with company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
                CompanyRole.objects.create(name=f"Role {number}")
                Company.objects.update(name=f"Ours {number}")

    def test_all_of_them_once_and_newest_first(self) -> None:
        self.make_many(110)
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
        self.assertEqual(len({line.text for line in lines[:110]}), 110)

    def test_back_again(self) -> None:
        self.make_many(60)
        client = logged_in(self.ours.admin)
        first = client.get(PATH)
        second = client.get(PATH + first.context["page"]["older_url"])
        back = client.get(PATH + second.context["page"]["newer_url"])
        self.assertEqual(back.context["lines"], first.context["lines"])
        self.assertIsNone(back.context["page"]["newer_url"])

    def test_keeps_filters(self) -> None:
        self.make_many(60)
        response = logged_in(self.ours.admin).get(PATH, {"kind": "COMPANY"})
        self.assertIn("kind=COMPANY", response.context["page"]["older_url"])

    def test_statements(self) -> None:
        client = logged_in(self.ours.admin)
        with at_most_queries(STATEMENTS) as few:
            client.get(PATH)
        self.make_many(50)
        with same_queries_as(few):
            client.get(PATH)

    def test_nothing_is_counted(self) -> None:
        with CaptureQueriesContext(connection) as sent:
            logged_in(self.ours.admin).get(PATH)
        for query in sent:
            self.assertNotIn('SELECT COUNT(*) AS "__count"', query["sql"])


class Readers(AuditLogTestCase):
    """Access for company admins and staff who entered, limited to their company."""

    def test_other_companies_are_not_in_it(self) -> None:
        with company_scope(self.theirs.company.pk, person_id=self.theirs.admin.pk):
            CompanyRole.objects.create(name="Their secret role")
        for path in (PATH, CSV):
            text = logged_in(self.ours.admin).get(path).getvalue().decode()
            self.assertNotIn("secret", text)
            self.assertNotIn("Theirs", text)

    def test_staff_inside(self) -> None:
        client = logged_in(self.staff)
        client.post(f"/users/companies/{self.ours.company.pk}/enter/")
        self.assertIn("entered the company", client.get(PATH).context["lines"][0].text)

    def test_colleagues_may_not(self) -> None:
        for person in self.ours.everybody[1:]:
            for path in (PATH, CSV):
                self.assertEqual(logged_in(person).get(path).status_code, 403)

    def test_nobody_logged_in(self) -> None:
        for path in (PATH, CSV):
            self.assertRedirects(Client().get(path), f"/users/login/?next={path}")

    def test_wrong_method(self) -> None:
        for path in (PATH, CSV):
            self.assertEqual(logged_in(self.ours.admin).post(path).status_code, 405)


class Download(AuditLogTestCase):
    """The acts as a CSV file."""

    def rows(self, **values: str) -> list[list[str]]:
        """Return the rows of the file."""
        response = logged_in(self.ours.admin).get(CSV, values)
        self.assertTrue(response.streaming)
        self.assertIn("attachment", response["Content-Disposition"])
        return list(csv.reader(io.StringIO(response.getvalue().decode())))

    def test_one_line_for_each_value(self) -> None:
        with company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
            CompanyRole.objects.update(name="Everybody")
        head, first, *_others = self.rows()
        self.assertEqual(head, ["When", "Who", "Way", "What happened", "Row", "Value", "Before", "After"])
        self.assertEqual(
            first[1:],
            [
                "Ada Admin",
                "Job or command",
                "Ada Admin changed the role Everybody",
                "Company role: Everybody (Changed)",
                "Name",
                "Employee",
                "Everybody",
            ],
        )

    def test_filters_that_are_not_valid_lead_back_to_the_page(self) -> None:
        client = logged_in(self.ours.admin)
        response = client.get(CSV, {"since": "yesterday", "kind": "TASK"})
        self.assertRedirects(response, f"{PATH}?since=yesterday&kind=TASK")
        self.assertContains(
            client.get(response["Location"]), "“yesterday” is not a date, such as 2026-01-31."
        )

    def test_says_how_much_of_a_large_act_is_left_out(self) -> None:
        with one_act(PAGE), company_scope(self.ours.company.pk, person_id=self.ours.admin.pk):
            for number in range(MAX_EVENTS + 5):
                CompanyRole.objects.create(name=f"Role {number}")
        self.assertIn(["and 5 more"], [row[4:5] for row in self.rows()])

    def test_filters(self) -> None:
        self.assertEqual({row[3] for row in self.rows(kind="COMPANY")[1:]}, {"Ada Admin signed up Ours"})

    def test_no_formula(self) -> None:
        dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
        with self.ours.scope():
            for name in dangerous:
                CompanyRole.objects.create(name=name)
        cells = [cell for row in self.rows() for cell in row]
        self.assertFalse([cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}])
        for name in dangerous:
            self.assertIn(f"'{name}", cells)

    def test_in_parts_and_bounded(self) -> None:
        everything = len(self.rows())
        with mock.patch.object(views, "ACTS_AT_ONCE", 1):
            self.assertEqual(len(self.rows()), everything)
            with mock.patch.object(views, "MAX_ACTS", 1):
                with self.ours.scope():
                    CompanyRole.objects.create(name="Another")
                self.assertEqual(self.rows()[-1], ["There are older acts. To get them, choose days."])
