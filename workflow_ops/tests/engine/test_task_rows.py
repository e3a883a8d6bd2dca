"""The hand-written statements about one task give what the models give."""

from functools import partial
from typing import Any

from django.db.models import Model

from workflow_ops.engine.new_tickets import MAX_ID
from workflow_ops.engine.task_rows import allowed_person_ids, find_task_by_id, lock_task
from workflow_ops.models import TaskAllowedUser, TaskInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow


def values_of(row: Model | None) -> dict[str, Any] | None:
    """Return all columns of a row."""
    if row is None:
        return None
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


class TaskRowsTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("First", "a", "out"), form("Second", "out", "done")))
        self.ticket = self.engine.submit(made, a="x")
        self.engine.complete(self.ticket, "First", out="y")
        self.task = self.engine.task(self.ticket, "First")

    def test_found_and_locked_task_with_all_that_belongs_to_it(self) -> None:
        related = ("workflow_instance__ticket__created_by", "task_definition__workflow")
        read = self.engine.call(lambda: TaskInstance.objects.select_related(*related).get(pk=self.task.pk))
        found = self.engine.call(lambda: find_task_by_id(self.task.pk))
        assert found is not None
        locked = self.engine.call(lambda: lock_task(found))
        with self.assertNumQueries(0):
            for name, row in (("found", found), ("locked", locked)):
                with self.subTest(name):
                    run, expected = row.workflow_instance, read.workflow_instance
                    self.assertEqual(values_of(row), values_of(read))
                    self.assertEqual(values_of(run), values_of(expected))
                    self.assertEqual(values_of(run.ticket), values_of(expected.ticket))
                    self.assertEqual(values_of(row.task_definition), values_of(read.task_definition))
                    self.assertEqual(
                        values_of(row.task_definition.workflow), values_of(read.task_definition.workflow)
                    )
            requester = found.workflow_instance.ticket.created_by
            self.assertEqual(values_of(requester), values_of(read.workflow_instance.ticket.created_by))

    def test_ticket_of_nobody(self) -> None:
        """Staff have no row in the company."""
        self.engine.call(lambda: type(self.ticket).objects.filter(pk=self.ticket.pk).update(created_by=None))
        found = self.engine.call(lambda: find_task_by_id(self.task.pk))
        assert found is not None
        self.assertIsNone(found.workflow_instance.ticket.created_by)

    def test_unknown_tasks(self) -> None:
        for task_id in (0, self.task.pk + 1000, MAX_ID, MAX_ID + 1):
            with self.subTest(task_id):
                self.assertIsNone(self.engine.call(partial(find_task_by_id, task_id)))

    def test_allowed_people_are_read_once_for_each_object(self) -> None:
        person = self.ours.worker
        self.engine.call(lambda: TaskAllowedUser.objects.create(task=self.task, person=person))
        self.assertEqual(self.engine.call(lambda: allowed_person_ids(self.task)), {person.pk})
        self.engine.call(lambda: TaskAllowedUser.objects.all().delete())
        self.assertEqual(allowed_person_ids(self.task), {person.pk})
        again = self.engine.task(self.ticket, "First")
        self.assertEqual(self.engine.call(lambda: allowed_person_ids(again)), set())
