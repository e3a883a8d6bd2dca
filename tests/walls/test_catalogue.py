"""The completeness of the second wall, checked in `pg_catalog` table by table."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import TestCase

from ticketflower.tenancy.models import TenantCopy
from ticketflower.tenancy.privileges import EVERYTHING, READ_ONLY, site_privileges
from users.models import AuditEvent, Session

# Our tables without a company column, with the reason.
WITHOUT_COMPANY_COLUMN = {
    "users_company": "the company itself; its policy uses the id",
    "users_session": "inaccessible to the site's role, except by key through functions",
    "users_limiteduse": "inaccessible to the site's role, except by key through functions",
}
CLOSED = {"users_session", "users_limiteduse"}
COMPANY_MAY_BE_NULL = {
    "users_customuser": "staff belong to no company",
    "users_auditevent": "changes of staff",
}
# Foreign keys to staff or to shared rows instead of rows of the company.
PLAIN_FOREIGN_KEYS = {"impersonator_id"}
# Tables of Django and of packages contain no data of companies except names and ids of jobs.
OTHER_APPS = {"auth", "contenttypes", "admin", "procrastinate"}

WALL = "(SELECT NULLIF(current_setting('app.company_id', true), '')::bigint)"


def query(sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def condition_in_this_release(column: str) -> str:
    """Return how this release of PostgreSQL writes that `column` is the company of the wall."""
    table = f"wall_of_{column}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({column} bigint)")
        cursor.execute(f"CREATE POLICY company_wall ON {table} USING ({column} = {WALL})")
    [(condition,)] = query("SELECT qual FROM pg_policies WHERE tablename = %s", table)
    return str(condition)


def our_models() -> list[type[Model]]:
    """Return every model with a table that belongs neither to Django nor to a package."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in OTHER_APPS and model._meta.managed and not model._meta.proxy
    ]


