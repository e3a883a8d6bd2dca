"""The rule of who may execute a task, as a fact and as a filter (`docs/access.md`, "Who may do what")."""

from typing import Final, TypeVar

from django.db.models import Q

Truth = TypeVar("Truth", bool, Q)
"""A fact about one task and one person, or the condition on rows under which it holds."""

ALWAYS: Final = Q(pk__isnull=False)
NEVER: Final = Q(pk__in=[])


def may_execute_if(
    *,
    is_not_excluded: Truth,
    is_admin: Truth,
    has_role: Truth,
    is_unrestricted: Truth,
    is_allowed: Truth,
    is_named: Truth,
) -> Truth:
    """Return whether a person may execute a form.

    `is_not_excluded` is false for the submitter of a task with `not_submitter`. The people to whom a task is
    restricted (`is_allowed`) also need a role, unless a field named them (`is_named`).
    """
    by_role = has_role & (is_unrestricted | is_allowed)
    return is_not_excluded & (is_admin | by_role | (is_allowed & is_named))
