"""The prepared statement of the first tasks to take agrees with the access rule."""

from __future__ import annotations

from users.system_roles import SystemRoleName
from workflow_ops.access import takeable_tasks
from workflow_ops.desk.actions import assign_task
from workflow_ops.models import TaskAllowedUser, TaskInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow
from workflow_ops.work.takeable_tasks import MAX_TAKEABLE, first_takeable_tasks


class FirstTakeable(EngineTestCase):
    """Tasks of a role, tasks of any worker, and some that are restricted to a person."""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.engine.person("One", roles=["Crew"])
        self.many = self.engine.person("Many", roles=["Crew", *(f"Role {number}" for number in range(9))])
        self.other = self.engine.person("Other", roles=["Role 1"], system_roles=[SystemRoleName.TASK_WORKER])
        for title, options in (
            ("Crew's", {"executor_roles": ("Crew",)}),
            ("Any worker's", {}),
            ("Not the submitter's", {"not_submitter": True}),
        ):
            made = self.engine.load(workflow(form("Work", "a", **options), title=title))
            for by in (self.ours.admin, self.ours.submitter):
                self._free(self.engine.task(self.engine.submit(made, by=by, a="x"), "Work"))

    def _free(self, task: TaskInstance) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: assign_task(task, to=None, by=admin))

    def _restrict(self) -> None:
        for task in TaskInstance.objects.order_by("pk")[::2]:
            TaskAllowedUser.objects.create(task=task, person=self.one)

    def test_as_the_rule_says(self) -> None:
        people = [self.one, self.many, self.other, self.ours.admin, self.ours.worker, self.ours.submitter]
        found = set()
        for is_restricted in (False, True):
            if is_restricted:
                self.engine.call(self._restrict)
            for person in people:
                with self.subTest(person.first_name, is_restricted=is_restricted), self.ours.scope():
                    wanted = [task.pk for task in takeable_tasks(person)[:MAX_TAKEABLE]]
                    self.assertEqual(first_takeable_tasks(person), wanted)
                    found.add(tuple(wanted))
        self.assertIn((), found)
        self.assertGreater(len(found), 3)  # the people may take different tasks
