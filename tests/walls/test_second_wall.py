"""The second wall: the database alone, with the first wall switched off.

`docs/walls.md`.
"""

from typing import Any

from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django_scopes import scopes_disabled
from django_scopes.exceptions import ScopeError

from tests.walls.test_catalogue import CLOSED, our_models
from ticketflower.tenancy.context import WallError, all_companies_scope, company_scope, own_row_scope
from users.models import Company, CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.cases import CommittedTestCase, CompanyTestCase


def rows_of(model: type[models.Model]) -> list[Any]:
    """Return all rows that the database shows, using a manager without scopes."""
    return list(model._base_manager.all())


class SecondWall(CommittedTestCase):
    """Tests with real commits, because one big transaction would hide what happens between transactions."""

    def setUp(self) -> None:
        super().setUp()
        with self.theirs.scope(), transaction.atomic():
            self.their_role = CompanyRole.objects.create(name="Their secret role")

    def company_ids(self, model: type[models.Model]) -> set[int | None]:
        column = "pk" if model is Company else "company_id"
        return {getattr(row, column) for row in rows_of(model)}

    def test_shows_only_the_company_that_was_set(self) -> None:
        seen = 0
        for model in our_models():
            if model._meta.db_table in CLOSED:
                continue
            with self.subTest(model=model._meta.label), self.ours.scope(), transaction.atomic():
                with scopes_disabled():
                    companies = self.company_ids(model)
                self.assertLessEqual(companies, {self.ours.company.pk})
                seen += len(companies)
        self.assertGreater(seen, 5)

    def test_raw_sql(self) -> None:
        with self.ours.scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE company_id <> %s), count(*) FROM users_customuser",
                [self.ours.company.pk],
            )
            self.assertEqual(cursor.fetchone(), (0, 5))
            cursor.execute("SELECT count(*) FROM users_companyrole WHERE name = 'Their secret role'")
            self.assertEqual(cursor.fetchone(), (0,))
            cursor.execute("UPDATE users_companyrole SET name = 'x' WHERE id = %s", [self.their_role.pk])
            self.assertEqual(cursor.rowcount, 0)
            cursor.execute("DELETE FROM users_companyrole WHERE id = %s", [self.their_role.pk])
            self.assertEqual(cursor.rowcount, 0)

    def test_shows_nothing_without_a_scope(self) -> None:
        for model in our_models():
            if model._meta.db_table not in CLOSED:
                with self.subTest(model=model._meta.label):
                    self.assertEqual(rows_of(model), [])

    def test_row_of_another_company_cannot_be_written(self) -> None:
        with self.assertRaises(ProgrammingError), self.ours.scope(), transaction.atomic():
            CompanyRole.objects.create(company=self.theirs.company, name="Planted")

    def test_row_cannot_be_moved_to_another_company(self) -> None:
        with self.assertRaises(ProgrammingError), self.ours.scope(), transaction.atomic():
            CompanyRole.objects.update(company=self.theirs.company)

    def test_foreign_key_cannot_point_into_another_company(self) -> None:
        """Foreign-key checks look past policies: the key itself includes the company."""
        with self.assertRaises(IntegrityError), self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.create(role_id=self.their_role.pk, person=self.ours.submitter)

    def test_setting_does_not_outlive_its_transaction(self) -> None:
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(len(rows_of(CustomUser)), 5)
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('app.company_id', true), '')")
            self.assertEqual(cursor.fetchone(), ("",))
        self.assertEqual(rows_of(CustomUser), [])

    def test_every_transaction_of_a_scope_is_restricted(self) -> None:
        with self.ours.scope():
            for _ in range(2):
                with transaction.atomic():
                    self.assertEqual(CustomUser.objects.count(), 5)

    def test_scope_inside_a_transaction_ends_with_it_set_back(self) -> None:
        with transaction.atomic():
            with self.ours.scope():
                self.assertEqual(len(rows_of(CustomUser)), 5)
            self.assertEqual(rows_of(CustomUser), [])
            with self.theirs.scope():
                self.assertEqual({p.company_id for p in rows_of(CustomUser)}, {self.theirs.company.pk})

    def test_failure_inside_a_scope_leaves_nothing_set(self) -> None:
        with transaction.atomic():
            with self.assertRaises(IntegrityError), transaction.atomic(), self.ours.scope():
                CompanyRole.objects.create(name="EMPLOYEE")
            self.assertEqual(rows_of(CustomUser), [])

    def test_query_in_a_scope_needs_a_transaction(self) -> None:
        with self.assertRaises(WallError), self.ours.scope():
            CustomUser.objects.count()

    def test_scopes_of_two_companies_do_not_nest(self) -> None:
        with self.assertRaises(WallError), self.ours.scope(), self.theirs.scope():
            pass
        with self.assertRaises(WallError), self.ours.scope(), all_companies_scope():
            pass

    def test_no_company_is_no_scope(self) -> None:
        for company_id in (0, -1):
            with self.assertRaises(WallError), company_scope(company_id):
                pass

    def test_staff_scope_shows_all(self) -> None:
        with all_companies_scope(), transaction.atomic():
            self.assertEqual(len(rows_of(Company)), 2)
            self.assertEqual(len(rows_of(CustomUser)), 11)

    def test_own_row_is_within_reach_without_a_company(self) -> None:
        with self.staff.scope(), transaction.atomic():
            self.assertEqual([p.pk for p in rows_of(CustomUser)], [self.staff.pk])