class Catalogue(TestCase):
    """A single forgotten table would expose a company's data to others."""

    def tables(self) -> list[str]:
        return sorted(model._meta.db_table for model in our_models())

    def test_no_table_is_unknown(self) -> None:
        known = {m._meta.db_table for m in apps.get_models(include_auto_created=True)} | {"django_migrations"}
        present = {name for (name,) in query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        unknown = {name for name in present - known if not name.startswith("procrastinate_")}
        self.assertEqual(unknown, set())

    def test_every_table_has_its_company(self) -> None:
        for table in self.tables():
            with self.subTest(table=table):
                nullable = query(
                    "SELECT is_nullable FROM information_schema.columns "
                    "WHERE table_schema = 'public' AND table_name = %s AND column_name = 'company_id'",
                    table,
                )
                if table in WITHOUT_COMPANY_COLUMN:
                    self.assertEqual(nullable, [])
                else:
                    self.assertEqual(nullable, [("YES" if table in COMPANY_MAY_BE_NULL else "NO",)])

    def test_every_table_has_its_policy(self) -> None:
        walls = {column: condition_in_this_release(column) for column in ("company_id", "id")}
        for table in set(self.tables()) - CLOSED:
            column = "id" if table == "users_company" else "company_id"
            with self.subTest(table=table):
                enabled = query("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
                self.assertEqual(enabled, [(True,)])
                policy = query(
                    "SELECT permissive, cmd, qual, with_check FROM pg_policies "
                    "WHERE tablename = %s AND policyname = 'company_wall'",
                    table,
                )
                self.assertEqual(policy, [("PERMISSIVE", "ALL", walls[column], walls[column])])

    def test_no_policy_but_the_ones_that_are_listed(self) -> None:
        others = query(
            "SELECT tablename, policyname, cmd FROM pg_policies "
            "WHERE policyname NOT IN ('company_wall', 'all_companies') ORDER BY 1, 2"
        )
        own_rows = [("person_own_row", "SELECT"), ("staff_own_row", "UPDATE")]
        self.assertEqual(others, [("users_customuser", *own_row) for own_row in own_rows])

    def test_every_foreign_key_stays_in_the_company(self) -> None:
        """A foreign key between tables of a company has two columns, (company_id, x_id)."""
        walled = set(self.tables()) - {"users_company"} - CLOSED
        keys = query(
            "SELECT conrelid::regclass::text, confrelid::regclass::text, ARRAY("
            "  SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(number, place)"
            "  JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place) "
            "FROM pg_constraint WHERE contype = 'f'"
        )
        checked = 0
        for table, target, columns in keys:
            if table in walled and target in walled and columns[-1] not in PLAIN_FOREIGN_KEYS:
                with self.subTest(table=table, columns=columns):
                    self.assertEqual((len(columns), columns[0]), (2, "company_id"))
                    checked += 1
        self.assertGreater(checked, 5)

    def test_only_triggers_write_copies(self) -> None:
        """They have no keys that would keep a row of another company out."""
        copies = [model for model in our_models() if issubclass(model, TenantCopy)]
        self.assertEqual(len(copies), 2)
        for model in copies:
            with self.subTest(model=model._meta.label):
                self.assertEqual(site_privileges(model), READ_ONLY)

    def test_no_foreign_key_of_a_model_lacks_its_constraint(self) -> None:
        """`db_constraint=False` without a `SameCompany` would be a hole."""
        for model in our_models():
            if issubclass(model, AuditEvent | Session | TenantCopy):
                # History outlives the rows it references; the site can't access sessions, nor write copies,
                # which triggers make of rows whose keys have been checked.
                continue
            for field in model._meta.concrete_fields:
                if field.is_relation:
                    with self.subTest(model=model._meta.label, field=field.name):
                        constrained = query(
                            "SELECT count(*) FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid "
                            "AND attnum = ANY (conkey) WHERE contype = 'f' "
                            "AND conrelid = %s::regclass AND attname = %s",
                            model._meta.db_table,
                            field.column,
                        )
                        self.assertGreater(constrained[0][0], 0)

    def test_privileges_of_the_site(self) -> None:
        """The privileges are exactly those of each model; history is read-only."""
        shared: list[type[Model]] = [Group, Permission, ContentType]
        for model in our_models() + shared:
            with self.subTest(model=model._meta.label):
                granted = {
                    right
                    for right in (*EVERYTHING, "TRUNCATE", "REFERENCES", "TRIGGER")
                    if query("SELECT has_table_privilege(%s, %s)", model._meta.db_table, right)[0][0]
                }
                self.assertEqual(granted, set(site_privileges(model)))

    def test_the_site_owns_nothing(self) -> None:
        rows = query("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        self.assertEqual(rows, [(0,)])

    def test_triggers_run_as_the_owner_and_are_planned_once(self) -> None:
        triggers = query(
            "SELECT proname, prosecdef, proconfig FROM pg_proc "
            "WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'pgtrigger_')"
        )
        self.assertGreater(len(triggers), 30)
        for name, runs_as_owner, config in triggers:
            with self.subTest(function=name):
                self.assertTrue(runs_as_owner)
                self.assertEqual(
                    set(config), {"search_path=public, pg_temp", "plan_cache_mode=force_generic_plan"}
                )

    def test_functions_that_bypass_the_wall_are_documented(self) -> None:
        """docs/security.md lists each of them; the triggers of the audit log run as the owner, too."""
        functions = query(
            "SELECT proname, proconfig FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace "
            "WHERE nspname = 'public' AND prosecdef AND NOT starts_with(proname, 'pgtrigger_') ORDER BY 1"
        )
        documented = (settings.BASE_DIR / "docs/security.md").read_text(encoding="utf-8")
        self.assertGreater(len(functions), 4)
        for name, config in functions:
            with self.subTest(function=name):
                self.assertIn("search_path=public, pg_temp", config)
                self.assertIn(f"`{name}", documented)
