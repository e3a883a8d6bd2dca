"""Tests of the editors in a page without JavaScript, where every button submits the form."""

import re
from html import unescape
from typing import Any

from django.test import override_settings

from users.tests.cases import CompanyTestCase, logged_in
from workflow_design.tests.editor.editor_pages import STORED

PATH = "/editor/"
CONTROLS = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:\n?([^<]*)</textarea>)?")
OPTION = re.compile(r'<option value="([^"]*)" selected>')


def form_data(html: str) -> dict[str, Any]:
    """Return the data that a browser would submit for the page's form, without a button."""
    form = re.sub(
        r"<fieldset[^>]* disabled>.*?</fieldset></div>", "", html[html.index("<main") :], flags=re.S
    )
    data: dict[str, Any] = {}
    for kind, attributes, text, after in (
        (found[1], dict(re.findall(r'([\w-]+)="([^"]*)"', found[2])), found[3], form[found.end() :])
        for found in CONTROLS.finditer(form)
    ):
        is_box = attributes.get("type") in ("checkbox", "radio")
        if "name" not in attributes or (is_box and " checked" not in form_tag(form, attributes["id"])):
            continue
        value = attributes.get("value", "on")
        if kind == "textarea":
            value = text or ""
        elif kind == "select":
            chosen = OPTION.search(after[: after.index("</select>")])
            value = chosen[1] if chosen else ""
        data.setdefault(unescape(attributes["name"]), []).append(unescape(value))
    return data


def form_tag(html: str, id: str) -> str:
    at = html.index(f'id="{id}"')
    return html[html.rindex("<", 0, at) : html.index(">", at)]


@override_settings(ROOT_URLCONF="workflow_design.tests.editor.editor_pages")
class EditorPage(CompanyTestCase):
    def setUp(self) -> None:
        self.client = logged_in(self.ours.designer)
        self.page = self.client.get(PATH).content.decode()

    def press(self, action: str, **changes: Any) -> None:
        """Press a button of an editor, after changing some controls."""
        self.send(_redisplay=action, **changes)
        self.assertNotIn("tf-field-error", self.page)

    def send(self, **changes: Any) -> Any:
        named = {name.replace("__", "-"): value for name, value in changes.items()}
        response = self.client.post(PATH, form_data(self.page) | named)
        self.assertEqual(response.status_code, 200)
        self.page = response.content.decode()
        return response

    def save(self, **changes: Any) -> Any:
        return self.send(**changes).json()

    def test_an_unchanged_page_changes_nothing(self) -> None:
        self.assertEqual(self.save(), STORED | {"title": "Task"})

    def test_a_condition_of_rows_and_a_group(self) -> None:
        self.press("condition:add")
        self.press("condition:update", condition__1__field="days")
        self.press("condition:update", condition__1__comparison="between")
        self.press("condition:add-group", condition__1__value=["1", "5"])
        self.press("condition:update", condition__2__0__field="booked", condition__2__1__field="note")
        self.assertIn("In words:", self.page)
        saved = self.save(condition__2__1__comparison="empty")
        self.assertEqual(
            saved["condition"],
            {
                "and": [
                    STORED["condition"],
                    {"<=": [1, {"var": "days"}, 5]},
                    {"or": [{"var": "booked"}, {"!": {"var": "note"}}]},
                ]
            },
        )

    def test_the_field_is_changed_without_asking_for_other_controls(self) -> None:
        self.send(condition__0__field="days", condition__0__comparison="is", condition__0__value="five")
        self.assertIn("Row 1: “five” is not a whole number, such as 1250.", self.page)
        self.assertIn('href="#id_condition"', self.page)
        saved = self.save(condition__0__value="5")
        self.assertEqual(saved["condition"], {"==": [{"var": "days"}, 5]})

    def test_the_last_row_is_removed(self) -> None:
        self.press("condition:remove:0")
        self.assertIn("No condition yet", self.page)
        self.assertIsNone(self.save()["condition"])

    def test_both_views_of_a_condition(self) -> None:
        self.press("condition:json")
        self.assertIn("&quot;var&quot;: &quot;decision&quot;", self.page)
        rule = '{"==": [{"*": [{"var": "days"}, 2]}, 10]}'
        self.press("condition:rows", condition__json=rule)
        self.assertIn("Rows can&#x27;t show this rule", self.page)
        self.assertIn("Days × 2 is 10", self.page)  # noqa: RUF001 - a sign of multiplication
        self.assertEqual(self.save()["condition"], {"==": [{"*": [{"var": "days"}, 2]}, 10]})

    def test_a_layout_is_arranged(self) -> None:
        self.press("form:heading")
        self.press("form:up:3", form__3__text="What")
        self.press("form:down:0")
        self.assertIn("<legend>What</legend>", self.page)
        saved = self.save()
        self.assertEqual(saved["form"], ["from", "days", {"section": "What", "items": ["decision"]}])

    def test_fields_that_are_chosen_and_dropped(self) -> None:
        self.press("form:update", chosen=["from", "decision", "note"])
        self.assertIn('id="id_form-preview-note"', self.page)
        self.assertEqual(self.save()["form"], ["from", "decision", "note"])

    def test_fields_that_are_chosen_and_saved_at_once(self) -> None:
        saved = self.save(chosen=["days", "decision", "note"])
        self.assertEqual(saved["form"], ["days", "decision", "note"])

    def test_a_page_for_reading_is_arranged(self) -> None:
        self.press("reading:show:note")
        self.press("reading:remove:0")
        self.press("reading:json")
        self.press("reading:lines")
        self.assertEqual(self.save()["reading"], ["from", "decision", "note"])

    def test_enter_saves(self) -> None:
        first = re.search(r"<button[^>]*>", self.page[self.page.index('class="tf-form"') :])
        assert first is not None
        self.assertNotIn("_redisplay", first[0])

    def test_the_other_errors_stand_beside_their_fields_on_saving_only(self) -> None:
        self.press("condition:add", title="")
        self.assertNotIn("tf-error-summary", self.page)
        self.send(title="")
        self.assertIn("tf-error-summary", self.page)
        self.assertIn('name="condition-1-field"', self.page)
