"""Ticket forms that are submitted after a new version was published or the workflow was archived."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction

from users.tests.at_once import at_once
from users.tests.cases import logged_in
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from workflow_design.definition.workflow import TicketFile, WorkflowFile
from workflow_design.versions.publishing import archive
from workflow_ops.models import RunStatus, TicketInstance
from workflow_ops.tests.engine_cases import (
    TEXT,
    YES_NO,
    CommittedEngineTestCase,
    Engine,
    EngineTestCase,
    form,
    workflow,
)
from workflow_ops.work.submissions import complete_task, submit_ticket


def ticket_workflow(ticket: str, **more: Any) -> WorkflowFile:
    """Return a workflow whose ticket definition has these fields."""
    every = {name: YES_NO if name == "sure" else TEXT for name in ticket.split()}
    return workflow(form("Do", ticket.split(maxsplit=1)[0]), ticket=ticket, **{**every, **more})


def publish_form(engine: Engine, file: WorkflowFile) -> str:
    """Publish the workflow, and return the address of its ticket form."""
    made = engine.load(file)
    return f"/tickets/new/{engine.call(lambda: made.tickets.get().pk)}/"


class OutdatedFormTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.old = publish_form(self.engine, ticket_workflow("a b sure"))
        self.browser = logged_in(self.ours.submitter)
        self.token = str(uuid4())

    def post(self, path: str, **data: Any) -> Any:
        """Submit the form, run the callbacks on commit, and return the response."""
        with self.captureOnCommitCallbacks(execute=True):
            return self.browser.post(path, {"_form_token": self.token, **data})

    def tickets(self) -> list[TicketInstance]:
        """Return all tickets."""
        found: list[TicketInstance] = self.engine.call(lambda: list(TicketInstance.objects.all()))
        return found

    def test_the_new_form_keeps_what_was_typed(self) -> None:
        new = publish_form(self.engine, ticket_workflow("a c"))
        answer = self.post(self.old, a="kept <text>", b="gone {{ 7*7 }}", sure="")
        self.assertContains(answer, "A new version of this form was published", status_code=409)
        self.assertContains(answer, f'action="{new}?form={self.token}"', status_code=409)
        self.assertContains(answer, "kept &lt;text&gt;", status_code=409)
        self.assertContains(answer, "gone {{ 7*7 }}", status_code=409)
        self.assertEqual(set(answer.context["left"].fields), {"b"})
        self.assertEqual(self.tickets(), [])

    def test_submitted_again_makes_one_ticket(self) -> None:
        new = publish_form(self.engine, ticket_workflow("a c"))
        token = str(self.post(self.old, a="x").context["form_token"])
        self.assertEqual(token, self.token)
        answers = [self.post(new, a="x", c="y"), self.post(new, a="x", c="y"), self.post(self.old, a="x")]
        self.assertEqual({answer["Location"] for answer in answers}, {"/tickets/1/"})
        self.assertEqual([ticket.ticket_data for ticket in self.tickets()], [{"a": "x", "c": "y"}])

    def test_nothing_is_left_where_all_fields_stay(self) -> None:
        publish_form(self.engine, ticket_workflow("a b sure c"))
        answer = self.post(self.old, a="x", sure="True")
        self.assertNotContains(answer, "Your other entries", status_code=409)

    def test_a_repeat_leads_to_the_ticket(self) -> None:
        first = self.post(self.old, a="x")
        publish_form(self.engine, ticket_workflow("a c"))
        self.assertEqual(self.post(self.old, a="x")["Location"], first["Location"])
        self.assertEqual(len(self.tickets()), 1)

    def test_archived_workflow(self) -> None:
        made = self.engine.load(ticket_workflow("a b sure"))
        self.engine.call(lambda: archive(made, by=None))
        answer = self.post(self.old, a="to be copied")
        self.assertContains(answer, "is not offered any more", status_code=409)
        self.assertContains(answer, "to be copied", status_code=409)
        self.assertEqual(self.tickets(), [])

    def test_of_another_title_or_for_other_people_it_is_not_offered(self) -> None:
        cases: list[tuple[str, tuple[str, ...]]] = [("Other", ()), ("Ticket", ("Board",))]
        for title, roles in cases:
            kind = TicketFile(title=title, fields=("a",), submitter_roles=roles)
            publish_form(self.engine, replace(ticket_workflow("a b"), tickets=(kind,)))
            with self.subTest(title):
                answer = self.post(self.old, a="x")
                self.assertContains(answer, "is not offered any more", status_code=409)

    def test_hostile_texts(self) -> None:
        publish_form(self.engine, ticket_workflow("a c"))
        for name in ("a", "b", "sure", "_form_token"):
            for text in HOSTILE_TEXTS:
                with self.subTest(name=name, text=text[:20]):
                    answer = post_raw(self.browser, self.old, {"a": "x", name: text})
                    self.assertEqual(answer.status_code, 409)

    def test_who_may(self) -> None:
        publish_form(self.engine, ticket_workflow("a c"))
        for person, status in ((self.ours.designer, 403), (self.theirs.admin, 404)):
            self.assertEqual(logged_in(person).post(self.old, {"a": "x"}).status_code, status)
        self.assertEqual(self.browser.get(self.old).status_code, 404)

    def test_the_token_of_another_persons_form_makes_no_ticket(self) -> None:
        self.post(self.old, a="theirs")
        other = logged_in(self.ours.admin)
        answer = other.post(self.old, {"_form_token": self.token, "a": "mine"})
        self.assertContains(answer, "You may not do this.")
        self.assertContains(answer, "mine")
        self.assertNotContains(answer, self.token)
        publish_form(self.engine, ticket_workflow("a c"))
        answer = other.post(self.old, {"_form_token": self.token, "a": "mine"})
        self.assertContains(answer, "A new version", status_code=409)


class AtOnceTests(CommittedEngineTestCase):
    def test_submitted_while_a_version_is_published(self) -> None:
        """Each form makes its ticket or is refused as outdated; none is lost."""
        old = publish_form(self.engine, ticket_workflow("a b"))
        browsers = [logged_in(self.ours.submitter) for _each in range(8)]

        def post(number: int) -> int:
            text = f"typed {number}"
            answer = browsers[number].post(old, {"_form_token": str(uuid4()), "a": text})
            if answer.status_code != 302:
                self.assertContains(answer, text, status_code=409)
            return answer.status_code

        publish = partial(publish_form, self.engine, ticket_workflow("a c"))
        counted = Counter(at_once(*[partial(post, number) for number in range(8)], publish))
        made = self.engine.call(TicketInstance.objects.count)
        self.assertEqual((counted[302], counted[302] + counted[409]), (made, 8))

    def test_waiting_writes_are_applied_when_a_ticket_is_submitted_again(self) -> None:
        """The write is applied at once, not only by the job, although the first process died."""
        made = self.engine.load(ticket_workflow("a b"))
        path = f"/tickets/new/{self.engine.call(lambda: made.tickets.get().pk)}/"
        person, token = self.ours.submitter, uuid4()
        with person.scope(), transaction.atomic():
            kind = made.tickets.select_related("workflow").get()
            ticket = submit_ticket(kind, values={"a": "x"}, form_token=token, by=person)
            transaction.get_connection().run_on_commit.clear()
        self.assertEqual(self.engine.status(ticket), RunStatus.NOT_STARTED)
        answer = logged_in(person).post(path, {"_form_token": str(token), "a": "x"})
        self.assertEqual(answer["Location"], f"/tickets/{ticket.number}/")
        self.assertEqual(self.engine.unfinished(ticket), ["Do #1"])

    def test_waiting_writes_are_applied_when_a_task_is_completed_again(self) -> None:
        made = self.engine.load(workflow(form("Do", "a"), form("Next", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Do")
        person = task.assigned_to
        assert person is not None
        with person.scope(), transaction.atomic():
            complete_task(task, values={"out": "y"}, input_version=1, by=person)
            transaction.get_connection().run_on_commit.clear()
        self.assertEqual(self.engine.unfinished(ticket), [])
        logged_in(person).post(f"/tasks/{task.pk}/", {"out": "y", "_input_version": "1"})
        self.assertEqual(self.engine.unfinished(ticket), ["Next #1"])
