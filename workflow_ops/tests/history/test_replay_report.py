"""The replay of finished tickets on a draft."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse

from users.models import CustomUser
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.definition.file_json import parse_workflow_file, to_json
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.gallery_files import stalling_vacation
from workflow_ops.desk.actions import cancel_task, cancel_workflow, edit_data, hold_workflow, resume_workflow
from workflow_ops.history.past_runs import Verdict
from workflow_ops.history.replay_report import ReplayReport, replay_report
from workflow_ops.models import TicketInstance
from workflow_ops.tests.engine_cases import EngineTestCase

JULY: dict[str, Any] = {"days": 5, "first_day": "2026-07-01"}
STATEMENTS = 26

Document = dict[str, Any]


class ReplayCase(EngineTestCase):
    """A test case with tickets of the vacation workflow of the gallery."""

    def setUp(self) -> None:
        super().setUp()
        file = stalling_vacation()
        self.document: Document = to_json(file)
        self.workflow = self.engine.load(file)
        self.engine.person("Marek", roles=["Manager"])
        self.engine.person("Hanna", roles=["HR"])

    def ticket(self, *decisions: str, booked: bool | None = None, **values: Any) -> TicketInstance:
        """Create a ticket with these decisions, and change the request whenever that is asked for."""
        ticket = self.engine.submit(self.workflow, **JULY | values)
        for decision in decisions:
            self.engine.complete(ticket, "Decide", decision=decision)
            if decision == "change":
                self.engine.complete(ticket, "Change request", **JULY | {"days": 3})
        if booked is not None:
            self.engine.complete(ticket, "Book it", booked=booked)
        return ticket

    def draft(self, change: Callable[[Document], None] = lambda _document: None) -> WorkflowDefinition:
        """Create the next version with a change."""
        document = json.loads(json.dumps(self.document))
        change(document)
        file = parse_workflow_file(json.dumps(document))
        made: WorkflowDefinition = self.engine.call(
            lambda: import_workflow(file, by=None, replace=True, may_make_roles=True)
        )
        return made

    def report(
        self, change: Callable[[Document], None] = lambda _document: None, reader: CustomUser | None = None
    ) -> ReplayReport:
        draft = self.draft(change)
        person = reader or self.ours.admin
        with person.scope(), transaction.atomic():
            return replay_report(draft, before=self.workflow, reader=person)

    def assert_sentences(self, report: ReplayReport, *expected: tuple[Verdict, str]) -> None:
        """Assert the sentences about tickets with another result, the largest groups first."""
        sentences = [(each.replayed.verdict, each.replayed.where) for each in report.different]
        self.assertEqual(sentences, list(expected))


def task(document: Document, title: str) -> Document:
    """Return the task of this title in a document."""
    found: Document = next(each for each in document["tasks"] if each["title"] == title)
    return found


class SameResult(ReplayCase):
    """Replays on a copy of their own version."""

    def test_every_path_to_an_end(self) -> None:
        self.ticket("reject")
        self.ticket("approve", booked=True)
        self.ticket("change", "change", "approve", booked=True)
        self.assertEqual(self.report().counts, {Verdict.SAME: 3})

    def test_open_tickets_are_ignored(self) -> None:
        self.ticket("approve")
        self.assertEqual(self.report().total, 0)

    def test_actions_of_ticket_admins(self) -> None:
        admin = self.ours.admin
        do = self.engine.as_person
        held = self.ticket()
        do(admin, lambda: hold_workflow(held, reason="Wait", by=admin))
        do(admin, lambda: resume_workflow(held, by=admin))
        do(admin, lambda: edit_data(held, values={"days": 9}, by=admin))
        self.engine.complete(held, "Decide", decision="reject")
        stalled = self.ticket("approve", booked=False)
        do(admin, lambda: edit_data(stalled, values={"booked": True}, by=admin))
        by_hand = self.ticket("approve")
        do(admin, lambda: cancel_workflow(by_hand, reason="Enough", by=admin))
        cancelled = self.ticket()
        do(admin, lambda: cancel_task(self.engine.task(cancelled, "Decide"), reason="Again", by=admin))
        do(admin, lambda: edit_data(cancelled, values={"days": 2}, by=admin))
        self.engine.complete(cancelled, "Decide", decision="reject")
        report = self.report()
        self.assertEqual((report.counts, report.different), ({Verdict.SAME: 4}, ()))

    def test_renamed_parts(self) -> None:
        self.ticket("change", "approve", booked=True)

        def rename(document: Document) -> None:
            document["tickets"][0]["title"] = "Days off"
            task(document, "Decide")["title"] = "Think"
            document["completions"][0]["title"] = "In the calendar"

        self.assertEqual(self.report(rename).counts, {Verdict.SAME: 1})

    def test_tickets_of_older_versions(self) -> None:
        self.ticket("reject")
        self.workflow = self.engine.load(
            parse_workflow_file(json.dumps({**self.document, "description": "Newer"}))
        )
        self.ticket("reject")
        self.assertEqual(self.report().counts, {Verdict.SAME: 2})


class OtherResults(ReplayCase):
    """Replays on a version with other behavior."""

    def test_another_task(self) -> None:
        self.ticket("approve", booked=True)

        def tell_the_team(document: Document) -> None:
            added = {**task(document, "Book it"), "title": "Tell the team", "output_fields": ["manager_note"]}
            added["edit_layout"] = []
            document["tasks"].append(added)

        self.assert_sentences(
            self.report(tell_the_team),
            (Verdict.OTHER_TASKS, "After “Decide” (step 2), “Tell the team” would also start."),
        )

    def test_a_task_that_does_not_start(self) -> None:
        self.ticket("approve", booked=True)
        self.ticket("approve", booked=True, days=20)

        def only_long_ones(document: Document) -> None:
            book = task(document, "Book it")
            book["condition"] = {"and": [book["condition"], {">": [{"var": "days"}, 10]}]}

        first = "After “Decide” (step 2), “Book it” would not start."
        where = f"{first} It would not have ended: no task would be open."
        report = self.report(only_long_ones)
        self.assertEqual(report.counts, {Verdict.SAME: 1, Verdict.OTHER_END: 1})
        self.assert_sentences(report, (Verdict.OTHER_END, where))

    def test_another_end(self) -> None:
        self.ticket("reject")

        def reject_never_ends(document: Document) -> None:
            document["completions"].insert(
                0, {**document["completions"][1], "title": "Turned down", "completion_status": "COMPLETED"}
            )

        where = (
            "After “Decide” (step 2), “Turned down” would be reached and “Rejected” would not be reached. "
            "It would have ended as “Turned down”."
        )
        self.assert_sentences(self.report(reject_never_ends), (Verdict.OTHER_END, where))

    def test_an_earlier_end(self) -> None:
        self.ticket("approve", booked=True)

        def approved_is_done(document: Document) -> None:
            condition = {"==": [{"var": "decision"}, "approve"]}
            end = {**document["completions"][0], "fields": ["decision"], "condition": condition}
            document["completions"].append({**end, "title": "Approved"})

        where = (
            "After “Decide” (step 2), “Book it” would not start and “Approved” would be reached. "
            "It would have ended before, as “Approved”."
        )
        self.assert_sentences(self.report(approved_is_done), (Verdict.OTHER_END, where))

    def test_a_hold(self) -> None:
        self.ticket("approve", booked=True)

        def wait(document: Document) -> None:
            condition = {"==": [{"var": "decision"}, "approve"]}
            held = {"completion_status": "ON_HOLD", "fields": ["decision"], "condition": condition}
            document["completions"].append({"title": "Wait", **held})

        where = (
            "After “Decide” (step 2), “Book it” would not start and “Wait” would be reached. "
            "It would not have ended: it would be on hold."
        )
        self.assert_sentences(self.report(wait), (Verdict.OTHER_END, where))

    def test_the_same_end_with_another_status(self) -> None:
        self.ticket("reject")

        def completed(document: Document) -> None:
            document["completions"][1]["completion_status"] = "COMPLETED"

        self.assert_sentences(
            self.report(completed), (Verdict.OTHER_END, "It would have ended as “Rejected”.")
        )


class NotReplayable(ReplayCase):
    """Tickets that can't be replayed."""

    def assert_reason(self, change: Callable[[Document], None], reason: str) -> None:
        self.assert_sentences(self.report(change), (Verdict.NOT_REPLAYABLE, reason))

    def test_reasons(self) -> None:
        self.ticket("reject", employee_note="Please")

        def limit(document: Document) -> None:
            document["fields_schema"]["properties"]["days"]["maximum"] = 4

        def ask_for_more(document: Document) -> None:
            document["fields_schema"]["properties"]["place"] = {"type": "string", "title": "Place"}
            document["fields_schema"]["required"].append("place")
            document["tickets"][0]["fields"].append("place")
            document["tickets"][0]["edit_layout"] = []

        def another_ticket(document: Document) -> None:
            fields = ["days", "first_day"]
            document["tickets"] = [{"title": "Something else", "fields": fields}]

        self.assert_reason(limit, "“Days” has a value that is not allowed any more.")
        self.assert_reason(ask_for_more, "“Place” is required, but nobody filled it in.")
        self.assert_reason(another_ticket, "The ticket “Vacation request” does not exist any more.")

    def test_removed_fields_are_ignored(self) -> None:
        self.ticket("reject", employee_note="Please")

        def no_note(document: Document) -> None:
            del document["fields_schema"]["properties"]["employee_note"]
            for part in (*document["tickets"], *document["tasks"]):
                for name, value in part.items():
                    if name.endswith("fields"):
                        part[name] = [each for each in value if each != "employee_note"]
                part["edit_layout"] = part["display_layout"] = []
            document["display_layout"] = []

        self.assertEqual(self.report(no_note).counts, {Verdict.SAME: 1})


