"""Pages of actions and their calls for ticket admins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ticketflower.template_tags import status
from users.models import CompanyRole
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.models import Connection, ConnectionKind
from workflow_ops.actions.callbacks import callback_url
from workflow_ops.models import (
    ActionCall,
    CallKind,
    CallOutcome,
    ErrorReason,
    ErrorType,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
)
from workflow_ops.tests.engine_cases import NUMBER, YES_NO, EngineTestCase, form, workflow

ACTION: dict[str, Any] = {"task_type": "ASYNC_ACTION", "connection": "HR system", "path": "/accounts"}


class ActionPageTestCase(EngineTestCase):
    """`self.task` is an action that waits for its first call; `self.client` is our ticket admin's."""

    def setUp(self) -> None:
        super().setUp()
        file = workflow(form("Make account", "a", "out n", **ACTION), form("Next", "out", "done"), n=NUMBER)
        schema = {**file.fields_schema, "required": ["out"]}
        self.connection = self.engine.call(
            lambda: Connection.objects.create(name="hr SYSTEM", kind=ConnectionKind.HTTP, secrets=b"")
        )
        self.made = self.engine.load(replace(file, fields_schema=schema))
        self.ticket, self.task = self.submit()
        self.client = logged_in(self.ours.ticket_admin)
        self.page = reverse("manage_task", args=[self.task.pk])

    def submit(self) -> tuple[TicketInstance, TaskInstance]:
        ticket = self.engine.submit(self.made, a="x")
        return ticket, self.engine.task(ticket, "Make account")

    def change(self, task: TaskInstance | None = None, **values: Any) -> None:
        key = (task or self.task).pk
        self.engine.call(lambda: TaskInstance.objects.filter(pk=key).update(**values))

    def call(self, task: TaskInstance | None = None, *, seconds: float = 0.25, **values: Any) -> ActionCall:
        """Record a call of the task, by default a failed one."""
        now = timezone.now()
        columns = {
            "task": task or self.task,
            "connection": self.connection,
            "outcome": CallOutcome.FAILED,
            "status": 503,
            "error": "The system answered 503.",
            "request": {
                "url": "https://hr.example/accounts",
                "headers": {"Auth": "●●●"},
                "body": '{"a":"x"}',
            },
            "response": {"body": "<b>down</b>"},
            "started_at": now,
            "finished_at": now + timedelta(seconds=seconds),
        }
        made: ActionCall = self.engine.call(lambda: ActionCall.objects.create(**columns | values))
        return made


