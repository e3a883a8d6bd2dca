"""The people to whom a ticket admin, or a company admin who hands tasks on, can assign a task by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import Q

from users.models import CustomUser, PersonQuerySet
from workflow_design.models import TaskDefinition
from workflow_ops.engine.assignment import able_people, in_order_of_load, rule_of, submitter_ids_of
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.models import TaskInstance


def assignable_people(task: TaskInstance) -> PersonQuerySet:
    """Return the people to whom this task may be assigned by hand, fewest unfinished tasks (`load`) first.

    People who are away are included, and so is the present assignee.
    """
    return in_order_of_load(_with_current_choice(eligible_people(task), also={task.assigned_to_id}).active())


def eligible_people(task: TaskInstance, *, is_open: bool = False) -> PersonQuerySet:
    """Return the active people who may do this task or get it by hand; company admins need a role, too.

    With `is_open`, the task's restriction to people is ignored. Because a field can name anybody, a task with
    an `assignee_field` can be handed on to everybody except those whom `not_submitter` excludes.
    """
    rule, submitter_ids = rule_of(task), submitter_ids_of(task.workflow_instance.ticket)
    if not rule.assignee_field:
        return (
            _without_programs_if_barred(task, able_people(rule, submitter_ids))
            if is_open
            else people_who_may_take(task)
        )
    people = _without_programs_if_barred(task, CustomUser.objects.active())
    return people.without_programs().exclude(pk__in=submitter_ids) if rule.not_submitter else people


def people_who_may_take(task: TaskInstance, *, with_admins: bool = False) -> PersonQuerySet:
    """Return the active people who may execute this task under its current restriction.

    Company admins, who need no role, are included only `with_admins`.
    """
    allowed = list(task.allowed_links.values_list("person_id", flat=True))
    submitters = submitter_ids_of(task.workflow_instance.ticket)
    return _without_programs_if_barred(
        task, able_people(rule_of(task), submitters, allowed, with_admins=with_admins)
    )


def people_with_a_role_for(definitions: Iterable[TaskDefinition]) -> PersonQuerySet:
    """Return the active people who have a role for at least one of these tasks, fewest unfinished first."""
    rules = {get_rules(each.workflow_id).assignment[str(each.pk)] for each in definitions}
    able = Q(pk__in=[])
    for rule in {replace(rule, assignee_field="", not_submitter=False) for rule in rules}:
        able |= Q(pk__in=able_people(rule, ()).order_by().values("pk"))
    return in_order_of_load(CustomUser.objects.active().filter(able))


def restrictable_people(task: TaskInstance) -> PersonQuerySet:
    """Return the people to whom this task can be restricted, in the same order.

    The people to whom it is restricted now are included, even deactivated ones.
    """
    allowed = {link.person_id for link in task.allowed_links.all()}
    able = able_people(rule_of(task), submitter_ids_of(task.workflow_instance.ticket))
    able = _without_programs_if_barred(task, able)
    return in_order_of_load(_with_current_choice(able, also=allowed))


def _without_programs_if_barred(task: TaskInstance, people: PersonQuerySet) -> PersonQuerySet:
    """Exclude service accounts if the task waits for a person."""
    return people if task.is_open_to_programs else people.without_programs()


def _with_current_choice(able: PersonQuerySet, *, also: Collection[int | None]) -> PersonQuerySet:
    """Add the present choice, so that a form can display it even if the person lost the role."""
    included = [pk for pk in also if pk is not None]
    return CustomUser.objects.filter(Q(pk__in=able.order_by().values("pk")) | Q(pk__in=included))
