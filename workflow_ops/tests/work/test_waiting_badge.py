"""The number of open tasks at the menu entry, for which a GET sends no statement of its own."""

from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ticketflower.tenancy.owner import database_owner
from users.models import CustomUser
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.tests.cases import CommittedTestCase, logged_in
from workflow_ops.models import TaskInstance, TaskStatus
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations
from workflow_ops.work.submissions import give_back_task

PAGE = "/users/profile/"


def badge(client: Client) -> str:
    """Return the badge of the menu entry "My tasks"."""
    return badge_of(client.get(PAGE))


def badge_of(page: Any) -> str:
    """Return the badge of the menu entry "My tasks" on a page."""
    groups = page.context["navigation"].groups
    entries = (entry for group in groups for entry in group["entries"])
    found = (badge for entry, _is_current, badge in entries if entry.label == "My tasks")
    return str(next(found, ""))


COPIES = """
INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,
    ticket_status, changed_at, waiting_since, created_at, priority)
SELECT company_id, (SELECT max(task_id) FROM workflow_ops_opentask) + number, ticket_id, line_id, title,
    status, assignee, ticket_status, changed_at, waiting_since, created_at, priority
FROM workflow_ops_opentask, generate_series(1, %s) AS number WHERE task_id = %s
"""


class WaitingBadge(DeskTestCase):
    """The badge counts the person's own unfinished tasks only."""

    def setUp(self) -> None:
        """Assign one task to the manager."""
        super().setUp()
        self.manager = self.vacations.manager
        self.task = self.vacations.task(self.ticket, "Decide")

    def test_counts_unfinished_tasks_of_the_person(self) -> None:
        self.assertEqual(badge(logged_in(self.manager)), "1")
        self.vacations.submit()
        page = logged_in(self.manager).get(PAGE)
        self.assertContains(page, '<span class="tf-count">2<span class="visually-hidden"> waiting</span>')

    def test_a_form_that_is_refused_shows_it_again(self) -> None:
        client = logged_in(self.manager)
        for page in (client.post(PAGE, {"first_name": ""}), client.post("/")):
            self.assertIn(page.status_code, (200, 405))
            self.assertEqual(badge_of(page), "1")

    def test_a_form_that_is_accepted_counts_nothing(self) -> None:
        client, form = logged_in(self.manager), {"first_name": "Mona", "last_name": "Manager"}
        with CaptureQueriesContext(connection) as sent:
            self.assertEqual(client.post(PAGE, form).status_code, 302)
        (read,) = (each["sql"] for each in sent if "FROM session_read(" in each["sql"])
        self.assertIn("false) AS row", read)

    def test_no_badge_without_tasks(self) -> None:
        client = logged_in(self.ours.submitter)
        self.assertEqual(badge(client), "")
        self.assertNotContains(client.get(PAGE), "tf-count")

    def test_finished_and_given_back_tasks_do_not_count(self) -> None:
        with self.manager.scope(), transaction.atomic():
            give_back_task(self.task, by=self.manager)
        self.assertEqual(badge(logged_in(self.manager)), "")
        other = self.vacations.submit()
        with self.ours.scope(), transaction.atomic():
            decide = TaskInstance.objects.filter(pk=self.vacations.task(other, "Decide").pk)
            decide.update(status=TaskStatus.CANCELLED)
        self.assertEqual(badge(logged_in(self.manager)), "")

    def test_staff_in_a_company_have_none(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = self.ours.company.pk
        session.save()
        self.assertEqual(badge(client), "")


class ManyWait(CommittedTestCase):
    """Long queues: they cost no more than short ones, and other companies can't count them."""

    def setUp(self) -> None:
        """Create a manager with one task in each company."""
        super().setUp()
        self.vacations, self.other = Vacations(self.ours), Vacations(self.theirs)
        self.task = self.vacations.task(self.vacations.submit(), "Decide")
        self.other.submit()

    def waiting(self, person: CustomUser, within: CustomUser) -> int:
        """Return the result of the database function, called in the scope of `within`."""
        with within.scope(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT waiting_for_person(%s, %s)", [person.company_id, person.pk])
            return int(cursor.fetchone()[0])

    def more_tasks(self, number: int) -> None:
        """Insert this many copies of the task's narrow row."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(COPIES, [number, self.task.pk])

    def test_counts_up_to_99(self) -> None:
        client = logged_in(self.vacations.manager)
        for more, label in ((98, "99"), (1, "99+"), (300, "99+")):
            self.more_tasks(more)
            self.assertEqual(badge(client), label)

    def test_runs_no_query_on_tasks(self) -> None:
        client = logged_in(self.vacations.manager)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        self.assertFalse([query for query in queries if "taskinstance" in query["sql"]])

    def test_the_function_counts_nothing_of_other_companies(self) -> None:
        ours, theirs = self.vacations.manager, self.other.manager
        self.assertEqual(self.waiting(ours, within=ours), 1)
        self.assertEqual(self.waiting(theirs, within=ours), 0)
