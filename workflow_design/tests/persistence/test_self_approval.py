"""Tasks in which people of the company could decide about their own tickets, by the roles that they have."""

from django.db import transaction

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.cases import CompanyTestCase
from users.tests.queries import at_most_queries
from workflow_design.definition.workflow import TaskFile, TicketFile, WorkflowFile
from workflow_design.persistence.self_approval import find_self_approvals_in_company

SCHEMA = {
    "type": "object",
    "properties": {"sum": {"type": "number"}, "agreed": {"type": "boolean"}, "paid": {"enum": ["Paid"]}},
}


class SelfApproval(CompanyTestCase):
    """The worker submits and works; the submitter only submits."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.ours.scope())
        self.enterContext(transaction.atomic())
        for name, people in {
            "Clerk": [self.ours.submitter, self.ours.worker],
            "Head": [self.ours.worker],
            "Seller": [self.ours.submitter],
        }.items():
            role = CompanyRole.objects.create(name=name)
            for person in people:
                CompanyRoleMembership.objects.create(role=role, person=person)

    def found(
        self, submitters: list[tuple[str, ...]], executors: list[tuple[str, ...]], answer: str = "agreed"
    ) -> list[str]:
        """Return the pointers of the notes about tickets and tasks with these roles."""
        tickets = tuple(
            TicketFile(title=f"Ticket {number}", fields=("sum",), submitter_roles=roles)
            for number, roles in enumerate(submitters)
        )
        tasks = tuple(
            TaskFile(
                title=f"Task {number}",
                task_type="FORM",
                input_fields=("sum",),
                output_fields=(answer,),
                executor_roles=roles,
            )
            for number, roles in enumerate(executors)
        )
        file = WorkflowFile(title="Sums", fields_schema=SCHEMA, tickets=tickets, tasks=tasks)
        with at_most_queries(1):
            return [each.pointer.split("/")[2] for each in find_self_approvals_in_company(file)]

    def test_by_the_roles_of_one_person(self) -> None:
        for submitters, executors, expected in (
            (("CLERK",), ("head",), True),
            (("Clerk",), ("Clerk",), True),
            (("Seller",), ("Head",), False),
            (("Seller", "Clerk"), ("Unknown", "Head"), True),
            ((), ("Head",), True),
            (("Seller",), (), False),
            (("Clerk",), (), True),
            ((), (), True),
        ):
            with self.subTest(submitters=submitters, executors=executors):
                self.assertEqual(self.found([submitters], [executors]), ["0"] if expected else [])

    def test_a_single_choice_decides_nothing(self) -> None:
        self.assertEqual(self.found([()], [()], answer="paid"), [])

    def test_of_several(self) -> None:
        self.assertEqual(self.found([("Seller",), ("Clerk",)], [(), ("Seller",), ("Head",)]), ["0", "1", "2"])
        self.assertEqual(self.found([("Head",), ()], [("Seller",), ("Unknown",)]), ["0"])

    def test_only_those_who_are_given_tasks(self) -> None:
        CustomUser.objects.filter(pk=self.ours.worker.pk).update(is_in_rotation=False)
        self.assertEqual(self.found([("Clerk",), ("Seller",)], [("Head",), ()]), [])

    def test_the_largest_file(self) -> None:
        submitters = [(f"Submitter {number}",) for number in range(49)]
        executors = [(f"Executor {number}",) for number in range(199)]
        self.assertEqual(self.found([*submitters, ("Clerk",)], [*executors, ("Head",)]), ["199"])
