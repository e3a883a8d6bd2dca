"""Who is told of an event of a timeline, and how (`docs/access.md`, "Who is told")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from django.db.models import Q

from users.models import CompanyRoleMembership, CustomUser, PersonQuerySet, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.access import people_who_may_administer
from workflow_design.models import TaskType, TicketAdminRole
from workflow_ops.comments.audience import people_who_may_read
from workflow_ops.engine.by_hand import people_who_may_take
from workflow_ops.models import (
    Comment,
    CommentMention,
    Notification,
    NotificationChoice,
    NotificationKind,
    NotificationWay,
    TaskInstance,
    TicketFollower,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES

AT_FIRST: Final[Mapping[NotificationKind, NotificationWay]] = {
    NotificationKind.TASK: NotificationWay.MAIL,
    NotificationKind.TAKEABLE: NotificationWay.SITE,
    NotificationKind.OVERDUE: NotificationWay.MAIL,
    NotificationKind.COMMENT: NotificationWay.MAIL,
    NotificationKind.MENTION: NotificationWay.MAIL,
    NotificationKind.SUBMITTED_FOR_ME: NotificationWay.MAIL,
    NotificationKind.RESPONSIBLE: NotificationWay.MAIL,
    NotificationKind.HELD: NotificationWay.SITE,
    NotificationKind.ENDED: NotificationWay.MAIL,
    NotificationKind.ERROR: NotificationWay.MAIL,
    NotificationKind.WEBHOOK: NotificationWay.MAIL,
}
"""How people are told of a kind until they choose otherwise."""

Wanted = list[tuple[NotificationKind, Q]]
"""Conditions on people, the most specific kind first: of one event, a person is told once."""


def ways_for(kind: NotificationKind) -> tuple[NotificationWay, ...]:
    """Return how one can be told of this kind. Of a task that many may take, nobody gets an e-mail."""
    if kind is NotificationKind.TAKEABLE:
        return NotificationWay.OFF, NotificationWay.SITE
    return tuple(NotificationWay)


def ways_of(people: Collection[int]) -> dict[tuple[int, NotificationKind], NotificationWay]:
    """Return how these people are told of each kind, by person and kind: as they chose, or as at first."""
    ways = {(pk, kind): way for pk in people for kind, way in AT_FIRST.items()}
    choices = NotificationChoice.objects.filter(person__in=people).values_list("person", "kind", "way")
    for pk, kind, way in choices:
        if way in ways_for(NotificationKind(kind)):
            ways[pk, NotificationKind(kind)] = NotificationWay(way)
    return ways


def who_is_told(event: TimelineEvent) -> dict[int, NotificationKind]:
    """Return who is told of an event, by id, with the kind. Whoever is away is told, and their stand-in too.

    Rights are those of this moment. It takes a bounded number of statements, however many people are told.
    TicketFlower's staff are people of no company, so they are told of nothing.
    """
    kinds: dict[int, NotificationKind] = {}
    find, actor_id = _WANTED.get(event.kind), _actor_id(event) or 0
    for kind, wanted in find(event) if find else []:
        allowed = _who_may_be_told(event, kind)
        # Who stands in for the actor, or for somebody who may not be told, has nothing to hear.
        concerned = allowed.filter(wanted).exclude(pk=actor_id).order_by().values("pk")
        stand_ins = CustomUser.objects.away().filter(pk__in=concerned).values("stand_in")
        people = allowed.filter(Q(pk__in=concerned) | Q(pk__in=stand_ins))
        for pk in people.order_by("pk").values_list("pk", flat=True):
            kinds.setdefault(pk, kind)
    kinds.pop(actor_id, None)
    return kinds


def _actor_id(event: TimelineEvent) -> int | None:
    """Return the person who did it, or from whose write it follows.

    What their own program has prepared, they have not done.
    """
    if event.kind == TimelineKind.TASK_PREPARED:
        return None
    step = event.workflow_data
    return event.person_id or (step.person_id if step else None)


def _who_may_be_told(event: TimelineEvent, kind: NotificationKind) -> PersonQuerySet:
    """Return the active people who may see the ticket, read the comment, take the task or see the error.

    Service accounts are told of nothing.
    """
    return _who_may_see(event, kind).without_programs()


def _who_may_see(event: TimelineEvent, kind: NotificationKind) -> PersonQuerySet:
    if kind is NotificationKind.TAKEABLE:
        assert event.task is not None
        return people_who_may_take(event.task, with_admins=True)
    if kind is NotificationKind.ERROR:
        return people_who_may_administer([event.ticket.workflow_instance.workflow_id])
    comment = event.comment or Comment(is_internal=False)
    comment.ticket = event.ticket
    people = people_who_may_read(comment)
    if event.kind == TimelineKind.COMMENT_EDITED:
        earlier = Notification.objects.filter(
            event__comment=comment, kind__in=[kind, NotificationKind.MENTION]
        )
        people = people.exclude(pk__in=earlier.values("person"))
    return people


def _of_task(event: TimelineEvent) -> Wanted:
    """Tell of a form that somebody has or may take, unless that has changed since."""
    task = event.task
    assert task is not None
    if task.is_finished or task.assigned_to_id != event.about_id:
        return []
    if event.about_id is not None:
        return [(NotificationKind.TASK, Q(pk=event.about_id))]
    is_form = task.task_definition.task_type == TaskType.FORM
    return [(NotificationKind.TAKEABLE, Q(pk__isnull=False))] if is_form else []


def _of_overdue_task(event: TimelineEvent) -> Wanted:
    task, ticket = event.task, event.ticket
    assert task is not None
    if task.is_finished:
        return []
    concerned = Q(pk__in=[task.assigned_to_id, ticket.responsible_id])
    # Whoever has left, or may not see the ticket any more, counts as nobody.
    if _who_may_be_told(event, NotificationKind.OVERDUE).filter(concerned).exists():
        return [(NotificationKind.OVERDUE, concerned)]
    administer = people_who_may_administer([ticket.workflow_instance.workflow_id])
    return [(NotificationKind.OVERDUE, Q(pk__in=administer.values("pk")))]


def _of_comment(event: TimelineEvent) -> Wanted:
    comment, ticket = event.comment, event.ticket
    assert comment is not None
    if comment.deleted_at:
        return []
    mentioned = CommentMention.objects.filter(comment=comment).values("person")
    open_tasks = TaskInstance.objects.filter(
        workflow_instance=ticket.workflow_instance_id, status__in=UNFINISHED_STATUSES
    )
    concerned = Q(pk=ticket.responsible_id) | Q(pk__in=open_tasks.values("assigned_to"))
    return [
        (NotificationKind.MENTION, Q(pk__in=mentioned)),
        (NotificationKind.COMMENT, concerned | _requester_and_followers(ticket)),
    ]


def _of_edited_comment(event: TimelineEvent) -> Wanted:
    """Tell whom the edit mentions, and of a comment that it made public whoever was not told of it before."""
    wanted = dict(_of_comment(event))
    if not event.details.get("is_made_public"):
        wanted.pop(NotificationKind.COMMENT, None)
    if NotificationKind.MENTION in wanted:
        wanted[NotificationKind.MENTION] &= Q(pk__in=event.details.get("mentioned", []))
    return list(wanted.items())


def _of_submission(event: TimelineEvent) -> Wanted:
    return [(NotificationKind.SUBMITTED_FOR_ME, Q(pk=event.about_id))]


def _of_responsible(event: TimelineEvent) -> Wanted:
    """Tell who became responsible, unless that has changed since."""
    is_still = event.about_id == event.ticket.responsible_id
    return [(NotificationKind.RESPONSIBLE, Q(pk=event.about_id))] if is_still else []


def _of_hold(event: TimelineEvent) -> Wanted:
    return [(NotificationKind.HELD, _requester_and_followers(event.ticket))]


def _of_end(event: TimelineEvent) -> Wanted:
    return [(NotificationKind.ENDED, _requester_and_followers(event.ticket))]


def _of_error(event: TimelineEvent) -> Wanted:
    return [(NotificationKind.ERROR, _holders_of_admin_roles(event.ticket))]


def _requester_and_followers(ticket: TicketInstance) -> Q:
    followers = TicketFollower.objects.filter(ticket=ticket).values("person")
    return Q(pk=ticket.created_by_id) | Q(pk__in=followers)


def _holders_of_admin_roles(ticket: TicketInstance) -> Q:
    """Return the condition to hold a role that the workflow names for its administration.

    Without such roles, it is to be a company admin.
    """
    named = TicketAdminRole.objects.filter(workflow=ticket.workflow_instance.workflow_id)
    if named.exists():
        holders = CompanyRoleMembership.objects.filter(role__in=named.values("role"))
        return Q(pk__in=holders.values("person"))
    admins = SystemRoleMembership.objects.filter(group__name=SystemRoleName.ADMIN)
    return Q(pk__in=admins.values("person"))


_WANTED: Final[Mapping[str, Callable[[TimelineEvent], Wanted]]] = {
    TimelineKind.TASK_STARTED: _of_task,
    TimelineKind.TASK_ASSIGNED: _of_task,
    TimelineKind.TASK_GIVEN_BACK: _of_task,
    TimelineKind.TASK_PREPARED: _of_task,
    TimelineKind.OVERDUE: _of_overdue_task,
    TimelineKind.COMMENTED: _of_comment,
    TimelineKind.COMMENT_EDITED: _of_edited_comment,
    TimelineKind.SUBMITTED: _of_submission,
    TimelineKind.RESPONSIBLE: _of_responsible,
    TimelineKind.HELD: _of_hold,
    TimelineKind.ENDED: _of_end,
    TimelineKind.CANCELLED: _of_end,
    TimelineKind.WITHDRAWN: _of_end,
    TimelineKind.ERROR: _of_error,
}
"""Who wants to be told of which event. Nobody is told of any other kind."""