class TaskPageTests(ActionPageTestCase):
    def test_what_it_does_and_where_it_stands(self) -> None:
        later = timezone.now() + timedelta(minutes=4, seconds=30)
        states: list[tuple[dict[str, Any], str, bool]] = [
            ({}, "This is done in a moment.", True),
            ({"next_call_at": later}, "This is done in 4 minutes.", True),
            ({"status": TaskStatus.IN_PROGRESS}, "This is being done at this moment.", False),
            (
                {"tries": 1, "next_call_at": later},
                "It has failed once so far. The next try is in 4 minutes.",
                True,
            ),
            ({"tries": 1}, "It has failed once so far. The next try is in a moment.", True),
            (
                {"tries": 3, "next_call_at": later},
                "It has failed 3 times so far. The next try is in 4 minutes.",
                True,
            ),
            ({"next_call_at": None, "answer_until": later}, "The answer is awaited until", False),
            (
                {"status": TaskStatus.ERROR, "next_call_at": None},
                "It has failed. It can be tried again",
                True,
            ),
        ]
        before = {
            "status": TaskStatus.PENDING,
            "tries": 0,
            "next_call_at": timezone.now(),
            "answer_until": None,
        }
        for values, sentence, may_retry in states:
            with self.subTest(values=values):
                self.change(None, **before | values)
                page = self.client.get(self.page).content.decode()
                self.assertIn("Calls the connection “HR system”, at /accounts.", page)
                self.assertIn("The answer comes later, at an address of its own.", page)
                self.assertIn(sentence, page)
                self.assertEqual("Try again now" in page, may_retry)
                self.assertIn("Fill in by hand", page)
                self.assertIn("No call has been made yet.", page)
                self.assertNotIn("Waits for an answer", page)

    def test_paused_connection(self) -> None:
        self.engine.call(lambda: Connection.objects.update(paused_at=timezone.now()))
        self.change(None, tries=1, next_call_at=timezone.now() + timedelta(hours=2))
        page = self.client.get(self.page)
        self.assertContains(page, "All calls over “HR system” have failed, so they are paused.")
        self.assertContains(page, f'<a href="{reverse("manage_errors")}">Try all again</a>', html=True)
        self.assertNotContains(page, "Try again now")
        overview = self.client.get(reverse("manage_calls"))
        self.assertContains(overview, "<span>Paused</span>", html=True)
        self.assertEqual(overview.context["rows"][0]["next"], "")

    def test_calls_are_shown_newest_first_folded_and_bounded(self) -> None:
        self.call(error="The first one")
        for number in range(20):
            self.call(error=f"Failure {number}")
        page = self.client.get(self.page).content.decode()
        self.assertLess(page.index("Failure 19"), page.index("Failure 0"))
        self.assertNotIn("The first one", page)
        self.assertIn("All calls of this task", page)
        self.assertIn("{\n  &quot;a&quot;: &quot;x&quot;\n}", page)  # formatted and escaped
        self.assertIn("Auth: ●●●", page)
        self.assertIn("&lt;b&gt;down&lt;/b&gt;", page)
        self.assertIn("0.25\u00a0s", page)
        listed = self.client.get(reverse("manage_calls"), {"show": "all", "task": str(self.task.pk)})
        self.assertContains(listed, "21 calls")
        self.assertContains(listed, "These are the calls of one task.")

    def test_long_bodies_are_cut_and_whole_on_their_own_page(self) -> None:
        calls = [self.call(response={"body": '"' * 9_000}) for _number in range(20)]
        page = self.client.get(self.page)
        self.assertLess(len(page.content), 100_000)
        self.assertContains(page, "Show all of it")
        whole = self.client.get(reverse("manage_call", args=[calls[0].pk]))
        self.assertContains(whole, "&quot;" * 9_000)

    def test_an_answer_that_is_not_used_says_why(self) -> None:
        self.call(outcome=CallOutcome.OUTDATED, status=200, error="")
        self.assertContains(
            self.client.get(self.page), "the data of the task had changed or the task had ended."
        )

    def test_callback_is_told_as_what_was_received(self) -> None:
        call = self.call(kind=CallKind.CALLBACK, outcome=CallOutcome.ANSWERED, status=200, error="")
        page = self.client.get(reverse("manage_call", args=[call.pk]))
        self.assertContains(page, "What was received")
        self.assertContains(page, "Callback: Make account")

    def test_statements_do_not_grow_with_the_calls(self) -> None:
        self.call()
        with at_most_queries(20) as one:
            self.client.get(self.page)
        for _number in range(5):
            self.call()
        with same_queries_as(one):
            self.client.get(self.page)

    def test_try_again(self) -> None:
        self.change(status=TaskStatus.ERROR, next_call_at=None, tries=4)
        path = reverse("manage_task_retry", args=[self.task.pk])
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(path, follow=True)
        self.assertContains(response, "The call is made in a moment.")
        task = self.engine.task(self.ticket, "Make account")
        self.assertEqual((task.status, task.tries), (TaskStatus.PENDING, 0))
        self.change(next_call_at=None)
        again = self.client.post(path, follow=True)
        self.assertContains(again, "its answer has not come yet")

    def test_ticket_and_error_lead_to_the_calls(self) -> None:
        link = f'<a href="{self.page}#calls">Make account</a>'
        ticket = self.client.get(reverse("manage_ticket", args=[self.ticket.number]))
        self.assertContains(ticket, f"Waits for <strong>{link}</strong> by HR system")
        self.change(status=TaskStatus.ERROR, next_call_at=None)
        error = self.engine.call(
            lambda: TicketError.objects.create(
                ticket=self.ticket,
                task=self.task,
                error_type=ErrorType.TASK_UPDATE,
                reason=ErrorReason.ACTION,
                error_message="The call failed.",
            )
        )
        page = self.client.get(reverse("manage_error", args=[error.pk]))
        self.assertContains(page, "A call failed")
        self.assertContains(page, f'href="{self.page}#calls"')
        self.assertContains(page, "Try again")

    def test_worker_and_submitter_read_what_it_waits_for(self) -> None:
        page = logged_in(self.ours.admin).get(reverse("task_detail", args=[self.task.pk]))
        self.assertContains(page, "HR system does this task.")
        self.assertContains(page, "This is done in a moment.")
        self.assertContains(page, "There is nothing to fill in.")
        ticket = logged_in(self.ours.submitter).get(reverse("ticket_detail", args=[self.ticket.number]))
        self.assertContains(ticket, "<strong>Make account</strong> by HR system")


