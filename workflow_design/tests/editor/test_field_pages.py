"""Tests of the pages that create and change the fields of a draft."""

import json
from typing import Any

from django.urls import reverse

from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.definition.workflow import MAX_TITLE_LENGTH
from workflow_design.editor.workflow.actions import create_workflow
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.page_cases import make_draft


def rows(*pairs: tuple[str, str]) -> dict[str, list[str]]:
    """Return form data for these choices."""
    return {"options_label": [label for label, _value in pairs], "options_value": [v for _l, v in pairs]}


class FieldTable(DraftPageTestCase):
    def test_shows_every_field_with_its_settings(self) -> None:
        response = self.client.get(self.address("workflow_fields"))
        for text in (
            "1 to 60",
            "at most 1000 characters",
            "Approve, Ask for a change, Reject",
            "Whole number",
        ):
            self.assertContains(response, text)
        names = [row["field"].name for row in response.context["rows"]]
        self.assertEqual(names, list(self.file().fields_schema["properties"]))

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("workflow_fields")
        self.assert_only_for_designers(path)
        self.assert_drafts_only(path, path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/"))
        self.assert_wrong_methods(path, "post", "put", "delete")

    def test_a_workflow_without_fields_says_what_to_do(self) -> None:
        with self.ours.designer.scope():
            empty = create_workflow(title="Empty", by=self.ours.designer)
        response = self.client.get(reverse("workflow_fields", args=[empty.pk]))
        self.assertContains(response, "Add the first field")
        self.assertEqual(response.context["rows"], [])

    def test_costs_the_same_however_many_fields_there_are(self) -> None:
        with at_most_queries(12) as few:
            self.client.get(self.address("workflow_fields"))
        with self.ours.scope():
            schema = dict(self.file().fields_schema)
        many = {f"more_{number}": {"type": "string"} for number in range(50)}
        schema["properties"] = {**schema["properties"], **many}
        make_draft(self.ours, fields_schema=schema)
        with same_queries_as(few):
            self.client.get(self.address("workflow_fields"))


class FieldCreate(DraftPageTestCase):
    def path(self, kind: str = "text") -> str:
        return f"{self.address('field_create')}?kind={kind}"

    def test_first_the_kind_then_the_rest(self) -> None:
        response = self.client.get(self.address("field_create"))
        self.assertContains(response, "?kind=choice")
        for kind in response.context["field_types"]:
            self.assertContains(self.client.get(self.path(kind)), kind.label)
        self.assertContains(self.client.get(self.path("nonsense")), "?kind=choice")

    def test_accepts_titles_as_long_as_the_schema_does(self) -> None:
        path, longest = self.path("choice"), "x" * MAX_TITLE_LENGTH
        self.assert_saved(self.post(path, title=longest, **rows((longest, "a"))))
        *_others, stored = self.file().fields_schema["properties"].values()
        self.assertEqual(stored["title"], longest)
        self.assertEqual(stored["oneOf"], [{"const": "a", "title": longest}])
        refused = self.post(path, title=f"{longest}x", **rows(("A", "a")))
        self.assert_beside(refused, title=f"at most {MAX_TITLE_LENGTH} characters")
        refused = self.post(path, title="Short", **rows((f"{longest}x", "a")))
        self.assert_beside(refused, options=f"1 to {MAX_TITLE_LENGTH} characters")

    def test_numbers_are_read_as_in_forms(self) -> None:
        self.assert_saved(self.post(self.path("number"), title="Load", maximum="12.500,5", default="2,5"))
        self.assert_saved(self.post(self.path("integer"), title="Pieces", maximum="1,500", default="1 200"))
        self.assert_saved(self.post(self.path("text"), title="Code", max_length="1'000"))
        made = self.file().fields_schema["properties"]
        self.assertEqual([made["load"]["maximum"], made["load"]["default"]], [12_500.5, 2.5])
        self.assertEqual([made["pieces"]["maximum"], made["pieces"]["default"]], [1500, 1200])
        self.assertEqual(made["code"]["maxLength"], 1000)
        page = self.post(self.path("number"), title="Width", maximum="1,500", default="12abc")
        self.assert_beside(
            page, maximum="can be read in two ways", default="“12abc” is not a number, such as 1250 or 2.5."
        )
        self.assertContains(page, 'value="1,500"')

    def test_the_limits_of_money_are_amounts(self) -> None:
        self.assert_saved(self.post(self.path("money"), title="Cost", minimum="1.000", maximum="12,000.50"))
        cost = self.file().fields_schema["properties"]["cost"]
        self.assertEqual([cost["minimum"], cost["maximum"]], [1000, 12_000.5])
        page = self.client.get(self.address("field_edit", "cost"))
        self.assertContains(page, 'value="12000.50"')
        self.assertContains(self.client.get(self.address("workflow_fields")), "1,000.00")
        page = self.post(self.path("money"), title="Price", minimum="1e3")
        self.assertContains(page, "“1e3” is not an amount with at most two decimals")

    def test_every_kind_can_be_made(self) -> None:
        more: dict[str, dict[str, Any]] = {
            "choice": rows(("Red", "r"), ("Light blue", ""), ("", "")),
            "choices": rows(("red", ""), ("blue", "")) | {"max_items": "2", "default": "red\nblue"},
            "integer": {"minimum": "1", "maximum": "60", "default": "5"},
            "number": {"minimum": "0.5"},
            "yes_no": {"default": "True", "is_filterable": "on"},
            "text": {"min_length": "2", "max_length": "50", "default": "Hello"},
            "date": {"default": "2026-07-01"},
            "files": {"min_items": "1"},
        }
        declared = {}
        for each in self.client.get(self.address("field_create")).context["field_types"]:
            kind, title = each.name, f"New {each.name}"
            response = self.post(
                self.path(kind), title=title, required="on", help_text="Why", **more.get(kind, {})
            )
            self.assert_saved(response)
            name = title.replace("-", "_").replace(" ", "_").lower()
            declared[kind] = self.file().fields_schema["properties"][name]
            self.assertIn(name, self.file().fields_schema["required"])
        common = {"description": "Why"}
        self.assertEqual(
            declared["choice"],
            {
                "type": "string",
                "title": "New choice",
                **common,
                "oneOf": [{"const": "r", "title": "Red"}, {"const": "light_blue", "title": "Light blue"}],
            },
        )
        self.assertEqual(declared["choices"]["items"], {"type": "string", "enum": ["red", "blue"]})
        self.assertEqual(declared["choices"]["default"], ["red", "blue"])
        self.assertEqual(
            declared["integer"],
            {"type": "integer", "title": "New integer", **common, "minimum": 1, "maximum": 60, "default": 5},
        )
        self.assertEqual(declared["yes_no"]["default"], True)
        self.assertEqual([kind for kind in declared if "filterable" in declared[kind]], ["yes_no"])
        self.assertEqual(
            declared["user"], {"type": "string", "format": "user", "title": "New user", **common}
        )
        self.assertEqual(declared["files"]["items"], {"type": "string", "format": "file"})
        self.assertEqual(declared["date-time"]["format"], "date-time")

    def test_titles_without_any_letter(self) -> None:
        titles = ("🌻", "🌻🌻", "!?", "2", "2.", "日本", "Field", "_")
        for title in titles:
            self.assert_saved(self.post(self.path("text"), title=title))
        made = [
            (name, field["title"])
            for name, field in self.file().fields_schema["properties"].items()
            if field.get("title") in titles
        ]
        names = ("field", "field_2", "field_3", "field_2_2", "field_2_3", "field_4", "field_5", "field_6")
        self.assertEqual(made, list(zip(names, titles, strict=True)))

    def test_all_problems_are_shown_beside_their_fields(self) -> None:
        response = self.post(
            self.path("choice"), title="", name="days", default="z", **rows(("A", "a"), ("B", "a"), ("C", ""))
        )
        self.assert_beside(
            response,
            title="Please fill this in.",
            name="Another field of this workflow has this name.",
            options="Row 2: This choice is listed twice.",
        )
        self.assertContains(response, 'value="C"')
        response = self.post(self.path("integer"), title="N", minimum="9", maximum="1", default="x")
        self.assert_beside(
            response,
            minimum="No number is within these limits.",
            default="“x” is not a whole number, such as 1250.",
        )

    def test_a_default_that_does_not_fit(self) -> None:
        response = self.post(self.path("integer"), title="N", maximum="1", default="5")
        self.assert_beside(response, default="This default is not valid")
        response = self.post(self.path("choice"), title="N", default="Z", **rows(("A", "a")))
        self.assert_beside(response, default="This default is not valid")

    def test_examples_are_typed_one_a_line(self) -> None:
        typed = "1.7.2026\n\n2026-08-02"
        self.assert_saved(self.post(self.path("date"), title="Start", examples=typed))
        self.assert_saved(self.post(self.path("number"), title="Load", examples="2,5\n0"))
        made = self.file().fields_schema["properties"]
        self.assertEqual(made["start"]["examples"], ["2026-07-01", "2026-08-02"])
        self.assertEqual(made["load"]["examples"], [2.5, 0])
        page = self.client.get(self.address("field_edit", "load"))
        self.assertContains(page, "2.5\n0</textarea>")
        for kind in ("choice", "choices", "yes_no", "multiline", "user", "file", "files"):
            self.assertNotIn("examples", self.client.get(self.path(kind)).context["form"].fields)

    def test_examples_that_do_not_fit(self) -> None:
        page = self.post(self.path("integer"), title="N", maximum="30", examples="5\n31")
        self.assert_beside(page, examples="Row 2: This example is not valid")
        page = self.post(self.path("date"), title="N", examples="2026-07-01\nsoon")
        self.assert_beside(page, examples="“soon” is not a date")
        self.assertContains(page, "2026-07-01\nsoon</textarea>")

    def test_no_choice_at_all(self) -> None:
        self.assert_beside(self.post(self.path("choice"), title="N"), options="at least one choice")

    def test_rows_are_rearranged_without_storing_or_refusing_anything(self) -> None:
        before = self.file()
        sent = rows(("A", "a"), ("B", "b"), ("", ""))
        for action, labels in (
            ("more", ["A", "B", "", ""]),
            ("up:1", ["B", "A", ""]),
            ("down:0", ["B", "A", ""]),
            ("up:0", ["A", "B", ""]),
            ("remove:0", ["B", "", ""]),
            ("remove:99999999999999", ["A", "B", ""]),
            ("nonsense", ["A", "B", ""]),
        ):
            response = self.post(self.path("choice"), title="", _redisplay=f"options:{action}", **sent)
            self.assertEqual(response.status_code, 200)
            self.assertEqual(response.context["form"].errors, {})
            drawn = response.context["form"]["options"].subwidgets[0].data
            values = [row["cells"][0]["value"] for row in drawn["rows"]]
            self.assertEqual(
                [value for value in values if value], [label for label in labels if label], action
            )
        self.assertEqual(self.file(), before)

    def test_one_after_the_other(self) -> None:
        response = self.post(self.path(), title="Reason", another="1")
        self.assertRedirects(response, self.address("field_create"))

    def test_is_only_for_designers_and_drafts(self) -> None:
        path = self.address("field_create")
        for method in ("get", "post"):
            self.assert_only_for_designers(path, method=method)
            published = path.replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
            self.assert_drafts_only(path, published, method=method)
        self.assert_wrong_methods(path, "put", "delete")

    def test_an_edit_conflict_keeps_the_input(self) -> None:
        edition = self.client.get(self.path()).context["form"].initial["edition"]
        self.assert_saved(self.post(self.path(), title="First"))
        response = self.post(self.path(), title="Second", edition=edition)
        self.assert_beside(response, __all__="you yourself changed this workflow")
        self.assertContains(response, 'value="Second"')
        form = response.context["form"]
        again = {"title": "Second", "edition": form["edition"].value()}
        self.assert_saved(self.client.post(self.path(), again))
        self.assertIn("second", self.file().fields_schema["properties"])


class FieldEdit(DraftPageTestCase):
    def path(self, name: str = "decision") -> str:
        return self.address("field_edit", name)

    def form_data(self, name: str) -> dict[str, Any]:
        """Return the form data of an unchanged form."""
        form = self.client.get(self.path(name)).context["form"]
        sent: dict[str, Any] = {}
        for field in form:
            value = field.value()
            if field.name == "options":
                sent |= rows(*((row["label"], row["value"]) for row in value))
            elif value not in (None, False, ""):
                sent[field.name] = "on" if value is True else value
        return sent

    def test_saving_an_unchanged_form_changes_nothing(self) -> None:
        before = self.file().fields_schema
        for name in before["properties"]:
            self.assert_saved(self.client.post(self.path(name), self.form_data(name)))
            self.assertEqual(json.dumps(self.file().fields_schema), json.dumps(before), name)

    def test_lists_are_filtered_by_at_most_five(self) -> None:
        schema = self.file().fields_schema
        marked = {f"flag_{number}": {"type": "boolean", "filterable": True} for number in range(5)}
        make_draft(self.ours, fields_schema={**schema, "properties": {**schema["properties"], **marked}})
        refused = self.client.post(
            self.path("decision"), self.form_data("decision") | {"is_filterable": "on"}
        )
        message = "Lists can be filtered by at most 5 fields of a workflow."
        self.assert_beside(refused, is_filterable=message)
        unmarked = {
            name: value for name, value in self.form_data("flag_1").items() if name != "is_filterable"
        }
        self.assert_saved(self.client.post(self.path("flag_1"), unmarked))
        sent = self.form_data("decision") | {"is_filterable": "on"}
        self.assert_saved(self.client.post(self.path("decision"), sent))
        self.assertIs(self.file().fields_schema["properties"]["decision"]["filterable"], True)

    def test_changes_settings(self) -> None:
        sent = self.form_data("decision") | rows(("Yes", "approve"), ("Later", "change"), ("No", "reject"))
        self.assert_saved(self.client.post(self.path(), sent | {"title": "Verdict"}))
        declared = self.file().fields_schema["properties"]["decision"]
        self.assertEqual(declared["title"], "Verdict")
        self.assertEqual([each["title"] for each in declared["oneOf"]], ["Yes", "Later", "No"])

    def test_of_another_kind(self) -> None:
        path = f"{self.path('manager_note')}?kind=yes_no"
        self.assert_saved(self.post(path, title="Remarkable", required="on"))
        declared = self.file().fields_schema["properties"]["manager_note"]
        self.assertEqual(declared, {"type": "boolean", "title": "Remarkable"})

    def test_preserved_keywords_are_listed(self) -> None:
        schema = self.file().fields_schema
        days = {**schema["properties"]["days"], "multipleOf": 1}
        make_draft(self.ours, fields_schema={**schema, "properties": {**schema["properties"], "days": days}})
        self.assertContains(self.client.get(self.path("days")), "multipleOf")
        self.assert_saved(self.client.post(self.path("days"), self.form_data("days") | {"maximum": "30"}))
        self.assertEqual(self.file().fields_schema["properties"]["days"], {**days, "maximum": 30})

    def test_unknown_fields_are_unknown(self) -> None:
        for name in ("nowhere", "Decision", "days%00", "%3Cscript%3E", "x" * 300):
            self.assertEqual(
                self.client.get(self.path("decision").replace("decision", name)).status_code, 404
            )

    def test_is_only_for_designers_and_drafts(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_designers(self.path(), method=method)
            published = self.path().replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
            self.assert_drafts_only(self.path(), published, method=method)
        self.assert_wrong_methods(self.path(), "put", "delete")
