"""Every change of people, roles, memberships and companies adds an event, however it was made."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, models, transaction
from django_scopes import scopes_disabled

from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.audit_log import audit_kinds
from users.models import Company, CompanyRole, CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.tests.cases import CommittedTestCase, CompanyTestCase, People

Made = tuple[str, int | None, int | None]


def events_of(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Return the model's events in the company whose scope is open, in chronological order."""
    kind = next(kind for kind in audit_kinds() if kind.model is model)
    return kind.event.objects.order_by("pgh_id")


class EventsOfChanges(CompanyTestCase):
    """The events that the triggers write, and their actors."""

    def made_by(self, model: type[models.Model], change: Callable[[], Any]) -> list[Made]:
        """Return the events that a change by our admin adds: label, person, impersonator."""
        company, admin = self.ours.company.pk, self.ours.admin.pk
        return self._made(model, change, {"company_id": company, "person_id": admin})

    def _made(self, model: type[models.Model], change: Callable[[], Any], who: dict[str, int]) -> list[Made]:
        with company_scope(**who):
            before = events_of(model).count()
            change()
            events = events_of(model)[before:]
            return [(event.pgh_label, event.pgh_person_id, event.pgh_impersonator_id) for event in events]

    def test_update_of_a_queryset(self) -> None:
        made = self.made_by(CustomUser, lambda: CustomUser.objects.update(is_away=True))
        self.assertEqual(made, [("update", self.ours.admin.pk, None)] * 5)

    def test_bulk_create_and_delete(self) -> None:
        made = self.made_by(
            CompanyRole,
            lambda: CompanyRole.objects.bulk_create(CompanyRole(name=name) for name in ("A", "B")),
        )
        self.assertEqual(made, [("insert", self.ours.admin.pk, None)] * 2)
        made = self.made_by(CompanyRole, lambda: CompanyRole.objects.filter(name__in=["A", "B"]).delete())
        self.assertEqual(made, [("delete", self.ours.admin.pk, None)] * 2)

    def test_memberships(self) -> None:
        submitter, role = self.ours.submitter, self.ours.employee_role
        group = Group.objects.get(name="admin")
        for model, row in (
            (CompanyRoleMembership, CompanyRoleMembership(person=submitter, role=role)),
            (SystemRoleMembership, SystemRoleMembership(person=submitter, group=group)),
        ):
            row.company_id = self.ours.company.pk
            for change, label in ((row.save, "insert"), (row.delete, "delete")):
                self.assertEqual(self.made_by(model, change), [(label, self.ours.admin.pk, None)])

    def test_raw_sql(self) -> None:
        def change() -> None:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE users_company SET name = 'Ours and more'")

        self.assertEqual(self.made_by(Company, change), [("update", self.ours.admin.pk, None)])

    def test_event_holds_the_row_after_the_change(self) -> None:
        self.made_by(CompanyRole, lambda: CompanyRole.objects.update(name="Everybody"))
        with self.ours.scope():
            names = [event.name for event in events_of(CompanyRole)]
        self.assertEqual(names, ["Employee", "Everybody"])

    def test_impersonator(self) -> None:
        who = {"company_id": self.ours.company.pk, "impersonator_id": self.staff.pk}
        made = self._made(CompanyRole, lambda: CompanyRole.objects.create(name="A"), who)
        self.assertEqual(made, [("insert", None, self.staff.pk)])

    def test_staff_over_all_companies(self) -> None:
        with all_companies_scope(impersonator_id=self.staff.pk):
            Company.objects.filter(pk=self.ours.company.pk).update(name="Renamed")
        with self.ours.scope():
            event = events_of(Company).latest("pgh_id")
        self.assertEqual((event.pgh_person_id, event.pgh_impersonator_id), (None, self.staff.pk))

    def test_nobody(self) -> None:
        who = {"company_id": self.ours.company.pk}
        made = self._made(CompanyRole, lambda: CompanyRole.objects.create(name="A"), who)
        self.assertEqual(made, [("insert", None, None)])

    def test_same_value_is_no_change(self) -> None:
        self.assertEqual(self.made_by(CompanyRole, lambda: CompanyRole.objects.update(name="Employee")), [])

    def test_password_changes_record_only_the_time(self) -> None:
        self.ours.submitter.set_password("another-long-one")
        self.assertEqual(len(self.made_by(CustomUser, self.ours.submitter.save)), 1)
        table = next(kind.table for kind in audit_kinds() if kind.model is CustomUser)
        with self.ours.scope(), connection.cursor() as cursor:
            cursor.execute(f"SELECT e.*::text FROM {table} e")  # noqa: S608
            rows = [row for (row,) in cursor.fetchall()]
        self.assertEqual(len(rows), 6)
        self.assertFalse([row for row in rows if "md5$" in row or self.ours.submitter.password in row])

    def test_log_in_leaves_nothing(self) -> None:
        def log_in() -> None:
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(last_login="2026-01-01T00:00Z")

        self.assertEqual(self.made_by(CustomUser, log_in), [])


class WallsOfTheLog(CommittedTestCase):
    """The access of the site's role, and of each company, to the log."""

    def test_site_can_neither_add_nor_change_nor_delete(self) -> None:
        for kind in audit_kinds():
            for sql in (
                "INSERT INTO {} (pgh_id) VALUES (1)",
                "UPDATE {} SET pgh_person_id = 1",
                "DELETE FROM {}",
                "TRUNCATE {}",
            ):
                with (
                    self.subTest(sql.format(kind.table)),
                    self.assertRaisesMessage(ProgrammingError, "permission denied"),
                    self.ours.scope(),
                    transaction.atomic(),
                    connection.cursor() as cursor,
                ):
                    cursor.execute(sql.format(kind.table))

    def test_events_of_others_are_not_there_without_the_first_wall(self) -> None:
        for kind in audit_kinds():
            with self.ours.scope(), scopes_disabled(), transaction.atomic():
                companies = set(kind.event.objects.values_list(kind.company_column, flat=True))
            self.assertLessEqual(companies, {self.ours.company.pk}, kind.name)
            with self.ours.scope(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT DISTINCT {kind.company_column} FROM {kind.table}")  # noqa: S608
                self.assertLessEqual(set(cursor.fetchall()), {(self.ours.company.pk,)}, kind.name)

    def test_events_are_there_at_all(self) -> None:
        for people in (self.ours, self.theirs):
            self.assertEqual(self.people_in_log(people), {person.pk for person in people.everybody})

    def people_in_log(self, people: People) -> set[int]:
        """Return the ids of the people whose events a company can read without the first wall."""
        with people.scope(), scopes_disabled(), transaction.atomic():
            return set(events_of(CustomUser).values_list("pgh_obj_id", flat=True))

    def test_nothing_without_a_scope(self) -> None:
        for kind in audit_kinds():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {kind.table}")  # noqa: S608
                self.assertEqual(cursor.fetchone(), (0,), kind.name)
