"""Indexes and foreign keys: docs/scale.md names each of them, and none that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.test import SimpleTestCase, TestCase

from ticketflower.tenancy.constraints import SameCompany
from users.models import AuditEvent

ROOT: Final = Path(settings.BASE_DIR)
SECTION: Final = (
    (ROOT / "docs/scale.md").read_text(encoding="utf-8").partition("\n## Indexes and foreign keys\n")[2]
)
ORDERS: Final = ("number", "change", "wait", "priority", "due")
"""What the names of indexes of lists end with, which the document names once for all orders."""
CREATED: Final = re.compile(r"^CREATE (?:UNIQUE )?INDEX (\w+) ON workflow_ops_(\w+)", re.MULTILINE)

COUNTED: Final = r"""
SELECT (SELECT count(*) FROM pg_indexes WHERE tablename LIKE 'workflow\_ops\_%'),
    (SELECT count(*) FROM pg_constraint WHERE contype = 'f'
        AND conrelid::regclass::text LIKE 'workflow\_ops\_%')
"""

Model = type[models.Model]
Named = set[tuple[str, str]]
"""Names of models and of their indexes or fields."""


def tables_of_document(heading: str) -> Iterator[list[str]]:
    """Yield the cells of the tables' rows that begin so. Empty first cells repeat the one above."""
    first, is_ours = "", False
    for line in SECTION.splitlines():
        if not line.startswith("|"):
            is_ours = False
        elif line.startswith(heading):
            is_ours = True
        elif is_ours and not line.startswith("| ---"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            first = cells[0].strip("` ") or first
            yield [first, *cells[1:]]


def names_in(cell: str) -> list[str]:
    """Return the names in a cell, which stand between backticks."""
    return re.findall(r"`(\w+)`", cell)


def ops_models() -> list[Model]:
    """Return the models of the app."""
    return [*apps.get_app_config("workflow_ops").get_models()]


def full_and_partial(model: Model) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the first columns of the indexes of a model by their names: of all rows, and of some.

    Those of a foreign key have the name of its field. Not returned are the primary key, and company and id.
    """
    full: dict[str, list[str]] = {}
    partial: dict[str, list[str]] = {}
    for rule in [*model._meta.indexes, *model._meta.constraints]:
        if isinstance(rule, (models.Index, models.UniqueConstraint)) and not rule.name.endswith(
            "_company_id"
        ):
            columns = [*rule.fields] or [name for each in rule.expressions for name in _columns(each)]
            (partial if rule.condition else full)[_short_name(model, rule)] = columns
    return full | {name: [name] for name in _indexed_fields(model)}, partial


def _indexed_fields(model: Model) -> list[str]:
    """Return the fields that have an index of their own, apart from the primary key."""
    fields: list[Any] = [field for field in model._meta.local_fields if not field.primary_key]
    return [field.name for field in fields if field.db_index or field.unique]


def _short_name(model: Model, rule: models.Index | models.UniqueConstraint) -> str:
    """Return the name of an index, without that of its table if it is one of `where_set`."""
    prefix = f"{model._meta.model_name}_"
    is_of_key = isinstance(rule, models.Index) and [*rule.fields] == [rule.name.removeprefix(prefix)]
    return rule.name.removeprefix(prefix) if is_of_key else rule.name


def _columns(expression: Any) -> Iterator[str]:
    if isinstance(expression, models.F):
        yield str(expression.name)  # type: ignore[attr-defined]  # not in their types
    for part in getattr(expression, "get_source_expressions", list)():
        yield from _columns(part)


def foreign_keys(model: Model) -> tuple[list[str], list[str]]:
    """Return the fields of a model whose foreign keys include the company, and those whose don't."""
    with_company = {rule.field for rule in model._meta.constraints if isinstance(rule, SameCompany)}
    fields = [field for field in model._meta.local_fields if field.remote_field]
    alone = [field.name for field in fields if getattr(field, "db_constraint", False)]
    return [field.name for field in fields if field.name in with_company], alone


class IndexTests(SimpleTestCase):
    def test_the_document_names_every_index_and_no_other(self) -> None:
        there: Named = set()
        ours: list[Model] = [*ops_models(), AuditEvent]
        for model in ours:
            full, partial = full_and_partial(model)
            there |= {(model.__name__, name) for name in {**full, **partial}}
        by_table = {model._meta.model_name: model.__name__ for model in ops_models()}
        for migration in (ROOT / "workflow_ops/migrations").glob("*.py"):
            created = CREATED.findall(migration.read_text(encoding="utf-8"))
            there |= {(by_table[table], name) for name, table in created}
        named: Named = set()
        for table, cell, *_others in tables_of_document("| table | index |"):
            for name in names_in(cell):
                each = {(table, f"{name}_{order}") for order in ORDERS} & there
                named |= each or {(table, name)}
        self.assertEqual(named - there, set(), "named, and not there")
        self.assertEqual(there - named, set(), "there, and not named")

    def test_the_document_names_every_foreign_key_and_no_other(self) -> None:
        there = {model.__name__: foreign_keys(model) for model in ops_models() if any(foreign_keys(model))}
        named = {
            model: (names_in(with_company), names_in(alone))
            for model, with_company, alone in tables_of_document("| table | with the company |")
        }
        self.assertEqual(named, there)

    def test_a_foreign_key_has_an_index_of_its_own_only_if_no_other_will_do(self) -> None:
        for model in ops_models():
            full, _partial = full_and_partial(model)
            for field in _indexed_fields(model):
                begins = ([field], ["company", field])
                others = [columns for name, columns in full.items() if name != field]
                with self.subTest(model=model.__name__, field=field):
                    self.assertFalse([each for each in others if each[:1] in begins or each[:2] in begins])


class NumberTests(TestCase):
    def test_the_document_counts_what_the_database_has(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(COUNTED)
            indexes, keys = cursor.fetchone()
        self.assertIn(f"**{indexes} indexes and {keys} foreign keys**", SECTION)
