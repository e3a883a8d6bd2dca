"""What all operations share: requests that are sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.test import RequestFactory

from workflow_ops.api.calls import ApiRequest, create_idempotently, run_idempotently
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.models import IdempotentCall
from workflow_ops.tests.api.cases import ApiTestCase


class RepeatedTests(ApiTestCase):
    """The functions themselves, with what operations don't show."""

    def setUp(self) -> None:
        super().setUp()
        self.done: list[int] = []
        self.read: list[bytes] = []

    def request(self, key: str = "", body: bytes = b"{}") -> ApiRequest:
        headers = {"idempotency-key": key} if key else {}
        request: Any = RequestFactory().post(
            "/api/1/things", body, content_type="application/json", headers=headers
        )
        request.user, request.operation = self.ours.submitter, "POST things"
        return request  # type: ignore[no-any-return]

    def parts(self) -> Iterator[bytes]:
        """Yield the content of a request, and note what was read of it."""
        for part in (b"some ", b"words"):
            self.read.append(part)
            yield part

    def make(self) -> int:
        self.done.append(len(self.done) + 1)
        return self.done[-1]

    def in_company(self, *requests: ApiRequest, **more: Any) -> list[Any]:
        with self.ours.scope(), transaction.atomic():
            return [create_idempotently(request, self.make, **more) for request in requests]

    def test_what_was_made_once_is_found_again(self) -> None:
        self.assertEqual(self.in_company(self.request("k"), self.request("k"), self.request("l")), [1, 1, 2])
        self.assertEqual(self.in_company(self.request(), self.request()), [3, 4])
        with self.assertRaises(RequestRefusedError):
            self.in_company(self.request("k", b"[]"))

    def test_what_is_done_is_done_once(self) -> None:
        with self.ours.scope(), transaction.atomic():
            for key in ("k", "k", "", ""):
                run_idempotently(self.request(key), self.make)
        self.assertEqual(self.done, [1, 2, 3])

    def test_a_content_is_read_only_for_a_key(self) -> None:
        self.assertEqual(self.in_company(self.request(), content=self.parts()), [1])
        self.assertEqual(self.read, [])
        self.assertEqual(self.in_company(self.request("k"), content=self.parts()), [2])
        self.assertEqual(self.read, [b"some ", b"words"])
        with self.ours.scope(), transaction.atomic():
            call = IdempotentCall.objects.get()
        sent = hashlib.sha256(b"/api/1/things\0some words")
        self.assertEqual(bytes(call.digest), sent.digest())