class FillInTests(ActionPageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("manage_task_fill_in", args=[self.task.pk])

    def post(self, **values: Any) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.path, {"_input_version": "1", **values})

    def test_answer_is_written_as_of_a_form(self) -> None:
        self.assertContains(self.client.get(self.path), "Your answer counts in place of the other system.")
        self.assertRedirects(self.post(out="by hand", n="5"), self.page)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])
        data = self.engine.run(self.ticket).data
        self.assertEqual((data["out"], data["n"]), ("by hand", 5))
        task = self.engine.task(self.ticket, "Make account")
        self.assertEqual(task.status, TaskStatus.COMPLETED)
        self.assertEqual(task.completed_by_id, self.ours.ticket_admin.pk)
        # What the other system says later is not used.
        with self.captureOnCommitCallbacks(execute=True):
            late = self.client.post(callback_url(self.task), {"out": "late"}, content_type="application/json")
        self.assertEqual(late.status_code, 409)
        self.assertEqual(self.engine.run(self.ticket).data["out"], "by hand")

    def test_mistakes_are_told_beside_their_fields(self) -> None:
        response = self.post(out="", n="many")
        self.assertEqual(response.status_code, 200)
        form_errors = response.context["form"].errors
        self.assertEqual(set(form_errors), {"out", "n"})
        self.assertContains(response, 'value="many"')
        self.assertEqual(self.engine.unfinished(self.ticket), ["Make account #1"])

    def test_values_of_the_workspace_are_filled_in_already(self) -> None:
        run = self.engine.run(self.ticket)
        run.data = {**run.data, "out": "from before"}
        self.engine.call(lambda: run.save(update_fields=["data"]))
        self.assertContains(self.client.get(self.path), 'value="from before"')

    def test_new_input_is_told_and_what_was_typed_is_kept(self) -> None:
        self.change(input_version=2)
        response = self.post(out="typed")
        self.assertContains(response, "The data of this task has changed")
        self.assertContains(response, 'value="typed"')
        self.assertContains(response, 'name="_input_version" value="2"')
        self.assertRedirects(self.post(out="typed", _input_version="2"), self.page)

    def test_finished_tasks_and_forms_have_nothing_to_fill_in(self) -> None:
        self.post(out="x")
        self.assertRedirects(self.client.get(self.path), self.page)
        task = self.engine.task(self.ticket, "Next")
        path = reverse("manage_task_fill_in", args=[task.pk])
        self.assertRedirects(self.client.post(path, {}), reverse("manage_task", args=[task.pk]))


