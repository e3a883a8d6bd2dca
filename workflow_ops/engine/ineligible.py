"""Tasks whose assignee can't do them any more (`docs/engine.md`, "Handing on")."""

from __future__ import annotations

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from users.models import SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.models import ExecutorRole
from workflow_ops.engine.assignment import may_execute_if, one_of_its_ticket
from workflow_ops.models import TaskAllowedUser, TaskInstance
from workflow_ops.models.tasks import OPEN_TO_PROGRAMS


def tasks_with_ineligible_assignee(tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
    """Filter assigned tasks to those whose assignee is deactivated or may not execute them.

    A service account may not execute a task that waits for a person.
    """
    assignee = OuterRef("assigned_to")
    system = SystemRoleMembership.objects.filter(person=assignee)
    named = ExecutorRole.objects.filter(task_definition=OuterRef("task_definition"))
    allowed = TaskAllowedUser.objects.filter(task=OuterRef("pk"))
    is_worker = Q(Exists(system.filter(group__name=SystemRoleName.TASK_WORKER)))
    has_named = Q(Exists(named.filter(role__memberships__person=assignee)))
    own = one_of_its_ticket(["created_by", "entered_by"], F("assigned_to"))
    excluded = own | Q(assigned_to__is_service_account=True)
    four_eyes = ~(Q(task_definition__not_submitter=True) & excluded)
    eligible = may_execute_if(
        is_not_excluded=four_eyes & (Q(assigned_to__is_service_account=False) | OPEN_TO_PROGRAMS),
        is_admin=Q(Exists(system.filter(group__name=SystemRoleName.ADMIN))),
        has_role=has_named | (is_worker & ~Q(Exists(named))),
        is_unrestricted=~Q(Exists(allowed)),
        is_allowed=Q(Exists(allowed.filter(person=assignee))),
        is_named=Q(task_definition__assignee_field__gt=""),
    )
    # CASE, because the negation of a condition that is NULL would lose rows.
    is_eligible = Case(When(eligible & Q(assigned_to__is_active=True), then=True), default=False)
    return tasks.filter(assigned_to__isnull=False).alias(is_eligible=is_eligible).filter(is_eligible=False)
