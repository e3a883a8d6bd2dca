"""Who is given a task (`docs/engine.md`, "Assignment")."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models import IntegerField as Integers
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.models.people import PersonQuerySet
from users.system_roles import SystemRoleName
from workflow_ops.engine.cached_rules import SUBMITTER, AssignmentRule, rules_of
from workflow_ops.engine.run_rows import lock_assignment
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES

KEPT_STATEMENTS = 500
_SOME_SUBMITTER = -1
"""Stands in a kept statement for whoever submitted the ticket; nobody has this id."""


@dataclass(frozen=True, slots=True)
class Given:
    """Who a new task goes to: nobody, for the reason in `problem`; `is_named` is who alone may do it."""

    person_id: int | None = None
    problem: str = ""
    is_named: bool = False


def candidates(task: TaskInstance) -> PersonQuerySet:
    """Who could be given this task now, the next one first; who is away is none."""
    rule = rules_of(task.task_definition.workflow_id).assignment[str(task.task_definition_id)]
    allowed = list(task.allowed_links.values_list("person_id", flat=True))
    return _in_turn(_able(rule, task.workflow_instance.ticket.created_by_id, allowed=allowed))


def assignable(task: TaskInstance) -> PersonQuerySet:
    """Who may be given this task by hand, fewest unfinished tasks (`load`) first; also who is away.

    Where `assignee_field` named somebody that is they, whatever their roles. Whoever has it stays among them.
    """
    allowed = [link.person_id for link in task.allowed_links.all()]
    return _by_hand(task, allowed, also={task.assigned_to_id})


def restrictable(task: TaskInstance) -> PersonQuerySet:
    """To whom this task can be narrowed down, in the same order; to whom it is now stays among them."""
    allowed = {link.person_id for link in task.allowed_links.all()}
    return _by_hand(task, (), also=allowed)


def _by_hand(task: TaskInstance, allowed: Collection[int], *, also: Collection[int | None]) -> PersonQuerySet:
    rule = rules_of(task.task_definition.workflow_id).assignment[str(task.task_definition_id)]
    able = executors(rule.role_ids)
    if allowed:
        able = CustomUser.objects.active() if rule.assignee_field else able
        able = able.filter(pk__in=allowed)
    if rule.not_submitter and task.workflow_instance.ticket.created_by_id is not None:
        able = able.exclude(pk=task.workflow_instance.ticket.created_by_id)
    kept = [pk for pk in also if pk is not None]
    people = CustomUser.objects.active().filter(Q(pk__in=able.order_by().values("pk")) | Q(pk__in=kept))
    return _in_turn(people)


def executors(role_ids: Collection[int]) -> PersonQuerySet:
    """Active people who have one of these roles, or, where there are none, are task workers."""
    if role_ids:
        has_role = Exists(CompanyRoleMembership.objects.filter(person=OuterRef("pk"), role__in=role_ids))
    else:
        has_role = Exists(
            SystemRoleMembership.objects.filter(person=OuterRef("pk"), group__name=SystemRoleName.TASK_WORKER)
        )
    return CustomUser.objects.active().filter(has_role)


def _able(rule: AssignmentRule, submitter_id: int | None, *, allowed: Collection[int] = ()) -> PersonQuerySet:
    people = executors(rule.role_ids).filter(is_away=False)
    if allowed:
        people = people.filter(pk__in=allowed)
    if rule.not_submitter and submitter_id is not None:
        people = people.exclude(pk=submitter_id)
    return people


def _in_turn(people: PersonQuerySet) -> PersonQuerySet:
    """Fewest unfinished tasks first; among equals, who was given one longest ago."""
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


def choose(
    rules: Mapping[str, AssignmentRule],
    keys: Sequence[str],
    *,
    ticket: TicketInstance,
    workspace: Mapping[str, Any],
) -> dict[str, Given]:
    """Who is given the new tasks of these definitions, one after the other, in at most three statements."""
    named = {key: _name_in(rules[key], ticket, workspace) for key in keys if rules[key].assignee_field}
    given = _named(rules, named, ticket)
    open_keys = [key for key in keys if key not in named]
    return {**given, **_most_free(rules, open_keys, ticket)}


def _name_in(rule: AssignmentRule, ticket: TicketInstance, workspace: Mapping[str, Any]) -> int | None:
    if rule.assignee_field == SUBMITTER:
        return ticket.created_by_id
    value = workspace.get(rule.assignee_field)
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004 - bigint


def _named(
    rules: Mapping[str, AssignmentRule], named: Mapping[str, int | None], ticket: TicketInstance
) -> dict[str, Given]:
    """Those whom a field names: whatever their roles, and also if they are away."""
    ids = {pk for pk in named.values() if pk is not None}
    active = (
        set(CustomUser.objects.active().filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    )
    given = {}
    for key, pk in named.items():
        if pk is None:
            given[key] = Given(problem=_("Nobody was given this task: the field that names them is empty."))
        elif pk not in active:
            given[key] = Given(
                problem=_("Nobody was given this task: the person named for it is no longer active.")
            )
        elif rules[key].not_submitter and pk == ticket.created_by_id:
            given[key] = Given(
                problem=_("Nobody was given this task: the person named for it submitted the ticket.")
            )
        else:
            given[key] = Given(pk, is_named=True)
    return given


def _most_free(
    rules: Mapping[str, AssignmentRule], keys: Sequence[str], ticket: TicketInstance
) -> dict[str, Given]:
    """The candidates in turn. Of n tasks each needs the first n only: at most n - 1 were picked before."""
    if not keys:
        return {}
    lock_assignment()
    who = tuple({replace(rules[key], assignee_field=""): None for key in keys})
    rows = _first_in_turn(who, len(keys), ticket.created_by_id)
    given: dict[str, Given] = {}
    for key in keys:
        picked = [choice.person_id for choice in given.values()]
        place = who.index(replace(rules[key], assignee_field=""))
        turn = [
            (load + picked.count(pk), pk in picked, last_given is not None, last_given, pk)
            for row_place, pk, load, last_given in rows
            if row_place == place
        ]
        given[key] = Given(min(turn, key=_turn)[-1]) if turn else Given(problem=_nobody())
    return given


def _first_in_turn(who: tuple[AssignmentRule, ...], most: int, submitter_id: int | None) -> list[Any]:
    """Of each rule, by its place in `who`, the first people: place, person, load, time of their last task."""
    company_id = current_company_id()
    assert company_id is not None
    sql, parameters = _kept_statement(company_id, who, most)
    asked = [submitter_id or each if each == _SOME_SUBMITTER else each for each in parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return list(cursor.fetchall())


@lru_cache(maxsize=KEPT_STATEMENTS)
def _kept_statement(
    company_id: int, who: tuple[AssignmentRule, ...], most: int
) -> tuple[str, tuple[Any, ...]]:
    """Making this statement out of querysets takes longer than the database needs for it."""
    first, *others = [
        _in_turn(_able(rule, _SOME_SUBMITTER))
        .annotate(place=Value(place, Integers()))
        .values_list("place", "pk", "load", "last_given")[:most]
        for place, rule in enumerate(who)
    ]
    return (first.union(*others, all=True) if others else first).query.sql_with_params()


def _turn(row: tuple[int, bool, bool, Any, int]) -> tuple[Any, ...]:
    load, just_picked, was_given, last_given, pk = row
    return (load, just_picked, was_given, last_given.timestamp() if last_given else 0.0, pk)


def _nobody() -> str:
    return _("Nobody was given this task: nobody who may do it is active, present and not excluded from it.")
