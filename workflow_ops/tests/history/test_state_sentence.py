"""The current state of a ticket in one sentence, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import SimpleTestCase
from django.utils.html import strip_tags

from ticketflower.template_tags import waiting
from users.models import CustomUser
from workflow_design.models import TaskDefinition
from workflow_ops.history.state_sentence import state_sentence
from workflow_ops.models import TaskInstance, WorkflowInstance

NOW = datetime(2026, 7, 3, 12, 0, tzinfo=UTC)  # a Friday
HANNA = CustomUser(pk=1, email="person@ours.example", first_name="Hanna", last_name="Huber")


def task(title: str = "Book it", *, to: CustomUser | None = HANNA, **values: Any) -> TaskInstance:
    """Build an unsaved task that was created on Tuesday."""
    settings = {name: values.pop(name) for name in ("task_type", "action_url") if name in values}
    definition = TaskDefinition(title=title, **{"task_type": "FORM", **settings})
    made = values.pop("created_at", NOW - timedelta(days=3))
    return TaskInstance(task_definition=definition, assigned_to=to, created_at=made, **values)


class Standing(SimpleTestCase):
    """The sentences of waiting and finished tickets."""

    def says(self, *tasks: TaskInstance, status: str = "IN_PROGRESS", **more: Any) -> str:
        run = WorkflowInstance(status=status, ended_at=more.pop("ended_at", None))
        return strip_tags(state_sentence(run, tasks, now=NOW, **more))

    def test_one_task(self) -> None:
        self.assertEqual(self.says(task()), "Waits for Book it by Hanna Huber, since Tuesday")
        self.assertEqual(self.says(task(), reader=HANNA), "Waits for Book it by you, since Tuesday")
        self.assertEqual(self.says(task(to=None)), "Waits for Book it, which nobody has yet, since Tuesday")

    def test_another_system(self) -> None:
        called = {"task_type": "SYNC_ACTION", "action_url": "https://api.example.com/x"}
        waiting = task(to=None, status="PENDING", **called)
        self.assertEqual(self.says(waiting), "Waits for Book it by api.example.com, since Tuesday")
        failed = task(to=None, task_type="SYNC_ACTION", status="ERROR")
        self.assertEqual(self.says(failed), "Waits for Book it, which failed, since Tuesday")

    def test_several_tasks_with_the_age_of_the_oldest(self) -> None:
        newer = task("Legal", created_at=NOW - timedelta(hours=3))
        self.assertEqual(
            self.says(task(), newer),
            "Waits for Book it by Hanna Huber and Legal by Hanna Huber, the oldest since Tuesday",
        )
        many = [task(f"T{number}", to=None) for number in range(6)]
        self.assertIn(", 3 more tasks, the oldest since Tuesday", self.says(*many))

    def test_without_a_task(self) -> None:
        self.assertIn("Stopped", self.says())
        self.assertIn("starts within a minute", self.says(status="NOT_STARTED"))
        self.assertIn("on hold", self.says(task(), status="ON_HOLD"))

    def test_the_end(self) -> None:
        ended = NOW - timedelta(hours=2)
        self.assertEqual(
            self.says(status="COMPLETED", ended_at=ended, ended_as="Booked"),
            "Completed as Booked 2 hours ago",
        )
        self.assertEqual(self.says(status="CANCELLED", ended_at=ended), "Cancelled 2 hours ago")

    def test_escapes_user_input(self) -> None:
        run = WorkflowInstance(status="IN_PROGRESS")
        person = CustomUser(pk=2, email="person@ours.example", first_name="<b>", last_name="{x}")
        text = state_sentence(run, [task("<script>{0}", to=person)], now=NOW)
        self.assertIn("<strong>&lt;script&gt;{0}</strong> by &lt;b&gt; {x}", text)

    def test_durations(self) -> None:
        for ago, expected in (
            (timedelta(seconds=20), "for less than a minute"),
            (timedelta(minutes=1), "for 1 minute"),
            (timedelta(minutes=59), "for 59 minutes"),
            (timedelta(hours=23), "for 23 hours"),
            (timedelta(days=5), "since Sunday"),
            (timedelta(days=30), "since 3 June"),
        ):
            with self.subTest(expected):
                self.assertEqual(strip_tags(waiting(NOW - ago, NOW)), expected)
