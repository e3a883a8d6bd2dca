"""Comments and files over the API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from users.models import CustomUser, Scope
from workflow_ops.files import upload_file
from workflow_ops.models import Comment
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret
from workflow_ops.tests.engine_cases import form, workflow


class CommentsTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Check", "a")))
        self.ticket = self.engine.submit(made, a="Paper")
        self.sam = self.program(self.ours.submitter)
        self.path = f"tickets/{self.ticket.number}/comments"

    def listed(self, program: Program) -> list[dict[str, Any]]:
        """Return the comments on the first page."""
        items: list[dict[str, Any]] = json.loads(program.get(self.path).content)["items"]
        return items

    def test_comment_and_list(self) -> None:
        for _each in range(2):
            made = self.send(self.sam, "POST", self.path, {"text": "Hello"}, Idempotency_Key="k")
            self.assertEqual(made.status_code, 201, made.content)
        (comment,) = self.listed(self.sam)
        self.assertEqual((comment["text"], comment["author"]), ("Hello", "Sam Tester"))

    def test_internal_ones_stay_so(self) -> None:
        tom = self.program(self.ours.ticket_admin)
        self.send(tom, "POST", self.path, {"text": "Careful", "is_internal": True})
        self.assertEqual(len(self.listed(tom)), 1)
        self.assertEqual(self.listed(self.sam), [])
        self.problems(self.send(self.sam, "POST", self.path, {"text": "x", "is_internal": True}), 403)

    def test_who_may_not(self) -> None:
        self.problems(self.program(self.theirs.admin).get(self.path), 404)
        self.problems(self.program(self.ours.designer).post(self.path, {"text": "x"}), 403)
        self.problems(self.program(self.ours.submitter, Scope.READ).post(self.path, {"text": "x"}), 403)
        self.assertEqual(self.problems(self.sam.post(self.path, {"text": ""}), 422), ["/text"])

    def upload(self, person: CustomUser) -> str:
        upload = SimpleUploadedFile("note.txt", b"Some words")
        return str(self.engine.as_person(person, lambda: upload_file(upload, by=person)).pk)

    def add(self, program: Program, **body: Any) -> Any:
        made = self.send(program, "POST", self.path, body)
        self.assertEqual(made.status_code, 201, made.content)
        return json.loads(made.content)

    def edit(self, program: Program, comment: dict[str, Any], status: int = 200, **body: Any) -> Any:
        body = {"edited_at": comment["edited_at"], **body}
        answer = self.send(program, "POST", f"{self.path}/{comment['id']}/edit", body)
        self.assertEqual(answer.status_code, status, answer.content)
        return json.loads(answer.content)

    def test_an_edit_changes_what_it_names(self) -> None:
        tom, ada = self.ours.ticket_admin, self.ours.admin
        program, file = self.program(tom), self.upload(tom)
        said = self.add(program, text="Careful", is_internal=True, mentions=[ada.pk], files=[file])
        self.assertEqual((said["mentions"], said["files"]), ([ada.pk], [file]))
        edited = self.edit(program, said, text="Very careful")
        changed = {name for name in said if said[name] != edited[name]}
        self.assertEqual(changed, {"text", "edited_at"})
        self.assertEqual(self.listed(program), [edited])
        self.assertEqual(self.listed(self.sam), [])
        open_now = self.edit(program, edited, text="Fine", is_internal=False, mentions=[], files=[])
        self.assertEqual((open_now["is_internal"], open_now["mentions"], open_now["files"]), (False, [], []))

    def test_edited_again_and_again(self) -> None:
        said = self.add(self.sam, text="Hello")
        once = self.edit(self.sam, said, text="Hallo")
        twice = self.edit(self.sam, once, text="Salut")
        self.assertEqual(twice["text"], "Salut")
        for old in (said, once):
            self.edit(self.sam, old, 412, text="Ciao")

    def test_who_reads_it_if_nothing_is_said(self) -> None:
        """As the form of the page has it chosen (docs/access.md, "Comments")."""
        for person, is_internal in (
            (self.ours.submitter, False),
            (self.ours.ticket_admin, True),
            (self.ours.admin, True),
        ):
            with self.subTest(person.first_name):
                self.assertEqual(self.add(self.program(person), text="x")["is_internal"], is_internal)
        said = self.add(self.program(self.ours.admin), text="x", is_internal=False)
        self.assertFalse(said["is_internal"])

    def test_files_that_it_can_not_have(self) -> None:
        own, foreign = self.upload(self.ours.submitter), self.upload(self.ours.worker)
        for key in ("abc", "987654321", foreign, ""):
            with self.subTest(key):
                refused = self.send(self.sam, "POST", self.path, {"text": "x", "files": [own, key]})
                self.assertEqual(self.problems(refused, 422), ["/files/1"])
        self.assertEqual(self.listed(self.sam), [])
        said = self.add(self.sam, text="x", files=[own, own])
        self.assertEqual(said["files"], [own])
        refused = self.edit(self.sam, said, 422, text="x", files=["abc"])
        self.assertEqual([each["pointer"] for each in refused["errors"]], ["/files/0"])
        more = self.upload(self.ours.submitter)
        self.assertEqual(set(self.edit(self.sam, said, text="x", files=[own, more])["files"]), {own, more})
        # It belongs to a comment now.
        self.problems(self.send(self.sam, "POST", self.path, {"text": "x", "files": [own]}), 422)

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


class ManyCommentsTests(ApiTestCase):
    """A ticket with more comments than a page of a list has."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket = self.engine.submit(self.engine.load(workflow(form("Check", "a"))), a="Paper")
        self.path = f"/api/1/tickets/{self.ticket.number}/comments"

    def add(self, count: int) -> list[int]:
        """Add comments, each tenth of them internal, and return their ids."""
        author = self.ours.submitter
        return self.engine.call(  # type: ignore[no-any-return]
            lambda: [
                Comment.objects.create(
                    ticket=self.ticket, text=f"Text {number}", is_internal=number % 10 == 9, created_by=author
                ).pk
                for number in range(count)
            ]
        )

    def walk(self, program: Program, address: str, to: str = "next") -> Iterator[dict[str, Any]]:
        """Yield each page from this address on."""
        while address:
            response = program.get(address)
            self.assertEqual(response.status_code, 200, response.content)
            page = json.loads(response.content)
            yield page
            address = page[to] or ""

    def ids(self, pages: Iterable[dict[str, Any]]) -> list[int]:
        return [comment["id"] for page in pages for comment in page["items"]]

    def test_all_are_reached_the_newest_first(self) -> None:
        newest_first, tom = self.add(120)[::-1], self.program(self.ours.ticket_admin)
        pages = list(self.walk(tom, self.path))
        self.assertEqual(self.ids(pages), newest_first)
        self.assertGreater(len(pages), 2)
        back = list(self.walk(tom, pages[-1]["previous"], "previous"))
        self.assertEqual(self.ids(back[::-1]), self.ids(pages[:-1]))
        self.assertEqual(self.ids(self.walk(tom, f"{self.path}?sort=written")), newest_first[::-1])

    def test_the_oldest_is_edited(self) -> None:
        oldest, sam = self.add(120)[0], self.program(self.ours.submitter)
        *_pages, last = self.walk(sam, self.path)
        found = last["items"][-1]
        self.assertEqual(found["id"], oldest)
        edit = {"text": "Better", "edited_at": found["edited_at"]}
        self.assertEqual(sam.post(f"{self.path}/{oldest}/edit", edit).status_code, 200)

    def test_internal_ones_are_on_no_page_of_others(self) -> None:
        self.add(120)
        readable = self.ids(self.walk(self.program(self.ours.submitter), self.path))
        self.assertEqual(len(readable), 108)
        internal = self.engine.call(
            lambda: {*Comment.objects.filter(is_internal=True).values_list("pk", flat=True)}
        )
        self.assertEqual(len(internal), 12)
        self.assertFalse(internal & set(readable))

    def test_no_place_in_the_list(self) -> None:
        sam = self.program(self.ours.submitter)
        for query, pointer in (("after=x", "after"), ("before=W10=", "before"), ("sort=text", "sort")):
            with self.subTest(query):
                self.assertEqual(self.problems(sam.get(f"{self.path}?{query}"), 422), [f"/query/{pointer}"])

    def test_statements_do_not_grow(self) -> None:
        sam, counts = self.program(self.ours.submitter), list[int]()
        for more in (1, 119):
            self.add(more)
            with CaptureQueriesContext(connection) as taken:
                self.assertEqual(sam.get(self.path).status_code, 200)
            counts.append(len(taken))
        self.assertEqual(counts[0], counts[1])
