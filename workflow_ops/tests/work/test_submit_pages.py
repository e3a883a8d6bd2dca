"""The pages of submitters: catalogue, ticket form, and their tickets."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from users.tests.cases import logged_in
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from users.tests.queries import at_most_queries, same_queries_as
from users.tests.test_unsent_forms import end_session, log_in
from workflow_design.models import TicketDefinition, WorkflowDefinition
from workflow_design.versions.publishing import archive
from workflow_ops.models import Comment, FileUpload, RunStatus, TaskInstance, TicketCounter, TicketInstance
from workflow_ops.tests.engine_cases import YES_NO, EngineTestCase, equals, form, workflow

FILE = {"type": "string", "format": "file"}


class PageTestCase(EngineTestCase):
    """A published workflow whose ticket asks for a text, a yes or no, and a file."""

    def setUp(self) -> None:
        super().setUp()
        file = workflow(form("Do", "a"), ticket="a sure paper", title="Wishes", sure=YES_NO, paper=FILE)
        cast("dict[str, Any]", file.fields_schema)["required"] = ["a", "sure"]
        self.workflow: WorkflowDefinition = self.engine.load(file)
        self.kind: TicketDefinition = self.engine.call(self.workflow.tickets.get)
        self.path = f"/tickets/new/{self.kind.pk}/"
        self.browser = logged_in(self.ours.submitter)

    def post(self, path: str, browser: Client | None = None, **data: Any) -> Any:
        """Submit a form, run the callbacks on commit, and return the response."""
        with self.captureOnCommitCallbacks(execute=True):
            return (browser or self.browser).post(path, data)

    def newest(self) -> TicketInstance:
        """Return the newest ticket."""
        found: TicketInstance = self.engine.call(lambda: TicketInstance.objects.order_by("number").last())
        return found


class Catalogue(PageTestCase):
    """The list of tickets that a person may submit."""

    def test_shows_and_searches(self) -> None:
        self.assertContains(self.browser.get("/tickets/new/"), f'href="{self.path}"')
        self.assertContains(self.browser.get("/tickets/new/?q=tick"), f'href="{self.path}"')
        self.assertContains(self.browser.get("/tickets/new/?q=zebra"), "matches your search")

    def test_lists_only_what_the_person_may_submit(self) -> None:
        for person in (self.ours.designer, self.theirs.admin):
            self.assertNotContains(logged_in(person).get("/tickets/new/"), self.path)
        self.assertContains(logged_in(self.ours.ticket_admin).get("/tickets/new/"), self.path)
        self.assertContains(logged_in(self.theirs.admin).get("/tickets/new/"), "appear here")

    def test_statements(self) -> None:
        with at_most_queries(7) as few:
            self.browser.get("/tickets/new/")
        for number in range(20):
            self.engine.load(workflow(form("Do", "a"), title=f"Another {number}"))
        with same_queries_as(few):
            self.assertContains(self.browser.get("/tickets/new/"), "21 kinds of tickets")


class Submit(PageTestCase):
    """Submitting the form of a ticket."""

    def test_makes_a_ticket_and_starts_its_workflow(self) -> None:
        page = self.browser.get(self.path, follow=True)
        self.assertContains(page, "Next, “Do” starts.")
        token = str(page.context["form_token"])
        answer = self.post(self.path, a="x", sure="False", _form_token=token)
        ticket = self.newest()
        self.assertRedirects(answer, f"/tickets/{ticket.number}/")
        self.assertEqual(ticket.ticket_data, {"a": "x", "sure": False})
        self.assertEqual(self.engine.unfinished(ticket), ["Do #1"])

    def test_submitted_twice_makes_one_ticket(self) -> None:
        token = str(uuid.uuid4())
        answers = [self.post(self.path, a="x", sure="True", _form_token=token) for _ in range(2)]
        self.assertEqual(answers[0]["Location"], answers[1]["Location"])
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 1)

    def test_refused_keeps_what_was_typed(self) -> None:
        token = str(uuid.uuid4())
        answer = self.post(self.path, a="kept text", _form_token=token)
        self.assertContains(answer, "kept text")
        self.assertContains(answer, token)
        self.assertEqual(set(answer.context["form"].errors), {"sure"})
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 0)

    def test_files(self) -> None:
        upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        refused = self.post(self.path, a="x", paper=upload)
        file = self.engine.call(FileUpload.objects.get)
        self.assertContains(refused, "Keep a.pdf")
        self.post(self.path, a="x", sure="True", paper=str(file.pk))
        self.assertEqual(self.newest().ticket_data["paper"], str(file.pk))
        self.engine.call(file.refresh_from_db)
        self.assertEqual(file.ticket_id, self.newest().pk)
        page = self.browser.get(f"/tickets/{self.newest().number}/")
        self.assertContains(page, f'href="/files/{file.pk}/"', count=2)

    def test_files_of_a_type_that_is_not_accepted(self) -> None:
        answer = self.post(self.path, a="x", sure="True", paper=SimpleUploadedFile("a.exe", b"MZ\x90\x00"))
        self.assertContains(answer, "has a file type that is not accepted")
        self.assertEqual(self.engine.call(FileUpload.objects.count), 0)

    def test_files_of_others(self) -> None:
        self.post(
            self.path, logged_in(self.ours.worker), a="x", paper=SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        )
        file = self.engine.call(FileUpload.objects.get)
        answer = self.post(self.path, a="x", sure="True", paper=str(file.pk))
        self.assertContains(answer, "no longer exists")

    def test_who_may(self) -> None:
        for person, status in ((self.ours.designer, 403), (self.theirs.admin, 404)):
            self.assertEqual(logged_in(person).get(self.path).status_code, status)
            self.assertEqual(logged_in(person).post(self.path, {"a": "x"}).status_code, status)
        self.assertRedirects(Client().get(self.path), f"/users/login/?next={self.path}")
        self.assertEqual(self.browser.put(self.path).status_code, 405)

    def test_the_page_before_archiving_says_how_many_run(self) -> None:
        path = f"/design/{self.workflow.pk}/archive/"
        for words in ("1 ticket runs on it now. It continues", "2 tickets run on it now. They continue"):
            self.post(self.path, a=words, sure="True")
            self.assertContains(logged_in(self.ours.admin).get(path), words)

    def test_an_archived_workflow_is_not_found(self) -> None:
        self.engine.call(lambda: archive(self.workflow, by=None))
        self.assertEqual(self.browser.get(self.path).status_code, 404)

    def test_hostile_texts(self) -> None:
        for name in ("a", "sure", "paper", "_form_token"):
            for text in HOSTILE_TEXTS:
                with self.subTest(name=name, text=text[:20]):
                    answer = post_raw(self.browser, self.path, {"a": "x", "sure": "True", name: text})
                    self.assertIn(answer.status_code, {200, 302})

    def test_statements(self) -> None:
        address = f"{self.path}?form={uuid.uuid4()}"
        self.browser.get(address)
        with at_most_queries(8):
            self.browser.get(address)


class SentTwice(PageTestCase):
    """A form that has made a ticket, and another form with the same values."""

    def setUp(self) -> None:
        super().setUp()
        self.address = self.browser.get(self.path)["Location"]
        self.values: dict[str, Any] = {"a": "x", "sure": "True"}
        self.answer = self.post(self.address, **self.values)
        self.ticket = self.newest()

    def count(self) -> int:
        """Return the number of tickets."""
        count: int = self.engine.call(TicketInstance.objects.count)
        return count

    def test_back_leads_to_the_ticket(self) -> None:
        self.assertRegex(self.address, rf"^{self.path}\?form=[0-9a-f-]{{36}}$")
        page = self.browser.get(self.address, follow=True)
        self.assertContains(page, f"You have submitted this already: {self.ticket.name}.")
        self.assertEqual(page.redirect_chain[-1][0], f"/tickets/{self.ticket.number}/")
        other = logged_in(self.ours.worker).get(self.address)
        self.assertContains(other, "Submit")

    def test_other_values(self) -> None:
        for change in ({"a": "second thoughts"}, {"a": "second thoughts", "sure": ""}):
            page = self.post(self.address, **{**self.values, **change})
            text = f"You have submitted this form already, with other values, as #{self.ticket.number}."
            self.assertContains(page, text, status_code=409)
            self.assertContains(page, f'href="/tickets/{self.ticket.number}/"', status_code=409)
            self.assertContains(page, "second thoughts", status_code=409)
            self.assertNotIn(str(page.context["form_token"]), self.address)
            self.assertEqual(self.count(), 1)
        token = str(page.context["form_token"])
        self.post(self.path, a="second thoughts", sure="True", _form_token=token)
        self.assertEqual(self.count(), 2)

    def test_files_that_belong_to_the_ticket(self) -> None:
        refused = self.post(self.path, a="x", paper=SimpleUploadedFile("a.pdf", b"%PDF-1.4\n"))
        token = str(refused.context["form_token"])
        file = self.engine.call(FileUpload.objects.get)
        for _time in range(2):
            answer = self.post(self.path, **self.values, paper=str(file.pk), _form_token=token)
            self.assertRedirects(answer, f"/tickets/{self.newest().number}/")
        self.assertEqual(self.count(), 2)
        changed = self.post(self.path, a="other", sure="True", paper=str(file.pk), _form_token=token)
        self.assertContains(changed, "with other values", status_code=409)
        self.assertNotContains(changed, "no longer exists", status_code=409)

    def test_same_file_uploaded_twice(self) -> None:
        token = str(uuid.uuid4())
        for _time in range(2):
            paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
            answer = self.post(self.path, **self.values, paper=paper, _form_token=token)
            self.assertEqual(answer.status_code, 302)
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        self.assertContains(self.post(self.path, **self.values, paper=paper), "Once more?")
        self.assertEqual(self.count(), 2)
        self.post(self.path, **self.values, paper=SimpleUploadedFile("a.pdf", b"%PDF-1.5\n"))
        self.assertEqual(self.count(), 3)

    def test_the_same_once_more(self) -> None:
        page = self.post(self.path, **self.values)
        self.assertContains(page, "The same was submitted")
        self.assertContains(page, f"as #{self.ticket.number}. Once more?")
        self.assertContains(page, f'href="/tickets/{self.ticket.number}/"')
        self.assertContains(page, '<input type="hidden" name="_again" value="1">')
        token = str(page.context["form_token"])
        for _time in range(2):
            answer = self.post(self.path, **self.values, _form_token=token, _again="1")
            self.assertRedirects(answer, f"/tickets/{self.ticket.number + 1}/")
        self.assertEqual(self.count(), 2)
        counter = self.engine.call(TicketCounter.objects.get)
        self.assertEqual(counter.last_number, self.newest().number)

    def test_what_is_not_the_same(self) -> None:
        self.post(self.path, a="x", sure="False")
        self.post(self.path, logged_in(self.ours.worker), **self.values)
        other = self.engine.load(workflow(form("Do", "a"), ticket="a sure", title="Others", sure=YES_NO))
        self.post(f"/tickets/new/{self.engine.call(other.tickets.get).pk}/", **self.values)
        self.assertEqual(self.count(), 4)
        eleven_minutes_ago = timezone.now() - timedelta(minutes=11)
        self.engine.call(lambda: TicketInstance.objects.update(created_at=eleven_minutes_ago))
        self.post(self.path, **self.values)
        self.assertEqual(self.count(), 5)


class AfterTheLogInEnded(PageTestCase):
    """Forms that are sent after the log-in ended are filled in again after logging in."""

    def setUp(self) -> None:
        super().setUp()
        self.browser = log_in(self.ours.submitter)
        end_session(self.browser)

    def back_again(self, path: str) -> Any:
        """Log in and return the page to which that leads."""
        log_in(self.ours.submitter, self.browser)
        return self.browser.get(f"{path}{'&' if '?' in path else '?'}_unsent=1")

    def test_ticket(self) -> None:
        path = f"{self.path}?form={uuid.uuid4()}"
        token = path[-36:]
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        asked = self.post(path, a="typed words", sure="True", paper=paper, _form_token=token)
        self.assertIn("/users/login/?next=", asked["Location"])
        page = self.back_again(path)
        self.assertContains(page, 'value="typed words"')
        self.assertContains(page, "Keep a.pdf")
        self.assertEqual(str(page.context["form_token"]), token)
        self.assertEqual(self.engine.call(TicketInstance.objects.count), 0)
        [file] = page.context["form"]["paper"].value()
        values = {"a": "typed words", "sure": "True", "paper": file}
        self.post(path, **values, _form_token=token, _unsent="1")
        self.assertEqual(self.newest().ticket_data, {**values, "sure": True})
        self.assertEqual(str(self.newest().form_token), token)
        self.assertRedirects(self.back_again(path), path, fetch_redirect_response=False)

    def test_comment(self) -> None:
        ticket = self.engine.submit(self.workflow, a="x", sure=True)
        path = f"/tickets/{ticket.number}/comment/"
        self.post(path, text="My words")
        self.assertContains(self.back_again(path), "My words</textarea>")
        self.assertEqual(self.engine.call(Comment.objects.count), 0)

    def test_task(self) -> None:
        ticket = self.engine.submit(self.workflow, a="x", sure=True)
        task = self.engine.task(ticket, "Do")
        self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(assigned_to=self.ours.admin))
        self.browser = log_in(self.ours.admin)
        end_session(self.browser)
        path = f"/tasks/{task.pk}/"
        for more in ({}, {"_save_draft": "1"}):
            data: dict[str, Any] = {"out": "My words", "_input_version": "1", **more}
            self.post(path, **data)
            log_in(self.ours.admin, self.browser)
            self.assertContains(self.browser.get(f"{path}?_unsent=1"), "My words")
            end_session(self.browser)
        self.assertFalse(self.engine.task(ticket, "Do").is_finished)
        self.assertIsNone(self.engine.task(ticket, "Do").draft)


class MyTickets(PageTestCase):
    """The lists of active and archived tickets."""

    def test_lists(self) -> None:
        running, ended = (self.engine.submit(self.workflow, a=text, sure=True) for text in ("x", "the end"))
        self.assertEqual(self.engine.status(ended), RunStatus.COMPLETED)
        active = self.browser.get("/tickets/").context["rows"]
        archived = self.browser.get("/tickets/?status=archive").context["rows"]
        self.assertEqual([ticket.number for ticket in active], [running.number])
        self.assertEqual([ticket.number for ticket in archived], [ended.number])
        self.assertIn("Waits for <strong>Do</strong>", active[0].state_sentence())
        self.assertIn("End", archived[0].state_sentence())

    def test_search(self) -> None:
        ticket = self.engine.submit(self.workflow, a="x", sure=True)
        for words, count in (
            (f"%23{ticket.number}", 1),
            (str(ticket.number), 1),
            ("ticket", 1),
            ("zebra", 0),
        ):
            with self.subTest(words=words):
                self.assertEqual(len(self.browser.get(f"/tickets/?q={words}").context["rows"]), count)

    def test_only_the_persons_own(self) -> None:
        self.engine.submit(self.workflow, a="x", sure=True, by=self.ours.worker)
        self.assertContains(self.browser.get("/tickets/"), "Tickets that you submit appear here")
        self.assertEqual(Client().get("/tickets/").status_code, 302)

    def test_statements(self) -> None:
        self.engine.submit(self.workflow, a="x", sure=True)
        with at_most_queries(10) as few:
            self.browser.get("/tickets/")
        for _number in range(15):
            self.engine.submit(self.workflow, a="x", sure=True)
        with same_queries_as(few):
            self.assertEqual(len(self.browser.get("/tickets/").context["rows"]), 16)


class Ticket(PageTestCase):
    """The page of a ticket."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket = self.engine.submit(self.workflow, a="<i>text</i>", sure=False)
        self.at = f"/tickets/{self.ticket.number}/"

    def test_shows(self) -> None:
        page = self.browser.get(self.at)
        for text in (
            "Waits for <strong>Do</strong>",
            "&lt;i&gt;text&lt;/i&gt;",
            "submitted the ticket",
            "Where it stands",
            "<svg",
        ):
            self.assertContains(page, text)

    def test_tells_what_decides_only_to_those_who_may_see_the_workflow(self) -> None:
        secret = equals("out", "the secret")
        made = self.engine.load(workflow(form("Do", "a"), form("Check", "out", "done", condition=secret)))
        at = f"/tickets/{self.engine.submit(made, a='x').number}/"
        pages = {at: ("Why?",), f"{at}picture/": ("the secret", "It starts when", "Choose a part")}
        for address, texts in pages.items():
            with self.subTest(address):
                page = self.browser.get(address)
                for text in ("the secret", "Why?", "It starts when", "Choose a part"):
                    self.assertNotContains(page, text)
                self.assertContains(page, "Check")  # among what may follow, and in the picture
                page = logged_in(self.ours.ticket_admin).get(address)
                for text in texts:
                    self.assertContains(page, text)

    def test_shows_only_new_data(self) -> None:
        made = self.engine.load(
            replace(workflow(form("Do", "a"), title="Laid out"), display_layout=("a", "out"))
        )
        ticket = self.engine.submit(made, a="x")
        at = f"/tickets/{ticket.number}/"
        self.assertEqual(self.browser.get(at).context["now"], [])
        self.engine.complete(ticket, "Do", by=self.ours.admin, out="An answer")
        now = self.browser.get(at).context["now"]
        self.assertEqual([entry.label for block in now for entry in block.entries], ["Out"])

    def test_links_to_the_readers_task(self) -> None:
        again = form("Again", "out", "a", condition=equals("out", "no"), assignee_field="$submitter")
        made = self.engine.load(workflow(form("Do", "a"), again, title="With a way back"))
        ticket = self.engine.submit(made, a="x")
        at = f"/tickets/{ticket.number}/"
        self.assertNotContains(self.browser.get(at), "Your task")
        self.engine.complete(ticket, "Do", by=self.ours.admin, out="no")
        task = self.engine.task(ticket, "Again")
        self.assertContains(self.browser.get(at), f'href="/tasks/{task.pk}/"')
        self.assertContains(self.browser.get(at), "Your task: Again", count=2)
        self.assertNotContains(logged_in(self.ours.ticket_admin).get(at), "Your task")

    def test_who_may(self) -> None:
        for person, status in (
            (self.ours.ticket_admin, 200),
            (self.ours.admin, 200),
            (self.ours.designer, 403),
            (self.theirs.admin, 404),
        ):
            with self.subTest(person=person.email):
                browser = logged_in(person)
                self.assertEqual(browser.get(self.at).status_code, status)
                answered = browser.post(f"{self.at}comment/", {"text": "x"}).status_code
                self.assertEqual(answered, 302 if status == 200 else status)
        self.assertEqual(self.browser.post(self.at).status_code, 405)
        self.assertRedirects(self.browser.get(f"{self.at}comment/"), self.at)

    def test_comment(self) -> None:
        self.assertRedirects(self.post(f"{self.at}comment/", text="Well <b>said</b>"), self.at)
        self.assertContains(self.browser.get(self.at), "Well &lt;b&gt;said&lt;/b&gt;")
        too_long = self.post(f"{self.at}comment/", text="y" * 5001)
        self.assertContains(too_long, "y" * 5001)
        self.assertTrue(too_long.context["comment_form"].errors)

    def test_withdraw(self) -> None:
        at = f"{self.at}withdraw/"
        self.assertContains(self.browser.get(at), "Why do you withdraw it?")
        self.assertTrue(self.post(at).context["form"].errors)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)
        self.assertRedirects(self.post(at, reason="Changed my mind"), self.at)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.CANCELLED)
        self.assertContains(self.browser.get(self.at), "Changed my mind")
        again = self.browser.post(at, {"reason": "x"}, follow=True)
        self.assertContains(again, "This ticket has ended already.")

    def test_only_the_submitter_withdraws(self) -> None:
        at = f"{self.at}withdraw/"
        for person, status in ((self.ours.admin, 403), (self.ours.designer, 403), (self.theirs.admin, 404)):
            for answer in (logged_in(person).get(at), logged_in(person).post(at, {"reason": "x"})):
                self.assertEqual(answer.status_code, status)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.IN_PROGRESS)

    def test_statements(self) -> None:
        self.post(f"{self.at}comment/", text="One comment")
        self.browser.get(self.at)
        with at_most_queries(16) as few:
            self.browser.get(self.at)
        for number in range(30):
            self.post(f"{self.at}comment/", text=f"Comment {number} {timezone.now()}")
        self.browser.get(self.at)
        with same_queries_as(few):
            self.assertContains(self.browser.get(self.at), "Comment 29")
