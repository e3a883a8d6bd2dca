"""Who may execute a task, and who of them is assigned (`docs/engine.md`, "Assignment")."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models import IntegerField as Integers
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.models.people import PersonQuerySet
from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import SUBMITTER
from workflow_design.models import TaskDefinition
from workflow_ops.engine.cached_rules import AssignmentRule, get_rules
from workflow_ops.engine.run_rows import lock_assignment
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES

CACHED_STATEMENTS = 500
_SUBMITTER_PLACEHOLDER = -1
"""Placeholder for the submitter's id in a cached statement; no person has this id."""

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
    """Return whether a person may execute a form: as a fact, or as a filter of rows.

    `is_not_excluded` is false for the submitter of a task with `not_submitter`. The people to whom a task is
    restricted (`is_allowed`) also need a role, unless a field named them (`is_named`).
    """
    by_role = has_role & (is_unrestricted | is_allowed)
    return is_not_excluded & (is_admin | by_role | (is_allowed & is_named))


@dataclass(frozen=True, slots=True)
class Assignment:
    """The assignee of a new task.

    Without a candidate, `person_id` is None and `problem` says why. `is_named`: a field named this person,
    so nobody else may do the task.
    """

    person_id: int | None = None
    problem: str = ""
    is_named: bool = False


def candidates(task: TaskInstance) -> PersonQuerySet:
    """Return the people who could be given this task now, the next assignee first. Nobody who is away."""
    allowed = list(task.allowed_links.values_list("person_id", flat=True))
    rule = replace(_rule(task), assignee_field="")  # whoever a field named also needs a role here
    return _in_order(_able(rule, task.workflow_instance.ticket.created_by_id, allowed).filter(is_away=False))


def assignable_people(task: TaskInstance) -> PersonQuerySet:
    """Return the people to whom this task may be assigned by hand, fewest unfinished tasks (`load`) first.

    People who are away are included, and so is the present assignee.
    """
    return _in_order(_present_choice_too(people_able(task), also={task.assigned_to_id}).active())


def people_able(task: TaskInstance, *, is_open: bool = False) -> PersonQuerySet:
    """Return the active people who may do this task or be given it by hand; company admins need a role, too.

    `is_open` disregards the people to whom it is restricted. A field can name anybody, so a task of an
    `assignee_field` can be handed on to anybody but the submitter whom `not_submitter` excludes.
    """
    rule, submitter_id = _rule(task), task.workflow_instance.ticket.created_by_id
    if not rule.assignee_field:
        return _able(rule, submitter_id) if is_open else people_who_may_take(task)
    people = CustomUser.objects.active()
    return people.exclude(pk=submitter_id or 0) if rule.not_submitter else people


def people_who_may_take(task: TaskInstance) -> PersonQuerySet:
    """Return the active people who may execute this task as it is restricted now, without company admins."""
    allowed = list(task.allowed_links.values_list("person_id", flat=True))
    return _able(_rule(task), task.workflow_instance.ticket.created_by_id, allowed)


def people_with_a_role_for(definitions: Iterable[TaskDefinition]) -> PersonQuerySet:
    """Return the active people who have a role for at least one of these tasks, fewest unfinished first."""
    rules = {get_rules(each.workflow_id).assignment[str(each.pk)] for each in definitions}
    able = Q(pk__in=[])
    for rule in {replace(rule, assignee_field="", not_submitter=False) for rule in rules}:
        able |= Q(pk__in=_able(rule, None).order_by().values("pk"))
    return _in_order(CustomUser.objects.active().filter(able))


def restrictable_people(task: TaskInstance) -> PersonQuerySet:
    """Return the people to whom this task can be restricted, in the same order.

    The people to whom it is restricted now are included, even deactivated ones.
    """
    allowed = {link.person_id for link in task.allowed_links.all()}
    able = _able(_rule(task), task.workflow_instance.ticket.created_by_id)
    return _in_order(_present_choice_too(able, also=allowed))


def _present_choice_too(able: PersonQuerySet, *, also: Collection[int | None]) -> PersonQuerySet:
    """Add the present choice, so that a form can display it even if the person lost the role."""
    included = [pk for pk in also if pk is not None]
    return CustomUser.objects.filter(Q(pk__in=able.order_by().values("pk")) | Q(pk__in=included))


def _rule(task: TaskInstance) -> AssignmentRule:
    return get_rules(task.task_definition.workflow_id).assignment[str(task.task_definition_id)]


def _able(rule: AssignmentRule, submitter_id: int | None, allowed: Collection[int] = ()) -> PersonQuerySet:
    """Return the active people who may do a task, except company admins, who need no role for it."""
    if rule.role_ids:
        has_role = Exists(CompanyRoleMembership.objects.filter(person=OuterRef("pk"), role__in=rule.role_ids))
    else:
        has_role = Exists(
            SystemRoleMembership.objects.filter(person=OuterRef("pk"), group__name=SystemRoleName.TASK_WORKER)
        )
    is_excluded = rule.not_submitter and submitter_id is not None
    return CustomUser.objects.active().filter(
        may_execute_if(
            is_not_excluded=~Q(pk=submitter_id) if is_excluded else ALWAYS,
            is_admin=NEVER,
            has_role=Q(has_role),
            is_unrestricted=NEVER if allowed else ALWAYS,
            is_allowed=Q(pk__in=allowed),
            is_named=ALWAYS if rule.assignee_field else NEVER,
        )
    )


