"""The sentences of the timeline, without a database."""

from datetime import UTC, datetime
from typing import Any

from django.test import SimpleTestCase

from users.models import CustomUser
from workflow_design.models import TaskDefinition
from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.rules import Vocabulary
from workflow_ops.history.timeline_wording import TimelineEntry, build_entries
from workflow_ops.models import TaskInstance, TimelineEvent, TimelineKind, WorkflowData

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
DECISION = {"oneOf": [{"const": "approve", "title": "Approve"}]}
WORDS = Vocabulary.of_schema({"properties": {"decision": DECISION, "days": {"type": "integer"}}})
HANNA = CustomUser(pk=1, email="person@ours.example", first_name="Hanna", last_name="Huber")
OTTO = CustomUser(pk=2, email="person@ours.example", first_name="Otto", last_name="Ohm")
APPROVED = {"==": [{"var": "decision"}, "approve"]}


def task(title: str = "Book it", *, run: int = 1, pk: int = 7) -> TaskInstance:
    """Build an unsaved task."""
    return TaskInstance(
        pk=pk, run=run, task_definition=TaskDefinition(pk=70 + pk, title=title, task_type="FORM")
    )


def evaluation(outcome: str, **changes: Any) -> dict[str, Any]:
    """Build a stored evaluation of "Book it"."""
    return {
        "kind": "task",
        "key": "77",
        "title": "Book it",
        "fields_met": ["decision"],
        "condition": APPROVED,
        "values_read": {"decision": "approve"},
        "outcome": outcome,
        "message": "",
        **changes,
    }


def event(kind: TimelineKind, **values: Any) -> TimelineEvent:
    """Build an unsaved event, at noon by default."""
    return TimelineEvent(**{"pk": 1, "kind": kind, "created_at": NOON, "details": {}, **values})


def build_timeline(
    *events: TimelineEvent, steps: list[WorkflowData] | None = None, said: dict[int, object] | None = None
) -> list[TimelineEntry]:
    """Build the entries of a timeline."""
    return build_entries(events, steps=steps or [], vocabulary=WORDS, said=said)