class ReplayPage(ReplayCase):
    """The page for designers."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket("reject")
        self.ticket("approve", booked=True)

        def book_never(document: Document) -> None:
            task(document, "Book it")["condition"] = {"==": [{"var": "decision"}, "change"]}

        self.path = reverse("workflow_replay", args=[self.draft(book_never).pk])
        self.client = logged_in(self.ours.designer)

    def test_counts_and_lists(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "2 tickets")
        self.assertContains(response, "“Book it” would not start")
        pair = [self.workflow.pk, response.context["workflow"].pk]
        self.assertContains(response, reverse("workflow_difference", args=pair))
        stats = {str(stat["label"]): stat["value"] for stat in response.context["stats"]}
        self.assertEqual(stats, {"Same way": 1, "Other tasks": 0, "Other end": 1, "Can't be replayed": 0})

    def test_links_only_visible_tickets(self) -> None:
        number = self.client.get(self.path).context["report"].different[0].tickets[0].number
        link = reverse("ticket_detail", args=[number])
        (same,) = self.client.get(self.path).context["report"].same
        self.assertNotContains(self.client.get(self.path), link)
        self.assertContains(logged_in(self.ours.admin).get(self.path), f"/tickets/{same.number}/")
        self.assertContains(self.client.get(self.path), f"#{number}")
        self.assertContains(logged_in(self.ours.admin).get(self.path), link)

    def test_groups_equal_results(self) -> None:
        for _number in range(14):
            self.ticket("approve", booked=True)
        response = self.client.get(self.path)
        (group,) = response.context["report"].different
        numbers = [ticket.number for ticket in group.tickets]
        self.assertEqual((len(numbers), numbers), (15, sorted(numbers, reverse=True)))
        self.assertContains(response, "3 more")

    def test_without_tickets(self) -> None:
        other = {**self.document, "title": "Another"}
        self.engine.load(parse_workflow_file(json.dumps(other)))
        with self.ours.scope():
            made = WorkflowDefinition.objects.get(title="Another")
        response = self.client.get(reverse("workflow_replay", args=[made.pk]))
        self.assertContains(response, "Tickets of this workflow appear here")

    def test_all_with_the_same_result(self) -> None:
        response = self.client.get(reverse("workflow_replay", args=[self.draft().pk]))
        self.assertContains(response, "All of them would have taken the same path.")
        self.assertContains(response, "#2")
        self.assertNotContains(response, "<strong>Done</strong>")

    def test_invalid_fields(self) -> None:
        draft = self.draft()
        with self.ours.scope(), transaction.atomic():
            WorkflowDefinition.objects.filter(pk=draft.pk).update(fields_schema={"type": "array"})
        response = self.client.get(reverse("workflow_replay", args=[draft.pk]))
        self.assertContains(response, "The fields of this draft can't be read.")

    def test_who_may(self) -> None:
        people = self.ours
        for person, status in (
            (people.admin, 200),
            (people.designer, 200),
            (people.ticket_admin, 403),
            (people.worker, 403),
            (people.submitter, 403),
            *((person, 404) for person in self.theirs.everybody),
        ):
            self.assertEqual(logged_in(person).get(self.path).status_code, status, person.email)
        self.assertEqual(Client().get(self.path).status_code, 302)
        self.assertEqual(self.client.post(self.path).status_code, 405)

    def test_constant_statements(self) -> None:
        with at_most_queries(STATEMENTS) as few:
            self.client.get(self.path)
        for _number in range(12):
            self.ticket("change", "approve", booked=True)
        with same_queries_as(few):
            response = self.client.get(self.path)
        self.assertContains(response, "14 tickets")

    def test_limits_tickets_and_steps(self) -> None:
        draft, reader = self.draft(), self.ours.admin
        with reader.scope(), transaction.atomic():
            for bounds, total in (({"most_tickets": 1}, 1), ({"most_steps": 4}, 1), ({}, 2)):
                report = replay_report(draft, before=None, reader=reader, **bounds)
                self.assertEqual(report.total, total, bounds)
