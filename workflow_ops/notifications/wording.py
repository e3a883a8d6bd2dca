"""Notifications as sentences with a link, derived from the event when they are shown or sent.

Rights are evaluated at that moment (`docs/access.md`, "Who is told"): people who may no longer see a ticket,
read a comment or see a webhook get neither its name nor its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.relative_times import due_and_exact
from users.access import may_manage_company
from users.models import CustomUser
from workflow_ops.access import administered_tickets, visible_tasks, visible_tickets
from workflow_ops.comments.audience import tickets_with_internal
from workflow_ops.history.timeline_wording import actor_name, task_name
from workflow_ops.models import (
    CommentMention,
    Notification,
    NotificationKind,
    RunStatus,
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LONGEST_QUOTE: Final = 300
_ICONS: Final = {
    NotificationKind.TASK: "inbox",
    NotificationKind.TAKEABLE: "hand-raised",
    NotificationKind.OVERDUE: "clock",
    NotificationKind.COMMENT: "chat-bubble-left",
    NotificationKind.MENTION: "at-symbol",
    NotificationKind.SUBMITTED_FOR_ME: "paper-airplane",
    NotificationKind.RESPONSIBLE: "user",
    NotificationKind.HELD: "pause-circle",
    NotificationKind.ENDED: "flag",
    NotificationKind.ERROR: "exclamation-triangle",
    NotificationKind.WEBHOOK: "bolt-slash",
}
_NEW_TASKS: Final = (NotificationKind.TASK, NotificationKind.TAKEABLE)
_OF_TASKS: Final = (*_NEW_TASKS, NotificationKind.OVERDUE)


@dataclass(frozen=True, slots=True)
class News:
    """A notification in words."""

    row: Notification
    icon: str
    text: str
    name: str = ""
    """The name of the ticket, or of the webhook."""
    path: str = ""
    """Where it leads; "" if the person may no longer see it."""
    quote: str = ""
    """The beginning of the comment, of the given reason, or of the error."""
    is_internal: bool = False
    """True if it is about an internal comment, whose text is shown only on the site."""


def with_what_it_says(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    """Select the related rows that the sentences need."""
    of_task = ("event__task__task_definition", "event__task__assigned_to")
    of_event = ("ticket", "event__comment", "event__person", "event__about", *of_task)
    return rows.select_related(*of_event, "webhook").defer(
        "webhook__secrets",
        "ticket__ticket_data",
        "event__task__input_data",
        "event__task__output_data",
        "event__task__draft",
    )


def tell(rows: Sequence[Notification], person: CustomUser) -> list[News]:
    """Return a person's notifications in words, in at most five statements and one for their roles."""
    rights = _Rights([row for row in rows if row.event is not None], person)
    return [
        _tell_of_webhook(row, person) if row.event is None else _tell_one(row, row.event, person, rights)
        for row in rows
    ]


def _tell_of_webhook(row: Notification, person: CustomUser) -> News:
    webhook = row.webhook
    if webhook is None or not may_manage_company(person):
        return _of_what_is_hidden(row)
    path, icon = reverse("webhook_detail", args=[webhook.pk]), _ICONS[NotificationKind.WEBHOOK]
    text = gettext("A webhook was switched off, since its deliveries failed")
    return News(row, icon, text, name=webhook.name, path=path)


def _of_what_is_hidden(row: Notification) -> News:
    return News(row, "eye-slash", gettext("This was about something that you may no longer see."))


class _Rights:
    """What a person may see of these notifications, and the people whom their comments mention."""

    def __init__(self, rows: Sequence[Notification], person: CustomUser) -> None:
        events = [row.event for row in rows if row.event is not None]
        ticket_ids = {event.ticket_id for event in events}
        comments = [event.comment for event in events if event.comment is not None]
        internal = {comment.ticket_id for comment in comments if comment.is_internal}
        mentioning = [
            row.event.comment_id for row in rows if row.event and row.kind == NotificationKind.MENTION
        ]
        self.tickets = _ids(visible_tickets(person), ticket_ids)
        self.tasks = _ids(visible_tasks(person), {event.task_id for event in events if event.task_id})
        self.administered = _ids(administered_tickets(person), ticket_ids)
        self.internal = _ids(tickets_with_internal(person), internal)
        self.mentioned: dict[int, list[CustomUser]] = {}
        if mentioning:
            mentions = CommentMention.objects.filter(comment__in=mentioning).select_related("person")
            for mention in mentions:
                self.mentioned.setdefault(mention.comment_id, []).append(mention.person)

    def may_see(self, event: TimelineEvent) -> bool:
        comment = event.comment
        if comment is not None and comment.is_internal and event.ticket_id not in self.internal:
            return False
        return event.ticket_id in self.tickets or event.task_id in self.tasks


