"""Days and times in the bodies of requests, which are texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from workflow_ops.api.service import openapi_document
from workflow_ops.tests.api.each_operation import EachOperationTestCase
from workflow_ops.tests.api.test_rights import read_table

_WRONG = (1_700_000_000, 1.5, "1700000000", True, "20260131")


def members_with_times(operation: Any) -> Iterator[str]:
    """Yield the names of the members of the body that are a day or a time."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = openapi_document()["components"]["schemas"].get(name, {})
    for member, value in schema.get("properties", {}).items():
        if any(each.get("format") in ("date", "date-time") for each in (value, *value.get("anyOf", ()))):
            yield member


class TimesTests(EachOperationTestCase):
    """Each member of each body, taken from the document."""

    def test_are_texts(self) -> None:
        table, tried = read_table(), set[str]()
        for path, method, operation in self.operations():
            for member in members_with_times(operation):
                letter = min(table[operation["operationId"]].may)
                request = self.request(path, method, operation, letter, self.people[letter])
                body: Mapping[str, Any] = request.body
                tried.add(member)
                for value in _WRONG:
                    with self.subTest(path, member=member, value=value), transaction.atomic():
                        answer = replace(request, body={**body, member: value}).send()
                        self.assertEqual(answer.status_code, 422, answer.content)
                        pointers = [error["pointer"] for error in json.loads(answer.content)["errors"]]
                        self.assertIn(f"/{member}", " ".join(pointers))
                        transaction.set_rollback(True)
        self.assertEqual(tried, {"edited_at", "until", "first_day", "last_day"})
