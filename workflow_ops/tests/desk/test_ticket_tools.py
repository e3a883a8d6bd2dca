"""The responsible person of a ticket, its links to others, and submitting it again."""

from uuid import uuid4

from django.db import IntegrityError, transaction

from users.people import deactivate
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import logged_in
from workflow_design.access import may_administer_workflow, people_who_may_administer
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.models import TicketInstance, TicketLink, TimelineEvent
from workflow_ops.refusals import NotAllowedError
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class Responsible(DeskTestCase):
    """Hanna and the company admin may administer the ticket."""

    def setUp(self) -> None:
        super().setUp()
        self.at = f"/manage/tickets/{self.ticket.number}/"
        self.path = f"{self.at}responsible/"

    def test_is_set_changed_and_cleared(self) -> None:
        for person in (self.ours.admin, self.admin, self.admin):
            self.assertRedirects(self.client.post(self.path, {"person": person.pk}), self.at)
            self.assertEqual(self.now().responsible_id, person.pk)
        page = self.client.get(self.at)
        self.assertContains(page, "became responsible", count=1)
        self.client.post(self.path, {"person": ""})
        self.assertIsNone(self.now().responsible_id)
        self.assertContains(self.client.get(self.at), "made nobody responsible")
        audit = logged_in(self.ours.admin).get("/users/audit/")
        self.assertContains(audit, "made <em>Hanna Tester</em> responsible for")
        self.assertContains(audit, "made nobody responsible for")

    def test_only_people_who_may_administer_the_workflow(self) -> None:
        self.assert_guarded(self.path)
        for person in (self.ours.ticket_admin, self.vacations.manager, self.theirs.admin):
            page = self.client.post(self.path, {"person": person.pk})
            self.assertTrue(page.context["form"].errors["person"], person.first_name)
            with self.assertRaises(NotAllowedError), self.admin.scope():
                set_responsible(self.ticket, to=person, by=self.admin)
        with self.ours.scope():
            people = [*self.ours.everybody, self.admin, self.vacations.manager]
            may = {each for each in people if may_administer_workflow(each, self.vacations.workflow)}
            self.assertEqual(set(people_who_may_administer([self.vacations.workflow.pk])), may)
            deactivate(self.admin)
            self.assertNotIn(self.admin, people_who_may_administer([self.vacations.workflow.pk]))

    def test_not_of_an_ended_ticket(self) -> None:
        self.client.post(f"{self.at}cancel/", {"reason": "x"})
        page = self.client.post(self.path, {"person": self.admin.pk}, follow=True)
        self.assertContains(page, "This ticket has ended already.")


class Links(DeskTestCase):
    """A second ticket of the same person, and one that Hanna may not see."""

    def setUp(self) -> None:
        super().setUp()
        self.other = self.vacations.submit()
        self.at = f"/manage/tickets/{self.ticket.number}/"

    def link(self, kind: str = "RELATES", other: str = "") -> str:
        page = self.client.post(f"{self.at}link/", {"kind": kind, "other": other or f"#{self.other.number}"})
        return page["Location"] if page.status_code == 302 else str(page.context["form"].errors["other"])

    def test_relates_both_ways(self) -> None:
        self.assertEqual(self.link(), self.at)
        for one, other in ((self.ticket, self.other), (self.other, self.ticket)):
            page = self.client.get(f"/manage/tickets/{one.number}/")
            self.assertContains(page, "Relates to")
            self.assertContains(page, f"it relates to #{other.number}")
            mine = logged_in(self.ours.submitter).get(f"/tickets/{one.number}/")
            self.assertContains(mine, f'href="/tickets/{other.number}/"')
            self.assertNotContains(mine, f"it relates to #{other.number}")
        self.assertContains(
            logged_in(self.ours.admin).get("/users/audit/"), f"to <em>#{self.other.number}</em>"
        )

    def test_a_duplicate_can_be_cancelled_as_one(self) -> None:
        where = self.link("DUPLICATE")
        self.assertEqual(where, f"{self.at}cancel/?reason=Duplicate+of+%23{self.other.number}.")
        self.assertContains(self.client.get(where), f"Duplicate of #{self.other.number}.</textarea>")
        self.assertContains(self.client.get(self.at), "Duplicate of")
        self.assertContains(self.client.get(f"/manage/tickets/{self.other.number}/"), "Has the duplicate")

    def test_what_is_refused(self) -> None:
        self.assertIn("itself", self.link(other=str(self.ticket.number)))
        for unknown in ("999", "x", "9" * 19):
            self.assertIn("There is no ticket of this number", self.link(other=unknown))
        self.link()
        self.assertIn("linked to", self.link("DUPLICATE"))
        self.assert_guarded(f"{self.at}link/")
        with self.ours.scope(), self.assertRaises(IntegrityError), transaction.atomic():
            TicketLink.objects.create(kind="RELATES", ticket=self.other, other=self.ticket)

    def test_removed_once(self) -> None:
        self.link()
        with self.ours.scope():
            path = f"/manage/tickets/{self.other.number}/unlink/{TicketLink.objects.get().pk}/"
        self.assert_guarded(path, get=False)
        self.assertRedirects(self.client.post(path), f"/manage/tickets/{self.other.number}/")
        self.assertEqual(self.client.post(path).status_code, 404)
        with self.ours.scope():
            self.assertEqual(TimelineEvent.objects.filter(kind="UNLINKED").count(), 2)

    def test_a_link_to_what_one_may_not_see_is_not_shown(self) -> None:
        foreign = self.vacations.submit(by=self.ours.worker)
        self.link(other=str(foreign.number))
        mine = logged_in(self.ours.submitter).get(f"/tickets/{self.ticket.number}/")
        self.assertNotContains(mine, f'href="/tickets/{foreign.number}/"')

    def test_other_tickets_of_the_person(self) -> None:
        page = self.client.get(self.at)
        self.assertContains(page, "Other tickets of this person")
        self.assertContains(page, f'href="/manage/tickets/{self.other.number}/"')
        self.assertContains(page, f"?status=all&amp;submitter={self.ours.submitter.pk}")


