"""Who is notified of a timeline event, and how (`docs/access.md`, "Who is told")."""

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

DEFAULT_WAYS: Final[Mapping[NotificationKind, NotificationWay]] = {
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
"""How people are notified of each kind by default."""

RecipientRules = list[tuple[NotificationKind, Q]]
"""Kinds with conditions on people, the most specific kind first: each person gets only the first match."""


def ways_for(kind: NotificationKind) -> tuple[NotificationWay, ...]:
    """Return the ways that this kind offers. There are no e-mails about tasks that many people may take."""
    if kind is NotificationKind.TAKEABLE:
        return NotificationWay.OFF, NotificationWay.SITE
    return tuple(NotificationWay)


def ways_of(people: Collection[int]) -> dict[tuple[int, NotificationKind], NotificationWay]:
    """Return how these people are notified of each kind, by person and kind: their choice, or the default."""
    ways = {(pk, kind): way for pk in people for kind, way in DEFAULT_WAYS.items()}
    choices = NotificationChoice.objects.filter(person__in=people).values_list("person", "kind", "way")
    for pk, kind, way in choices:
        if way in ways_for(NotificationKind(kind)):
            ways[pk, NotificationKind(kind)] = NotificationWay(way)
    return ways


def find_recipients(event: TimelineEvent) -> dict[int, NotificationKind]:
    """Return the kind of the notification for each person who gets one, by their id.

    People who are away get it, and their stand-ins, too. Rights are evaluated now. This takes a bounded
    number of statements, however many people are notified. TicketFlower's staff belong to no company, so they
    get nothing.
    """
    kinds: dict[int, NotificationKind] = {}
    rules_for, actor_id = _RULES.get(event.kind), _actor_id(event) or 0
    for kind, condition in rules_for(event) if rules_for else []:
        allowed = _people_to_notify(event, kind)
        # Stand-ins of the actor, or of people who may not be notified, get nothing either.
        concerned = allowed.filter(condition).exclude(pk=actor_id).order_by().values("pk")
        stand_ins = CustomUser.objects.away().filter(pk__in=concerned).values("stand_in")
        people = allowed.filter(Q(pk__in=concerned) | Q(pk__in=stand_ins))
        for pk in people.order_by("pk").values_list("pk", flat=True):
            kinds.setdefault(pk, kind)
    kinds.pop(actor_id, None)
    return kinds


def _actor_id(event: TimelineEvent) -> int | None:
    """Return the id of the person who caused the event, directly or by a write from which it follows.

    An answer that a person's own program has prepared does not count as caused by them.
    """
    if event.kind == TimelineKind.TASK_PREPARED:
        return None
    step = event.workflow_data
    return event.person_id or (step.person_id if step else None)


def _people_to_notify(event: TimelineEvent, kind: NotificationKind) -> PersonQuerySet:
    """Return the active people who may see the ticket, read the comment, take the task or see the error.

    Service accounts get no notifications.
    """
    return _people_with_access(event, kind).without_programs()


def _people_with_access(event: TimelineEvent, kind: NotificationKind) -> PersonQuerySet:
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


def _of_task(event: TimelineEvent) -> RecipientRules:
    """Notify the assignee of a form, or the people who may take it, unless that has changed since."""
    task = event.task
    assert task is not None
    if task.is_finished or task.assigned_to_id != event.about_id:
        return []
    if event.about_id is not None:
        return [(NotificationKind.TASK, Q(pk=event.about_id))]
    is_form = task.task_definition.task_type == TaskType.FORM
    return [(NotificationKind.TAKEABLE, Q(pk__isnull=False))] if is_form else []


def _of_overdue_task(event: TimelineEvent) -> RecipientRules:
    task, ticket = event.task, event.ticket
    assert task is not None
    if task.is_finished:
        return []
    concerned = Q(pk__in=[task.assigned_to_id, ticket.responsible_id])
    # People who have left, or may no longer see the ticket, count as nobody.
    if _people_to_notify(event, NotificationKind.OVERDUE).filter(concerned).exists():
        return [(NotificationKind.OVERDUE, concerned)]
    administer = people_who_may_administer([ticket.workflow_instance.workflow_id])
    return [(NotificationKind.OVERDUE, Q(pk__in=administer.values("pk")))]


def _of_comment(event: TimelineEvent) -> RecipientRules:
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


def _of_edited_comment(event: TimelineEvent) -> RecipientRules:
    """Notify people newly mentioned and, if the comment became public, those who were not notified before."""
    rules = dict(_of_comment(event))
    if not event.details.get("is_made_public"):
        rules.pop(NotificationKind.COMMENT, None)
    if NotificationKind.MENTION in rules:
        rules[NotificationKind.MENTION] &= Q(pk__in=event.details.get("mentioned", []))
    return list(rules.items())


def _of_submission(event: TimelineEvent) -> RecipientRules:
    return [(NotificationKind.SUBMITTED_FOR_ME, Q(pk=event.about_id))]


def _of_responsible(event: TimelineEvent) -> RecipientRules:
    """Notify the new responsible person, unless that has changed since."""
    is_still = event.about_id == event.ticket.responsible_id
    return [(NotificationKind.RESPONSIBLE, Q(pk=event.about_id))] if is_still else []


def _of_hold(event: TimelineEvent) -> RecipientRules:
    return [(NotificationKind.HELD, _requester_and_followers(event.ticket))]


def _of_end(event: TimelineEvent) -> RecipientRules:
    return [(NotificationKind.ENDED, _requester_and_followers(event.ticket))]


def _of_error(event: TimelineEvent) -> RecipientRules:
    return [(NotificationKind.ERROR, _holders_of_admin_roles(event.ticket))]


def _requester_and_followers(ticket: TicketInstance) -> Q:
    followers = TicketFollower.objects.filter(ticket=ticket).values("person")
    return Q(pk=ticket.created_by_id) | Q(pk__in=followers)


def _holders_of_admin_roles(ticket: TicketInstance) -> Q:
    """Return the condition on people that they have a role which the workflow names for its administration.

    If it names none, they must be company admins.
    """
    named = TicketAdminRole.objects.filter(workflow=ticket.workflow_instance.workflow_id)
    if named.exists():
        holders = CompanyRoleMembership.objects.filter(role__in=named.values("role"))
        return Q(pk__in=holders.values("person"))
    admins = SystemRoleMembership.objects.filter(group__name=SystemRoleName.ADMIN)
    return Q(pk__in=admins.values("person"))


_RULES: Final[Mapping[str, Callable[[TimelineEvent], RecipientRules]]] = {
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
"""For each kind of event, who is notified. There are no notifications about other kinds."""
