"""Handing on the work of people who leave, lose a role or are away (`docs/engine.md`, "Handing on")."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import company_scope, current_actor, current_company_id
from users.models import CustomUser
from workflow_design.access import people_who_may_administer
from workflow_design.models import TaskType
from workflow_ops.desk.responsible import tickets_in_care, tickets_with_ineligible_responsible
from workflow_ops.engine.assignment import candidates, describe_missing, rule_of
from workflow_ops.engine.by_hand import eligible_people, people_who_may_take
from workflow_ops.engine.errors import resolve_errors, store_assignment_error
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.engine.run_rows import lock_assignment, lock_run
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.models import (
    ErrorReason,
    TaskAllowedUser,
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.work.needs import responsible_people

MOST_AT_ONCE: Final = 50
"""How many tasks and tickets are handed on by the request itself, and by each run of the job."""
FALLBACK_SECONDS: Final = 10


class Distribution(TextChoices):
    """The choices for how open tasks are distributed."""

    SPREAD = "spread", gettext_lazy("Spread them over the people who may do them")
    PERSON = "person", gettext_lazy("Give them to one person, as far as that person may do them")
    NOBODY = "nobody", gettext_lazy("Give them to nobody, so that anyone who may do them can take them")
    LEAVE = "leave", gettext_lazy("Leave them where they are")


@dataclass(frozen=True, slots=True)
class HandOver:
    """A plan: whose open tasks are handed on and to whom, and who becomes `responsible` for their tickets.

    With `is_away`, the people are only absent: all their tasks except those of an `assignee_field` are handed
    on, and no tickets. Otherwise, these are the tasks that their assignee can no longer do, and the tickets
    that their responsible person may no longer administer.
    """

    people: tuple[int, ...]
    distribution: Distribution
    person: int | None = None
    is_away: bool = False
    responsible: int | None = None

    def tasks(self) -> QuerySet[TaskInstance]:
        """Return the tasks that are still to be handed on."""
        if self.distribution == Distribution.LEAVE:
            return TaskInstance.objects.none()
        tasks = open_forms(self.people)
        if self.is_away:
            return by_turn(tasks).filter(assigned_to__in=CustomUser.objects.away())
        return tasks_with_ineligible_assignee(tasks)

    def tickets(self) -> QuerySet[TicketInstance]:
        """Return the tickets that are still to be handed on."""
        if self.is_away:
            return TicketInstance.objects.none()
        return tickets_with_ineligible_responsible(tickets_in_care(self.people))


def open_forms(people: tuple[int, ...]) -> QuerySet[TaskInstance]:
    """Return the unfinished forms that are assigned to these people."""
    return TaskInstance.objects.filter(
        assigned_to__in=people, status__in=UNFINISHED_STATUSES, task_definition__task_type=TaskType.FORM
    )


def by_turn(tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
    """Filter tasks to those whose assignee was not named by a field."""
    return tasks.exclude(task_definition__assignee_field__gt="")


def schedule_hand_over(plan: HandOver, *, at: datetime | None = None) -> None:
    """Hand tasks and tickets on after the commit: the first ones in this process, the others by a job.

    If `at` is in the future, the job does all of it at that time. A plan for another absence of the same
    person is replaced.

    Each row is handed on in its own transaction, because no second workflow may be locked while the lock of
    assignments is held.
    """
    is_later = at is not None and at > timezone.now()
    if plan.is_away:
        _planned_jobs(plan.people).delete()
    waits = is_later and plan.distribution != Distribution.LEAVE
    if not (waits or plan.tasks().exists() or plan.tickets().exists()):
        return
    who = current_actor()
    company_id = who.company_id
    assert company_id is not None
    scope: dict[str, Any] = {"person_id": who.person_id, "impersonator_id": who.impersonator_id}
    when = at if is_later and at else timezone.now() + timedelta(seconds=FALLBACK_SECONDS)
    lock = _absence_lock(plan.people) if plan.is_away else None
    job = app.configure_task("workflow_ops.jobs.hand_over_tasks", schedule_at=when, queueing_lock=lock)
    job.defer(company_id=company_id, **scope, plan={**asdict(plan), "people": list(plan.people)})

    def run() -> None:  # not a partial: Django 5.2 logs the name of a robust hook that fails
        with company_scope(company_id, **scope):
            hand_over(plan)

    if not is_later:
        transaction.on_commit(run, robust=True)


def planned_for_absence(person: CustomUser) -> HandOver | None:
    """Return the plan for the person's open tasks at the beginning of their absence, or None."""
    for arguments in _planned_jobs((person.pk,)).values_list("args", flat=True):
        return HandOver(**{**arguments["plan"], "people": (person.pk,)})
    return None


def _planned_jobs(people: tuple[int, ...]) -> QuerySet[ProcrastinateJob]:
    return ProcrastinateJob.objects.filter(queueing_lock=_absence_lock(people), status="todo")


def _absence_lock(people: tuple[int, ...]) -> str:
    """Return the queueing lock that allows at most one plan for a person's absence."""
    return f"absence:{','.join(map(str, people))}"


