"""Comments and files over the API."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from users.models import Scope
from workflow_ops.tests.api.cases import ApiTestCase, make_secret
from workflow_ops.tests.engine_cases import form, workflow


class CommentsTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Check", "a")))
        self.ticket = self.engine.submit(made, a="Paper")
        self.sam = self.program(self.ours.submitter)
        self.path = f"tickets/{self.ticket.number}/comments"

    def test_comment_and_list(self) -> None:
        for _each in range(2):
            made = self.send(self.sam, "POST", self.path, {"text": "Hello"}, Idempotency_Key="k")
            self.assertEqual(made.status_code, 201, made.content)
        (comment,) = json.loads(self.sam.get(self.path).content)
        self.assertEqual((comment["text"], comment["author"]), ("Hello", "Sam Tester"))

    def test_internal_ones_stay_so(self) -> None:
        tom = self.program(self.ours.ticket_admin)
        self.send(tom, "POST", self.path, {"text": "Careful", "is_internal": True})
        self.assertEqual(len(json.loads(tom.get(self.path).content)), 1)
        self.assertEqual(json.loads(self.sam.get(self.path).content), [])
        self.problems(self.send(self.sam, "POST", self.path, {"text": "x", "is_internal": True}), 403)

    def test_who_may_not(self) -> None:
        self.problems(self.program(self.theirs.admin).get(self.path), 404)
        self.problems(self.program(self.ours.designer).post(self.path, {"text": "x"}), 403)
        self.problems(self.program(self.ours.submitter, Scope.READ).post(self.path, {"text": "x"}), 403)
        self.assertEqual(self.problems(self.sam.post(self.path, {"text": ""}), 422), ["/text"])

    def test_files(self) -> None:
        client = Client(headers={"authorization": f"Bearer {make_secret(self.ours.submitter)}"})
        for key, status in (("k", 201), ("k", 201), ("l", 201)):
            with self.subTest(key):
                upload = SimpleUploadedFile("note.txt", b"Some words", content_type="text/plain")
                made = client.post("/api/1/files", {"file": upload}, headers={"idempotency-key": key})
                self.assertEqual(made.status_code, status, made.content)
        other = SimpleUploadedFile("note.txtS", b"ome words", content_type="text/plain")
        self.problems(client.post("/api/1/files", {"file": other}, headers={"idempotency-key": "k"}), 422)
        stored = json.loads(made.content)
        self.assertEqual((stored["name"], stored["size"]), ("note.txt", 10))
        content: bytes = b"".join(client.get(f"/api/1/files/{stored['id']}"))
        self.assertEqual(content, b"Some words")
        self.problems(self.program(self.ours.admin).get(f"files/{stored['id']}"), 403)
        self.problems(self.program(self.theirs.admin).get(f"files/{stored['id']}"), 404)
        bad = SimpleUploadedFile("note.exe", b"MZ", content_type="text/plain")
        self.problems(client.post("/api/1/files", {"file": bad}), 422)

    def test_bodies_that_can_not_be_read(self) -> None:
        client = Client(headers={"authorization": f"Bearer {make_secret(self.ours.admin)}"})
        part = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        bodies = {
            "no boundary": b"x",
            "not base64": part + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!a\r\n--xx--\r\n",
            "too many files": (part + b"\r\n1\r\n") * 101 + b"--xx--\r\n",
        }
        for name, body in bodies.items():
            with self.subTest(name):
                media_type = "multipart/form-data" + ("" if name == "no boundary" else "; boundary=xx")
                self.problems(client.post("/api/1/files", body, content_type=media_type), 400)
        large, key = b" " * 3_000_000, {"idempotency-key": "k"}
        for path in (f"/api/1/{self.path}", f"/api/1/tickets/{self.ticket.number}/follow"):
            with self.subTest(path):
                response = client.post(path, large, content_type="application/json", headers=key)
                self.problems(response, 400)
