"""Prepared queries of what a person may see, beside the same queries that are built for that person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet

from ticketflower.prepared_queries import PreparedQuery
from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.person_queries import PersonQuery
from users.tests.cases import make_person
from workflow_design.access import administered_by
from workflow_ops.access import (
    administered_tasks,
    administered_tickets,
    executable_tasks,
    my_open_tasks,
    submittable_by,
    takeable_tasks,
    visible_tickets,
)
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase

RULES: Final[tuple[Callable[[CustomUser], QuerySet[Any]], ...]] = (
    administered_by,
    administered_tasks,
    administered_tickets,
    executable_tasks,
    my_open_tasks,
    submittable_by,
    takeable_tasks,
    visible_tickets,
    lambda person: TicketInstance.objects.filter(**person.as_author()),
)
MANY_ROLES: Final = 5


class QueriesOfAPerson(DeskTestCase):
    """Each rule returns the same rows for somebody like the person as for the person."""

    def everybody(self) -> list[CustomUser]:
        """Return people with each system role, with none, one and many company roles, and staff."""
        ours, vacations = self.ours, self.vacations
        busy = vacations.person_with_role("Bea", "Manager")
        with ours.scope():
            others = [CompanyRole.objects.create(name=f"Role {number}") for number in range(MANY_ROLES - 1)]
            for role in others:
                CompanyRoleMembership.objects.create(role=role, person=busy)
        self.staff.impersonated_company = ours.company
        return [
            *ours.everybody,
            vacations.manager,
            vacations.hr,
            busy,
            make_person(ours.company, "Nora"),
            self.staff,
        ]

    def test_the_rules_say_the_same(self) -> None:
        taken = self.vacations.task(self.vacations.submit(by=self.ours.admin), "Decide")
        everybody = self.everybody()
        with self.ours.scope():
            TaskInstance.objects.exclude(pk=taken.pk).update(assigned_to=None)
        for rule in RULES:
            query: PersonQuery[Any] = PersonQuery(lambda person, rule=rule: rule(person).order_by("pk"), "id")
            found = []
            with self.ours.scope():
                for person in everybody:
                    with self.subTest(rule=rule.__name__, person=person.first_name):
                        found.append([row.pk for row in query.rows(person)])
                        plain = rule(person).order_by("pk")
                        self.assertEqual(found[-1], list(plain.values_list("pk", flat=True)))
            # For some there is something to find, for others nothing.
            self.assertTrue(any(found) and not all(found), rule.__name__)

    def test_two_people_share_a_text_and_no_rows(self) -> None:
        query = PersonQuery(lambda person: my_open_tasks(person).order_by("pk"), "id", "assigned_to_id")
        other = self.vacations.person_with_role("Mona", "Manager")
        with self.ours.scope():
            self.assertEqual(
                [task.assigned_to_id for task in query.rows(self.vacations.manager)],
                [self.vacations.manager.pk],
            )
            self.assertEqual(query.rows(other), [])

    def test_it_sees_the_company_of_its_scope_alone(self) -> None:
        query = PersonQuery(lambda person: administered_tickets(person).order_by("pk"), "id")
        with self.ours.scope():
            self.assertIn(self.ticket, query.rows(self.ours.admin))
        with self.theirs.scope():
            self.assertEqual(query.rows(self.theirs.admin), list(TicketInstance.objects.order_by("pk")))

    def test_what_a_text_does_not_depend_on_can_not_be_asked(self) -> None:
        query = PersonQuery(lambda person: CustomUser.objects.filter(email=person.email), "id")
        with self.ours.scope(), self.assertRaises(CustomUser.DoesNotExist):
            query.rows(self.ours.admin)

    def test_times(self) -> None:
        def after(*, moment: Any) -> QuerySet[TicketInstance]:
            return TicketInstance.objects.filter(created_at__gt=moment).order_by("pk")

        query = PreparedQuery(after, "id")
        made = self.ticket.created_at
        with self.ours.scope():
            self.assertEqual(query.rows(moment=made - timedelta(seconds=1)), [self.ticket])
            self.assertEqual(query.rows(moment=made), [])
