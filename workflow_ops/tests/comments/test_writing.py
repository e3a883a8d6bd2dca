"""Comments are written, edited and deleted; people are mentioned, and follow tickets."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from users.models import AuditEvent, CustomUser
from users.tests.cases import logged_in
from workflow_ops.comments.following import follow, followers_of
from workflow_ops.comments.mentions import mark_names
from workflow_ops.comments.writing import add_comment, delete_comment, edit_comment
from workflow_ops.files import remove_unused_files, upload_file
from workflow_ops.models import Comment, FileUpload, FormerText, TicketDocument, TicketInstance
from workflow_ops.refusals import CommentChangedError, NotAllowedError
from workflow_ops.search.documents import update_documents
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class CommentTestCase(DeskTestCase):
    """Sam submitted the ticket, Marek has its task, Hanna administers it."""

    def setUp(self) -> None:
        super().setUp()
        self.sam, self.marek = self.ours.submitter, self.vacations.manager
        self.at, self.desk = f"/tickets/{self.ticket.number}/", f"/manage/tickets/{self.ticket.number}/"

    def say(self, by: CustomUser, text: str = "Hello", **more: Any) -> Comment:
        with by.scope(), transaction.atomic():
            return add_comment(self.ticket, text=text, by=by, **more)

    def fresh(self, comment: Comment) -> Comment:
        with self.ours.scope(), transaction.atomic():
            rows = Comment.objects.prefetch_related("mentions__person", "files", "former_texts")
            return rows.get(pk=comment.pk)

    def mentioned(self, comment: Comment) -> set[str]:
        return {mention.person.first_name for mention in self.fresh(comment).mentions.all()}


class WritingTests(CommentTestCase):
    """The functions."""

    def edit(self, comment: Comment, by: CustomUser, **values: Any) -> None:
        with by.scope(), transaction.atomic():
            edit_comment(comment, by=by, **{"text": "Changed", "seen": None, **values})

    def test_edits_keep_what_was_said_before(self) -> None:
        comment = self.say(self.sam, "First words")
        self.edit(comment, self.sam)
        fresh = self.fresh(comment)
        self.assertEqual(
            (fresh.text, [each.text for each in fresh.former_texts.all()]), ("Changed", ["First words"])
        )
        self.assertIsNotNone(fresh.edited_at)
        with self.assertRaisesMessage(CommentChangedError, "in another window"):
            self.edit(comment, self.sam, text="Lost")
        self.assertEqual(self.fresh(comment).text, "Changed")
        self.edit(comment, self.sam, text="Changed", seen=fresh.edited_at)
        self.assertEqual(len(self.fresh(comment).former_texts.all()), 1)
        for person in (self.admin, self.ours.admin, self.marek):
            with self.subTest(person=person), self.assertRaises(NotAllowedError):
                self.edit(comment, person, seen=self.fresh(comment).edited_at)

    def test_an_edit_removes_the_files_that_it_does_not_name(self) -> None:
        with self.marek.scope(), transaction.atomic():
            uploads = [SimpleUploadedFile(f"{name}.txt", b"Plan") for name in ("first", "second")]
            first, second = (str(upload_file(each, by=self.marek).pk) for each in uploads)
        comment = self.say(self.marek, files=[first, second])
        self.edit(comment, self.marek, files=[first])
        self.assertEqual([file.filename for file in self.fresh(comment).files.all()], ["first.txt"])

    def test_a_deleted_comment_is_gone_everywhere(self) -> None:
        with self.marek.scope(), transaction.atomic():
            file = upload_file(SimpleUploadedFile("plan.txt", b"Plan"), by=self.marek)
        text = "@Sam Tester unspeakable"
        comment = self.say(self.marek, text, files=[str(file.pk)])
        self.edit(comment, self.marek, text=f"{text}!", seen=None, files=[str(file.pk)])
        with self.sam.scope(), transaction.atomic(), self.assertRaises(NotAllowedError):
            delete_comment(comment, by=self.sam)
        for _twice in range(2):
            with self.marek.scope(), transaction.atomic():
                delete_comment(comment, by=self.marek)
        fresh = self.fresh(comment)
        self.assertEqual((fresh.text, fresh.is_internal), ("", False))
        self.assertEqual([*fresh.mentions.all(), *fresh.files.all(), *fresh.former_texts.all()], [])
        with self.ours.scope(), transaction.atomic():
            document = TicketDocument.objects.get(ticket=self.ticket.pk)
            self.assertNotIn("unspeakable", f"{document.parts} {document.words}")
            FileUpload.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
            for event in AuditEvent.objects.all():
                self.assertNotIn("unspeakable", str(event.changes))
        self.assertEqual(remove_unused_files(), 1)
        for path, client in ((self.at, logged_in(self.sam)), (self.desk, self.client)):
            self.assertNotContains(client.get(path), "unspeakable")
            self.assertContains(client.get(path), "Deleted by Marek Tester,")
        self.assertContains(
            self.client.get(f"/users/audit/?ticket={self.ticket.number}"), "deleted a comment"
        )
        with self.assertRaisesMessage(CommentChangedError, "deleted this comment"):
            self.edit(comment, self.marek)

    def test_what_is_found_is_never_made_of_a_text_that_was_deleted_meanwhile(self) -> None:
        comment = self.say(self.marek, "unspeakable")
        with self.ours.scope(), transaction.atomic():
            before = TicketInstance.objects.get(pk=self.ticket.pk).changed_at
            old = TicketDocument.objects.get(ticket=self.ticket.pk)
        with self.marek.scope(), transaction.atomic():
            delete_comment(comment, by=self.marek)
        with self.ours.scope(), transaction.atomic():
            tickets = TicketInstance.objects.filter(pk=self.ticket.pk)
            self.assertGreater(tickets.get().changed_at, before)
            TicketDocument.objects.filter(pk=old.pk).update(parts=old.parts, built_for=old.built_for)
            update_documents(tickets)
            self.assertNotIn("unspeakable", str(TicketDocument.objects.get(pk=old.pk).parts))

    def test_mentions_are_names_in_the_text_and_people_who_were_picked(self) -> None:
        both = self.say(self.marek, "Well, @Sam Tester: and @Dora Tester, @Nobody", mentions=[self.admin.pk])
        self.assertEqual(self.mentioned(both), {"Sam", "Hanna"})
        inside = self.say(self.marek, "@Sam Tester", is_internal=True, mentions=[self.admin.pk, self.sam.pk])
        self.assertEqual(self.mentioned(inside), {"Hanna"})
        self.edit(both, self.marek, text="@Hanna Tester", is_internal=True)
        self.assertEqual(self.mentioned(both), {"Hanna"})

    def test_names_are_marked_as_long_as_possible(self) -> None:
        text, others = mark_names("<@Al Bo> @Al Bob @Al Bob2 @Al", ["Al Bo", "Al Bob", "Cy"])
        marked = '&lt;<mark class="tf-mention">@Al Bo</mark>&gt; <mark class="tf-mention">@Al Bob</mark>'
        self.assertEqual((text, others), (f"{marked} @Al Bob2 @Al", ["Cy"]))

    def test_refused(self) -> None:
        for by, text, more in (
            (self.sam, " ", {}),
            (self.sam, "Hi", {"is_internal": True}),
            (self.ours.designer, "Hi", {}),
        ):
            with self.subTest(by=by, text=text), self.assertRaises(NotAllowedError):
                self.say(by, text, **more)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual((Comment.objects.count(), FormerText.objects.count()), (0, 0))


class PageTests(CommentTestCase):
    """The pages."""

    def test_internal_comment_with_files_and_mentions(self) -> None:
        page = self.client.get(self.desk)
        self.assertRegex(page.content.decode(), r'value="internal" id="comment_audience_1"\s+checked')
        files = [SimpleUploadedFile("a.txt", b"A"), SimpleUploadedFile("bad.exe", b"MZ\x90\0" + b"\0" * 60)]
        refused = self.client.post(f"{self.desk}comment/", {"text": "Look at @Sam Tester", "attached": files})
        self.assertContains(refused, "Keep a.txt")
        self.assertContains(refused, "Look at @Sam Tester")
        stored = refused.context["comment_form"]["attached"].value()
        data = {"text": "Look at @Sam Tester", "audience": "internal", "attached": stored}
        done = self.client.post(f"{self.desk}comment/", data, follow=True)
        self.assertContains(done, "Not mentioned, since they may not read this comment: Sam Tester.")
        self.assertContains(done, "a.txt")
        self.assertContains(done, "tf-comment is-internal")
        self.assertNotContains(logged_in(self.sam).get(self.at), "a.txt")
        data = {"text": f"Ask @{self.ours.worker.get_full_name()}, @Sam Tester", "audience": "public"}
        done = self.client.post(f"{self.desk}comment/", data, follow=True)
        self.assertContains(done, f"may not read this comment: {self.ours.worker.get_full_name()}.")

    def test_from_the_page_of_a_task(self) -> None:
        task, browser = self.vacations.task(self.ticket, "Decide"), logged_in(self.marek)
        path = f"/tasks/{task.pk}/"
        empty = browser.post(f"{path}comment/", {"text": ""})
        self.assertTrue(empty.context["comment_form"].errors["text"])
        self.assertRedirects(
            browser.post(f"{path}comment/", {"text": "One", "audience": "public"}), f"{path}#comments"
        )
        self.assertContains(browser.get(path), "One")
        self.assertContains(logged_in(self.sam).get(self.at), "One")
        self.assertEqual(
            logged_in(self.ours.designer).post(f"{path}comment/", {"text": "x"}).status_code, 403
        )
        self.assertEqual(logged_in(self.theirs.admin).post(f"{path}comment/", {"text": "x"}).status_code, 404)

    def test_edit_and_delete(self) -> None:
        comment, browser = self.say(self.sam, "First words"), logged_in(self.sam)
        path = f"{self.at}comments/{comment.pk}/"
        self.assertContains(browser.get(f"{path}edit/"), "First words</textarea>")
        done = browser.post(f"{path}edit/", {"text": "Second words", "_edited_at": ""}, follow=True)
        self.assertContains(done, "Edited")
        self.assertNotContains(done, "First words")
        self.assertContains(self.client.get(self.desk), "First words")
        for seen in ("", "2026-13-45T00:00", "2026-01-01T00:00+00:00"):
            late = browser.post(f"{path}edit/", {"text": "Third words", "_edited_at": seen})
            self.assertContains(late, "in another window", status_code=409)
            self.assertContains(late, "Third words", status_code=409)
        self.assertContains(browser.get(f"{path}delete/"), "Delete your comment?")
        self.assertContains(browser.post(f"{path}delete/", follow=True), "Deleted by Sam Tester,")
        self.assertRedirects(
            browser.get(f"{path}edit/"), f"{self.at}#timeline", fetch_redirect_response=False
        )
        own = self.say(self.admin, "From the desk")
        for by, said, entry in (
            (browser, self.say(self.sam, "More"), "My tickets"),
            (self.client, own, "Tickets"),
        ):
            for name in ("edit", "delete"):
                page = by.get(f"{self.at}comments/{said.pk}/{name}/")
                entries = (each for group in page.context["navigation"].groups for each in group["entries"])
                self.assertEqual([each.label for each, is_current, _badge in entries if is_current], [entry])
        for name in ("edit", "delete"):
            for person, status in ((self.admin, 403), (self.ours.designer, 403), (self.theirs.admin, 404)):
                self.assertEqual(logged_in(person).post(f"{path}{name}/").status_code, status)

    def test_following(self) -> None:
        browser = logged_in(self.sam)
        for _twice in range(2):
            self.assertContains(browser.post(f"{self.at}follow/", follow=True), "You follow this ticket now.")
        self.staff.impersonated_company = self.ours.company
        for person in (self.ours.designer, self.staff):  # who may not see it, and who is of no company
            with person.scope(), self.assertRaises(NotAllowedError):
                follow(self.ticket, person)
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(list(followers_of(self.ticket)), [self.sam])
        self.assertContains(self.client.get(self.desk), "<li>Sam Tester</li>")
        own = browser.post(f"{self.at}unfollow/", follow=True)
        self.assertContains(own, "It is your ticket: you are told")
        self.assertNotContains(own, "Follow</")
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(list(followers_of(self.ticket)), [])

    def test_nobody_has_said_anything(self) -> None:
        task = self.vacations.task(self.ticket, "Decide")
        page = partial(logged_in(self.marek).get, f"/tasks/{task.pk}/")
        self.assertContains(page(), "Nobody has said anything yet.")
        self.say(self.marek)
        self.assertNotContains(page(), "Nobody has said anything yet.")
