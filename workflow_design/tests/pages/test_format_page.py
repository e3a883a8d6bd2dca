"""/design/format.json, and the schema by which the importer checks the form of a file."""

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
from workflow_design.check.file_schema import file_schema
from workflow_design.definition.file_json import find_problems
from workflow_design.definition.workflow import json_schema
from workflow_design.tests.definition.json_strategies import fuzzed, json_values
from workflow_design.tests.gallery_files import NAMES, gallery_text
from workflow_design.tests.page_cases import DesignPageTestCase

UNSAYABLE = {"title-twice", "doubled"}
"""What no JSON Schema can say: that texts of a list differ by more than case."""


class Page(DesignPageTestCase):
    """The response, which needs no login."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_format")

    def test_is_the_schema(self) -> None:
        self.assertEqual(self.path, "/design/format.json")
        response = Client().get(self.path)
        self.assertEqual(response["Content-Type"], "application/schema+json")
        self.assertEqual(json.loads(response.content), file_schema())

    def test_is_cached(self) -> None:
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


class AgreesWithTheImporter(SimpleTestCase):
    """The schema and the importer agree, as far as JSON Schema can express it."""

    validator = Draft202012Validator(json_schema())

    def assert_same(self, document: Any) -> None:
        """Assert that both accept the document, or both refuse it."""
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
            where[name] = data.draw(json_values().filter(_is_expressible))
        else:
            where[data.draw(st.text(max_size=8))] = None
        self.assert_same(copy.deepcopy(document))

    @fuzzed
    @given(json_values(st.sampled_from(["format", "title", "tickets", "fields_schema", "fields"])))
    def test_any_json(self, document: Any) -> None:
        if _is_expressible(document):
            self.assert_same(document)


def _is_expressible(value: Any) -> bool:
    """Return whether the schema can express the value.

    Python's regular expressions match a line break at the end, and its JSON Schema accepts 1.0 for 1.
    """
    if isinstance(value, str):
        return not value.endswith("\n")
    if isinstance(value, float):
        return not value.is_integer()
    if isinstance(value, dict):
        return all(_is_expressible(each) for each in (*value, *value.values()))
    return all(map(_is_expressible, value)) if isinstance(value, list) else True


class RoundTrip(DesignPageTestCase):
    """A file that is downloaded, uploaded and downloaded again has the same bytes."""

    def test_the_gallery(self) -> None:
        admin = logged_in(self.ours.admin)
        for name in NAMES:
            with self.subTest(name=name):
                first = self._upload(admin, gallery_text(name).decode())
                again = self._upload(admin, first.decode())
                self.assertEqual(again, first)
                self.assertEqual(
                    json.loads(first), _with_defaults(json.loads(gallery_text(name)), json.loads(first))
                )

    def _upload(self, client: Client, text: str) -> bytes:
        response = client.post(reverse("workflow_definition_upload"), {"text": text, "replace": "1"})
        self.assertEqual(response.status_code, 302)
        return client.get(f"{response['Location']}download/").content


def _with_defaults(written: Any, read: Any) -> Any:
    """Return the written document with the defaults that the parser adds."""
    if isinstance(written, dict) and isinstance(read, dict):
        return {name: _with_defaults(written.get(name, each), each) for name, each in read.items()}
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [_with_defaults(one, other) for one, other in zip(written, read, strict=True)]
    return written