def hand_over(plan: HandOver, *, after: int = 0) -> int | None:
    """Hand on the next tasks, then the next tickets.

    Return the id of the task after which to continue, or None if there are no more tasks and tickets.

    Safe to call twice, and by several processes at once. Opens its own transactions.
    """
    with transaction.atomic():
        tasks = list(plan.tasks().filter(pk__gt=after).order_by("pk")[:MOST_AT_ONCE])
    for task in tasks:
        with transaction.atomic():
            _hand_on(task, plan)
    with transaction.atomic():
        tickets = list(plan.tickets().order_by("pk")[: MOST_AT_ONCE - len(tasks)])
    for ticket in tickets:
        with transaction.atomic():
            _hand_on_ticket(ticket, plan)
    if len(tasks) + len(tickets) < MOST_AT_ONCE:
        return None
    return tasks[-1].pk if tasks else after


def _hand_on(task: TaskInstance, plan: HandOver) -> None:
    """Assign the task as planned; if nobody can do it, store an error.

    The previous assignee is removed from the people to whom the task is restricted, and the new one is added,
    so that a restricted task stays restricted.
    """
    fresh = lock_task(task)
    previous = fresh.assigned_to
    if previous is None or not plan.tasks().filter(pk=fresh.pk).exists():  # another process was faster
        return
    was_restricted = bool(fresh.allowed_links.filter(person=previous).delete()[0])
    others = list(fresh.allowed_links.values_list("person_id", flat=True))
    is_open = was_restricted and plan.distribution == Distribution.PERSON
    new_assignee = _choose_assignee(fresh, plan, previous, is_open=is_open)
    if new_assignee is not None and was_restricted and new_assignee.pk not in others:
        TaskAllowedUser.objects.create(task=fresh, person=new_assignee)
    TaskInstance.objects.filter(pk=fresh.pk).update(
        assigned_to=new_assignee, assigned_at=timezone.now() if new_assignee else None
    )
    ticket = fresh.workflow_instance.ticket
    _record(ticket, TimelineKind.TASK_ASSIGNED, task=fresh, previous=previous, new=new_assignee)
    if new_assignee is not None:
        resolve_errors(ErrorReason.ASSIGNMENT, task=fresh)
    elif plan.distribution == Distribution.SPREAD or not people_who_may_take(fresh).exists():
        store_assignment_error(fresh, describe_missing(rule_of(fresh)))


def _hand_on_ticket(ticket: TicketInstance, plan: HandOver) -> None:
    """Make the person of the plan responsible if they may administer the ticket, and nobody otherwise."""
    run = lock_run(ticket.workflow_instance_id)
    fresh = plan.tickets().select_related("responsible").filter(pk=ticket.pk).first()
    if fresh is None or fresh.responsible is None:  # another process was faster
        return
    able = people_who_may_administer([run.workflow_id]).without_programs()
    new_responsible = able.filter(pk=plan.responsible).first() if plan.responsible else None
    TicketInstance.objects.filter(pk=fresh.pk).update(responsible=new_responsible)
    _record(fresh, TimelineKind.RESPONSIBLE, previous=fresh.responsible, new=new_responsible)


def release_tickets() -> None:
    """Make nobody responsible for tickets that their responsible person may not administer any more.

    This excludes tickets of deactivated people, which "Needs you" lists, and of people whose tickets are
    about to be handed on by a job. Opens its own transactions; safe to run twice.
    """
    company = {"task_name": "workflow_ops.jobs.hand_over_tasks", "args__company_id": current_company_id()}
    jobs = ProcrastinateJob.objects.filter(**company, status__in=("todo", "doing"), args__plan__is_away=False)
    going = {person for people in jobs.values_list("args__plan__people", flat=True) for person in people}
    with transaction.atomic():
        people = responsible_people(is_active=True).exclude(pk__in=going)
        plan = HandOver(tuple(people.values_list("pk", flat=True)), Distribution.LEAVE)
    while hand_over(plan) is not None:
        pass


def _record(
    ticket: TicketInstance,
    kind: TimelineKind,
    *,
    previous: CustomUser,
    new: CustomUser | None,
    task: TaskInstance | None = None,
) -> None:
    who = current_actor()
    TimelineEvent.objects.create(
        ticket=ticket,
        kind=kind,
        task=task,
        about=new,
        person_id=who.person_id,
        impersonator_id=who.impersonator_id,
        details={"reason": _("Handed over from %(name)s.") % {"name": previous.get_full_name()}},
    )


def _choose_assignee(
    task: TaskInstance, plan: HandOver, previous: CustomUser, *, is_open: bool
) -> CustomUser | None:
    if plan.distribution == Distribution.SPREAD:
        lock_assignment()  # so that two assignments at once see each other's workload
        return candidates(task).exclude(pk=previous.pk).first()
    if plan.distribution == Distribution.PERSON:
        return eligible_people(task, is_open=is_open).filter(pk=plan.person or 0).first()
    return None