def _in_order(people: PersonQuerySet) -> PersonQuerySet:
    """Order by the number of unfinished tasks, then by the time of the last assignment, longest ago first."""
    theirs = TaskInstance.objects.filter(assigned_to=OuterRef("pk")).order_by()
    unfinished = theirs.filter(status__in=UNFINISHED_STATUSES).values("assigned_to")
    newest = theirs.filter(assigned_at__isnull=False).order_by("-assigned_at").values("assigned_at")[:1]
    return people.annotate(
        load=Coalesce(
            Subquery(unfinished.annotate(number=Count("pk")).values("number")),
            Value(0),
            output_field=Integers(),
        ),
        last_given=Subquery(newest),
    ).order_by("load", F("last_given").asc(nulls_first=True), "pk")


def choose_assignees(
    rules: Mapping[str, AssignmentRule],
    keys: Sequence[str],
    *,
    ticket: TicketInstance,
    workspace: Mapping[str, Any],
) -> dict[str, Assignment]:
    """Return the assignment of each new task by the key of its definition, using at most three statements."""
    named = {
        key: _named_person_id(rules[key], ticket, workspace) for key in keys if rules[key].assignee_field
    }
    assignments = _assign_named(rules, named, ticket)
    open_keys = [key for key in keys if key not in named]
    return {**assignments, **_assign_candidates(rules, open_keys, ticket)}


def _named_person_id(
    rule: AssignmentRule, ticket: TicketInstance, workspace: Mapping[str, Any]
) -> int | None:
    if rule.assignee_field == SUBMITTER:
        return ticket.created_by_id
    value = workspace.get(rule.assignee_field)
    return parse_number(value) if isinstance(value, str) else None


def _assign_named(
    rules: Mapping[str, AssignmentRule], named: Mapping[str, int | None], ticket: TicketInstance
) -> dict[str, Assignment]:
    """Assign the tasks whose assignee a field names: whatever their roles, and even if they are away."""
    ids = {pk for pk in named.values() if pk is not None}
    active = (
        set(CustomUser.objects.active().filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    )
    assignments = {}
    for key, pk in named.items():
        if pk is None:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the field that names the assignee is empty.")
            )
        elif pk not in active:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the person named for this task is no longer active.")
            )
        elif rules[key].not_submitter and pk == ticket.created_by_id:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the person named for this task submitted the ticket.")
            )
        else:
            assignments[key] = Assignment(pk, is_named=True)
    return assignments


def _assign_candidates(
    rules: Mapping[str, AssignmentRule], keys: Sequence[str], ticket: TicketInstance
) -> dict[str, Assignment]:
    """Assign each task to its next candidate, counting the tasks that were assigned just before."""
    if not keys:
        return {}
    lock_assignment()
    distinct_rules = tuple({replace(rules[key], assignee_field=""): None for key in keys})
    # Of n tasks, each needs only the first n candidates: at most n - 1 of them were picked before.
    rows = _first_candidates(distinct_rules, len(keys), ticket.created_by_id)
    assignments: dict[str, Assignment] = {}
    for key in keys:
        picked = [assignment.person_id for assignment in assignments.values()]
        place = distinct_rules.index(replace(rules[key], assignee_field=""))
        candidates_of_task = [
            # Tasks assigned in this loop count, although the rows are older. Among equals, people with none
            # of these come first, then people who never got a task. The id makes the order deterministic.
            (load + picked.count(pk), pk in picked, last_given is not None, last_given, pk)
            for row_place, pk, load, last_given in rows
            if row_place == place
        ]
        best = min(candidates_of_task, key=_sort_key, default=None)
        assignments[key] = Assignment(best[-1]) if best else Assignment(problem=_describe_missing(rules[key]))
    return assignments


def _first_candidates(
    distinct_rules: tuple[AssignmentRule, ...], most: int, submitter_id: int | None
) -> list[Any]:
    """Return rows (place, person, load, time of the last assignment) of the first candidates of each rule.

    `place` is the place of the rule in `distinct_rules`.
    """
    company_id = current_company_id()
    assert company_id is not None
    sql, parameters = _cached_statement(company_id, distinct_rules, most)
    values = [submitter_id or each if each == _SUBMITTER_PLACEHOLDER else each for each in parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@lru_cache(maxsize=CACHED_STATEMENTS)
def _cached_statement(
    company_id: int, distinct_rules: tuple[AssignmentRule, ...], most: int
) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL and parameters for `_first_candidates`.

    Cached because building this statement from querysets takes longer than running it. `company_id` is
    part of the cache key: the querysets put the company of the scope into the parameters.
    """
    first, *others = [
        _in_order(_able(rule, _SUBMITTER_PLACEHOLDER).filter(is_away=False))
        .annotate(place=Value(place, Integers()))
        .values_list("place", "pk", "load", "last_given")[:most]
        for place, rule in enumerate(distinct_rules)
    ]
    return (first.union(*others, all=True) if others else first).query.sql_with_params()


def _sort_key(row: tuple[int, bool, bool, Any, int]) -> tuple[Any, ...]:
    load, just_picked, was_given, last_given, pk = row
    return (load, just_picked, was_given, last_given.timestamp() if last_given else 0.0, pk)


def describe_missing(task: TaskInstance) -> str:
    """Return why nobody can be given this task: "Nobody was assigned: nobody has the role HR."."""
    return _describe_missing(_rule(task))


def _describe_missing(rule: AssignmentRule) -> str:
    roles = CompanyRole.objects.filter(pk__in=rule.role_ids).order_by(Lower("name"))
    names = list(roles.values_list("name", flat=True)) or [str(SystemRoleName.TASK_WORKER.label)]
    if _able(rule, None).exists():
        text = _("Nobody was assigned: everybody with the role %(roles)s is away or may not do this task.")
    else:
        text = _("Nobody was assigned: nobody has the role %(roles)s.")
    return text % {"roles": _(" or ").join(names)}
