"""Which events leave the company, to whom, and what is said of them: ids alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import current_thread, main_thread
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.token_actions import make_service_account
from workflow_design.models import WorkflowDefinition
from workflow_design.versions.publishing import archive, new_version, publish
from workflow_ops.comments.writing import add_comment, edit_comment
from workflow_ops.desk import actions
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.models import (
    Comment,
    DeliveryState,
    EventCursor,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    Webhook,
    WebhookDelivery,
    WebhookState,
)
from workflow_ops.notifications.webhooks.actions import pause_webhook, resume_webhook
from workflow_ops.notifications.webhooks.announcing import (
    EVENTS,
    NOT_ANNOUNCED,
    READER,
    announce_published,
)
from workflow_ops.notifications.webhooks.jobs import look_for_webhooks
from workflow_ops.notifications.webhooks.sending import stop_announcing
from workflow_ops.tests.engine_cases import Engine, end, equals, form, workflow
from workflow_ops.tests.notifications.webhooks.webhook_cases import CommittedWebhookTestCase

SAID = ("Beans", "Decide", "Test", "Ticket", "whisper", "aloud", "Tester", "Wait for it")
"""Parts of values, titles, texts and names, none of which may leave."""


class Announcing(CommittedWebhookTestCase):
    """Sam's tickets, on which Wanda decides."""

    def setUp(self) -> None:
        super().setUp()
        decide = form("Decide", "a", executor_roles=("Crew",))
        self.file = workflow(decide, end("Over", "out", condition=equals("out", "over")))
        self.made = self.engine.load(self.file)
        self.engine.person("Wes", roles=["Crew"])
        self.ada, self.sam = self.ours.admin, self.ours.submitter

    def submit(self) -> TicketInstance:
        return self.engine.submit(self.made, by=self.sam, a="Beans")

    def do(self, by: CustomUser, function: Any, *args: Any, **more: Any) -> Any:
        return self.engine.as_person(by, lambda: function(*args, by=by, **more))

    def announced(self) -> list[str]:
        """Return the names of the events that were announced, oldest first."""
        self.announce()
        return [content["event"] for content in self.contents()]

    def robot(self, *roles: str) -> CustomUser:
        """Make a service account with these roles."""

        def make() -> CustomUser:
            account = make_service_account(name="Robot")
            for role in CompanyRole.objects.filter(name__in=roles):
                CompanyRoleMembership.objects.create(role=role, person=account)
            return CustomUser.objects.get(pk=account.pk)

        made: CustomUser = self.engine.call(make)
        return made


