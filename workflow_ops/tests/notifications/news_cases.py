"""Base class of the tests of what people see of notifications: a ticket, and rows about its timeline."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone

from users.models import CustomUser
from workflow_ops.comments.writing import add_comment
from workflow_ops.models import (
    Comment,
    Notification,
    NotificationKind,
    NotificationWay,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.tests.engine_cases import EngineTestCase, end, equals, form, workflow


class NewsTestCase(EngineTestCase):
    """Sam's ticket, which Wanda works on; Tom administers it, and Gus may not see it."""

    def setUp(self) -> None:
        super().setUp()
        self.sam, self.wanda, self.tom = self.ours.submitter, self.ours.worker, self.ours.ticket_admin
        self.gus = self.engine.person("Gus")
        self.engine.call(lambda: CustomUser.objects.exclude(pk=self.wanda.pk).update(is_in_rotation=False))
        self.made = self.engine.load(
            workflow(form("Decide", "a"), end("Over", "out", condition=equals("out", "over")))
        )
        self.ticket = self.engine.submit(self.made, by=self.sam, a="Beans")

    def event(
        self, kind: TimelineKind, *, ticket: TicketInstance | None = None, **more: Any
    ) -> TimelineEvent:
        """Store an entry of the timeline."""
        values = {"ticket": ticket or self.ticket, "kind": kind, **more}
        made: TimelineEvent = self.engine.call(lambda: TimelineEvent.objects.create(**values))
        return made

    numbers = count(1)

    def comment(self, by: CustomUser, text: str = "", **more: Any) -> TimelineEvent:
        """Write a comment, by default one that nobody has written yet; return its entry of the timeline."""
        text = text or f"Please hurry, {next(self.numbers)}"
        made: Comment = self.engine.as_person(by, lambda: add_comment(self.ticket, text=text, by=by, **more))
        event: TimelineEvent = self.engine.call(lambda: TimelineEvent.objects.get(comment=made))
        return event

    def notify(
        self,
        person: CustomUser,
        kind: NotificationKind,
        event: TimelineEvent,
        *,
        way: NotificationWay = NotificationWay.SITE,
        is_read: bool = False,
    ) -> Notification:
        """Tell a person of an event, as the worker does."""
        read_at = timezone.now() if is_read else None
        made: Notification = self.engine.call(
            lambda: Notification.objects.create(
                person=person, kind=kind, ticket_id=event.ticket_id, event=event, way=way, read_at=read_at
            )
        )
        return made

    def fresh(self, row: Notification) -> Notification:
        """Return the current row."""
        found: Notification = self.engine.call(
            lambda: Notification.objects.select_related("mail").get(pk=row.pk)
        )
        return found
