"""Who is told (`docs/access.md`, "Who is told"): the table there, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.tests.queries import at_most_queries
from workflow_ops.comments.writing import add_comment, delete_comment, edit_comment
from workflow_ops.desk import actions
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.models import (
    CommentMention,
    Notification,
    NotificationChoice,
    NotificationKind,
    NotificationWay,
    TicketFollower,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    Webhook,
    WebhookDelivery,
)
from workflow_ops.notifications.events import store_notifications
from workflow_ops.notifications.recipients import DEFAULT_WAYS, find_recipients, ways_of
from workflow_ops.notifications.webhooks.actions import create_webhook
from workflow_ops.notifications.webhooks.sending import FAILURES_UNTIL_OFF, OFF_AFTER, send_due
from workflow_ops.tests.engine_cases import EngineTestCase, act_by_token, end, equals, form, workflow
from workflow_ops.work.submissions import give_back_task, submit_ticket, take_task, withdraw_ticket

Kinds = dict[str, str]
"""The kinds by first names."""

WHO: Final = {
    "task": "its assignee",
    "prepared": "its assignee, also of what their own program has prepared",
    "takeable": "everyone who may take it, company admins too",
    "overdue": "its assignee and the responsible person; without either, whoever administers the ticket",
    "public": "requester, assignees, responsible person, followers",
    "internal": "those of them who may read it",
    "made_public": "those of a public comment, but nobody twice",
    "mention": "whom it mentions, if they may read it",
    "edit": "whom it did not mention before, if they may read it",
    "submitted": "requester",
    "responsible": "responsible person",
    "held": "requester, followers",
    "ended": "requester, followers",
    "error": "holders of the workflow's ticket admin roles; without such roles, company admins",
    "webhook": "company admins",
}
"""What the table says about the people whom the tests below play."""


def table() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table: kind, when, who, and how at first."""
    text = (settings.BASE_DIR / "docs/access.md").read_text(encoding="utf-8")
    part = text.split("\n## Who is told\n")[1].split("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in part.splitlines()]
    return [(kind.strip("`"), *more) for kind, *more in rows if re.fullmatch(r"`\w+`", kind)]  # type: ignore[misc]


class WhoIsToldTests(EngineTestCase):
    """Sam's ticket: Wes does it, Sam has to answer, and Nia or Ned may take what nobody has.

    Fay had a task and follows it. So do Gus, who may not see it, and Lea, who has left. Tom is responsible.
    """

    read_to = 0

    def setUp(self) -> None:
        super().setUp()
        parts = (
            form("Do", "a", executor_roles=("Crew",)),
            form("Answer", "a", "done", assignee_field="$submitter"),
            form("Free", "a", "free", executor_roles=("Night",)),
            end("Over", "out", condition=equals("out", "over")),
        )
        file = workflow(*parts)
        self.made = self.engine.load(file)
        self.in_office = self.engine.load(replace(file, title="Office", ticket_admin_roles=("Office",)))
        self.sam, self.tom, self.ada = self.ours.submitter, self.ours.ticket_admin, self.ours.admin
        self.wes = self.engine.person("Wes", roles=["Crew"])
        self.fay, self.lea, self.stan = (
            self.engine.person(name, roles=["Crew"]) for name in ("Fay", "Lea", "Stan")
        )
        self.nia, self.ned = (self.engine.person(name, roles=["Night"]) for name in ("Nia", "Ned"))
        self.gus = self.engine.person("Gus")
        self.olga = self.engine.person("Olga", roles=["Office"])
        self.names = dict(self.engine.call(lambda: [*CustomUser.objects.values_list("pk", "first_name")]))
        others = (self.fay, self.lea, self.stan, self.nia, self.ned)
        self.change(*others, is_in_rotation=False)

    def change(self, *people: CustomUser, **values: Any) -> None:
        self.engine.call(
            lambda: CustomUser.objects.filter(pk__in=[each.pk for each in people]).update(**values)
        )

    def do(self, by: CustomUser, function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return self.engine.as_person(by, lambda: function(*args, by=by, **more))

    def ticket(self) -> TicketInstance:
        """Submit a ticket, with all of these people."""
        ticket = self.engine.submit(self.made, a="x")
        task = self.engine.task(ticket, "Do")
        for person in (self.fay, self.lea, self.stan, self.wes):
            self.do(self.tom, actions.assign_task, task, to=person)
        self.do(self.ada, set_responsible, ticket, to=self.tom)
        self.engine.call(lambda: self.follow(ticket, self.fay, self.lea, self.gus))
        self.change(self.lea, is_active=False)
        return ticket

    def follow(self, ticket: TicketInstance, *people: CustomUser) -> None:
        """Let people follow it who may not see it, too, as if they had lost the right."""
        TicketFollower.objects.bulk_create(TicketFollower(ticket=ticket, person=each) for each in people)

    def recipients(self, ticket: TicketInstance, kind: TimelineKind, task: str = "") -> Kinds:
        """Return who is told of the newest event of this kind, as their first names."""

        def find() -> Kinds:
            events = TimelineEvent.objects.filter(ticket=ticket, kind=kind)
            if task:
                events = events.filter(task__task_definition__title=task)
            kinds = find_recipients(events.latest("pk"))
            return {self.names[pk]: kind for pk, kind in kinds.items()}

        found: Kinds = self.engine.call(find)
        return found

    def overdue(self, ticket: TicketInstance, title: str) -> Kinds:
        task = self.engine.task(ticket, title)
        event = TimelineEvent(ticket=ticket, kind=TimelineKind.OVERDUE, task=task, company=self.ours.company)
        self.engine.call(event.save)
        return self.recipients(ticket, TimelineKind.OVERDUE)

    def comment(self, ticket: TicketInstance, **more: Any) -> Kinds:
        self.do(more.pop("by", self.ada), add_comment, ticket, **{"text": "Look", **more})
        return self.recipients(ticket, TimelineKind.COMMENTED)

    # --- The rows: what is told, and to whom --------------------------------------------

    def task_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.engine.submit(self.made, a="x")
        yield self.recipients(ticket, TimelineKind.TASK_STARTED, "Do"), "Wes"
        # Sam submitted it.
        yield self.recipients(ticket, TimelineKind.TASK_STARTED, "Answer"), ""
        self.do(self.tom, actions.assign_task, self.engine.task(ticket, "Do"), to=self.fay)
        yield self.recipients(ticket, TimelineKind.TASK_ASSIGNED), "Fay"

    def prepared_row(self) -> Iterator[tuple[Kinds, str]]:
        approved = self.engine.load(
            workflow(form("Sign", "a", executor_roles=("Day",), needs_approval=True), title="Sign")
        )
        dan = self.engine.person("Dan", roles=["Day"])
        self.names[dan.pk] = "Dan"
        for program in (act_by_token(dan), act_by_token(self.ada)):
            ticket = self.engine.submit(approved, a="x")
            self.engine.complete(ticket, "Sign", by=program, out="y")
            yield self.recipients(ticket, TimelineKind.TASK_PREPARED), "Dan"

    def takeable_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        yield self.recipients(ticket, TimelineKind.TASK_STARTED, "Free"), "Ada Ned Nia"
        task = self.engine.task(ticket, "Free")
        self.do(self.nia, take_task, task)
        yield self.recipients(ticket, TimelineKind.TASK_STARTED, "Free"), ""
        self.do(self.nia, give_back_task, task, reason="Ill")
        yield self.recipients(ticket, TimelineKind.TASK_GIVEN_BACK), "Ada Ned"
        self.do(self.tom, actions.assign_task, self.engine.task(ticket, "Do"), to=None)
        yield self.recipients(ticket, TimelineKind.TASK_ASSIGNED), "Ada Fay Stan Wes"

    def overdue_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        yield self.overdue(ticket, "Do"), "Tom Wes"
        yield self.overdue(ticket, "Free"), "Tom"
        self.do(self.ada, set_responsible, ticket, to=None)
        yield self.overdue(ticket, "Do"), "Wes"
        yield self.overdue(ticket, "Free"), "Ada Tom"

    def public_row(self) -> Iterator[tuple[Kinds, str]]:
        yield self.comment(self.ticket()), "Fay Sam Tom Wes"
        yield self.comment(self.ticket(), by=self.wes), "Fay Sam Tom"

    def internal_row(self) -> Iterator[tuple[Kinds, str]]:
        # Sam has a task, and is the requester all the same.
        yield self.comment(self.ticket(), is_internal=True), "Fay Tom Wes"

    def mention_row(self) -> Iterator[tuple[Kinds, str]]:
        for is_internal, expected in ((False, "Sam Stan"), (True, "Stan")):
            ticket = self.ticket()
            mentions = [person.pk for person in (self.sam, self.stan)]
            self.comment(ticket, is_internal=is_internal, mentions=mentions)
            self.mention_all(ticket)
            kinds = self.recipients(ticket, TimelineKind.COMMENTED)
            yield {name: kind for name, kind in kinds.items() if kind == NotificationKind.MENTION}, expected

    def edit(self, ticket: TicketInstance, **values: Any) -> None:
        """Let Ada change the newest comment of the ticket."""
        comment = self.engine.call(lambda: ticket.comments.latest("pk"))
        self.do(self.ada, edit_comment, comment, **{"text": "Look", "seen": comment.edited_at, **values})

    def tell_new(self, ticket: TicketInstance) -> Kinds:
        """Tell of all comments and edits of which nobody was told yet. Return who was told."""

        def tell() -> Kinds:
            events = TimelineEvent.objects.filter(ticket=ticket, comment__isnull=False, pk__gt=self.read_to)
            for event in events.order_by("pk"):
                store_notifications(event)
            rows = Notification.objects.filter(event__in=events).values_list("person", "kind")
            kinds = {self.names[pk]: kind for pk, kind in rows}
            self.assertEqual(len(kinds), len(rows))  # nobody twice
            self.read_to = events.latest("pk").pk if events else self.read_to
            return kinds

        kinds: Kinds = self.engine.call(tell)
        return kinds

    def made_public_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        self.comment(ticket, is_internal=True)
        self.tell_new(ticket)
        self.edit(ticket)
        yield self.recipients(ticket, TimelineKind.COMMENT_EDITED), "Sam"

    def edit_row(self) -> Iterator[tuple[Kinds, str]]:
        for is_internal, expected in ((False, "Sam Stan"), (True, "Stan")):
            ticket = self.ticket()
            self.comment(ticket, is_internal=is_internal, mentions=[self.fay.pk])
            mentions = [person.pk for person in (self.fay, self.sam, self.stan, self.gus)]
            self.edit(ticket, is_internal=is_internal, mentions=mentions)
            yield self.recipients(ticket, TimelineKind.COMMENT_EDITED), expected

    def mention_all(self, ticket: TicketInstance) -> None:
        """Mention people who may not read it, as if they had lost the right after it was written."""

        def add() -> None:
            comment = ticket.comments.latest("pk")
            rows = [CommentMention(comment=comment, person=each) for each in (self.sam, self.gus, self.lea)]
            CommentMention.objects.bulk_create(rows, ignore_conflicts=True)

        self.engine.call(add)

    def submitted_row(self) -> Iterator[tuple[Kinds, str]]:
        definition = self.engine.call(lambda: self.made.tickets.select_related("workflow").get())
        ticket = self.engine.as_person(
            self.tom,
            lambda: submit_ticket(
                definition, values={"a": "x"}, form_token=uuid4(), by=self.sam, entered_by=self.tom
            ),
        )
        yield self.recipients(ticket, TimelineKind.SUBMITTED), "Sam"
        yield self.recipients(self.engine.submit(self.made, a="x"), TimelineKind.SUBMITTED), ""

    def responsible_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        yield self.recipients(ticket, TimelineKind.RESPONSIBLE), "Tom"
        self.do(self.ada, set_responsible, ticket, to=None)
        self.do(self.tom, set_responsible, ticket, to=self.tom)
        yield self.recipients(ticket, TimelineKind.RESPONSIBLE), ""

    def held_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        self.do(self.ada, actions.hold_workflow, ticket, reason="Wait")
        yield self.recipients(ticket, TimelineKind.HELD), "Fay Sam"

    def ended_row(self) -> Iterator[tuple[Kinds, str]]:
        ticket = self.ticket()
        self.engine.complete(ticket, "Do", out="over")
        yield self.recipients(ticket, TimelineKind.ENDED), "Fay Sam"
        ticket = self.ticket()
        self.do(self.ada, actions.cancel_workflow, ticket, reason="Twice")
        yield self.recipients(ticket, TimelineKind.CANCELLED), "Fay Sam"
        ticket = self.ticket()
        self.do(self.sam, withdraw_ticket, ticket, reason="Mistake")
        yield self.recipients(ticket, TimelineKind.WITHDRAWN), "Fay"

    def error_row(self) -> Iterator[tuple[Kinds, str]]:
        yield self.recipients(self.ticket(), TimelineKind.ERROR), "Ada"
        yield self.recipients(self.engine.submit(self.in_office, a="x"), TimelineKind.ERROR), "Olga"

    def webhook_row(self) -> Iterator[tuple[Kinds, str]]:
        """Nothing is sent to an address of this machine, so the delivery fails."""
        with self.ada.scope(), transaction.atomic():
            webhook, _secret = create_webhook(
                name="Reader", address="http://127.0.0.1:8765/", events=["test"], by=self.ada
            )
            failing_since = timezone.now() - OFF_AFTER
            Webhook.objects.update(failing_since=failing_since, failures=FAILURES_UNTIL_OFF)
            content = {"event": "ticket.submitted"}
            row = {"key": uuid4(), "event": "ticket.submitted", "next_try_at": timezone.now()}
            WebhookDelivery.objects.create(webhook=webhook, content=content, **row)
        send_due(self.ours.company.pk, webhook_id=webhook.pk)
        rows = self.engine.call(lambda: [*Notification.objects.filter(webhook=webhook)])
        yield {self.names[row.person_id]: row.kind for row in rows}, "Ada"

    def test_each_row_of_the_table(self) -> None:
        rows = {
            ("task", "a program has prepared an answer"): self.prepared_row,
            ("comment", "a public comment"): self.public_row,
            ("comment", "an internal comment"): self.internal_row,
            ("comment", "an internal comment is made public"): self.made_public_row,
            ("mention", "a comment mentions them since it was edited"): self.edit_row,
        }
        for kind, when, who, default_way in table():
            play = rows.get((kind, when)) or getattr(self, f"{kind}_row")
            with self.subTest(kind=kind, when=when):
                self.assertEqual(who, WHO[play.__name__.removesuffix("_row")])
                self.assertEqual(DEFAULT_WAYS[NotificationKind(kind)], NotificationWay(default_way))
                for kinds, names in play():
                    self.assertEqual(kinds, dict.fromkeys(names.split(), NotificationKind(kind)))
        self.assertEqual({kind for kind, *_more in table()}, set(NotificationKind))
        self.assertEqual(len(table()), len(WHO))

    # --- What the notes below the table say ---------------------------------------------

    def test_a_stand_in_is_told_if_they_may_see_it(self) -> None:
        ticket = self.ticket()
        away = {"away_from": date(2026, 1, 1)}
        self.change(self.wes, stand_in=self.stan, **away)  # Stan had a task in it
        self.assertEqual(set(self.comment(ticket)), {"Fay", "Sam", "Stan", "Tom", "Wes"})
        self.change(self.wes, stand_in=self.sam)
        self.assertEqual(set(self.comment(ticket, is_internal=True)), {"Fay", "Tom", "Wes"})
        self.change(self.wes, stand_in=self.gus)
        self.assertEqual(set(self.overdue(ticket, "Do")), {"Tom", "Wes"})
        self.change(self.wes, stand_in=self.lea)  # deactivated
        self.assertEqual(set(self.overdue(ticket, "Do")), {"Tom", "Wes"})
        self.change(self.wes, stand_in=self.stan, away_until=date(2026, 1, 2))  # back again
        self.assertEqual(set(self.overdue(ticket, "Do")), {"Tom", "Wes"})

    def test_an_edit_tells_each_person_once(self) -> None:
        ticket = self.ticket()
        self.comment(ticket, is_internal=True)
        for mentions in ([], [self.stan.pk], [], [self.stan.pk]):
            self.edit(ticket, is_internal=True, mentions=mentions)
        comment = dict.fromkeys(("Fay", "Tom", "Wes"), "comment")
        self.assertEqual(self.tell_new(ticket), {**comment, "Stan": "mention"})
        for people, expected in (([self.wes], {"Wes": "mention"}), ([], {}), ([self.stan, self.wes], {})):
            self.edit(ticket, is_internal=True, mentions=[person.pk for person in people])
            self.assertEqual(self.tell_new(ticket), expected)
        # It is public for a while, in which nobody is told.
        for is_internal, expected in ((False, {}), (True, {}), (False, {"Sam": "mention"}), (False, {})):
            self.edit(ticket, is_internal=is_internal, text="@Sam Tester, look")
            if expected or is_internal:
                self.assertEqual(self.tell_new(ticket), expected)
        self.assertEqual(self.tell_new(ticket), {})

    def test_a_stand_in_is_told_only_of_what_the_other_is_told(self) -> None:
        ticket = self.ticket()
        self.change(self.sam, self.gus, stand_in=self.stan, away_from=date(2026, 1, 1))
        # Sam may read it and wrote it; Sam may not read it; Gus follows and may not see the ticket.
        self.assertEqual(set(self.comment(ticket, by=self.sam)), {"Fay", "Tom", "Wes"})
        self.assertEqual(
            set(self.comment(ticket, text="Look inside", is_internal=True)), {"Fay", "Tom", "Wes"}
        )
        # Stan may see the ticket, but not its errors, which Tom may.
        self.change(self.ada, stand_in=self.stan, away_from=date(2026, 1, 1))
        self.assertEqual(self.recipients(ticket, TimelineKind.ERROR), {"Ada": "error"})
        self.change(self.ada, stand_in=self.tom)
        self.assertEqual(self.recipients(ticket, TimelineKind.ERROR), {"Ada": "error", "Tom": "error"})
        self.change(self.sam, stand_in=None)
        self.assertEqual(set(self.comment(ticket, text="Look here")), {"Fay", "Sam", "Tom", "Wes"})

    def test_if_those_of_an_overdue_task_have_left_its_admins_are_told(self) -> None:
        ticket = self.ticket()
        self.change(self.wes, self.tom, is_active=False)
        self.assertEqual(set(self.overdue(ticket, "Do")), {"Ada"})

    def test_staff_are_told_of_nothing(self) -> None:
        self.staff.impersonated_company = self.ours.company
        ticket = self.engine.submit(self.made, a="x", by=self.staff)
        self.do(self.ada, actions.hold_workflow, ticket, reason="Wait")
        self.assertEqual(self.recipients(ticket, TimelineKind.HELD), {})
        # What they do, others are told of.
        self.assertEqual(set(self.comment(self.ticket(), by=self.staff)), {"Fay", "Sam", "Tom", "Wes"})

    def test_of_what_has_passed_nobody_is_told(self) -> None:
        ticket = self.ticket()
        self.comment(ticket)
        comment = self.engine.call(lambda: ticket.comments.select_related("ticket").latest("pk"))
        self.do(self.ada, delete_comment, comment)
        self.assertEqual(self.recipients(ticket, TimelineKind.COMMENTED), {})
        self.assertEqual(self.recipients(ticket, TimelineKind.TASK_ASSIGNED), {"Wes": "task"})
        self.assertEqual(set(self.overdue(ticket, "Do")), {"Tom", "Wes"})
        self.engine.complete(ticket, "Do", out="done")
        self.assertEqual(self.recipients(ticket, TimelineKind.TASK_ASSIGNED), {})
        self.assertEqual(self.recipients(ticket, TimelineKind.OVERDUE), {})

    def test_nobody_is_mailed_of_what_many_may_take(self) -> None:
        def choose() -> None:
            for kind in (NotificationKind.TAKEABLE, NotificationKind.TASK):
                NotificationChoice.objects.create(person=self.nia, kind=kind, way=NotificationWay.DAILY)

        self.engine.call(choose)
        ways = self.engine.call(lambda: ways_of([self.nia.pk]))
        self.assertEqual(ways[self.nia.pk, NotificationKind.TAKEABLE], NotificationWay.SITE)
        self.assertEqual(ways[self.nia.pk, NotificationKind.TASK], NotificationWay.DAILY)

    def test_five_hundred_who_may_take_it(self) -> None:
        """They cost as many statements as two."""
        ticket = self.ticket()
        night = self.engine.call(lambda: CompanyRole.objects.get(name="Night"))

        def come() -> None:
            people = CustomUser.objects.bulk_create(
                CustomUser(email=f"n{number}@night.example", company=self.ours.company)
                for number in range(500)
            )
            CompanyRoleMembership.objects.bulk_create(
                CompanyRoleMembership(person=person, role=night) for person in people
            )

        def tell() -> None:
            events = TimelineEvent.objects.filter(ticket=ticket, kind=TimelineKind.TASK_STARTED)
            with at_most_queries(11):
                store_notifications(events.get(task__task_definition__title="Free"))

        self.engine.call(come)
        self.engine.call(tell)
        self.assertEqual(self.engine.call(lambda: Notification.objects.filter(kind="takeable").count()), 503)
