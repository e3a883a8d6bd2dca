"""The bell and the page of notifications: what they say, and to whom."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.test import Client
from django.utils import timezone

from ticketflower.relative_times import due_and_exact
from users.models import CustomUser
from users.sessions import SessionStore
from users.system_roles import SystemRoleName
from users.tests.cases import logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.comments.audience import may_read_internal, tickets_with_internal
from workflow_ops.comments.writing import delete_comment
from workflow_ops.models import (
    Comment,
    Notification,
    NotificationKind,
    TaskInstance,
    TicketInstance,
    TimelineKind,
)
from workflow_ops.notifications.wording import tell, with_what_it_says
from workflow_ops.tests.notifications.news_cases import NewsTestCase

PAGE, BELL = "/notifications/", "/notifications/bell/"
NO_LONGER = "This was about something that you may no longer see."


class WordsTests(NewsTestCase):
    """One sentence for each kind, true for whoever reads it."""

    def sentence(self, person: CustomUser, row: Notification) -> str:
        def find() -> str:
            rows = list(with_what_it_says(Notification.objects.filter(pk=row.pk)))
            return tell(rows, CustomUser.objects.select_related("company").get(pk=person.pk))[0].text

        text: str = self.engine.call(find)
        return text

    def change(self, task: TaskInstance, **values: Any) -> None:
        TaskInstance.objects.filter(pk=task.pk).update(**values)

    def test_each_kind_has_its_sentence(self) -> None:
        task = self.engine.task(self.ticket, "Decide")
        wanda, tom, sam = self.wanda, self.tom, self.sam
        started = {"task": task, "about": wanda}
        cases: list[tuple[NotificationKind, TimelineKind, dict[str, Any], CustomUser, str]] = [
            (
                NotificationKind.TASK,
                TimelineKind.TASK_STARTED,
                started,
                wanda,
                "You have a new task: “Decide”",
            ),
            (
                NotificationKind.TASK,
                TimelineKind.TASK_ASSIGNED,
                {**started, "person": tom},
                wanda,
                "Tom Tester gave you “Decide”",
            ),
            (
                NotificationKind.TASK,
                TimelineKind.TASK_STARTED,
                started,
                tom,
                "Wanda Tester is away and has a new task: “Decide”",
            ),
            (
                NotificationKind.TAKEABLE,
                TimelineKind.TASK_STARTED,
                {"task": task},
                wanda,
                "Nobody has “Decide”: you may take it",
            ),
            (NotificationKind.OVERDUE, TimelineKind.OVERDUE, {"task": task}, wanda, "“Decide” is overdue"),
            (
                NotificationKind.OVERDUE,
                TimelineKind.OVERDUE,
                {"task": task},
                tom,
                "“Decide”, assigned to Wanda Tester, is overdue",
            ),
            (
                NotificationKind.SUBMITTED_FOR_ME,
                TimelineKind.SUBMITTED,
                {"person": tom, "about": sam},
                sam,
                "Tom Tester submitted a ticket for you",
            ),
            (
                NotificationKind.RESPONSIBLE,
                TimelineKind.RESPONSIBLE,
                {"person": self.ours.admin, "about": tom},
                tom,
                "Ada Admin made you responsible",
            ),
            (
                NotificationKind.HELD,
                TimelineKind.HELD,
                {"person": tom},
                sam,
                "Tom Tester put the ticket on hold",
            ),
            (NotificationKind.HELD, TimelineKind.HELD, {}, sam, "The ticket is on hold"),
            (
                NotificationKind.ENDED,
                TimelineKind.ENDED,
                {"details": {"completion": "Over"}},
                sam,
                "The ticket has ended: Over",
            ),
            (
                NotificationKind.ENDED,
                TimelineKind.CANCELLED,
                {"person": tom},
                sam,
                "Tom Tester cancelled the ticket",
            ),
            (
                NotificationKind.ENDED,
                TimelineKind.WITHDRAWN,
                {"person": sam},
                tom,
                "Sam Tester withdrew the ticket",
            ),
            (NotificationKind.ERROR, TimelineKind.ERROR, {}, tom, "Something went wrong"),
            (
                NotificationKind.ERROR,
                TimelineKind.ERROR,
                {"task": task},
                tom,
                "Something went wrong with “Decide”",
            ),
        ]
        for kind, what, values, person, expected in cases:
            with self.subTest(kind=kind, what=what, person=person.first_name):
                row = self.notify(person, kind, self.event(what, **values))
                self.assertEqual(self.sentence(person, row), expected)

    def test_a_new_task_says_when_it_is_due_while_it_is(self) -> None:
        task, now = self.engine.task(self.ticket, "Decide"), timezone.now()
        row = self.notify(
            self.wanda,
            NotificationKind.TASK,
            self.event(TimelineKind.TASK_STARTED, task=task, about=self.wanda),
        )
        ahead, yesterday = now + timedelta(days=3), now - timedelta(days=1)
        for values, expected in (
            ({"due_at": ahead}, f", due {due_and_exact(ahead)[1]}"),
            ({"due_at": yesterday}, ", overdue since yesterday"),
            ({"due_at": ahead, "status": "COMPLETED"}, ""),
        ):
            with self.subTest(values):
                self.engine.call(partial(self.change, task, **values))
                said = f"You have a new task: “Decide”{expected}"
                self.assertEqual(self.sentence(self.wanda, row), said)

    def test_comments_say_who_and_to_whom(self) -> None:
        said = self.comment(self.sam)
        row = self.notify(self.wanda, NotificationKind.COMMENT, said)
        self.assertEqual(self.sentence(self.wanda, row), "Sam Tester commented")
        asked = self.comment(self.sam, "@Wanda?", mentions=[self.wanda.pk])
        row = self.notify(self.wanda, NotificationKind.MENTION, asked)
        self.assertEqual(self.sentence(self.wanda, row), "Sam Tester mentioned you")
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.wanda.pk).update(stand_in=self.tom))
        row = self.notify(self.tom, NotificationKind.MENTION, asked)
        self.assertEqual(self.sentence(self.tom, row), "Sam Tester mentioned Wanda Tester, who is away")
        internal = self.comment(self.tom, "Between us", is_internal=True)
        row = self.notify(self.wanda, NotificationKind.COMMENT, internal)
        self.assertEqual(self.sentence(self.wanda, row), "Tom Tester wrote an internal comment")

    def test_the_rule_of_internal_comments_is_the_same_for_many_tickets(self) -> None:
        self.engine.submit(self.made, by=self.wanda, a="Own")

        def compare() -> None:
            for person in CustomUser.objects.select_related("company"):
                many = set(tickets_with_internal(person).values_list("pk", flat=True))
                tickets = TicketInstance.objects.select_related("workflow_instance__workflow")
                each = {ticket.pk for ticket in tickets if may_read_internal(person, ticket)}
                self.assertEqual(many, each, person.first_name)

        self.engine.call(compare)


class PageTests(NewsTestCase):
    """Newest first, marked as read by a press, nothing that one may no longer see."""

    def setUp(self) -> None:
        super().setUp()
        self.client = logged_in(self.wanda)

    def test_says_what_will_appear(self) -> None:
        self.assertContains(self.client.get(PAGE), "What happens in your tickets and tasks appears here")
        self.assertContains(self.client.get(f"{PAGE}?unread"), "You have read everything.")

    def test_lists_the_newest_first_and_filters_the_unread(self) -> None:
        old = self.notify(self.wanda, NotificationKind.COMMENT, self.comment(self.sam, "First"), is_read=True)
        new = self.notify(self.wanda, NotificationKind.COMMENT, self.comment(self.sam, "Second"))
        self.notify(self.tom, NotificationKind.COMMENT, self.comment(self.sam, "For Tom"))
        page = self.client.get(PAGE)
        self.assertEqual([news.row.pk for news in page.context["news"]], [new.pk, old.pk])
        self.assertContains(page, "is-unread", count=1)
        self.assertContains(page, "Second")
        self.assertNotContains(page, "For Tom")
        unread = self.client.get(f"{PAGE}?unread").context["news"]
        self.assertEqual([news.row.pk for news in unread], [new.pk])

    def test_a_press_marks_it_read_and_leads_on(self) -> None:
        task = self.engine.task(self.ticket, "Decide")
        started = self.event(TimelineKind.TASK_STARTED, task=task, about=self.wanda)
        row = self.notify(self.wanda, NotificationKind.TASK, started)
        path = f"{PAGE}{row.pk}/open/"
        self.assertRedirects(self.client.get(path), PAGE)  # a prefetch changes nothing
        self.assertIsNone(self.fresh(row).read_at)
        self.assertRedirects(self.client.post(path), f"/tasks/{task.pk}/")
        read_at = self.fresh(row).read_at
        self.assertIsNotNone(read_at)
        self.client.post(path)
        self.assertEqual(self.fresh(row).read_at, read_at)
        said = self.comment(self.sam)
        row = self.notify(self.wanda, NotificationKind.COMMENT, said)
        response = self.client.post(f"{PAGE}{row.pk}/open/")
        self.assertRedirects(
            response,
            f"/tickets/{self.ticket.number}/#comment-{said.comment_id}",
            fetch_redirect_response=False,
        )
        row = self.notify(self.tom, NotificationKind.COMMENT, said)
        response = logged_in(self.tom).post(f"{PAGE}{row.pk}/open/")  # who administers it needs the tools
        at_desk = f"/manage/tickets/{self.ticket.number}/#comment-{said.comment_id}"
        self.assertRedirects(response, at_desk, fetch_redirect_response=False)

    def test_leads_to_no_page_that_one_may_not_open(self) -> None:
        """Sam and Tom stand in for people who are away."""
        task, of_ticket = self.engine.task(self.ticket, "Decide"), f"/tickets/{self.ticket.number}/"
        of_task, at_desk = f"/tasks/{task.pk}/", f"/manage{of_ticket}"
        for kind, what, page in (
            (NotificationKind.TASK, TimelineKind.TASK_STARTED, of_task),
            (NotificationKind.OVERDUE, TimelineKind.OVERDUE, of_task),
            (NotificationKind.ERROR, TimelineKind.ERROR, at_desk),
        ):
            event = self.event(what, task=task, about=self.wanda)
            for person, expected in ((self.sam, of_ticket), (self.tom, page)):
                with self.subTest(kind=kind, person=person.first_name):
                    row = self.notify(person, kind, event)
                    self.assertRedirects(logged_in(person).post(f"{PAGE}{row.pk}/open/"), expected)

    def test_only_ones_own(self) -> None:
        row = self.notify(self.sam, NotificationKind.COMMENT, self.comment(self.tom))
        for person in (self.wanda, self.ours.admin, self.theirs.admin):
            self.assertEqual(logged_in(person).post(f"{PAGE}{row.pk}/open/").status_code, 404)
        self.assertIsNone(self.fresh(row).read_at)

    def test_marks_all_as_read_but_what_came_since(self) -> None:
        rows = [self.notify(self.wanda, NotificationKind.COMMENT, self.comment(self.sam)) for _ in range(3)]
        others = self.notify(self.sam, NotificationKind.COMMENT, self.comment(self.tom))
        self.assertContains(self.client.get(PAGE), f'value="{rows[-1].pk}"')
        self.assertRedirects(self.client.post(f"{PAGE}read/", {"newest": rows[1].pk}), PAGE)
        self.assertEqual(
            [bool(self.fresh(row).read_at) for row in [*rows, others]], [True, True, False, False]
        )
        for wrong in ("", "x", "9" * 30):
            self.assertRedirects(self.client.post(f"{PAGE}read/", {"newest": wrong}), PAGE)
        self.assertIsNone(self.fresh(rows[2]).read_at)

    def test_who_may_take_a_task_reads_of_it_and_not_of_its_ticket(self) -> None:
        nia = make_person(self.ours.company, "Nia", system_roles=[SystemRoleName.TASK_WORKER])
        task = self.engine.task(self.ticket, "Decide")
        row = self.notify(nia, NotificationKind.TAKEABLE, self.event(TimelineKind.TASK_STARTED, task=task))
        self.notify(nia, NotificationKind.HELD, self.event(TimelineKind.HELD))
        client = logged_in(nia)
        texts = [news.text for news in client.get(PAGE).context["news"]]
        self.assertEqual(texts, [NO_LONGER, "Nobody has “Decide”: you may take it"])
        response = client.post(f"{PAGE}{row.pk}/open/")
        self.assertRedirects(response, f"/tasks/{task.pk}/", fetch_redirect_response=False)

    def test_says_nothing_of_what_one_may_no_longer_see(self) -> None:
        row = self.notify(self.gus, NotificationKind.COMMENT, self.comment(self.sam, "Secret plan"))
        client = logged_in(self.gus)
        page = client.get(PAGE)
        self.assertContains(page, NO_LONGER)
        self.assertNotContains(page, "Secret plan")
        self.assertNotContains(page, self.ticket.name)
        self.assertRedirects(client.post(f"{PAGE}{row.pk}/open/"), PAGE)

    def test_an_internal_comment_is_shown_only_to_those_who_may_read_it(self) -> None:
        said = self.comment(self.tom, "Between us", is_internal=True)
        for person in (self.wanda, self.sam):
            self.notify(person, NotificationKind.COMMENT, said)
        self.assertContains(self.client.get(PAGE), "Between us")
        page = logged_in(self.sam).get(PAGE)
        self.assertContains(page, NO_LONGER)
        self.assertNotContains(page, "Between us")

    def test_a_deleted_comment_says_so(self) -> None:
        said = self.comment(self.sam, "Regretted")
        self.notify(self.wanda, NotificationKind.COMMENT, said)
        comment = self.engine.call(lambda: Comment.objects.get(pk=said.comment_id or 0))
        self.engine.as_person(self.sam, lambda: delete_comment(comment, by=self.sam))
        page = self.client.get(PAGE)
        self.assertContains(page, "Sam Tester commented, and deleted the comment since")
        self.assertNotContains(page, "Regretted")

    def test_a_full_page_takes_as_few_statements_as_a_short_one(self) -> None:
        task = self.engine.task(self.ticket, "Decide")
        kinds = (NotificationKind.COMMENT, NotificationKind.MENTION, NotificationKind.COMMENT)

        def more() -> None:
            for number, kind in enumerate(kinds):
                said = self.comment(self.tom, f"{next(self.numbers)}{'x' * 3000}", is_internal=number == 0)
                self.notify(self.wanda, kind, said)
            event = self.event(TimelineKind.TASK_STARTED, task=task, about=self.wanda)
            self.notify(self.wanda, NotificationKind.TASK, event)

        more()
        with at_most_queries(12) as before:
            self.client.get(PAGE)
        for _ in range(13):
            more()
        with same_queries_as(before):
            page = self.client.get(PAGE)
        self.assertEqual(len(page.context["news"]), 50)
        self.assertIsNotNone(page.context["page"].older_url)
        self.assertLess(len(page.content), 100_000)


class BellTests(NewsTestCase):
    """The number of unread notifications, which never keeps anybody logged in."""

    def bell(self, client: Client) -> Any:
        return client.get(BELL, headers={"HX-Request": "true"})

    def test_counts_the_persons_unread_ones_only(self) -> None:
        client = logged_in(self.wanda)
        self.assertNotContains(client.get("/users/profile/"), " unread")
        self.notify(self.wanda, NotificationKind.COMMENT, self.comment(self.sam), is_read=True)
        self.notify(self.sam, NotificationKind.COMMENT, self.comment(self.tom))
        self.notify(self.wanda, NotificationKind.COMMENT, self.comment(self.sam))
        count = '<span class="tf-count">1<span class="visually-hidden"> unread</span></span>'
        self.assertContains(client.get("/users/profile/"), f'href="{PAGE}"')
        self.assertContains(client.get("/users/profile/"), count)
        with at_most_queries(3):  # the session's, and the scope's, as these tests run in a transaction
            response = self.bell(client)
        self.assertContains(response, count)

    def test_stops_at_99(self) -> None:
        event = self.comment(self.sam)

        def many() -> None:
            copies = Notification.objects
            for _ in range(120):
                event.pk = None
                event.save(force_insert=True)
                copies.create(
                    person=self.wanda,
                    kind=NotificationKind.COMMENT,
                    ticket=self.ticket,
                    event=event,
                    way="site",
                )

        self.engine.call(many)
        self.assertContains(self.bell(logged_in(self.wanda)), ">99+<")

    def test_asking_never_prolongs_a_session(self) -> None:
        client = logged_in(self.wanda)
        session = SessionStore(client.cookies["sessionid"].value)
        session.set_expiry(timezone.now() + timedelta(minutes=5))
        session.save()

        def ends() -> Any:
            return SessionStore(client.cookies["sessionid"].value).get_expiry_date()

        expected = ends()
        for _ in range(20):
            response = self.bell(client)
            self.assertNotIn("sessionid", response.cookies)
        self.assertEqual(ends(), expected)
        # Longer ago than the transaction of the tests began, whose time is now to the database.
        session.set_expiry(timezone.now() - timedelta(hours=1))
        session.save()
        response = self.bell(client)
        self.assertEqual(response.status_code, 286)  # htmx asks no more
        self.assertNotContains(response, "tf-count", status_code=286)

    def test_without_scripts_and_without_a_log_in(self) -> None:
        self.assertRedirects(logged_in(self.wanda).get(BELL), PAGE)
        self.assertEqual(self.bell(Client()).status_code, 286)
        self.assertEqual(logged_in(self.wanda).post(BELL).status_code, 405)
        self.assertNotContains(logged_in(self.staff).get("/users/profile/"), "tf-bell")
