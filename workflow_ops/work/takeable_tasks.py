"""The first tasks that a person may take, for the page that lists one's tasks."""

from typing import Final

from users.models import CustomUser
from users.person_queries import PersonQuery
from workflow_ops.access import takeable_tasks

MAX_TAKEABLE: Final = 5
_TAKEABLE: Final = PersonQuery(lambda person: takeable_tasks(person)[:MAX_TAKEABLE], "id")


def first_takeable_tasks(person: CustomUser) -> list[int]:
    """Return the ids of the first of `takeable_tasks(person)`, by a statement whose text is built once."""
    return [task.pk for task in _TAKEABLE.rows(person)]
