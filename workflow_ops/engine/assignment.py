"""Who may execute a task, and who of them is assigned (`docs/engine.md`, "Assignment")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Count, Exists, ExpressionWrapper, F, FloatField, OuterRef, Q, Subquery, Value
from django.db.models import IntegerField as Integers
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.fast_sql import with_constants
from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import SUBMITTER
from workflow_ops.engine.cached_rules import AssignmentRule, get_rules
from workflow_ops.engine.run_rows import lock_assignment
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.models.tasks import UNFINISHED_STATUSES

CACHED_STATEMENTS = 500
_SUBMITTER_PLACEHOLDERS = (-1, -2)
"""Placeholders for the ids of the submitters in a cached statement; no person has these ids."""

Truth = TypeVar("Truth", bool, Q)
"""A fact about one task and one person, or the same as a condition on rows."""

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
    """Return whether a person may execute a form, as a boolean or as a filter of rows.

    `is_not_excluded` is false for programs and the submitters of a task with `not_submitter`. The people to
    whom a task is restricted (`is_allowed`) also need a role, unless a field named them (`is_named`).
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
    """Return the people who could be given this task now, the next assignee first."""
    allowed = list(task.allowed_links.values_list("person_id", flat=True))
    rule = replace(rule_of(task), assignee_field="")  # people named by a field also need a role here
    return _by_turn(rule, submitter_ids_of(task.workflow_instance.ticket), allowed)


def rule_of(task: TaskInstance) -> AssignmentRule:
    """Return the rule of the task's definition, which is cached."""
    return get_rules(task.task_definition.workflow_id).assignment[str(task.task_definition_id)]


def submitter_ids_of(ticket: TicketInstance) -> tuple[int, ...]:
    """Return the ids of the people whom `not_submitter` excludes: requester, and who submitted for them."""
    return tuple(pk for pk in (ticket.created_by_id, ticket.entered_by_id) if pk is not None)


def able_people(
    rule: AssignmentRule,
    submitter_ids: Collection[int],
    allowed: Collection[int] = (),
    *,
    with_admins: bool = False,
) -> PersonQuerySet:
    """Return the active people who may do a task; company admins, who need no role, only `with_admins`."""
    system = SystemRoleMembership.objects.filter(person=OuterRef("pk"))
    if rule.role_ids:
        has_role = Exists(CompanyRoleMembership.objects.filter(person=OuterRef("pk"), role__in=rule.role_ids))
    else:
        has_role = Exists(system.filter(group__name=SystemRoleName.TASK_WORKER))
    return CustomUser.objects.active().filter(
        may_execute_if(
            is_not_excluded=_second_pair_of_eyes(submitter_ids) if rule.not_submitter else ALWAYS,
            is_admin=Q(Exists(system.filter(group__name=SystemRoleName.ADMIN))) if with_admins else NEVER,
            has_role=Q(has_role),
            is_unrestricted=NEVER if allowed else ALWAYS,
            is_allowed=Q(pk__in=allowed),
            is_named=ALWAYS if rule.assignee_field else NEVER,
        )
    )


def _second_pair_of_eyes(submitter_ids: Collection[int]) -> Q:
    """Return the condition on people that `not_submitter` (separation of duties) requires."""
    is_person = Q(is_service_account=False)
    return is_person & ~Q(pk__in=submitter_ids) if submitter_ids else is_person


def in_order_of_load(people: PersonQuerySet) -> PersonQuerySet:
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


def _by_turn(
    rule: AssignmentRule, submitter_ids: Collection[int], allowed: Collection[int] = ()
) -> PersonQuerySet:
    """Return the candidates of a rule, the next assignee first.

    A person who stands in for n absent candidates gets the share of n + 1 people (`stands_in`).
    """
    able = able_people(rule, submitter_ids, allowed).filter(is_in_rotation=True)
    absent = able.away().filter(stand_in=OuterRef("pk")).order_by().values("stand_in")
    shares = Subquery(absent.annotate(number=Count("pk")).values("number"), output_field=Integers())
    people = in_order_of_load(able.present()).annotate(stands_in=Coalesce(shares, Value(0)))
    turn = ExpressionWrapper(F("load") * Value(1.0) / (F("stands_in") + 1), FloatField())
    return people.order_by(turn, "-stands_in", F("last_given").asc(nulls_first=True), "pk")


