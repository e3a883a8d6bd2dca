"""The ticket admins' pages of errors: the list, the detail page, notes and retries."""

from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from users.models import CompanyRoleMembership, CustomUser
from users.tests.cases import CommittedTestCase, People, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import ErrorReason, ErrorStatus, ErrorType, TicketError, WorkflowInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations

LIST = "/manage/errors/"


class ErrorCase(DeskTestCase):
    """A test case with a stalled ticket: HR answered “Book it” with no."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        self.error = self.fresh()
        self.path = f"{LIST}{self.error.pk}/"

    def fresh(self) -> TicketError:
        with self.ours.scope():
            return TicketError.objects.get(ticket=self.ticket, reason=ErrorReason.STALL)

    def post(self, page: str, **data: Any) -> Any:
        response = self.client.post(f"{self.path}{page}/", data, follow=True)
        self.now()
        return response


class Errors(ErrorCase):
    """The list of errors."""

    def statuses(self, query: str = "") -> list[str]:
        response = self.client.get(f"{LIST}{query}")
        self.assertEqual(response.status_code, 200)
        return [row.status for row in response.context["rows"]]

    def test_shows_errors_with_their_tickets(self) -> None:
        (row,) = self.client.get(LIST).context["rows"]
        self.assertEqual(
            (row.heading, row.kind), ("From 1 July 2026, days off: 5", "The workflow could not go on")
        )
        self.assertContains(self.client.get(LIST), "The workflow has stalled")
        (ticket,) = self.client.get("/manage/tickets/").context["rows"]
        self.assertEqual(ticket.waits_for, ["nothing: it has stopped"])

    def test_the_dashboard_says_what_the_badge_says(self) -> None:
        with CaptureQueriesContext(connection) as captured:
            page = self.client.get("/users/dashboard/")
        needs = {need.label: need.count for need in page.context["needs"]}
        self.assertEqual(needs["New errors"], "1")
        self.assertContains(page, '<span class="tf-count">1</span>', html=True)
        # The badge counts within bounds that keep every page quick; nothing is counted a second time.
        self.assertFalse([each for each in captured if "ticketerror" in each["sql"]])

    def test_filters(self) -> None:
        self.post("review", notes="Seen")
        for query, expected in (
            ("", ["REVIEWED"]),
            ("?status=NEW", []),
            ("?status=REVIEWED", ["REVIEWED"]),
            ("?kind=WORKFLOW_TRANSITION", ["REVIEWED"]),
            ("?kind=TASK_CREATION", []),
            ("?reason=STALL", ["REVIEWED"]),
            ("?reason=STALL&kind=TASK_CREATION", []),
            ("?reason=ACTION", []),
            ("?q=1", ["REVIEWED"]),
            ("?q=2", []),
            (f"?workflow={self.vacations.workflow.line_id}", ["REVIEWED"]),
            ("?since=2030-01-01", []),
        ):
            with self.subTest(query):
                self.assertEqual(self.statuses(query), expected)
        self.post("resolve", notes="Done")
        self.assertEqual(self.statuses(), [])
        self.assertEqual(self.statuses("?status=all"), ["RESOLVED"])
        self.assertContains(self.client.get(LIST), "There are none.")
        self.assertContains(self.client.get(f"{LIST}?q=7"), "No error matches")

    def test_filters_are_shown_as_soon_as_there_is_any_error(self) -> None:
        self.assertContains(self.client.get(LIST), "Filter this list")
        self.post("resolve", notes="Done")
        self.assertContains(self.client.get(LIST), "Filter this list")
        self.assertNotContains(logged_in(People("Newer").admin).get(LIST), "Filter this list")

    def test_filters_by_workflow(self) -> None:
        page = self.client.get(f"{LIST}?workflow=0")
        self.assertIn("workflow", page.context["form"].errors)
        self.assertEqual(self.error.line_id, self.vacations.workflow.line_id)
        page = self.client.get(f"{LIST}?workflow={self.vacations.workflow.line_id}")
        self.assertEqual(page.context["form"].errors, {})

    def test_reason_is_a_filter_and_a_column(self) -> None:
        page = self.client.get(f"{LIST}?reason=STALL")
        self.assertContains(page, '<option value="STALL" selected>Stalled</option>', html=True)
        self.assertNotContains(page, 'data-label="Reason"')
        self.client.post(f"{LIST}columns/", {"columns": ["reason", "ticket"], "next": LIST})
        self.assertContains(self.client.get(LIST), '<td role="cell" data-label="Reason">Stalled</td>')

    def test_says_which_filters_are_not_valid(self) -> None:
        response = self.client.get(LIST, {"since": "3/4/2026", "until": "31.12.3000", "kind": "none"})
        self.assertContains(response, "Please check what you entered", count=1)
        for control, typed, message in (
            ("since", "3/4/2026", "“3/4/2026” can be read in two ways. Write 2026-03-04 or 2026-04-03."),
            ("until", "31.12.3000", "Write the year with four digits, from 1900 to 2999."),
        ):
            self.assertContains(response, message, count=2)  # on top and beside the field
            self.assertContains(response, f'name="{control}" value="{typed}"')
            self.assertContains(response, f'aria-describedby="id_{control}_error"')
            self.assertContains(response, f'id="id_{control}_error"')
        self.assertEqual(len(response.context["rows"]), 1)

    def test_constant_statements(self) -> None:
        with at_most_queries(QUERIES) as few:
            self.client.get(LIST)
        with self.ours.scope():
            for number in range(50):
                TicketError.objects.create(
                    ticket=self.ticket,
                    error_type=ErrorType.TASK_UPDATE,
                    reason=ErrorReason.EXCEPTION,
                    error_message=f"<b>{number}</b>",
                    stack_trace="x" * 10_000,
                )
        with same_queries_as(few):
            response = self.client.get(LIST)
        self.assertEqual(len(response.context["rows"]), 50)
        self.assertNotContains(response, "<b>1")
        self.assertEqual(len(self.client.get(LIST + response.context["page"].older_url).context["rows"]), 1)

    def test_is_for_ticket_admins(self) -> None:
        for colleague in (self.ours.submitter, self.ours.worker, self.vacations.manager):
            self.assertEqual(logged_in(colleague).get(LIST).status_code, 403)
        response = Client().get(LIST)
        self.assertRedirects(response, f"/users/login/?next={LIST}", fetch_redirect_response=False)
        self.assertEqual(self.client.post(LIST).status_code, 405)


class OneError(ErrorCase):
    """The page of an error and its actions."""

    def test_explains_the_evaluations(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "The workflow has stalled")
        self.assertContains(
            response, "“Booked” was not reached: Booked was written, but it requires that Booked is yes"
        )
        self.assertContains(response, 'href="/manage/tickets/1/"')
        self.assertContains(response, "All data is kept.")

    def test_shows_a_stack_trace_as_text(self) -> None:
        with self.ours.scope():
            TicketError.objects.filter(pk=self.error.pk).update(stack_trace="<script>alert(1)</script>")
        response = self.client.get(self.path)
        self.assertContains(response, "&lt;script&gt;alert(1)")
        self.assertNotContains(response, "<script>alert")

    def test_review_and_resolve_store_the_notes(self) -> None:
        response = self.post("review", notes="Asked Hanna")
        self.assertContains(response, "The error has been marked as reviewed.")
        self.assertContains(response, "Asked Hanna")
        self.assertEqual(self.fresh().error_status, ErrorStatus.REVIEWED)
        response = self.post("resolve", notes="Booked by hand")
        self.assertContains(response, "The error has been marked as resolved.")
        error = self.fresh()
        self.assertEqual((error.error_status, error.resolution_notes), ("RESOLVED", "Booked by hand"))
        self.assertNotContains(response, f'action="{self.path}retry/"')

    def test_refuses_long_notes_and_shows_them_again(self) -> None:
        response = self.post("review", notes="n" * 5001)
        self.assertTrue(response.context["form"].errors["notes"])
        self.assertContains(response, "n" * 5001)
        self.assertEqual(self.fresh().error_status, ErrorStatus.NEW)

    def test_failed_retry_leaves_the_error(self) -> None:
        self.post("retry")
        self.assertEqual(self.fresh().error_status, ErrorStatus.NEW)

    def test_offers_to_try_again_only_where_it_can_help(self) -> None:
        self.assertNotContains(self.client.get(self.path), f'action="{self.path}retry/"')
        self.post("retry")  # the same data stalls in the same way, which is no change
        self.assertNotContains(self.client.get(self.path), f'action="{self.path}retry/"')
        with self.ours.scope(), transaction.atomic():
            edit_data(self.ticket, values={"manager_note": "No"}, by=self.admin)
        self.now()
        self.assertContains(self.client.get(self.path), f'action="{self.path}retry/"')

    def test_says_for_each_reason_what_is_kept_and_what_removes_the_cause(self) -> None:
        expected = {
            ErrorReason.EXCEPTION: ("nothing of it has taken effect yet", "", True),
            ErrorReason.MISFIT: ("since a value does not fit its field", "Edit the data", False),
            ErrorReason.CONDITION: ("Only this condition could not be decided", "Edit the data", False),
            ErrorReason.CREATION: ("Only this task is missing", "", True),
            ErrorReason.STALL: ("Nothing happens to this ticket", "Edit the data", False),
            ErrorReason.CIRCLE: ("the ticket is on hold", "Resume", False),
        }
        for reason, (consequence, remedy, may_retry) in expected.items():
            with self.subTest(reason):
                with self.ours.scope(), transaction.atomic():
                    TicketError.objects.filter(pk=self.error.pk).update(reason=reason)
                page = self.client.get(self.path)
                self.assertContains(page, consequence)
                first = next((each["label"] for each in page.context["remedies"]), "")
                self.assertEqual((first, page.context["may_retry"]), (remedy, may_retry))
                self.assertContains(page, "btn-primary", count=1)

    def test_leads_first_to_what_removes_the_cause(self) -> None:
        page = self.client.get(self.path)
        self.assertEqual([remedy["label"] for remedy in page.context["remedies"]], ["Edit the data"])
        self.assertContains(page, f'href="/manage/tickets/{self.ticket.number}/edit/"')
        self.assertContains(page, "Notes", count=1)  # no heading says again what the label says
        page = self.client.get(f"/manage/tickets/{self.ticket.number}/")
        self.assertContains(page, "What can I do?")
        self.assertContains(page, f'href="{self.path}"')

    def test_retry_on_other_data_resolves_it(self) -> None:
        with self.ours.scope():
            run = self.now().workflow_instance
            run.data["booked"] = True
            run.save(update_fields=["data"])
        self.post("retry")
        self.assertEqual(self.fresh().error_status, ErrorStatus.RESOLVED)
        self.assertEqual(self.now().workflow_instance.status, "COMPLETED")

    def test_already_resolved(self) -> None:
        self.post("resolve")
        self.assertContains(self.post("retry"), "This error is already resolved.")

    def test_a_resolved_error_stays_resolved_and_its_notes_can_change(self) -> None:
        resolved = self.post("resolve", notes="Booked by hand")
        self.assertNotContains(resolved, f'action="{self.path}review/"')
        self.assertContains(self.post("review", notes="Too late"), "This error is already resolved.")
        error = self.fresh()
        self.assertEqual((error.error_status, error.resolution_notes), ("RESOLVED", "Booked by hand"))
        self.assertContains(self.post("resolve", notes="By Hanna"), "The notes have been saved.")
        error = self.fresh()
        self.assertEqual((error.error_status, error.resolution_notes), ("RESOLVED", "By Hanna"))

    def test_is_for_admins_of_the_ticket_only(self) -> None:
        self.assert_guarded(self.path, post=False)
        for page in ("retry", "review", "resolve"):
            with self.subTest(page):
                self.assert_guarded(f"{self.path}{page}/", get=False)
                response = logged_in(self.their_vacations.hr).post(f"{self.path}{page}/")
                self.assertEqual(response.status_code, 404)
        self.assertEqual(self.fresh().error_status, ErrorStatus.NEW)

    def test_statements(self) -> None:
        with at_most_queries(PAGE_QUERIES):
            self.client.get(self.path)


class ResultOfARetry(CommittedTestCase):
    """The message after a retry, most of which run after the commit."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations = Vacations(self.ours)
        self.ticket = self.vacations.submit()
        self.client = logged_in(self.ours.admin)

    def is_away(self, *, away: bool) -> None:
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(pk=self.vacations.hr.pk).update(
                away_from="2020-01-01" if away else None
            )

    def retry(self, reason: ErrorReason) -> Any:
        with self.ours.scope(), transaction.atomic():
            error = TicketError.objects.get(reason=reason)
        return self.client.post(f"{LIST}{error.pk}/retry/", follow=True)

    def test_an_assignment(self) -> None:
        self.is_away(away=True)
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        page = self.retry(ErrorReason.ASSIGNMENT)
        self.assertContains(page, "It failed again, for")
        self.assertEqual([remedy["label"] for remedy in page.context["remedies"]], ["Assign"])
        self.assertContains(self.retry(ErrorReason.ASSIGNMENT), "It failed again, for the same reason.")
        self.is_away(away=False)
        self.assertContains(self.retry(ErrorReason.ASSIGNMENT), "It worked: the error is resolved.")
        self.assertEqual(self.vacations.task(self.ticket, "Book it").assigned_to_id, self.vacations.hr.pk)

    def test_an_assignment_that_nobody_may_do_leads_to_the_roles(self) -> None:
        self.is_away(away=True)
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.filter(person=self.vacations.hr).delete()
        page = self.retry(ErrorReason.ASSIGNMENT)
        self.assertEqual(page.context["remedies"][0]["url"], "/users/roles/")
        self.assertContains(page, "It failed again, for another reason: Nobody was assigned: nobody has")

    def test_a_stall(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        self.assertContains(self.retry(ErrorReason.STALL), "It failed again, for the same reason.")

    def test_says_what_started(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(self.ticket, "Book it", booked=False)
        with self.ours.scope(), transaction.atomic():
            run = WorkflowInstance.objects.get(ticket=self.ticket)
            run.data["booked"] = True
            run.save(update_fields=["data"])
        worked = "It worked: the error is resolved. The ticket ended as “Booked”."
        self.assertContains(self.retry(ErrorReason.STALL), worked)


# as of the list of tickets, without what they wait for, and the paused connections
QUERIES = 14
# session, wall, savepoint, error, roles of the workflow, what was asked last, later writes, others like it;
# the menu; and back
PAGE_QUERIES = 11
