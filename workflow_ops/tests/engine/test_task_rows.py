"""The hand-written statements about one task give what the models give."""

from functools import partial
from typing import Any

from django.db.models import Model

from workflow_ops.engine.new_tickets import MAX_ID
from workflow_ops.engine.task_rows import allowed_person_ids, find_task_by_id, lock_task
from workflow_ops.models import TaskAllowedUser, TaskHolder, TaskInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow


def values_of(row: Model | None, *, of: Model | None = None) -> dict[str, Any] | None:
    """Return all columns of a row, or those that were read of another row."""
    if row is None:
        return None
    left_out = of.get_deferred_fields() if of else ()
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in left_out}


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
        at_once = self.engine.call(lambda: find_task_by_id(self.task.pk, lock=True))
        with self.assertNumQueries(0):
            for name, row in (("found", found), ("locked", locked), ("found and locked", at_once)):
                with self.subTest(name):
                    run, expected = row.workflow_instance, read.workflow_instance
                    self.assertEqual(values_of(row), values_of(read))
                    self.assertEqual(values_of(run), values_of(expected))
                    self.assertEqual(values_of(run.ticket), values_of(expected.ticket))
                    self.assertEqual(values_of(row.task_definition), values_of(read.task_definition))
                    version = row.task_definition.workflow
                    self.assertEqual(
                        values_of(version, of=version), values_of(read.task_definition.workflow, of=version)
                    )
            requester = found.workflow_instance.ticket.created_by
            self.assertEqual(values_of(requester), values_of(read.workflow_instance.ticket.created_by))

    def test_who_may_do_it_and_who_had_a_task(self) -> None:
        """Both are read along with the task. Under the lock, they are asked for anew."""
        person, run_id = self.ours.worker, self.task.workflow_instance_id
        self.engine.call(lambda: TaskAllowedUser.objects.create(task=self.task, person=person))
        held = partial(TaskHolder.objects.filter, workflow_instance=run_id)
        had = self.engine.call(lambda: set(held().values_list("person_id", flat=True)))
        found = self.engine.call(lambda: find_task_by_id(self.task.pk))
        assert found is not None
        with self.assertNumQueries(0):
            self.assertEqual(allowed_person_ids(found), {person.pk})
            self.assertEqual(found.workflow_instance.read_holder_ids, had)
        self.assertTrue(had)
        for lock in (partial(lock_task, found), partial(find_task_by_id, self.task.pk, lock=True)):
            locked = self.engine.call(lock)
            self.assertIsNone(locked.read_allowed_ids)
            self.assertIsNone(locked.workflow_instance.read_holder_ids)

    def test_what_was_found_with_the_lock_is_not_read_again(self) -> None:
        def find_and_lock() -> None:
            found = find_task_by_id(self.task.pk, lock=True)
            assert found is not None
            with self.assertNumQueries(0):
                self.assertIs(lock_task(found), found)

        self.engine.call(find_and_lock)

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