class OverviewTests(ActionPageTestCase):
    def listed(self, client: Any = None, **query: Any) -> list[dict[str, Any]]:
        response = (client or self.client).get(reverse("manage_calls"), query)
        self.assertEqual(response.status_code, 200)
        rows: list[dict[str, Any]] = response.context["rows"]
        return rows

    def test_tabs(self) -> None:
        _ticket, failed = self.submit()
        _ticket, again = self.submit()
        _ticket, done = self.submit()
        later = timezone.now() + timedelta(minutes=5)
        self.change(failed, status=TaskStatus.ERROR, next_call_at=None)
        self.change(again, tries=2, next_call_at=later)
        self.change(done, status=TaskStatus.COMPLETED, next_call_at=None)
        self.call(again, seconds=1)
        self.call(again, seconds=6.5, status=None)
        self.call(done, outcome=CallOutcome.ANSWERED, status=200)

        waiting = self.listed()
        self.assertEqual([row["title"] for row in waiting], ["Make account"] * 2)
        self.assertEqual([row["tries"] for row in waiting], [0, 2])
        row = waiting[1]
        self.assertEqual((row["system"], row["took"]), ("HR system", "6.50\u00a0s"))
        self.assertIn(f'datetime="{later:%Y-%m-%dT%H:%M:%S}', row["next"])
        states = [status("ERROR"), status("PENDING", "Waits for its next try")]
        self.assertEqual([row["state"] for row in self.listed(show="failing")], states)
        self.assertEqual([row["took"] for row in self.listed(show="slow")], ["6.50\u00a0s"])
        self.assertEqual([row["status"] for row in self.listed(show="all")], [200, "", 503])
        self.assertEqual(len(self.listed(show="nonsense")), 2)

    def test_empty_tabs_say_what_will_appear(self) -> None:
        self.change(status=TaskStatus.COMPLETED, next_call_at=None)
        for tab in ("waiting", "failing", "slow", "all"):
            page = self.client.get(reverse("manage_calls"), {"show": tab})
            self.assertContains(page, "There are none")

    def test_filters(self) -> None:
        other = workflow(
            form(
                "Alert",
                "a",
                "sent",
                task_type="SYNC_ACTION",
                action={"chat": {"connection": "Team", "text": "x"}},
            ),
            title="Other",
            sent=YES_NO,
        )
        team = self.engine.call(
            lambda: Connection.objects.create(name="team", kind=ConnectionKind.SLACK, secrets=b"")
        )
        made = self.engine.load(other)
        ticket = self.engine.submit(made, a="x")
        alert = self.engine.task(ticket, "Alert")
        self.call(alert, connection=team)
        self.call()
        line = made.line_id
        for query in ({"workflow": line}, {"connection": team.pk}, {"q": f"#{ticket.number}"}):
            for tab in ("waiting", "all"):
                with self.subTest(query=query, tab=tab):
                    self.assertEqual([row["title"] for row in self.listed(show=tab, **query)], ["Alert"])
        self.assertEqual(
            [row["title"] for row in self.listed(connection=self.connection.pk)], ["Make account"]
        )

    def test_only_of_workflows_that_the_person_administers(self) -> None:
        self.call()
        role = self.engine.call(lambda: CompanyRole.objects.create(name="IT"))
        file = replace(
            workflow(form("Secret", "a", "out", **ACTION), title="Other"), ticket_admin_roles=(role.name,)
        )
        ticket = self.engine.submit(self.engine.load(file), a="x")
        call = self.call(self.engine.task(ticket, "Secret"))
        for tab in ("waiting", "all"):
            self.assertEqual([row["title"] for row in self.listed(show=tab)], ["Make account"])
            self.assertEqual(len(self.listed(logged_in(self.ours.admin), show=tab)), 2)
        self.assertEqual(self.client.get(reverse("manage_call", args=[call.pk])).status_code, 403)

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        for tab in ("waiting", "failing", "slow", "all"):
            self.change(tries=1)
            self.call(seconds=6)
            with at_most_queries(14) as one:
                self.listed(show=tab)
            task = self.submit()[1]
            self.change(task, tries=1)
            self.call(task, seconds=6)
            with self.subTest(tab=tab), same_queries_as(one):
                self.assertGreater(len(self.listed(show=tab)), 1)
