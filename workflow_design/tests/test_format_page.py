"""/design/format.json: the JSON Schema of workflow files, which says what the importer says."""

import copy
import json
from typing import Any

from django.test import Client, SimpleTestCase
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries
from workflow_design.definition.file_json import find_problems
from workflow_design.definition.workflow import json_schema
from workflow_design.tests.gallery_files import NAMES, gallery_text
from workflow_design.tests.json_strategies import fuzzed, json_values
from workflow_design.tests.page_cases import DesignPageTestCase

UNSAYABLE = {"title-twice", "doubled"}
"""What no JSON Schema can say: that texts of a list differ by more than case."""


class Page(DesignPageTestCase):
    """Served to everybody."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_format")

    def test_is_the_schema(self) -> None:
        self.assertEqual(self.path, "/design/format.json")
        answer = Client().get(self.path)
        self.assertEqual(answer["Content-Type"], "application/schema+json")
        self.assertEqual(json.loads(answer.content), json_schema())

    def test_is_asked_for_once(self) -> None:
        first = Client().get(self.path)
        self.assertIn("max-age=3600", first["Cache-Control"])
        again = Client().get(self.path, headers={"if-none-match": first["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))

    def test_statements(self) -> None:
        with at_most_queries(2):  # the request's savepoint
            Client().get(self.path)

    def test_wrong_methods(self) -> None:
        self.assert_wrong_methods(self.path, "post", "put", "delete")

    def test_the_upload_page_leads_here(self) -> None:
        self.assertContains(self.client.get(reverse("workflow_definition_upload")), f'href="{self.path}"')


class SaysWhatTheImporterSays(SimpleTestCase):
    """In both directions, as far as JSON Schema can say it."""

    validator = Draft202012Validator(json_schema())

    def assert_same(self, document: Any) -> None:
        """Both take it, or both refuse it."""
        codes = {problem.code for problem in find_problems(document)} - UNSAYABLE
        self.assertEqual(not codes, self.validator.is_valid(document), document)

    def test_the_gallery(self) -> None:
        for name in NAMES:
            with self.subTest(name=name):
                self.validator.validate(json.loads(gallery_text(name)))

    @fuzzed
    @given(st.data())
    def test_a_member_of_the_gallery_changed(self, data: st.DataObject) -> None:
        document = json.loads(gallery_text(data.draw(st.sampled_from(NAMES))))
        where: Any = document
        kind = data.draw(st.sampled_from([None, "tickets", "tasks", "completions"]))
        if kind is not None:
            where = data.draw(st.sampled_from(document[kind]))
        change = data.draw(st.sampled_from(["remove", "replace", "add"]))
        name = data.draw(st.sampled_from(sorted(where)))
        if change == "remove":
            del where[name]
        elif change == "replace":
            where[name] = data.draw(json_values().filter(_can_be_told_apart))
        else:
            where[data.draw(st.text(max_size=8))] = None
        self.assert_same(copy.deepcopy(document))

    @fuzzed
    @given(json_values(st.sampled_from(["format", "title", "tickets", "fields_schema", "fields"])))
    def test_any_json(self, document: Any) -> None:
        if _can_be_told_apart(document):
            self.assert_same(document)


def _can_be_told_apart(value: Any) -> bool:
    """Python's own regular expressions take a line break at the end, and its JSON Schema takes 1.0 for 1."""
    if isinstance(value, str):
        return not value.endswith("\n")
    if isinstance(value, float):
        return not value.is_integer()
    if isinstance(value, dict):
        return all(_can_be_told_apart(each) for each in (*value, *value.values()))
    return all(map(_can_be_told_apart, value)) if isinstance(value, list) else True


class RoundTrip(DesignPageTestCase):
    """Downloaded, uploaded and downloaded again: the same bytes."""

    def test_the_gallery(self) -> None:
        admin = logged_in(self.ours.admin)
        for name in NAMES:
            with self.subTest(name=name):
                first = self._uploaded(admin, gallery_text(name).decode())
                again = self._uploaded(admin, first.decode())
                self.assertEqual(again, first)
                self.assertEqual(
                    json.loads(first), _filled_in(json.loads(gallery_text(name)), json.loads(first))
                )

    def _uploaded(self, client: Client, text: str) -> bytes:
        answer = client.post(reverse("workflow_definition_upload"), {"text": text, "replace": "1"})
        self.assertEqual(answer.status_code, 302)
        return client.get(f"{answer['Location']}download/").content


def _filled_in(written: Any, read: Any) -> Any:
    """What was written, with the members that reading adds: those that were left out."""
    if isinstance(written, dict) and isinstance(read, dict):
        return {name: _filled_in(written.get(name, each), each) for name, each in read.items()}
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [_filled_in(one, other) for one, other in zip(written, read, strict=True)]
    return written