class FromTimelines(Announcing):
    def test_the_life_of_a_ticket(self) -> None:
        self.register()
        ticket = self.submit()
        self.do(self.ada, set_responsible, ticket, to=self.ours.ticket_admin)
        self.do(self.ada, actions.hold_workflow, ticket, reason="Wait for it")
        self.do(self.ada, actions.resume_workflow, ticket)
        self.engine.complete(ticket, "Decide", out="over")
        events = self.announced()
        self.assertEqual(
            events,
            [
                "ticket.submitted",
                "task.started",
                *["ticket.changed"] * 3,
                "task.completed",
                "ticket.finished",
            ],
        )
        contents = self.contents()
        self.assertEqual({each["ticket"] for each in contents}, {ticket.number})
        self.assertEqual({each["workflow"] for each in contents}, {self.made.pk})
        task = self.engine.task(ticket, "Decide").pk
        self.assertEqual([each.get("task") for each in contents], [None, task, *[None] * 3, task, None])
        for each in contents:
            moment = datetime.fromisoformat(each["time"])
            self.assertEqual((each["time"][-1], str(moment.tzinfo)), ("Z", "UTC"))
        self.assert_says_nothing()

    def assert_says_nothing(self) -> None:
        said = json.dumps(self.contents())
        for text in SAID:
            self.assertNotIn(text, said)

    def test_sequence_rises_as_the_timeline_does(self) -> None:
        self.register(events=["ticket.submitted", "task.completed", "ticket.finished"])
        first, second = self.submit(), self.submit()
        self.do(self.ada, add_comment, first, text="aloud")
        self.engine.complete(first, "Decide", out="over")
        self.announce()
        with self.ours.scope(), transaction.atomic():
            kinds = (TimelineKind.SUBMITTED, TimelineKind.TASK_COMPLETED, TimelineKind.ENDED)
            rows = TimelineEvent.objects.filter(kind__in=kinds, ticket__in=(first, second)).order_by("pk")
            expected = [(EVENTS[row.kind], row.ticket.number, row.pk) for row in rows]
        numbers = [(each["event"], each["ticket"], each["sequence"]) for each in self.contents()]
        self.assertEqual(len(expected), 4)
        self.assertEqual(numbers, expected)

    def test_sequence_follows_the_timeline_also_if_commits_do_not(self) -> None:
        """The later transaction has the earlier id."""
        self.register(events=["ticket.changed"])
        ticket = self.submit()
        with ThreadPoolExecutor(1) as others:
            with self.ours.scope(), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_current_xact_id()")  # it begins, and takes its id later
                first = others.submit(self.link, ticket).result()
                second = self.link(ticket)
                self.assertLess(first, second)
            self.announce()
        self.assertEqual([each["sequence"] for each in self.contents()], [second, first])

    def link(self, ticket: TicketInstance) -> int:
        try:
            with self.ours.scope(), transaction.atomic():
                return TimelineEvent.objects.create(ticket=ticket, kind=TimelineKind.LINKED).pk
        finally:
            if current_thread() is not main_thread():
                connection.close()

    def test_every_kind_has_a_decision(self) -> None:
        self.assertEqual({*EVENTS, *NOT_ANNOUNCED}, set(TimelineKind))
        self.assertFalse({*EVENTS} & NOT_ANNOUNCED)

    def test_comments(self) -> None:
        self.register(events=["comment.added"])
        ticket = self.submit()
        aloud: Comment = self.do(self.ada, add_comment, ticket, text="aloud")
        whispered: Comment = self.do(self.ada, add_comment, ticket, text="whisper", is_internal=True)
        self.announce()
        self.assertEqual([each["comment"] for each in self.contents()], [aloud.pk])
        self.edit(aloud, text="aloud again")
        self.edit(whispered, text="whisper again", is_internal=True)
        self.announce()
        self.assertEqual(len(self.contents()), 1)
        self.edit(whispered, text="whisper", is_internal=False)
        self.announce()
        self.assertEqual([each["comment"] for each in self.contents()], [aloud.pk, whispered.pk])
        self.assert_says_nothing()

    def edit(self, comment: Comment, **values: Any) -> None:
        seen = self.engine.call(lambda: Comment.objects.get(pk=comment.pk).edited_at)
        self.do(self.ada, edit_comment, comment, seen=seen, **values)

    def test_a_task_of_a_service_account(self) -> None:
        robot = self.robot("Crew")
        self.register(events=["task.started", "task.assigned"])
        ticket = self.submit()
        task = self.engine.task(ticket, "Decide")
        self.do(self.ada, actions.assign_task, task, to=robot)
        self.do(self.ada, actions.assign_task, task, to=None)
        self.announce()
        found = [(each["event"], each["task"], each.get("service_account")) for each in self.contents()]
        self.assertEqual(
            found,
            [
                ("task.started", task.pk, None),  # Wes has it, and which person has a task is not said
                ("task.assigned", task.pk, robot.pk),
                ("task.assigned", task.pk, None),
            ],
        )

    def test_a_task_that_starts_with_a_service_account(self) -> None:
        robot = self.robot()
        self.register(events=["task.started"])
        ticket = self.submit()
        task = self.engine.task(ticket, "Decide")
        self.engine.call(
            lambda: TimelineEvent.objects.create(
                ticket=ticket, kind=TimelineKind.TASK_STARTED, task=task, about=robot
            )
        )
        self.announce()
        self.assertEqual(self.contents()[-1]["service_account"], robot.pk)

    def test_an_error(self) -> None:
        nobody = self.engine.load(workflow(form("Decide", "a", executor_roles=("Nobody",)), title="Other"))
        self.register(events=["error.reported"])
        ticket = self.engine.submit(nobody, a="Beans")
        self.announce()
        (content,) = self.contents()
        self.assertEqual(content["error"], self.engine.errors(ticket)[0].pk)
        self.assert_says_nothing()


