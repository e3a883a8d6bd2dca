"""The first tasks that a person may take, for the page of one's tasks."""

from typing import Final

from django.db.models import QuerySet

from ticketflower.prepared_queries import PreparedQuery
from users.models import Company, CustomUser
from workflow_ops.access import takeable_tasks
from workflow_ops.models import TaskInstance

MAX_TAKEABLE = 5
_ROLES_AT_ONCE = 8
"""A statement has places for so many roles, or for a multiple of that: few texts serve all people."""


def first_takeable(person: CustomUser) -> list[int]:
    """Return the ids of the first of `takeable_tasks(person)`, by a statement whose text is built once."""
    if person.impersonating:  # rare, and other columns name them
        return [pk for (pk,) in takeable_tasks(person).values_list("pk")[:MAX_TAKEABLE]]
    roles = sorted(person.company_role_ids)
    places = -(-len(roles) // _ROLES_AT_ONCE) * _ROLES_AT_ONCE
    values = {f"role_{place}": role for place, role in enumerate([*roles, *[None] * (places - len(roles))])}
    found = _TAKEABLE.rows(person.system_roles, person=person.pk, **values)
    return [task.pk for task in found]


def _takeable(system_roles: frozenset[str], *, person: int, **roles: int) -> QuerySet[TaskInstance]:
    # Access rules ask a person, here one with the placeholders.
    asker = CustomUser(pk=person, company=Company())
    asker.system_roles, asker.company_role_ids = system_roles, frozenset(roles.values())
    return takeable_tasks(asker)[:MAX_TAKEABLE]


_TAKEABLE: Final = PreparedQuery(_takeable, "id")
