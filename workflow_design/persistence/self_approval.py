"""Tasks in which people of the company could decide about their own tickets."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from django.db.models import Exists, FilteredRelation, OuterRef, TextField, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.models import CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.self_approval import Decision, find_decisions
from workflow_design.definition.problems import pointer
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile

_SYSTEM_ROLE: Final = ""
"""Stands for the system role that is asked for where a ticket or task names no role."""


def find_self_approvals_in_company(file: WorkflowFile) -> Iterator[Finding]:
    """Yield a note for each decision that some who submit the ticket may be given. One query at most."""
    found = find_decisions(file, read_fields(file.fields_schema))
    # Who is named by a field is only known at run time.
    decisions = [each for each in found if each.task.assignee_field is None]
    held = _find_roles_held_together(decisions) if decisions else {}
    for _position, of_task in groupby(decisions, key=lambda each: each.position):
        several = list(of_task)
        executors = _names(several[0].task.executor_roles)
        also_held = {role for executor in executors for role in held.get(executor, ())}
        for decision in several:
            if not also_held.isdisjoint(_names(decision.ticket.submitter_roles)):
                yield _build_finding(decision)
                break


def _names(roles: Sequence[str]) -> list[str]:
    return [name.lower() for name in roles] or [_SYSTEM_ROLE]


def _find_roles_held_together(decisions: Collection[Decision]) -> dict[str, set[str]]:
    """Return, for each role that decides, those roles that submit and that some of its people have, too.

    The statement grows with the number of roles, and not with that of pairs of tickets and tasks.
    """
    submitters = {name for each in decisions for name in _names(each.ticket.submitter_roles)}
    executors = {name for each in decisions for name in _names(each.task.executor_roles)}
    first, *others = (
        people.order_by().values_list("submits", "decides").distinct()
        for holders in _with_roles(
            CustomUser.objects.in_rotation(), "submits", submitters, SystemRoleName.USER
        )
        for people in _with_roles(holders, "decides", executors, SystemRoleName.TASK_WORKER)
    )
    held: dict[str, set[str]] = {}
    for submitter, executor in first.union(*others):
        held.setdefault(executor, set()).add(submitter)
    return held


def _with_roles(
    people: PersonQuerySet, name: str, roles: set[str], system_role: SystemRoleName
) -> Iterator[Any]:
    """Yield those people who have one of the roles, once for each, with the role as the column `name`."""
    if named := roles - {_SYSTEM_ROLE}:
        membership = f"{name}_by"
        rows = people.annotate(**{membership: FilteredRelation("company_role_memberships")})
        yield rows.annotate(**{name: Lower(f"{membership}__role__name")}).filter(**{f"{name}__in": named})
    if _SYSTEM_ROLE in roles:
        held = SystemRoleMembership.objects.filter(person=OuterRef("pk"), group__name=system_role)
        role = Value(_SYSTEM_ROLE, output_field=TextField())
        yield people.filter(Exists(held)).annotate(**{name: role})


def _build_finding(decision: Decision) -> Finding:
    message = _(
        "Some people who submit “%(ticket)s” may be given “%(task)s”, and decide about their own ticket."
    )
    return Finding(
        "self-approval",
        Severity.NOTE,
        pointer("tasks", decision.position, "not_submitter"),
        message % {"ticket": decision.ticket.title, "task": decision.task.title},
        _("To rule that out, choose “Never the submitter of the ticket”."),
    )
