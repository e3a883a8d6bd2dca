"""Tests of read-only views of workspace data."""

from django.test import SimpleTestCase
from django.utils import timezone

from workflow_design.definition.schema import DataValidator
from workflow_design.tests.workspace.test_workspace_forms import SCHEMA, VALUES
from workflow_design.workspace.controls import DisplayNames, FileInfo
from workflow_design.workspace.reading import Block, build_read_view, split_blocks

FIELDS = DataValidator(SCHEMA).fields
NAMES = DisplayNames(
    people={"12": "Ada <b>"},
    files={key: FileInfo(key, f"<{key}>.pdf", f"/files/{key}/", 9) for key in ("5", "6")},
)


class Reading(SimpleTestCase):
    """Formatting of values."""

    def words(self, **data: object) -> dict[str, str]:
        blocks = build_read_view(data, fields=FIELDS, names=NAMES, only=set(data))
        return {entry.label: str(entry.value) for block in blocks for entry in block.entries}

    def test_every_kind(self) -> None:
        words = self.words(**VALUES)
        self.assertEqual(words["A <b>line</b>"], "One")
        self.assertIn(">1 July 2026</time>", words["Day"])
        self.assertIn("1 July 2026, 07:30", words["Moment"])
        self.assertEqual(words["Sure"], "No")
        self.assertEqual(words["Tags"], "x<br>z")
        self.assertEqual(words["Who"], "Ada &lt;b&gt;")
        self.assertEqual(words["Paper"], '<a href="/files/5/" download>&lt;5&gt;.pdf</a>')
        self.assertEqual(words["Papers"].count("<a "), 2)
        self.assertIn('href="https://example.org/"', words["Link"])

    def test_escapes_and_links_only_what_may_be_linked(self) -> None:
        words = self.words(line="<script>", text="<b>\n</b>", link="javascript:1", mail="<a@b.example>")
        self.assertNotIn("<script>", words["A <b>line</b>"])
        self.assertNotIn("<b>", words["Text"])
        self.assertNotIn("href", words["Link"])
        self.assertNotIn("href", words["Mail"])

    def test_deleted_people_and_files(self) -> None:
        words = self.words(who="99", paper="99", day="soon", few="no longer offered")
        self.assertEqual(words["Who"], "A person who is no longer here")
        self.assertEqual(words["Paper"], "A file that no longer exists")
        self.assertEqual(words["Day"], "soon")
        self.assertEqual(words["Few"], "no longer offered")

    def test_a_moment_that_the_time_zone_moves_out_of_the_calendar(self) -> None:
        with timezone.override("America/New_York"):
            self.assertEqual(self.words(moment="0001-01-01T00:00:00Z")["Moment"], "0001-01-01T00:00:00Z")

    def test_layout(self) -> None:
        layout = ["few", {"section": "<S>", "items": [["day", "clock"], {"text": "<t>"}]}, "sure"]
        blocks = build_read_view(VALUES, fields=FIELDS, names=NAMES, layout=layout)
        labels = [[entry.label for entry in block.entries] for block in blocks]
        self.assertEqual([found for found in labels if found], [["Few"], ["Day", "Clock"], ["Sure"]])
        self.assertEqual([block.title for block in blocks if block.title], ["<S>"])
        self.assertIn("&lt;t&gt;", "".join(block.text for block in blocks))

    def test_a_layout_narrowed_to_some_fields(self) -> None:
        section = {"section": "S", "items": [["day", "clock"], {"text": "About both"}]}
        layout = [{"section": "T", "items": ["few"]}, section, "sure"]
        blocks = build_read_view(VALUES, fields=FIELDS, names=NAMES, layout=layout, narrowed_to={"clock"})
        labels = [entry.label for block in blocks for entry in block.entries]
        self.assertEqual((labels, [block.title for block in blocks if block.title]), (["Clock"], ["S"]))
        self.assertEqual(
            build_read_view(VALUES, fields=FIELDS, names=NAMES, layout=layout, narrowed_to=()), []
        )

    def test_a_layout_that_does_not_fit_any_more_counts_as_none(self) -> None:
        blocks = build_read_view({}, fields=FIELDS, names=NAMES, layout=["gone"], only={"few"})
        self.assertEqual([block.empty for block in blocks], [["Few"]])

    def test_empty_fields_stand_together_at_the_end(self) -> None:
        layout = [
            {"section": "Full", "items": ["few", {"section": "Within", "items": ["clock"]}]},
            {"section": "Empty", "items": ["text", {"section": "Also empty", "items": ["sure"]}]},
        ]
        data = {"few": VALUES["few"]}
        blocks = build_read_view(data, fields=FIELDS, names=NAMES, layout=layout)
        self.assertEqual([block.title for block in blocks if block.title], ["Full"])
        self.assertEqual([entry.label for block in blocks for entry in block.entries], [FIELDS["few"].title])
        self.assertEqual(blocks[-1].empty, [FIELDS[name].title for name in ("clock", "text", "sure")])

    def test_split(self) -> None:
        layout = [{"section": "S", "items": ["few", "day"]}, {"section": "T", "items": ["clock", "sure"]}]
        blocks = build_read_view(VALUES, fields=FIELDS, names=NAMES, layout=layout)
        for after, expected in (
            (1, (["S", "Few"], ["Day", "T", "Clock", "Sure"])),
            (2, (["S", "Few", "Day"], ["T", "Clock", "Sure"])),
            (3, (["S", "Few", "Day", "T", "Clock", "Sure"], [])),  # a single one is not worth a fold
        ):
            with self.subTest(after=after):
                first, rest = split_blocks(blocks, after=after)
                self.assertEqual((self.labels(first), self.labels(rest)), expected)

    @staticmethod
    def labels(blocks: list[Block]) -> list[str]:
        """Return the titles and labels in their order."""
        found = [[block.title, *(entry.label for entry in block.entries)] for block in blocks]
        return [label for labels in found for label in labels if label]