class Sentences(SimpleTestCase):
    """The sentences of events."""

    def assert_sentence(self, expected: str, kind: TimelineKind, **values: Any) -> None:
        (entry,) = build_timeline(event(kind, **values))
        self.assertEqual(f"{entry.who} {entry.text}".strip(), expected)

    def test_every_kind_has_texts_and_an_icon(self) -> None:
        for kind in TimelineKind:
            for person in (HANNA, None):
                with self.subTest(kind=kind, person=person):
                    (entry,) = build_timeline(event(kind, person=person, task=task(), about=OTTO))
                    self.assertTrue(entry.text)
                    self.assertTrue(entry.icon)
                    self.assertNotIn("%", entry.text)
                    self.assertEqual(entry.who, "Hanna Huber" if person else "")

    def test_actions_of_people(self) -> None:
        self.assert_sentence("Hanna Huber submitted the ticket", TimelineKind.SUBMITTED, person=HANNA)
        self.assert_sentence(
            "Hanna Huber completed “Book it”", TimelineKind.TASK_COMPLETED, person=HANNA, task=task()
        )
        self.assert_sentence(
            "Hanna Huber assigned “Book it” #3 to Otto Ohm",
            TimelineKind.TASK_ASSIGNED,
            person=HANNA,
            task=task(run=3),
            about=OTTO,
        )
        self.assert_sentence(
            "Hanna Huber unassigned “Book it”",
            TimelineKind.TASK_ASSIGNED,
            person=HANNA,
            task=task(),
        )
        self.assert_sentence(
            "Hanna Huber edited the data: Decision and Days",
            TimelineKind.DATA_EDITED,
            person=HANNA,
            details={"fields": ["decision", "days"]},
        )

    def test_what_programs_prepare(self) -> None:
        about = {"task": task(), "about": OTTO}
        self.assert_sentence(
            "Hanna Huber (by “nightly”) prepared “Book it”, for Otto Ohm to confirm",
            TimelineKind.TASK_PREPARED,
            person=HANNA,
            details={"token": "nightly"},
            **about,
        )
        for is_last, more in ((False, ""), (True, ", for the last time: a person has to do it now")):
            self.assert_sentence(
                f"Hanna Huber sent “Book it” back to Otto Ohm{more}",
                TimelineKind.TASK_SENT_BACK,
                person=HANNA,
                details={"is_last": is_last},
                **about,
            )
        self.assert_sentence(
            "What Otto Ohm had prepared for “Book it” was dropped, since its input changed",
            TimelineKind.DRAFT_DROPPED,
            **about,
        )
        for differs, changed in (([], "nothing"), (["decision", "days"], "Decision and Days")):
            self.assert_sentence(
                f"Hanna Huber confirmed “Book it”, prepared by Otto Ohm (by “nightly”); changed {changed}",
                TimelineKind.TASK_COMPLETED,
                person=HANNA,
                details={"prepared_with": "nightly", "differs": differs},
                **about,
            )

    def test_paper_has_what_was_decided(self) -> None:
        printed = [
            kind
            for kind in (TimelineKind.SUBMITTED, TimelineKind.TASK_STARTED, TimelineKind.TASK_COMPLETED)
            if not build_timeline(event(kind, task=task()))[0].is_only_progress
        ]
        self.assertEqual(printed, [TimelineKind.SUBMITTED, TimelineKind.TASK_COMPLETED])

    def test_events_without_an_actor(self) -> None:
        self.assert_sentence(
            "“Book it” started, assigned to Otto Ohm", TimelineKind.TASK_STARTED, task=task(), about=OTTO
        )
        self.assert_sentence(
            "“Book it” started, and waits for another system",
            TimelineKind.TASK_STARTED,
            task=task(),
            details={"waits_for_action": True},
        )
        self.assert_sentence(
            "The ticket ended as “Booked”", TimelineKind.ENDED, details={"completion": "Booked"}
        )
        self.assert_sentence(
            "“Book it” was completed, after the end, so nothing changed",
            TimelineKind.TASK_COMPLETED,
            task=task(),
            details={"too_late": True},
        )

    def test_actions(self) -> None:
        action = task()
        action.task_definition.task_type = "SYNC_ACTION"
        kinds = TimelineKind
        self.assert_sentence("“Book it” was completed", kinds.TASK_COMPLETED, task=action)
        by_hand = "Hanna Huber completed “Book it” by hand"
        self.assert_sentence(by_hand, kinds.TASK_COMPLETED, task=action, person=HANNA)
        self.assert_sentence("“Book it” failed", kinds.ERROR, task=action)
        again = "Hanna Huber had “Book it” tried again"
        self.assert_sentence(again, kinds.RETRIED, task=action, person=HANNA)

    def test_staff_hides_the_person(self) -> None:
        (entry,) = build_timeline(event(TimelineKind.HELD, impersonator_id=9))
        self.assertEqual((entry.who, entry.text), ("TicketFlower staff", "put the ticket on hold"))

    def test_separates_reasons_and_messages_from_its_sentences(self) -> None:
        hostile = "<script>{{ 7*7 }}%(task)s"
        (held,) = build_timeline(event(TimelineKind.HELD, person=HANNA, details={"reason": hostile}))
        (failed,) = build_timeline(event(TimelineKind.ERROR, details={"message": hostile}))
        self.assertEqual((held.comment, failed.comment), (hostile, hostile))
        (started,) = build_timeline(event(TimelineKind.TASK_STARTED, task=task(hostile)))
        self.assertEqual(started.text, f"“{hostile}” started")

    def test_sorts_newest_first_with_comments_in_between(self) -> None:
        said = object()
        entries = build_timeline(
            event(TimelineKind.TASK_STARTED, pk=2, task=task()),
            event(TimelineKind.HELD, pk=4),
            event(TimelineKind.SUBMITTED, pk=1),
            event(TimelineKind.COMMENTED, pk=3, person=OTTO, comment_id=5),
            said={5: said},
        )
        self.assertEqual(
            [entry.text for entry in entries],
            ["The ticket was put on hold", "commented", "“Book it” started", "The ticket was submitted"],
        )
        self.assertEqual((entries[1].who, entries[1].said), ("Otto Ohm", said))


