"""The search looks past the second wall, so it has to hold by itself (`docs/security.md`)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from users.models import CustomUser
from workflow_ops.models import TicketDocument, TicketInstance
from workflow_ops.search.documents import store_documents
from workflow_ops.search.finding import find_tickets
from workflow_ops.tests.engine_cases import Engine, EngineTestCase, form, workflow

_ACTOR = (
    "SELECT set_config('app.company_id', %s, true), set_config('app.person_id', %s, true), "
    "set_config('app.impersonator_id', %s, true)"
)


class SearchWalls(EngineTestCase):
    """Both companies have the same secret word."""

    def setUp(self) -> None:
        super().setUp()
        self.numbers: dict[int, int] = {}
        for people in (self.ours, self.theirs):
            engine = Engine(people, self._commit)
            made = engine.load(workflow(form("Look", "a")))
            ticket = engine.submit(made, a="Secret plan")
            engine.call(lambda: store_documents(TicketInstance.objects.all()))
            self.numbers[people.company.pk] = ticket.pk

    def ask(self, *actor: int | str, words: Sequence[str] = ("secret",)) -> set[int]:
        """Return the tickets that the function of the database finds for company, person and impersonator."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ACTOR, [str(each) for each in actor])
            cursor.execute(
                "SELECT ticket_id FROM search_tickets('english', %s::text[], '{}', 1000000, 50, 1000)",
                [list(words)],
            )
            found = {key for (key,) in cursor.fetchall()}
            cursor.execute(_ACTOR, ["", "", ""])
        return found

    def test_a_person_finds_what_belongs_to_their_company(self) -> None:
        for people in (self.ours, self.theirs):
            company = people.company.pk
            for person in (people.admin, people.ticket_admin, people.submitter):
                self.assertEqual(self.ask(company, person.pk, ""), {self.numbers[company]}, person)

    def test_forged_settings(self) -> None:
        ours, theirs = self.ours, self.theirs
        for actor in (
            ("", "", ""),
            ("", theirs.admin.pk, ""),
            (ours.company.pk, "", ""),
            (ours.company.pk, theirs.admin.pk, ""),
            (ours.company.pk, self.staff.pk, ""),
            (ours.company.pk, "", ours.admin.pk),
            (ours.company.pk, "", theirs.admin.pk),
            (ours.company.pk, theirs.admin.pk, self.staff.pk),
            ("", "", self.staff.pk),
        ):
            self.assertEqual(self.ask(*actor), set(), actor)

    def test_deactivated_person(self) -> None:
        with self.ours.scope(), transaction.atomic():
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(is_active=False)
        self.assertEqual(self.ask(self.ours.company.pk, self.ours.admin.pk, ""), set())

    def test_words_that_name_another_company(self) -> None:
        key = f"§' | '{self.theirs.company.pk}/0/asecret"
        for words in ([key], ["secret", key], [f"{self.theirs.company.pk}/0/asecret"], ["x\\' | 'asecret"]):
            self.assertLessEqual(
                self.ask(self.ours.company.pk, self.ours.admin.pk, "", words=words),
                {self.numbers[self.ours.company.pk]},
            )

    def test_staff_in_a_company(self) -> None:
        self.assertEqual(
            self.ask(self.ours.company.pk, "", self.staff.pk), {self.numbers[self.ours.company.pk]}
        )

    def test_documents_of_another_company_are_neither_read_nor_written(self) -> None:
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(TicketDocument.objects.count(), 1)
            theirs = TicketInstance._base_manager.filter(pk=self.numbers[self.theirs.company.pk])
            self.assertEqual(store_documents(theirs), 0)

    def test_found_as_person(self) -> None:
        for people in (self.ours, self.theirs):
            with people.admin.scope(), transaction.atomic():
                found = find_tickets(people.admin, "secret", most=5)
            self.assertEqual(found, [self.numbers[people.company.pk]])
