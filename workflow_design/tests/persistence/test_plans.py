"""Tests of `load_plan`, `load_picture` and `load_fields`."""

from django.utils.translation import override

from ticketflower.tenancy.context import WallError
from users.tests.cases import CompanyTestCase
from users.tests.queries import at_most_queries
from workflow_design.definition.workflow import CompletionStatus, Kind, TaskType
from workflow_design.models import TaskDefinition, WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.persistence.plans import load_fields, load_picture, load_plan
from workflow_design.picture.drawing import draw_picture
from workflow_design.tests.files import VACATION, without_roles
from workflow_design.versions.publishing import publish
from workflow_design.wording.rules import Vocabulary


class Plans(CompanyTestCase):
    """The plan of the vacation workflow."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope():
            self.workflow = import_workflow(without_roles(), by=None)

    def test_matches_the_definition(self) -> None:
        with self.ours.scope():
            plan = load_plan(self.workflow.pk)
            task = self.workflow.tasks.get(title="Book it")
        book = next(task for task in plan.tasks if task.title == "Book it")
        self.assertEqual(plan.key(book), (Kind.TASK, str(task.pk)))
        self.assertEqual(book.task_type, TaskType.SYNC_ACTION)
        self.assertEqual(book.input_fields, ("decision", "days", "first_day"))
        self.assertEqual(book.output_fields, ("booked",))
        self.assertEqual(book.condition, VACATION["tasks"][2]["condition"])
        self.assertEqual(
            [(each.title, each.completion_status) for each in plan.completions],
            [("Booked", CompletionStatus.COMPLETED), ("Rejected", CompletionStatus.CANCELLED)],
        )
        self.assertEqual([each.title for each in plan.tickets], ["Vacation request"])

    def test_published_is_cached(self) -> None:
        with self.ours.scope():
            publish(self.workflow, by=None)
            with at_most_queries(4):
                first = load_plan(self.workflow.pk)
            with at_most_queries(0):
                self.assertIs(load_plan(self.workflow.pk), first)

    def test_draft_is_never_cached(self) -> None:
        with self.ours.scope():
            load_plan(self.workflow.pk)
            TaskDefinition.objects.filter(title="Decide").update(title="Judge")
            with at_most_queries(4):
                plan = load_plan(self.workflow.pk)
        self.assertEqual(plan.tasks[0].title, "Judge")

    def test_not_for_another_company(self) -> None:
        with self.ours.scope():
            publish(self.workflow, by=None)
            load_plan(self.workflow.pk)
        with self.theirs.scope(), self.assertRaises(WorkflowDefinition.DoesNotExist):
            load_plan(self.workflow.pk)

    def test_not_outside_a_scope(self) -> None:
        with self.ours.scope():
            publish(self.workflow, by=None)
            load_plan(self.workflow.pk)
        with self.assertRaises(WallError):
            load_plan(self.workflow.pk)

    def test_unknown_id(self) -> None:
        with self.ours.scope(), self.assertRaises(WorkflowDefinition.DoesNotExist):
            load_plan(0)

    def test_fields_in_the_order_of_the_schema(self) -> None:
        with self.ours.scope():
            fields = load_fields(WorkflowDefinition.objects.get(pk=self.workflow.pk))
        self.assertEqual(list(fields), list(VACATION["fields_schema"]["properties"]))
        self.assertEqual(fields.required, {"days", "first_day", "decision", "booked"})


class Pictures(CompanyTestCase):
    """The picture of the vacation workflow, published."""

    def setUp(self) -> None:
        super().setUp()
        with self.ours.scope():
            self.workflow = import_workflow(without_roles(), by=None)
            self.plan = load_plan(self.workflow.pk)
            publish(self.workflow, by=None)

    def test_is_that_of_the_plan_and_cached(self) -> None:
        vocabulary = Vocabulary.of_schema(self.workflow.fields_schema)
        with self.ours.scope():
            picture = load_picture(self.workflow.pk)
            with at_most_queries(0):
                self.assertIs(load_picture(self.workflow.pk), picture)
        self.assertEqual(picture, draw_picture(self.plan, vocabulary))
        self.assertIn("if Decision is “Ask for a change”", picture.nodes[2].sentence)

    def test_without_conditions_it_names_definitions_alone(self) -> None:
        with self.ours.scope():
            whole, bare = (load_picture(self.workflow.pk, with_conditions=each) for each in (True, False))
        self.assertEqual([node.title for node in bare.nodes], [node.title for node in whole.nodes])
        self.assertTrue(any(node.shape.condition_lines for node in whole.nodes))
        self.assertFalse(any(node.shape.condition_lines for node in bare.nodes))
        self.assertEqual({edge.text for edge in bare.lines.edges}, {""})

    def test_in_each_language(self) -> None:
        with self.ours.scope():
            picture = load_picture(self.workflow.pk)
            with override("de"):
                self.assertIsNot(load_picture(self.workflow.pk), picture)

    def test_not_for_another_company(self) -> None:
        with self.ours.scope():
            load_picture(self.workflow.pk)
        with self.theirs.scope(), self.assertRaises(WorkflowDefinition.DoesNotExist):
            load_picture(self.workflow.pk)
        with self.assertRaises(WallError):
            load_picture(self.workflow.pk)

    def test_not_of_a_draft(self) -> None:
        with self.ours.scope():
            draft = import_workflow(without_roles(), by=None, replace=True)
            with self.assertRaisesMessage(ValueError, "draft"):
                load_picture(draft.pk)