class Reasons(SimpleTestCase):
    """The collapsed explanations."""

    def setUp(self) -> None:
        other = evaluation(
            "condition-false", title="Change request", key="78", values_read={"decision": "approve"}
        )
        self.step = WorkflowData(pk=5, source="task", task_id=9, looks=[evaluation("started"), other])

    def test_started_tasks_list_only_their_own_reason(self) -> None:
        (entry,) = build_timeline(
            event(TimelineKind.TASK_STARTED, task=task(), workflow_data_id=5), steps=[self.step]
        )
        self.assertEqual(
            entry.why, ["“Book it” started, since Decision was written and Decision is “Approve”."]
        )

    def test_sources_list_all_evaluations(self) -> None:
        decide = task("Decide", pk=9)
        for tied in ({"workflow_data_id": 5}, {}):
            (entry,) = build_timeline(
                event(TimelineKind.TASK_COMPLETED, task=decide, task_id=9, **tied), steps=[self.step]
            )
            self.assertEqual(len(entry.why), 2)
            self.assertIn("“Change request” did not start: Decision was written, but", entry.why[1])

    def test_ends_list_the_reached_completion(self) -> None:
        reached = evaluation("reached", kind="completion", title="Booked", key="1")
        missed = evaluation("condition-false", kind="completion", title="Rejected", key="2")
        step = WorkflowData(pk=5, source="task", task_id=9, looks=[missed, reached])
        (entry,) = build_timeline(event(TimelineKind.ENDED, workflow_data_id=5), steps=[step])
        self.assertEqual(len(entry.why), 1)
        self.assertIn("“Booked” was reached", entry.why[0])

    def test_no_reasons(self) -> None:
        (entry,) = build_timeline(
            event(TimelineKind.TASK_TAKEN, task=task(), workflow_data_id=5), steps=[self.step]
        )
        self.assertEqual(entry.why, [])


class EvaluationSentences(SimpleTestCase):
    """The sentence of one evaluation."""

    def assert_says(self, expected: str, outcome: str, **changes: Any) -> None:
        self.assertEqual(explain_evaluation(evaluation(outcome, **changes), WORDS), expected)

    def test_each_outcome(self) -> None:
        self.assert_says(
            "“Book it” started, since Decision and Days were written.",
            "started",
            condition=None,
            fields_met=["decision", "days"],
        )
        self.assert_says(
            "“Book it” did not start: Decision was written, but it starts only if Decision is “Approve” "
            "(Decision is empty).",
            "condition-false",
            values_read={"decision": None},
        )
        self.assert_says(
            "“Book it” was not reached: Decision was written, but it requires that Decision is “Approve” "
            "(Decision is “no”).",
            "condition-false",
            kind="completion",
            values_read={"decision": "no"},
        )
        self.assert_says(
            "“Book it” did not start: its condition can't be evaluated. Division by zero.",
            "condition-failed",
            message="Division by zero.",
        )
        self.assert_says("“Book it” waits until the ticket is resumed.", "waits")
        self.assert_says(
            "“Book it” was not evaluated, because the ticket had already ended or was put on hold.",
            "already-decided",
        )

    def test_every_outcome_has_a_text(self) -> None:
        for outcome in (
            "started",
            "refreshed",
            "reached",
            "condition-false",
            "condition-failed",
            "already-decided",
            "waits",
        ):
            for kind in ("task", "completion"):
                with self.subTest(outcome=outcome, kind=kind):
                    self.assertIn("Book it", explain_evaluation(evaluation(outcome, kind=kind), WORDS))
