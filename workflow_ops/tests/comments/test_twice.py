"""A comment whose form is sent twice."""

import re
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from users.models import CustomUser
from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_ops.comments.writing import add_comment, delete_comment
from workflow_ops.models import Comment
from workflow_ops.tests.comments.test_writing import CommentTestCase
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow


class SentTwiceAtOnce(CommittedEngineTestCase):
    """What has the same token is one comment; all else are two, however quickly they follow."""

    def say(self, person: CustomUser, token: UUID | None) -> int:
        with person.scope():
            return add_comment(self.ticket, text="It is here", form_token=token, by=person).pk

    def test_twice_at_once(self) -> None:
        self.ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
        first = at_once(*[partial(self.say, self.ours.submitter, uuid4())] * 4)
        self.assertEqual(len(set(first)), 1)
        self.assertNotEqual(self.say(self.ours.submitter, None), self.say(self.ours.submitter, None))
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(Comment.objects.count(), 3)


class SentTwiceFromPage(CommentTestCase):
    """The form with files and picked people: once per form and contents."""

    def setUp(self) -> None:
        super().setUp()
        self.browser = logged_in(self.marek)
        page = self.browser.get(self.at).content.decode()
        found = re.search(r'name="token" value="([0-9a-f-]{36})"', page)
        assert found is not None
        self.token = found[1]

    def send(self, text: str = "Look", **more: Any) -> Any:
        data = {"token": self.token, "text": text, "audience": "public", "mentions": [self.sam.pk], **more}
        return self.browser.post(f"{self.at}comment/", data, follow=True)

    def upload(self, name: str = "a.txt") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, b"A")

    def said(self) -> list[tuple[str, list[str]]]:
        """Return the texts and files of all comments."""
        with self.ours.scope(), transaction.atomic():
            return [
                (comment.text, sorted(comment.files.values_list("filename", flat=True)))
                for comment in Comment.objects.order_by("pk")
            ]

    def test_back_and_forward(self) -> None:
        for _twice in range(2):
            self.assertContains(self.send(attached=self.upload()), "Your comment has been added.")
        self.assertEqual(self.said(), [("Look", ["a.txt"])])
        changes: list[dict[str, Any]] = [
            {"text": "Look there"},
            {"mentions": []},
            {"audience": "internal"},
            {"attached": self.upload("b.txt")},
            {"token": str(uuid4())},
        ]
        for changed in changes:
            number = len(self.said())
            with self.subTest(changed=changed):
                self.send(**changed)
                self.assertEqual(len(self.said()), number + 1)

    def test_files_of_a_form_that_was_refused_at_first(self) -> None:
        refused = self.send("", attached=self.upload())
        again = refused.context["comment_form"]
        self.assertEqual(again["token"].value(), self.token)
        stored = again["attached"].value()
        for _twice in range(2):
            self.assertContains(self.send(attached=stored), "Your comment has been added.")
        self.assertEqual(self.said(), [("Look", ["a.txt"])])
        other = self.send("Something else", attached=stored)
        self.assertContains(other, "A file belongs to another comment by now. Please attach it again.")
        self.assertEqual(self.said(), [("Look", ["a.txt"])])

    def test_a_deleted_one_can_be_said_again(self) -> None:
        self.send()
        with self.marek.scope(), transaction.atomic():
            delete_comment(Comment.objects.get(), by=self.marek)
        self.send()
        self.assertEqual([text for text, _files in self.said()], ["", "Look"])
