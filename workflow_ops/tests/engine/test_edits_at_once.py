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
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, equals, form, workflow

AGAIN = form("Again", "b", "done", condition=equals("b", "again"), reset_fields=("done",))
CHANGED = "The data has changed since you opened this page"


class EditsAtOnceTests(CommittedEngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Work", "a"), AGAIN, ticket="a b"))
        self.ticket: TicketInstance = self.engine.submit(made, a="x", b="x")
        self.path = f"/manage/tickets/{self.ticket.number}/edit/"

    def post(self, **data: Any) -> Any:
        """Submit an edit and return the response."""
        form = {"a": "x", "b": "x", "_save": "all", **data}
        return logged_in(self.ours.admin).post(self.path, form, follow=True)

    def test_one_wins_and_the_others_keep_what_they_typed(self) -> None:
        typed = [f"typed {number}" for number in range(6)]
        answers = at_once(*[partial(self.post, a=text, _step="1") for text in typed])
        refused = [(text, each) for text, each in zip(typed, answers, strict=True) if not each.redirect_chain]
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
        self.assertTrue(self.post(a="second", _step="2").redirect_chain)
        self.assertEqual(self.engine.run(self.ticket).data["a"], "second")

    def test_the_second_is_told_what_changed_by_whom_and_what_follows_now(self) -> None:
        self.post(a="first", _step="1")
        answer = self.post(a="second", _step="1")
        ((change, who),) = answer.context["foreign"]
        self.assertEqual((change.label, change.before, change.after), ("A", "x", "first"))
        self.assertEqual(who, self.ours.admin.get_full_name())
        (mine,) = answer.context["changes"]
        self.assertEqual((mine.before, mine.after), ("first", "second"))
        self.assertEqual(len(answer.context["preview"].follows), 1)
        self.assertEqual(dict(answer.context["typed"])["a"], "second")

    def test_says_afterwards_what_followed(self) -> None:
        answer = self.post(a="y", _step="1")
        self.assertContains(answer, "The data has been saved. The input of “Work” changed.")
        answer = self.post(a="y", b="again", _step="2")
        worker = self.ours.worker.get_full_name()
        self.assertContains(
            answer, f"The data has been saved. “Again” started, assigned to {worker}. Done was emptied."
        )
        answer = self.post(a="z", b="again", _step="3", _save="correct")
        self.assertContains(answer, "Corrected, and nothing started. The input of “Work” changed.")

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