class Again(DeskTestCase):
    """A ticket's values in a new form."""

    def test_values_that_fit(self) -> None:
        client = logged_in(self.ours.submitter)
        page = client.get(f"/tickets/{self.ticket.number}/again/", follow=True)
        self.assertContains(page, "The form begins with what was submitted before.")
        self.assertEqual(page.context["form"].initial["days"], 5)
        self.assertEqual(page.context["not_copied"], [])
        with self.ours.scope():
            data = {"days": 99, "first_day": "2026-07-01", "booked": True}
            TicketInstance.objects.filter(pk=self.ticket.pk).update(ticket_data=data)
        page = client.get(f"/tickets/{self.ticket.number}/again/", follow=True)
        self.assertContains(page, "Not taken over: Days, Booked.")
        self.assertNotIn("days", page.context["form"].initial)

    def test_who_may(self) -> None:
        path = f"/tickets/{self.ticket.number}/again/"
        self.assertEqual(logged_in(self.ours.worker).get(path).status_code, 403)
        foreign = self.vacations.submit(by=self.ours.worker)
        new = logged_in(self.ours.submitter).get(f"/tickets/{self.ticket.number}/again/")["Location"]
        page = logged_in(self.ours.submitter).get(
            new.replace(f"again={self.ticket.number}", f"again={foreign.number}")
        )
        self.assertFalse(page.context["is_copy"])

    def test_a_person_who_only_has_a_task_in_it_may_not(self) -> None:
        """The page shows what the layout of the ticket has; the form would show all that was submitted."""
        worker, path = self.vacations.manager, f"/tickets/{self.ticket.number}/again/"
        with self.ours.scope(), transaction.atomic():
            give_system_roles(worker, [SystemRoleName.USER])
            definition = self.ticket.ticket_definition_id
        self.assertEqual(logged_in(worker).get(f"/tickets/{self.ticket.number}/").status_code, 200)
        self.assertEqual(logged_in(worker).get(path).status_code, 403)
        new = f"/tickets/new/{definition}/?form={uuid4()}&again={self.ticket.number}"
        page = logged_in(worker).get(new, follow=True)
        self.assertEqual(page.status_code, 200)
        self.assertFalse(page.context["is_copy"])
        self.assertEqual(self.client.get(path).status_code, 302)  # who administers it

    def test_a_kind_that_is_not_offered_any_more(self) -> None:
        with self.ours.scope():
            TicketInstance.objects.filter(pk=self.ticket.pk).update(type_title="Gone")
        page = logged_in(self.ours.submitter).get(f"/tickets/{self.ticket.number}/again/", follow=True)
        self.assertContains(page, "“Gone” can&#x27;t be submitted again")