class ToWhom(Announcing):
    def test_only_what_it_is_registered_for_and_from_then_on(self) -> None:
        self.submit()
        first = self.register(events=["ticket.submitted"])
        second = self.submit()
        self.register(events=["ticket.submitted"], name="Later")  # before anything was read
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [second.number])
        self.assertEqual([each.webhook_id for each in self.deliveries()], [first.pk])

    def test_two_webhooks_have_ids_of_their_own(self) -> None:
        self.register(events=["ticket.submitted"])
        self.register(events=["ticket.submitted"], name="Second")
        self.submit()
        self.announce()
        first, second = self.deliveries()
        self.assertNotEqual(first.key, second.key)
        self.assertEqual([each.content["id"] for each in (first, second)], [str(first.key), str(second.key)])
        without_id = [{**each.content, "id": ""} for each in (first, second)]
        self.assertEqual(*without_id)

    def test_each_event_once_however_often_it_is_read(self) -> None:
        self.register()
        self.submit()
        self.announce()
        count = len(self.contents())
        with self.ours.scope(), transaction.atomic():
            EventCursor.objects.filter(reader=READER.name).update(transaction=0, event_id=0)
        self.announce()
        self.assertEqual(len(self.contents()), count)

    def test_another_companys_events_never(self) -> None:
        self.register(people=self.theirs)
        self.register()
        theirs = Engine(self.theirs, lambda function: function())
        made = theirs.load(self.file)
        self.submit()
        look_for_webhooks.func(0)
        self.announce_all()
        self.assertEqual({each["ticket"] for each in self.contents()}, {1})
        self.assertEqual(self.contents(self.theirs), [])
        theirs.submit(made, a="x")
        count = len(self.contents())
        self.announce_all()
        self.assertEqual({each["workflow"] for each in self.contents(self.theirs)}, {made.pk})
        self.assertEqual(len(self.contents()), count)

    def announce_all(self) -> None:
        for people in (self.ours, self.theirs):
            self.announce(people)

    def test_companies_without_an_active_webhook_are_not_read(self) -> None:
        self.submit()
        look_for_webhooks.func(0)
        self.assertEqual(self.jobs("announce_events"), [])
        webhook = self.register()
        look_for_webhooks.func(0)
        look_for_webhooks.func(0)
        self.assertEqual(self.jobs("announce_events"), [{"company_id": self.ours.company.pk}])
        ProcrastinateJob.objects.all().delete()
        self.announce()  # there is nothing to say of what was before
        look_for_webhooks.func(0)
        self.assertEqual((self.jobs("announce_events"), self.contents()), ([], []))
        with self.ada.scope():
            pause_webhook(webhook)
        for _time in range(2):
            self.submit()
            self.announce()
        self.submit()
        look_for_webhooks.func(0)
        self.assertEqual((self.jobs("announce_events"), self.contents()), ([], []))

    def test_what_happened_before_a_pause_is_announced(self) -> None:
        webhook = self.register(events=["ticket.submitted"])
        before = self.submit()
        with self.ada.scope():
            pause_webhook(webhook)
        self.submit()
        look_for_webhooks.func(0)
        self.assertEqual(self.jobs("announce_events"), [{"company_id": self.ours.company.pk}])
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [before.number])
        self.assertEqual((self.states(), self.jobs("deliver_events")), ([DeliveryState.WAITING], []))
        with self.ada.scope():
            resume_webhook(webhook)
        after = self.submit()
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [before.number, after.number])

    def test_what_happened_before_it_was_switched_off_is_announced(self) -> None:
        webhook = self.register(events=["ticket.submitted"])
        before = self.submit()
        with self.ours.scope(), transaction.atomic():
            stop_announcing(webhook, WebhookState.OFF)
        self.submit()
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [before.number])

    def test_resumed_before_a_worker_came_nothing_is_lost(self) -> None:
        webhook = self.register(events=["ticket.submitted"])
        before = self.submit()
        with self.ada.scope():
            pause_webhook(webhook)
            resume_webhook(webhook)
        after = self.submit()
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [before.number, after.number])

    def test_what_happens_during_a_pause_is_not_announced(self) -> None:
        webhook = self.register(events=["ticket.submitted"])
        self.submit()
        self.announce()
        with self.ada.scope():
            pause_webhook(webhook)
        self.submit()
        self.announce()
        with self.ada.scope():
            resume_webhook(webhook)
        third = self.submit()
        self.announce()
        self.assertEqual([each["ticket"] for each in self.contents()], [1, third.number])

    def test_it_is_sent_soon(self) -> None:
        webhook = self.register()
        self.submit()
        self.announce()
        expected = {"company_id": self.ours.company.pk, "webhook_id": webhook.pk}
        self.assertEqual(self.jobs("deliver_events"), [expected])


class Published(Announcing):
    """A workflow has no timeline: a trigger enqueues the job as it is published."""

    def publish(self) -> WorkflowDefinition:
        def change() -> WorkflowDefinition:
            draft = new_version(self.made, by=self.ada)
            publish(draft, by=self.ada)
            return draft

        made: WorkflowDefinition = self.engine.as_person(self.ada, change)
        return made

    def test_published(self) -> None:
        self.publish()
        self.assertEqual(self.jobs("announce_published"), [])  # nobody wants to know
        self.register(events=["definition.published"])
        made = self.publish()
        (job,) = self.jobs("announce_published")
        for _time in range(2):
            announce_published(**job)
        (content,) = self.contents()
        self.assertEqual(content["event"], "definition.published")
        self.assertEqual((content["workflow"], content["version"]), (made.pk, made.version))
        self.assertEqual({*content}, {"id", "event", "time", "workflow", "version"})
        self.engine.as_person(self.ada, lambda: archive(made, by=self.ada))
        self.assertEqual(len(self.jobs("announce_published")), 1)
        self.assertEqual(len(self.jobs("deliver_events")), 1)

    def test_published_before_a_pause(self) -> None:
        webhook = self.register(events=["definition.published"])
        made = self.publish()
        with self.ada.scope():
            pause_webhook(webhook)
        self.publish()
        self.assertEqual(len(self.jobs("announce_published")), 1)
        announce_published(**self.jobs("announce_published")[0])
        self.assertEqual([each["workflow"] for each in self.contents()], [made.pk])
        self.assertEqual(self.jobs("deliver_events"), [])

    def test_not_to_those_that_came_later(self) -> None:
        webhook = self.register(events=["definition.published"])
        self.publish()
        (job,) = self.jobs("announce_published")
        self.register(events=["definition.published"], name="Later")
        announce_published(**job)
        with self.ours.scope(), transaction.atomic():
            found = list(WebhookDelivery.objects.values_list("webhook", flat=True))
            self.assertEqual(Webhook.objects.count(), 2)
        self.assertEqual(found, [webhook.pk])
