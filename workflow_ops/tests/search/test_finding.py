"""What is found, and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import Company, CompanyRoleMembership, CustomUser
from users.profile import update_profile
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk.actions import assign_task, cancel_workflow
from workflow_ops.jobs import rebuild_search
from workflow_ops.models import TicketDocument, TicketInstance
from workflow_ops.search.documents import rebuild_next
from workflow_ops.search.finding import find_tickets, search
from workflow_ops.tests.engine_cases import NUMBER, PERSON, end, equals, form, run_job, workflow
from workflow_ops.tests.search.cases import SearchTestCase

CHOICE = {
    "type": "string",
    "oneOf": [{"const": "hw", "title": "Hardware"}, {"const": "sw", "title": "Software"}],
}
DAY = {"type": "string", "format": "date"}


class WordsTests(SearchTestCase):
    """One ticket with a value of each kind, one with none of them."""

    def setUp(self) -> None:
        super().setUp()
        file = workflow(
            form("Look", "a"),
            ticket="a kind amount day boss",
            kind=CHOICE,
            amount=NUMBER,
            day=DAY,
            boss=PERSON,
        )
        made = self.engine.load(file)
        self.ticket = self.engine.submit(
            made,
            a="The broken Prínters of Łukasz; it@demo.example",
            kind="hw",
            amount=1250.5,
            day="2030-07-05",
            boss=str(self.ours.designer.pk),
        )
        self.other = self.engine.submit(made, a="Something else", by=self.ours.worker)

    def test_everything_that_people_see_of_a_ticket(self) -> None:
        words = "broken PRINTERS printer prínter lukasz Łuk demo.example hardw 1,250 dora Sam"
        for text in (*words.split(), "July 2030", "broken dora hardware", "of the printers"):
            with self.subTest(text=text):
                self.assertEqual(self.found(text), [self.ticket.number])
        self.assertIn(self.ticket.number, self.found(f"#{self.ticket.number}"))

    def test_all_words_are_needed_and_only_the_last_may_be_a_beginning(self) -> None:
        for text in ("broken software", "brok printer", "hw", "roken", "", "   ", "!?", "p r i"):
            with self.subTest(text=text):
                self.assertEqual(self.found(text), [])

    def test_signs_of_queries_are_no_part_of_what_is_typed(self) -> None:
        for text in (
            "broken | else",
            "!broken",
            "broken:* & 'printer'",
            "'; DROP TABLE x; --",
            "a\\'b",
            "<-> (",
        ):
            with self.subTest(text=text):
                self.assertLessEqual(set(self.found(text)), {self.ticket.number})
        self.assertEqual(self.found("!(broken) & 'printer':*"), [self.ticket.number])

    def test_a_word_that_the_language_has_everywhere_counts_in_capitals(self) -> None:
        self.assertEqual(self.found("IT printers"), [self.ticket.number])
        self.assertEqual(self.found("it something"), [self.other.number])
        self.assertEqual(self.found("IT something"), [])

    def test_the_newest_come_first_and_no_more_than_are_wanted(self) -> None:
        self.assertEqual(self.found("ticket"), [self.other.number, self.ticket.number])
        self.assertEqual(self.found("ticket", most=1), [self.other.number])

    def test_more_words_than_the_database_takes(self) -> None:
        """The first ones are found."""
        texts = " ".join(f"漢字{number:x}" for number in range(100_000))
        self.edit(self.ticket, {"a": f"Catalogue {texts}"})
        self.assertEqual(self.found("catalogue"), [self.ticket.number])

    def test_only_the_person_who_acts_can_search(self) -> None:
        with self.ours.submitter.scope(), transaction.atomic(), self.assertRaises(ValueError):
            find_tickets(self.ours.admin, "broken", most=1)


class RightsTests(SearchTestCase):
    """Nobody finds more than their pages show."""

    def file(self, *names: str) -> WorkflowFile:
        """Return a workflow whose page shows `a` as submitted, and these fields if they have changed."""
        file = workflow(form("Look", "a"), ticket="a b", title="Shown")
        (ticket,) = file.tickets
        return replace(file, display_layout=names, tickets=(replace(ticket, display_layout=("a",)),))

    def test_who_finds_a_ticket(self) -> None:
        made = self.engine.load(workflow(form("Look", "a")))
        ticket = self.engine.submit(made, a="Secret plan")
        holder = self.engine.task(ticket, "Look").assigned_to
        assert holder is not None
        for person in (self.ours.admin, self.ours.ticket_admin, self.ours.submitter, holder):
            self.assertEqual(self.found("secret", person), [ticket.number], person)
        for person in {self.ours.worker, self.ours.designer} - {holder}:
            self.assertEqual(self.found("secret", person), [], person)

    def test_new_assignee_finds_the_ticket_at_once(self) -> None:
        made = self.engine.load(workflow(form("Look", "a")))
        ticket = self.engine.submit(made, a="Secret plan")
        task = self.engine.task(ticket, "Look")
        new = self.engine.person("Nora", system_roles=["task_worker"])
        self.assertEqual(self.found("secret", new), [])
        self.engine.as_person(self.ours.admin, lambda: assign_task(task, to=new, by=self.ours.admin))
        self.assertEqual(self.found("secret", new), [ticket.number])

    def test_administration_is_a_matter_of_the_version(self) -> None:
        file = workflow(form("Look", "a"))
        old = self.engine.submit(self.engine.load(replace(file, ticket_admin_roles=("HR",))), a="Secret plan")
        new = self.engine.submit(
            self.engine.load(replace(file, ticket_admin_roles=("Law",))), a="Secret plan"
        )
        helen = self.engine.person("Helen", roles=["HR"])
        leon = self.engine.person("Leon", roles=["Law"])
        self.assertEqual(self.found("secret", helen), [old.number])
        self.assertEqual(self.found("secret", leon), [new.number])
        self.assertEqual(self.found("secret", self.ours.ticket_admin), [])
        self.engine.call(lambda: CompanyRoleMembership.objects.filter(person=helen).delete())
        self.assertEqual(self.found("secret", helen), [])

    def test_what_only_the_admins_page_shows_is_found_by_them_alone(self) -> None:
        made = self.engine.load(self.file("a", "b"))
        ticket = self.engine.submit(made, a="Visible", b="Covert")
        self.engine.complete(ticket, "Look", by=self.ours.admin, out="Hidden answer")
        for person, words in (
            (self.ours.submitter, {"visible"}),
            (self.ours.ticket_admin, {"visible", "covert", "hidden"}),
            (self.ours.admin, {"visible", "covert", "hidden"}),
        ):
            found = {word for word in ("visible", "covert", "hidden") if self.found(word, person)}
            self.assertEqual(found, words, person)
        self.assertEqual(self.found("visible covert", self.ours.ticket_admin), [ticket.number])
        self.assertEqual(self.found("visible covert", self.ours.submitter), [])

    def test_results_are_found_where_the_page_shows_them(self) -> None:
        """The result of an end, and not of a hold on which the ticket was cancelled."""
        ends = (
            end("Pause", "out", status="ON_HOLD", condition=equals("out", "hold"), display_layout=("b",)),
            end("End", "out", condition=equals("out", "end"), display_layout=("b",)),
        )
        file = workflow(form("Look", "a"), *ends, ticket="a b")
        (ticket,) = file.tickets
        file = replace(file, display_layout=("a",), tickets=(replace(ticket, display_layout=("a",)),))
        made, admin = self.engine.load(file), self.ours.admin
        for out, numbers in (("hold", []), ("end", [2])):
            new = self.engine.submit(made, a="Visible", b="Covert")
            self.engine.complete(new, "Look", by=admin, out=out)
            if out == "hold":
                self.engine.as_person(admin, partial(cancel_workflow, new, reason="No", by=admin))
            self.assertEqual(self.found("covert", self.ours.submitter), numbers)

    def test_what_the_page_shows_as_changed_is_found_by_everybody_on_the_ticket(self) -> None:
        ticket = self.engine.submit(self.engine.load(self.file("a", "b")), a="Visible", b="Covert")
        self.edit(ticket, {"b": "Changed"})
        self.assertEqual(self.found("changed", self.ours.submitter), [ticket.number])

    def test_what_the_page_keeps_as_submitted_is_not_found_by_its_new_value(self) -> None:
        ticket = self.engine.submit(self.engine.load(self.file("b")), a="Old", b="B")
        self.edit(ticket, {"a": "Covert"})
        self.assertEqual(self.found("covert", self.ours.submitter), [])
        self.assertEqual(self.found("covert", self.ours.admin), [ticket.number])


class UpToDateTests(SearchTestCase):
    """What changes is found as it is now."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Look", "a"), ticket="a boss", boss=PERSON))
        self.ticket = self.engine.submit(self.made, a="Häuser", boss=str(self.ours.designer.pk))

    def age(self) -> None:
        """Let the ticket be changed so long ago that no search looks at it by itself."""
        changed = timezone.now() - timedelta(days=1)
        self.engine.call(lambda: TicketInstance.objects.update(changed_at=changed))
        self.engine.call(lambda: TicketDocument.objects.update(built_for=changed))

    def test_what_was_just_submitted(self) -> None:
        self.assertEqual(self.found("haus", self.ours.submitter), [self.ticket.number])

    def test_the_job_of_a_write_enters_it_without_any_search(self) -> None:
        self.age()
        self.assertEqual(self.found("hauser"), [])
        run_job(self.ticket)
        self.assertEqual(self.found("hauser"), [self.ticket.number])
        run_job(self.ticket)
        self.assertEqual(self.found("hauser"), [self.ticket.number])

    def test_an_edit_takes_the_old_text_away(self) -> None:
        self.found("hauser")
        self.edit(self.ticket, {"a": "Boats"})
        for person in (self.ours.admin, self.ours.submitter):
            self.assertEqual(
                (self.found("hauser", person), self.found("boat", person)), ([], [self.ticket.number])
            )

    def test_a_comment_is_found_by_everybody_on_the_ticket(self) -> None:
        self.engine.as_person(
            self.ours.admin, lambda: add_comment(self.ticket, text="See the manual", by=self.ours.admin)
        )
        self.age()
        for person in (self.ours.admin, self.ours.submitter):
            self.assertEqual(self.found("manual", person), [self.ticket.number])

    def test_older_data_never_replaces_newer(self) -> None:
        self.found("hauser")
        later = timezone.now() + timedelta(minutes=1)
        self.engine.call(lambda: TicketDocument.objects.update(built_for=later))
        self.engine.call(lambda: TicketInstance.objects.update(ticket_data={"a": "Old"}))
        run_job(self.ticket)
        self.assertEqual(self.found("hauser"), [self.ticket.number])

    def jobs(self) -> list[dict[str, Any]]:
        """Return what the waiting jobs that rebuild the search are to do, and forget them."""
        waiting = ProcrastinateJob.objects.filter(task_name=rebuild_search.name).order_by("pk")
        found = list(waiting.values_list("args", flat=True))
        waiting.delete()
        return found

    def test_a_changed_name(self) -> None:
        """Of the submitter, and of somebody whom a field names."""
        self.found("hauser")
        self.age()
        for person, old, new in ((self.ours.submitter, "sam", "zoe"), (self.ours.designer, "dora", "ulf")):
            self.assertEqual(self.found(old), [self.ticket.number])
            with transaction.atomic():
                update_profile(person, first_name=new, last_name="Tester", time_zone="")
            (job,) = self.jobs()
            rebuild_search.func(**job)
            self.assertEqual((self.found(old), self.found(new)), ([], [self.ticket.number]))
            rebuild_search.func(**job)
            self.assertEqual(self.found(new), [self.ticket.number])

    def test_a_changed_language(self) -> None:
        """English leaves "Häuser" as it is, German makes it "Haus"."""
        self.found("hauser")
        self.age()
        self.assertEqual(self.found("haus xyz"), [])
        self.engine.call(lambda: Company.objects.update(language="de"))
        (job,) = self.jobs()
        rebuild_search.func(**job)
        words = self.engine.call(lambda: TicketDocument.objects.values_list("words", flat=True).get())
        self.assertIn("'ahaus'", words)
        admin = self.engine.call(
            lambda: CustomUser.objects.select_related("company").get(pk=self.ours.admin.pk)
        )
        self.assertEqual(self.found("Hauses", admin), [self.ticket.number])

    def test_a_rebuild_goes_on_from_where_it_was(self) -> None:
        newer = self.engine.submit(self.made, a="Newer")
        self.age()
        self.engine.call(lambda: rebuild_next(before=newer.number, person_id=None))
        self.assertEqual((self.found("newer"), self.found("hauser")), ([], [self.ticket.number]))
        self.assertIsNone(self.engine.call(lambda: rebuild_next(before=None, person_id=None)))
        self.assertEqual(self.found("newer"), [newer.number])

    def test_a_number_far_below_the_newest(self) -> None:
        """Blocks are looked at from the newest one on; where the time ends, the search says so."""
        with self.ours.admin.scope(), transaction.atomic():
            found = search(self.ours.admin, "hauser", most=5, before=self.ticket.number + 1)
            self.assertEqual([hit.number for hit in found.hits], [self.ticket.number])
            self.assertEqual(search(self.ours.admin, "hauser", most=5, before=self.ticket.number).hits, [])
