"""Concurrent edits of one ticket's data: the second admin gets a message and keeps what was typed."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import DataChangedError
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow

CHANGED = "The data has changed since you opened this page"


class EditsAtOnceTests(CommittedEngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Work", "a"), ticket="a b"))
        self.ticket: TicketInstance = self.engine.submit(made, a="x", b="x")
        self.path = f"/manage/tickets/{self.ticket.number}/edit/"

    def post(self, **data: Any) -> Any:
        """Submit an edit and return the response."""
        return logged_in(self.ours.admin).post(self.path, {"a": "x", "b": "x", **data})

    def test_one_wins_and_the_others_keep_what_they_typed(self) -> None:
        typed = [f"typed {number}" for number in range(6)]
        answers = at_once(*[partial(self.post, a=text, _step="1") for text in typed])
        refused = [(text, each) for text, each in zip(typed, answers, strict=True) if each.status_code != 302]
        self.assertEqual(len(refused), 5)
        for text, answer in refused:
            self.assertContains(answer, CHANGED)
            self.assertContains(answer, text)
            # The step whose data the page shows: 1 if that of the winner was not applied yet.
            self.assertRegex(answer.content.decode(), r'name="_step" value="[12]"')
        (winner,) = set(typed) - {text for text, _answer in refused}
        self.assertEqual(self.engine.run(self.ticket).data["a"], winner)
        self.assertEqual([step.step for step in self.engine.steps(self.ticket)], [1, 2])

    def test_a_refused_edit_can_be_saved_the_second_time(self) -> None:
        self.post(a="first", _step="1")
        self.assertContains(self.post(a="second", _step="1"), CHANGED)
        self.assertEqual(self.post(a="second", _step="2").status_code, 302)
        self.assertEqual(self.engine.run(self.ticket).data["a"], "second")

    def test_an_edit_refused_for_another_reason_stays_outdated(self) -> None:
        self.post(a="first", _step="1")
        for step in ("1", "", "x", "9" * 50):
            answer = self.post(a="x" * 70_000, _step=step)
            self.assertNotContains(answer, 'name="_step" value="2"')

    def test_committed_writes_that_wait_count(self) -> None:
        """A committed write counts, and is applied at once if the process that committed it died."""
        admin = self.ours.admin
        with admin.scope(), transaction.atomic():
            edit_data(self.ticket, values={"a": "first"}, by=admin, expected_step=1)
            transaction.get_connection().run_on_commit.clear()

        def edit_again() -> int:
            try:
                edit_data(self.ticket, values={"b": "second"}, by=admin, expected_step=1)
            except DataChangedError as refusal:
                return refusal.step
            return 0

        self.assertEqual(self.engine.as_person(admin, edit_again), 2)
        self.assertEqual(self.engine.run(self.ticket).data, {"a": "first", "b": "x"})