def _ids(rows: QuerySet[TicketInstance] | QuerySet[TaskInstance], ids: set[int]) -> set[int]:
    return set(rows.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _tell_one(row: Notification, event: TimelineEvent, person: CustomUser, rights: _Rights) -> News:
    kind, ticket = NotificationKind(row.kind), row.ticket
    if ticket is None or not rights.may_see(event):
        return _of_what_is_hidden(row)
    comment, details = event.comment, event.details
    said = comment.text if comment is not None else str(details.get("reason") or details.get("message") or "")
    return News(
        row,
        _ICONS[kind],
        text=_sentence(kind, event, ticket, person, rights),
        name=ticket.name,
        path=_path(kind, event, ticket, rights),
        quote=Truncator(said).chars(LONGEST_QUOTE),
        is_internal=comment is not None and comment.is_internal,
    )


def _path(kind: NotificationKind, event: TimelineEvent, ticket: TicketInstance, rights: _Rights) -> str:
    """Return the link's path: the task, or the ticket's page for admins, if the person may open it."""
    is_hidden = ticket.pk not in rights.tickets
    if event.task_id in rights.tasks and (kind in _OF_TASKS or is_hidden):
        return reverse("task_detail", args=[event.task_id])
    page = "manage_ticket" if ticket.pk in rights.administered else "ticket_detail"
    path = reverse(page, args=[ticket.number])
    return path if event.comment_id is None else f"{path}#comment-{event.comment_id}"


def _sentence(
    kind: NotificationKind, event: TimelineEvent, ticket: TicketInstance, person: CustomUser, rights: _Rights
) -> str:
    task = event.task
    about = task.assigned_to if task and kind is NotificationKind.OVERDUE else event.about
    who = actor_name(event.person, event.impersonator_id)
    names = {
        "who": who or gettext("TicketFlower"),
        "task": task_name(task.task_definition.title, task.run) if task else gettext("a task"),
        "about": about.get_full_name() if about else "",
        "completion": event.details.get("completion", ""),
    }
    if kind is NotificationKind.MENTION and event.comment_id is not None:
        mentioned = rights.mentioned.get(event.comment_id, [])
        away = [each for each in mentioned if each.stand_in_id == person.pk]
        if person not in mentioned and away:
            names["about"] = away[0].get_full_name()
            return str(_("%(who)s mentioned %(about)s, who is away")) % names
    is_for_other = about is not None and about.pk != person.pk
    text = str(_pattern(kind, event, has_actor=bool(who), is_for_other=is_for_other)) % names
    return f"{text}{_due_text(event, ticket)}" if kind in _NEW_TASKS else text


def _due_text(event: TimelineEvent, ticket: TicketInstance) -> str:
    """Return a text that says when a new task is due; "" if it is done or on hold."""
    task = event.task
    if task is None or task.due_at is None or task.is_finished or ticket.status == RunStatus.ON_HOLD:
        return ""
    is_overdue, words, _exact = due_and_exact(task.due_at)
    text = gettext(", overdue %(words)s") if is_overdue else gettext(", due %(words)s")
    return text % {"words": words}


def _pattern(
    kind: NotificationKind, event: TimelineEvent, *, has_actor: bool, is_for_other: bool
) -> StrPromise:
    """Return the pattern of the sentence; it names the assignee if that is not the reader."""
    if kind in (NotificationKind.COMMENT, NotificationKind.MENTION):
        return _pattern_of_comment(kind, event)
    if kind is NotificationKind.ENDED:
        return _pattern_of_end(event, has_actor=has_actor)
    if is_for_other and kind in _FOR_OTHERS:
        return _FOR_OTHERS[kind]
    if kind is NotificationKind.TASK and event.kind == TimelineKind.TASK_PREPARED:
        return _("A program has prepared %(task)s: please confirm the answer")
    if event.task_id is None and kind in _WITHOUT_TASK:
        return _WITHOUT_TASK[kind]
    is_by_itself = not has_actor or event.kind == TimelineKind.TASK_STARTED
    return _BY_ITSELF.get(kind, _SENTENCES[kind]) if is_by_itself else _SENTENCES[kind]


_SENTENCES: Final = {
    NotificationKind.TASK: _("%(who)s gave you %(task)s"),
    NotificationKind.TAKEABLE: _("Nobody has %(task)s: you may take it"),
    NotificationKind.OVERDUE: _("%(task)s is overdue"),
    NotificationKind.SUBMITTED_FOR_ME: _("%(who)s submitted a ticket for you"),
    NotificationKind.RESPONSIBLE: _("%(who)s made you responsible"),
    NotificationKind.HELD: _("%(who)s put the ticket on hold"),
    NotificationKind.ERROR: _("Something went wrong with %(task)s"),
}
_WITHOUT_TASK: Final = {
    NotificationKind.OVERDUE: _("The ticket is overdue"),
    NotificationKind.ERROR: _("Something went wrong"),
}
_BY_ITSELF: Final = {
    NotificationKind.TASK: _("You have a new task: %(task)s"),
    NotificationKind.RESPONSIBLE: _("You are responsible now"),
    NotificationKind.HELD: _("The ticket is on hold"),
}
_FOR_OTHERS: Final = {
    NotificationKind.OVERDUE: _("%(task)s, assigned to %(about)s, is overdue"),
    NotificationKind.TASK: _("%(about)s is away and has a new task: %(task)s"),
    NotificationKind.SUBMITTED_FOR_ME: _("%(who)s submitted a ticket for %(about)s, who is away"),
    NotificationKind.RESPONSIBLE: _("%(about)s is away and is responsible now"),
}


def _pattern_of_comment(kind: NotificationKind, event: TimelineEvent) -> StrPromise:
    comment = event.comment
    if comment is not None and comment.deleted_at:
        return _("%(who)s commented, and deleted the comment since")
    is_internal = comment is not None and comment.is_internal
    if kind is NotificationKind.MENTION:
        return (
            _("%(who)s mentioned you in an internal comment") if is_internal else _("%(who)s mentioned you")
        )
    return _("%(who)s wrote an internal comment") if is_internal else _("%(who)s commented")


def _pattern_of_end(event: TimelineEvent, *, has_actor: bool) -> StrPromise:
    if event.kind == TimelineKind.WITHDRAWN:
        return _("%(who)s withdrew the ticket")
    if event.kind == TimelineKind.CANCELLED:
        return _("%(who)s cancelled the ticket") if has_actor else _("The ticket was cancelled")
    if event.details.get("completion"):
        return _("The ticket has ended: %(completion)s")
    return _("The ticket has ended")
