"""The wording of changes, for every kind of column that a later model may have."""

from string import Formatter
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.test import SimpleTestCase
from django.test.utils import isolate_apps
from django.utils import timezone

from users.audit import audit_trigger
from users.models import AuditEvent, AuditOperation
from workflow_ops.audit.sentences import RULES
from workflow_ops.audit.wording import MAX_VALUE_LENGTH, ValueChange, build_line, describe_changes


@isolate_apps("users")
def every_kind() -> type[models.Model]:
    """Return a model with a column of every kind."""

    class Thing(models.Model):
        owner = models.ForeignKey("users.CustomUser", models.PROTECT, verbose_name="who has it")
        group = models.ForeignKey(Group, models.PROTECT, null=True)
        state = models.CharField(choices=[("NEW", "Brand new"), ("OLD", "Worn")], default="NEW")
        sizes = ArrayField(models.CharField(choices=[("S", "Small"), ("L", "Large")]), default=list)
        schema = models.JSONField(default=dict)
        due = models.DateField(null=True)
        seen_at = models.DateTimeField(null=True)
        is_open = models.BooleanField(default=True)
        price = models.DecimalField(null=True, max_digits=9, decimal_places=2)
        made_at = models.DateTimeField(auto_now_add=True)
        changed_at = models.DateTimeField(auto_now=True)
        joined_at = models.DateTimeField(default=timezone.now)

        class Meta:
            app_label = "users"

        def __str__(self) -> str:
            return "thing"

    return Thing


THING = every_kind()
ROW: dict[str, Any] = {
    "owner_id": {"id": 7, "name": "Ann"},
    "group_id": None,
    "state": "NEW",
    "sizes": [],
    "schema": {},
    "due": None,
    "seen_at": None,
    "is_open": True,
    "price": None,
    "made_at": "2026-01-01T00:00:00+00:00",
    "changed_at": "2026-01-01T00:00:00+00:00",
    "joined_at": "2026-01-01T00:00:00+00:00",
}


class Words(SimpleTestCase):
    """The values before and after a change."""

    def described(self, operation: AuditOperation, changes: dict[str, Any]) -> list[ValueChange]:
        """Return the described changes of a thing."""
        return describe_changes(THING, AuditEvent(operation=operation, changes=changes))

    def change(self, column: str, before: Any, after: Any) -> ValueChange:
        """Return the described change of one value."""
        (change,) = self.described(AuditOperation.UPDATE, {column: [before, after]})
        return change

    def test_each_kind_of_column(self) -> None:
        for column, before, after, *expected in (
            ("owner_id", {"id": 7, "name": "Ann"}, {"id": 8, "name": "Bob"}, "Who has it", "Ann", "Bob"),
            ("group_id", None, {"id": 1, "name": "task_worker"}, "Group", "", "Task worker"),
            ("state", "NEW", "OLD", "State", "Brand new", "Worn"),
            ("state", "NEW", "GONE", "State", "Brand new", "GONE"),
            ("sizes", [], ["S", "L"], "Sizes", "", "Small, Large"),
            ("due", None, "2026-07-01", "Due", "", "1 July 2026"),
            ("seen_at", None, "2026-07-01T14:05:09.123456+00:00", "Seen at", "", "1 July 2026, 14:05"),
            ("is_open", True, False, "Is open", "Yes", "No"),
            ("price", None, 0, "Price", "", "0"),
        ):
            self.assertEqual(self.change(column, before, after), ValueChange(*expected))

    def test_times_of_the_reader(self) -> None:
        with timezone.override("Asia/Tokyo"):
            change = self.change("seen_at", None, "2026-07-01T20:05:00+00:00")
        self.assertEqual(change.after, "2 July 2026, 05:05")

    def test_inside_a_document_only_what_changed(self) -> None:
        before = {"title": "A", "required": ["x", "y"], "properties": {"x": {"maxLength": 5}}}
        after = {"title": "A", "required": ["x"], "properties": {"x": {"maxLength": 9, "hidden": True}}}
        self.assertEqual(
            self.described(AuditOperation.UPDATE, {"schema": [before, after]}),
            [
                ValueChange("Schema / required / 2", "y", ""),
                ValueChange("Schema / properties / x / maxLength", "5", "9"),
                ValueChange("Schema / properties / x / hidden", "", "Yes"),
            ],
        )

    def test_new_or_deleted_row_says_what_was_filled_in(self) -> None:
        self.assertEqual(self.described(AuditOperation.INSERT, ROW), [ValueChange("Who has it", "", "Ann")])
        said = self.described(AuditOperation.DELETE, ROW | {"is_open": False})
        self.assertEqual(said, [ValueChange("Who has it", "Ann", ""), ValueChange("Is open", "No", "")])

    def test_nothing_that_a_reader_can_see(self) -> None:
        changes = {"changed_at": ["2026-01-01T00:00:00+00:00", "2026-02-02T00:00:00+00:00"]}
        self.assertEqual(self.described(AuditOperation.UPDATE, changes), [])

    def test_long_texts_are_cut(self) -> None:
        self.assertEqual(len(self.change("state", "NEW", "x" * 10_000).after), MAX_VALUE_LENGTH)


class Sentences(SimpleTestCase):
    """The rules, whose models and names are texts."""

    def test_each_is_about_something_recorded(self) -> None:
        models_by_name = {model.__name__: model for model in apps.get_models()}
        for name, operation, _condition, text in RULES:
            with self.subTest(text):
                trigger = audit_trigger(models_by_name[name])
                assert trigger is not None
                self.assertIn(operation.upper(), str(trigger.operation))
                columns = {
                    field.column for field in trigger.columns(models_by_name[name]) if field.related_model
                }
                names = {name for _text, name, _format, _conversion in Formatter().parse(str(text)) if name}
                self.assertLessEqual(names, {"who", "label", "subject", *columns})

    def test_none_comes_after_one_that_always_matches(self) -> None:
        always: set[tuple[str, str]] = set()
        for model, operation, condition, text in RULES:
            self.assertNotIn((model, operation), always, text)
            if condition is None:
                always.add((model, operation))

    def test_of_the_rest_it_says_what_it_is(self) -> None:
        event = AuditEvent(
            table="workflow_ops_comment",
            operation="delete",
            way="page",
            ticket=12,
            subject="Borrow",
            changes={},
        )
        line = build_line([event], left_out=0, workflow_ids=(), is_company_admin=True)
        self.assertEqual(line.text, "A visitor deleted: Comment: #12 Borrow")
        self.assertIn("<em>Comment: #12 Borrow</em>", line.sentence)

    def test_who_had_a_task_gives_it_back_or_assigns_it(self) -> None:
        ann, bob = {"id": 7, "name": "Ann"}, {"id": 8, "name": "Bob"}
        for assigned, text in (
            ([ann, None], "Ann gave back Decide on #12 Borrow"),
            ([ann, bob], "Ann assigned Decide on #12 Borrow to Bob"),
            ([bob, ann], "Ann took Decide on #12 Borrow"),
            ([bob, None], "Ann unassigned Decide on #12 Borrow"),
        ):
            event = AuditEvent(
                table="workflow_ops_taskinstance",
                operation="update",
                way="page",
                ticket=12,
                actor="Ann",
                person_id=7,
                label="Decide",
                subject="Borrow",
                changes={"assigned_to_id": assigned},
            )
            line = build_line([event], left_out=0, workflow_ids=(), is_company_admin=True)
            self.assertEqual(line.text, text)