class OwnRow(CompanyTestCase):
    """A person's own row, as the site's role sees it in SQL of its own."""

    def refuse(self, person: CustomUser, statement: str) -> None:
        """Check that a statement in the person's scope is refused, and in that of all companies, too."""
        for scope in (person.scope, all_companies_scope):
            attempt = self.subTest(statement, scope=scope)
            with attempt, self.assertRaises(ProgrammingError), transaction.atomic(), scope():
                connection.cursor().execute(statement, {"own": person.pk, "theirs": self.theirs.company.pk})

    def test_never_leaves_its_company_and_never_becomes_staff(self) -> None:
        for person in (self.ours.submitter, self.ours.admin, self.staff):
            move = "NULL" if person.company_id else "%(theirs)s"
            for change in (
                "company_id = %(theirs)s",
                f"company_id = {move}, is_staff = NOT is_staff, is_superuser = NOT is_superuser",
                "is_staff = NOT is_staff, is_superuser = NOT is_superuser",
                "is_staff = NOT is_staff",
                "is_superuser = NOT is_superuser",
            ):
                self.refuse(person, f"UPDATE users_customuser SET {change} WHERE id = %(own)s")  # noqa: S608

    def test_makes_no_staff_outside_the_scope_of_all_companies(self) -> None:
        columns = "password, is_superuser, email, first_name, last_name, is_active, is_staff, time_zone"
        for person in (self.ours.admin, self.staff):
            with self.assertRaises(ProgrammingError), person.scope(), transaction.atomic():
                connection.cursor().execute(
                    f"INSERT INTO users_customuser ({columns}, date_joined) "  # noqa: S608
                    "VALUES ('', true, 'x@x.example', '', '', true, true, '', now())"
                )

    def test_is_written_only_within_its_company_or_by_staff(self) -> None:
        statement = "UPDATE users_customuser SET first_name = 'New' WHERE id = %s"
        for scope, person, written in (
            (self.ours.submitter.scope(), self.ours.submitter, 1),
            (own_row_scope(self.ours.submitter.pk), self.ours.submitter, 0),
            (own_row_scope(self.staff.pk), self.staff, 1),
            (own_row_scope(self.staff.pk), self.ours.submitter, 0),
        ):
            with self.subTest(person=person, written=written), scope, connection.cursor() as cursor:
                cursor.execute(statement, [person.pk])
                self.assertEqual(cursor.rowcount, written)

    def test_is_not_deleted_by_staff_outside_the_scope_of_all_companies(self) -> None:
        with self.staff.scope(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM users_customuser WHERE id = %s", [self.staff.pk])
            self.assertEqual(cursor.rowcount, 0)

    def test_no_change_escapes_the_audit_log(self) -> None:
        with self.ours.submitter.scope(), connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(tgname, ',') FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'")
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{cursor.fetchone()[0]}}}"])
            cursor.execute(
                "UPDATE users_customuser SET first_name = 'x' WHERE id = %s", [self.ours.submitter.pk]
            )
            cursor.execute("SELECT count(*) FROM users_auditevent WHERE operation = 'update'")
            self.assertEqual(cursor.fetchone(), (1,))


class FirstWall(CommittedTestCase):
    """The first wall: a query outside a scope raises an error instead of returning no rows."""

    def test_query_outside_a_scope_raises(self) -> None:
        for model in our_models():
            if model._meta.db_table not in CLOSED:
                with self.subTest(model=model._meta.label), self.assertRaises(ScopeError):
                    list(model._default_manager.all())

    def test_another_companys_id_is_not_found(self) -> None:
        with self.ours.scope(), transaction.atomic(), self.assertRaises(CustomUser.DoesNotExist):
            CustomUser.objects.get(pk=self.theirs.admin.pk)
