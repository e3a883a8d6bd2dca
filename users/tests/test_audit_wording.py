"""The wording of audit log rows, for every kind of column that a later model may have."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.test import SimpleTestCase
from django.test.utils import isolate_apps
from django.utils import timezone

from users.audit_wording import LONGEST_VALUE, ValueChange, describe_changes


@isolate_apps("users")
def every_kind() -> type[models.Model]:
    """Return a model with a column of every kind."""

    class Thing(models.Model):
        owner = models.ForeignKey("users.CustomUser", models.PROTECT, verbose_name="who has it")
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
    "id": 1,
    "owner_id": 7,
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

    def changes(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[ValueChange]:
        """Return the described changes between the rows `before` and `after`."""
        return describe_changes(
            THING, before, after, hidden={"id"}, name_of=lambda _model, pk: f"Person {pk}"
        )

    def change(self, **values: Any) -> ValueChange:
        """Return the described change of one value."""
        (change,) = self.changes(ROW, ROW | values)
        return change

    def test_each_kind_of_column(self) -> None:
        for values, label, before, after in (
            ({"owner_id": 8}, "Who has it", "Person 7", "Person 8"),
            ({"state": "OLD"}, "State", "Brand new", "Worn"),
            ({"state": "GONE"}, "State", "Brand new", "GONE"),
            ({"sizes": ["S", "L"]}, "Sizes", "", "Small, Large"),
            ({"due": "2026-07-01"}, "Due", "", "1 July 2026"),
            ({"seen_at": "2026-07-01T14:05:09.123456+00:00"}, "Seen at", "", "1 July 2026, 14:05"),
            ({"is_open": False}, "Is open", "Yes", "No"),
            ({"price": 0}, "Price", "", "0"),
        ):
            self.assertEqual(self.change(**values), ValueChange(label, before, after))

    def test_times_of_the_reader(self) -> None:
        with timezone.override("Asia/Tokyo"):
            change = self.change(seen_at="2026-07-01T20:05:00+00:00")
        self.assertEqual(change.after, "2 July 2026, 05:05")

    def test_inside_a_document_only_what_changed(self) -> None:
        before = {"title": "A", "required": ["x", "y"], "properties": {"x": {"maxLength": 5}}}
        after = {"title": "A", "required": ["x"], "properties": {"x": {"maxLength": 9, "hidden": True}}}
        self.assertEqual(
            self.changes(ROW | {"schema": before}, ROW | {"schema": after}),
            [
                ValueChange("Schema / required / 2", "y", ""),
                ValueChange("Schema / properties / x / maxLength", "5", "9"),
                ValueChange("Schema / properties / x / hidden", "", "Yes"),
            ],
        )

    def test_new_row_says_what_was_filled_in(self) -> None:
        self.assertEqual(self.changes(None, ROW), [ValueChange("Who has it", "", "Person 7")])
        said = self.changes(ROW | {"is_open": False}, None)
        self.assertEqual(said, [ValueChange("Who has it", "Person 7", ""), ValueChange("Is open", "No", "")])

    def test_nothing_that_a_reader_can_see(self) -> None:
        later = "2026-02-02T00:00:00+00:00"
        self.assertEqual(self.changes(ROW, ROW | {"changed_at": later, "id": 2}), [])
        self.assertEqual(self.changes(ROW, ROW), [])

    def test_long_texts_are_cut(self) -> None:
        self.assertEqual(len(self.change(state="x" * 10_000).after), LONGEST_VALUE)

    def test_column_that_the_log_does_not_store(self) -> None:
        row = {name: value for name, value in ROW.items() if name != "state"}
        self.assertEqual(self.changes(row, row | {"is_open": False}), [ValueChange("Is open", "Yes", "No")])