def choose_assignees(
    rules: Mapping[str, AssignmentRule],
    keys: Sequence[str],
    *,
    ticket: TicketInstance,
    workspace: Mapping[str, Any],
    is_preview: bool = False,
) -> dict[str, Assignment]:
    """Return the assignment of each new task by the key of its definition, using at most three statements.

    A preview takes no lock, so another person may be next by the time of the actual assignment.
    """
    named = {
        key: _named_person_id(rules[key], ticket, workspace) for key in keys if rules[key].assignee_field
    }
    assignments = _assign_named(rules, named, ticket)
    open_keys = [key for key in keys if key not in named]
    if open_keys and not is_preview:
        lock_assignment()
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
    """Assign the tasks whose assignee a field names, regardless of roles and absence."""
    if not named:  # building even an empty query takes time
        return {}
    people = CustomUser.objects.active().filter(pk__in={pk for pk in named.values() if pk is not None})
    is_program = dict(people.values_list("pk", "is_service_account"))
    assignments = {}
    for key, pk in named.items():
        if pk is None:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the field that names the assignee is empty.")
            )
        elif pk not in is_program:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the person named for this task is no longer active.")
            )
        elif rules[key].not_submitter and pk in submitter_ids_of(ticket):
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: the person named for this task submitted the ticket.")
            )
        elif rules[key].not_submitter and is_program[pk]:
            assignments[key] = Assignment(
                problem=_("Nobody was assigned: a service account is named, and four eyes need a person.")
            )
        else:
            assignments[key] = Assignment(pk, is_named=True)
    return assignments


def _assign_candidates(
    rules: Mapping[str, AssignmentRule], keys: Sequence[str], ticket: TicketInstance
) -> dict[str, Assignment]:
    """Assign each task to its next candidate, taking the tasks that were just assigned into account."""
    if not keys:
        return {}
    rule_of_key = {key: replace(rules[key], assignee_field="") for key in keys}
    able = _read_candidates(tuple(dict.fromkeys(rule_of_key.values())), submitter_ids_of(ticket))
    given: Counter[int] = Counter()
    assignments: dict[str, Assignment] = {}
    for key, rule in rule_of_key.items():
        best = min(able[rule], key=lambda candidate: candidate.turn(given[candidate.pk]), default=None)
        if best:
            given[best.pk] += 1
        assignments[key] = Assignment(best.pk) if best else Assignment(problem=describe_missing(rules[key]))
    return assignments


class _Candidate(NamedTuple):
    """A person who could be given a task, with the values that determine their position."""

    pk: int
    load: int
    last_given: datetime | None
    stands_in: int

    def turn(self, given: int) -> tuple[float | bool, ...]:
        """Return the candidate's sort key; `given` is the number of tasks assigned since they were read.

        For equal loads, people with `given` = 0 come first, then stand-ins, then people who never got a task.
        """
        last = self.last_given.timestamp() if self.last_given else 0.0
        return (self.load + given) / (self.stands_in + 1), given > 0, -self.stands_in, last, self.pk


def _read_candidates(
    distinct_rules: tuple[AssignmentRule, ...], submitter_ids: Sequence[int]
) -> dict[AssignmentRule, list[_Candidate]]:
    """Return the candidates of each rule, unsorted, because sorting would count each load a second time."""
    sql, parameters = _cached_statement(current_company_id(), distinct_rules)
    # A placeholder that is not replaced excludes nobody.
    known = dict(zip(_SUBMITTER_PLACEHOLDERS, submitter_ids, strict=False))
    values = [known.get(each, each) for each in parameters]
    found: dict[AssignmentRule, list[_Candidate]] = {rule: [] for rule in distinct_rules}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for place, *columns in cursor.fetchall():
            found[distinct_rules[place]].append(_Candidate(*columns))
    return found


@lru_cache(maxsize=CACHED_STATEMENTS)
def _cached_statement(_company: int | None, rules: tuple[AssignmentRule, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL and parameters for `_read_candidates`; `place` is the place of the rule.

    Cached because building it takes longer than running it. The company is part of the cache key, because the
    querysets put the company of the open scope into the parameters.
    """
    first, *others = [
        _by_turn(rule, _SUBMITTER_PLACEHOLDERS)
        .order_by()
        .annotate(place=Value(place, Integers()))
        .values_list("place", *_Candidate._fields)
        for place, rule in enumerate(rules)
    ]
    return with_constants(*(first.union(*others, all=True) if others else first).query.sql_with_params())


def describe_missing(rule: AssignmentRule) -> str:
    """Return why nobody could be given a task: "Nobody was assigned: nobody has the role HR."."""
    roles = CompanyRole.objects.filter(pk__in=rule.role_ids).order_by(Lower("name"))
    names = list(roles.values_list("name", flat=True)) or [str(SystemRoleName.TASK_WORKER.label)]
    able = able_people(replace(rule, not_submitter=False), ())
    if able.without_programs().exists():
        text = _(
            "Nobody was assigned: everybody with the role %(roles)s is away, gets no tasks by turn, "
            "or may not do this task."
        )
    elif able.exists():
        text = _(
            "Nobody was assigned: only service accounts have the role %(roles)s, and get no tasks by turn."
        )
    else:
        text = _("Nobody was assigned: nobody has the role %(roles)s.")
    return text % {"roles": _(" or ").join(names)}


def one_of_its_ticket(columns: Collection[str], value: object) -> Q:
    """Return the condition on tasks that one of these columns of the task's ticket has the value."""
    return Q(*((f"workflow_instance__ticket__{column}", value) for column in columns), _connector=Q.OR)
