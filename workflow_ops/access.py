"""Permissions on tickets and tasks (`docs/access.md`, "Who may do what").

Predicates check one object for a person; querysets select all objects that the person may see or use. The two
agree. `may_execute_if` says who may execute a task, for both.
"""

from __future__ import annotations

from typing import TypeGuard, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from users.access import has_system_role, is_company_admin, may_manage_company
from users.models import AuditEvent, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.access import administered_by, may_administer_workflow
from workflow_design.models import (
    ExecutorRole,
    RoleLink,
    SubmitterRole,
    TaskType,
    TicketDefinition,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_ops.engine.assignment import ALWAYS, NEVER, may_execute_if, one_of_its_ticket, rule_of
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.task_rows import allowed_person_ids
from workflow_ops.models import (
    RunStatus,
    TaskAllowedUser,
    TaskHolder,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
)
from workflow_ops.models.tasks import DUE_ORDER, OPEN_TO_PROGRAMS, UNFINISHED_STATUSES

Person = CustomUser | AnonymousUser
RowT = TypeVar("RowT", bound=Model)


# --- Submitting ----------------------------------------------------------------------


def may_submit(person: Person, definition: TicketDefinition) -> bool:
    """Return whether the person may submit tickets of this definition, which must not be a draft's."""
    if not _in_company(person, definition.company_id):
        return False
    if is_company_admin(person):
        return True
    named = get_rules(definition.workflow_id).submitter_role_ids[definition.pk]
    return _has_one_of(person, named, SystemRoleName.USER)


def submittable_by(person: Person, *, for_others: bool = False) -> QuerySet[TicketDefinition]:
    """Return the ticket definitions of active workflows that the person may submit.

    With `for_others`, include those that the person may submit only for others.
    """
    active = TicketDefinition.objects.filter(workflow__status=WorkflowStatus.ACTIVE)
    if is_company_admin(person):
        return active
    if not isinstance(person, CustomUser):
        return active.none()
    named = SubmitterRole.objects.filter(ticket_definition=OuterRef("pk"))
    own = active.filter(_by_role(named, person, SystemRoleName.USER))
    return own | active.filter(workflow__in=administered_by(person)) if for_others else own


def may_open_form(person: Person, definition: TicketDefinition) -> bool:
    """Return whether the person may submit tickets of this definition, for themselves or for others."""
    return may_submit(person, definition) or may_administer_workflow(person, definition.workflow)


# --- Tickets -------------------------------------------------------------------------


def submitted(person: Person, ticket: TicketInstance) -> bool:
    """Return whether the person is the ticket's requester or, for staff, whether they submitted it."""
    if not isinstance(person, CustomUser):
        return False
    return person.pk == (ticket.impersonator_id if person.impersonating else ticket.created_by_id)


def own_tickets(person: CustomUser) -> QuerySet[TicketInstance]:
    """Return the tickets whose requester is this person or, for staff, the tickets that they submitted."""
    return TicketInstance.objects.filter(**{name: pk for name, pk in person.as_author().items() if pk})


def requested_or_entered(person: Person, ticket: TicketInstance) -> bool:
    """Return whether the person is the requester of the ticket, or submitted it for them."""
    is_enterer = isinstance(person, CustomUser) and person.pk == ticket.entered_by_id
    return is_enterer or submitted(person, ticket)


def may_see_ticket(person: Person, ticket: TicketInstance) -> bool:
    """Return whether the person submitted the ticket, may administer it, or has or had a task in it."""
    if not _in_company(person, ticket.company_id):
        return False
    if is_company_admin(person) or submitted(person, ticket):
        return True
    return visible_tickets(person).filter(pk=ticket.pk).exists()


def visible_tickets(person: Person) -> QuerySet[TicketInstance]:
    """Return the tickets that the person may see."""
    if is_company_admin(person):
        return TicketInstance.objects.all()
    if not isinstance(person, CustomUser):
        return TicketInstance.objects.none()
    worked_on = TaskHolder.objects.filter(workflow_instance=OuterRef("workflow_instance"), person=person)
    return TicketInstance.objects.filter(
        Q(created_by=person)
        | Q(workflow_instance__workflow__in=administered_by(person))
        | Q(Exists(worked_on))
    )


def administered_tickets(person: Person) -> QuerySet[TicketInstance]:
    """Return the tickets that the person may administer."""
    return _administered(TicketInstance.objects.all(), person)


def administered_tasks(person: Person) -> QuerySet[TaskInstance]:
    """Return the tasks that the person may administer."""
    return _administered(TaskInstance.objects.all(), person)


def administered_errors(person: Person) -> QuerySet[TicketError]:
    """Return the errors that the person may administer."""
    return _administered(TicketError.objects.all(), person, "ticket__")


def _administered(rows: QuerySet[RowT], person: Person, path: str = "") -> QuerySet[RowT]:
    if is_company_admin(person):
        return rows
    return rows.filter(**{f"{path}workflow_instance__workflow__in": administered_by(person)})


def readable_events(
    person: CustomUser, *, workflow_id: int | None, number: int | None
) -> QuerySet[AuditEvent] | None:
    """Return the events of the audit log of this version or ticket, or None if the person may not read them.

    A company admin reads all of it; others need a version, or a ticket, that they administer.
    """
    events = AuditEvent.objects.all()
    if may_manage_company(person):
        return events
    versions = WorkflowDefinition.objects.prefetch_related("ticket_admin_links")
    if number is not None:
        events = events.filter(ticket=number)
    if workflow_id is not None:
        events, versions = events.filter(workflow_id=workflow_id), versions.filter(pk=workflow_id)
    elif number is not None:
        versions = versions.filter(instances__ticket__number=number)
    is_narrowed = number is not None or workflow_id is not None
    version = versions.first() if is_narrowed else None
    return events if version is not None and may_administer_workflow(person, version) else None


# --- Tasks ---------------------------------------------------------------------------

_IS_HELD = Q(workflow_instance__status=RunStatus.ON_HOLD)


def may_execute(person: Person, task: TaskInstance) -> bool:
    """Return whether this form may be assigned to the person; they need not be the assignee.

    Read the task's definition and ticket. The first call runs at most one more statement, for the allowed
    people; the roles come from the cached rules. `not_submitter` applies to company admins and programs, too.
    For a service account, return False if the task is finished, waits for a person or has another assignee.
    """
    definition = task.task_definition
    if not _in_company(person, task.company_id) or definition.task_type != TaskType.FORM:
        return False
    if person.is_service_account and not task.is_open_to_program(person):
        return False
    is_admin = is_company_admin(person)
    allowed = frozenset[int]() if is_admin else allowed_person_ids(task)  # an admin needs no statement
    rule = rule_of(task)
    ticket = task.workflow_instance.ticket
    is_excluded = rule.not_submitter and (person.is_service_account or requested_or_entered(person, ticket))
    return may_execute_if(
        is_not_excluded=not is_excluded,
        is_admin=is_admin,
        has_role=_has_one_of(person, rule.role_ids, SystemRoleName.TASK_WORKER),
        is_unrestricted=not allowed,
        is_allowed=person.pk in allowed,
        is_named=bool(rule.assignee_field),
    )


def may_complete(person: Person, task: TaskInstance) -> bool:
    """Return whether the person may execute the task, and is its assignee or a company admin."""
    if not may_execute(person, task):
        return False
    return is_company_admin(person) or task.assigned_to_id == person.pk


def may_see_task(person: Person, task: TaskInstance) -> bool:
    """Return whether the person may execute the task, has or did it, or may administer its workflow.

    A service account sees only tasks that it may do or take, unless it administers them.
    """
    if not _in_company(person, task.company_id):
        return False
    has_or_did = person.pk in (task.assigned_to_id, task.completed_by_id)
    if has_or_did and (task.is_open_to_programs or not person.is_service_account):
        return True
    return may_execute(person, task) or may_administer_workflow(person, task.task_definition.workflow)


def visible_tasks(person: CustomUser) -> QuerySet[TaskInstance]:
    """Return the tasks that the person may see: those for which `may_see_task` is true."""
    own = _of_interest(person).filter(Q(assigned_to=person.pk) | Q(completed_by=person.pk))
    return administered_tasks(person) | executable_tasks(person) | own


def _of_interest(person: CustomUser) -> QuerySet[TaskInstance]:
    """Return all tasks or, for a service account, only those that it may do or take."""
    tasks, is_free = TaskInstance.objects.all(), Q(assigned_to=None) | Q(assigned_to=person.pk)
    return tasks.filter(OPEN_TO_PROGRAMS, is_free) if person.is_service_account else tasks


def my_open_tasks(person: CustomUser, *, on_hold: bool = False) -> QuerySet[TaskInstance]:
    """Return the unfinished forms of the person that can be done now, or those on hold.

    Overdue tasks come first, then tasks with a due time, then the oldest.
    """
    mine = TaskInstance.objects.filter(assigned_to=person.pk, status__in=UNFINISHED_STATUSES)
    return _most_urgent_first(mine.filter(_IS_HELD if on_hold else ~_IS_HELD))


def _most_urgent_first(tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
    return tasks.annotate(due_order=DUE_ORDER).order_by("due_order", "pk")


def my_done_tasks(person: CustomUser) -> QuerySet[TaskInstance]:
    """Return the tasks that the person completed, and may still see, newest first."""
    seen = administered_tasks(person) if person.is_service_account else TaskInstance.objects.all()
    done = seen.filter(completed_by=person.pk, status=TaskStatus.COMPLETED)
    return done.order_by("-completed_at", "-pk")


def takeable_tasks(person: CustomUser) -> QuerySet[TaskInstance]:
    """Return the unassigned forms that the person may execute, without those on hold, in the same order."""
    open_now = [TaskStatus.OPEN, TaskStatus.IN_PROGRESS]
    tasks = executable_tasks(person).filter(~_IS_HELD, assigned_to=None, status__in=open_now)
    return _most_urgent_first(tasks)


def executable_tasks(person: CustomUser) -> QuerySet[TaskInstance]:
    """Return the forms that the person may execute, in any status, whoever has them.

    A service account may execute only unfinished forms that nobody else has and that wait for no person.
    """
    # Staff are not people of the company that they entered: their tickets name them as the impersonator.
    columns = ["impersonator"] if person.impersonating else ["created_by", "entered_by"]
    own, is_admin = one_of_its_ticket(columns, person.pk), is_company_admin(person)
    allowed = TaskAllowedUser.objects.filter(task=OuterRef("pk"))
    roles = ExecutorRole.objects.filter(task_definition=OuterRef("task_definition"))
    excluded = ALWAYS if person.is_service_account else own
    return _of_interest(person).filter(
        may_execute_if(
            is_not_excluded=~(Q(task_definition__not_submitter=True) & excluded),
            is_admin=ALWAYS if is_admin else NEVER,
            # For an admin, the other conditions would only be slow.
            has_role=NEVER if is_admin else _by_role(roles, person, SystemRoleName.TASK_WORKER),
            is_unrestricted=~Q(Exists(allowed)),
            is_allowed=NEVER if is_admin else Q(Exists(allowed.filter(person=person.pk))),
            is_named=Q(task_definition__assignee_field__gt=""),
        ),
        task_definition__task_type=TaskType.FORM,
    )


def _by_role(named: QuerySet[RoleLink], person: CustomUser, or_else: SystemRoleName) -> Q:
    """Return the condition that the person has a named role or, if none is named, `or_else`."""
    allowed = Q(Exists(named.filter(role__in=person.company_role_ids)))
    return allowed | ~Q(Exists(named)) if has_system_role(person, or_else) else allowed


def _in_company(person: Person, company_id: int | None) -> TypeGuard[CustomUser]:
    if not isinstance(person, CustomUser) or not person.is_active:
        return False
    company = person.company_in_use
    return company is not None and company.pk == company_id


def _has_one_of(person: Person, role_ids: frozenset[int], or_else: SystemRoleName) -> bool:
    """Return whether the person has one of the roles or, if there are none, the system role."""
    if not isinstance(person, CustomUser):
        return False
    if role_ids:
        return not role_ids.isdisjoint(person.company_role_ids)
    return has_system_role(person, or_else)
