"""The dashboard."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from ticketflower.tenancy.context import company_scope
from users.invitations import invite
from users.models import CompanyRole, CustomUser
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.signup import sign_up
from users.tests.cases import PASSWORD, CompanyTestCase, People, logged_in, make_person
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.actions import hold_workflow, resume_workflow
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations
from workflow_ops.work.dashboard import SETTLED_TICKETS
from workflow_ops.work.needs import MAX_LONGEST
from workflow_ops.work.submissions import give_back_task, save_draft

PATH = "/users/dashboard/"


def long_ago() -> datetime:
    """Return a moment after which ten working days have passed, whatever the day."""
    return timezone.now() - timedelta(days=20)


class Dashboard(CompanyTestCase):
    """The dashboard of each role."""

    def test_greets(self) -> None:
        answer = logged_in(self.ours.submitter).get(PATH)
        self.assertContains(answer, "Hello, Sam")
        self.assertContains(answer, "Ours")

    def test_shows_what_they_may_do(self) -> None:
        pages = {
            person.first_name: logged_in(person).get(PATH).context["prospects"]
            for person in [*self.ours.everybody, make_person(self.ours.company, "Nora")]
        }
        titles = {name: [prospect.title for prospect in prospects] for name, prospects in pages.items()}
        self.assertEqual(titles["Sam"], ["Ask for something"])
        self.assertEqual(titles["Wanda"], ["Ask for something", "Do your tasks"])
        self.assertEqual(titles["Tom"], ["Keep an eye on the tickets"])
        self.assertEqual(titles["Dora"], ["Design workflows"])
        self.assertEqual(len(titles["Ada"]), 4)
        self.assertEqual(titles["Nora"], [])

    def test_each_is_a_link(self) -> None:
        client = logged_in(self.ours.admin)
        page = client.get(PATH)
        for prospect in page.context["prospects"]:
            self.assertContains(page, f'href="{prospect.url}">{prospect.title}</a>')
            self.assertEqual(client.get(prospect.url).status_code, 200)

    def test_a_person_without_a_role(self) -> None:
        nora = make_person(self.ours.company, "Nora")
        page = logged_in(nora).get(PATH)
        self.assertContains(page, "You have no role yet.")
        groups = page.context["navigation"].groups
        labels = [entry.label for group in groups for entry, *_rest in group["entries"]]
        self.assertEqual(labels, ["Dashboard"])

    def test_who_may(self) -> None:
        self.assertRedirects(Client().get(PATH), f"/users/login/?next={PATH}")
        self.assertEqual(logged_in(self.ours.submitter).post(PATH).status_code, 405)
        answer = logged_in(self.staff).get(PATH)
        self.assertRedirects(answer, "/users/companies/", fetch_redirect_response=False)

    def test_staff_in_a_company_see_it_as_its_admins_do(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = self.theirs.company.pk
        session.save()
        answer = client.get(PATH)
        self.assertContains(answer, "<h1>Theirs</h1>", html=True)
        self.assertNotContains(answer, "First steps")
        facts = {fact["label"]: fact["value"] for fact in answer.context["facts"]}
        self.assertEqual(facts["People"], str(len(self.theirs.everybody)))
        self.assertEqual((facts["Active workflows"], facts["Tickets so far"]), ("0", 0))
        self.assertContains(answer, "Nothing needs an admin here")
        for part in ("start", "can"):  # of the people of the company; staff are there to look after it
            self.assertNotContains(answer, f'id="{part}"')
        self.assertContains(logged_in(self.theirs.admin).get(PATH), 'id="can"')


class FirstSteps(CompanyTestCase):
    """The first steps of admins of a new company, which are derived from the data."""

    def setUp(self) -> None:
        """Sign up a company with one person."""
        self.admin = sign_up(
            company_name="New", first_name="N", last_name="N", email="n@new.example", password=PASSWORD
        )
        assert self.admin.company is not None
        self.company = self.admin.company
        self.client = logged_in(self.admin)

    def done(self) -> list[bool]:
        """Return whether each step is done."""
        return [step.is_done for step in self.client.get(PATH).context["steps"]]

    def test_nothing_done(self) -> None:
        self.assertEqual(self.done(), [False] * 5)
        answer = self.client.get(PATH)
        for step in answer.context["steps"]:
            self.assertContains(answer, f'href="{step.url}"')
            self.assertEqual(self.client.get(step.url).status_code, 200)

    def test_steps_are_ticked_off_and_disappear(self) -> None:
        with company_scope(self.company.pk):
            invite(self.admin, email="second@new.example", system_roles=[], company_role_ids=[])
        self.assertEqual(self.done(), [False] * 5)
        self.assertContains(self.client.get(PATH), "Nobody has accepted your invitation yet.")
        make_person(self.company, "Second")
        with company_scope(self.company.pk):
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [True, True, False, False, False])
        with company_scope(self.company.pk):
            self.company.time_zone = "Europe/Vienna"
            self.company.save()
        self.assertEqual(self.done(), [True, True, True, False, False])

    def test_the_first_workflow_and_the_first_ticket(self) -> None:
        people = People("Newer")
        self.client = logged_in(people.admin)
        self.assertContains(self.client.get("/tickets/new/"), "Open the gallery")
        self.assertNotContains(logged_in(people.worker).get("/tickets/new/"), "Open the gallery")
        vacations = Vacations(people)
        self.assertEqual(self.done(), [True, True, False, True, False])
        vacations.submit()
        self.assertEqual(self.done(), [True, True, False, True, True])
        for _number in range(SETTLED_TICKETS):
            vacations.submit()
        self.assertEqual(self.done(), [])

    def test_other_companies_do_not_count(self) -> None:
        with self.theirs.scope():
            CompanyRole.objects.create(name="HR")
        self.assertEqual(self.done(), [False] * 5)

    def test_only_for_admins(self) -> None:
        self.assertNotContains(logged_in(self.ours.submitter).get(PATH), "First steps")

    def test_statements_do_not_depend_on_the_size_of_the_company(self) -> None:
        # Session, savepoint, setting and back; tasks and tickets, steps, needs, the oldest, kinds.
        with at_most_queries(10) as few:
            self.client.get(PATH)
        with company_scope(self.company.pk):
            CompanyRole.objects.bulk_create(CompanyRole(name=f"Role {number}") for number in range(50))
        for number in range(50):
            make_person(self.company, f"Person{number}")
        with same_queries_as(few):
            self.assertEqual(self.done(), [True, True, False, False, False])


class NeedsOfTheDesk(DeskTestCase):
    """What waits for whoever administers tickets, each with a link to the list of them."""

    def needs(self, client: Client) -> dict[str, str]:
        """Return the counts on the dashboard; each must be that of the list to which it leads."""
        needs = client.get(PATH).context["needs"]
        for need in needs:
            self.assertEqual(len(client.get(need.url).context["rows"]), int(need.count), need.label)
        return {need.label: need.count for need in needs}

    def test_nothing_waits(self) -> None:
        page = self.client.get(PATH)
        self.assertEqual((page.context["needs"], page.context["longest"]), ([], []))
        self.assertContains(page, "Nothing waits for you.")
        self.assertNotContains(page, "Needs you")

    def test_what_waits_is_counted_and_linked(self) -> None:
        with self.ours.scope(), transaction.atomic():
            give_back_task(self.vacations.task(self.ticket, "Decide"), by=self.vacations.manager)
        orphan = self.vacations.submit()
        self.update(TaskInstance, self.vacations.task(orphan, "Decide").pk, assigned_to=self.ours.submitter)
        self.update(CustomUser, self.ours.submitter.pk, is_active=False)
        expected = {"Tasks that nobody has": "1", "Tasks of people who left or are away": "1"}
        self.assertEqual(self.needs(self.client), expected)
        self.assertEqual(self.needs(logged_in(self.ours.admin)), expected)
        self.assertNotContains(self.client.get(PATH), "Nothing waits for you.")
        self.assertEqual(logged_in(self.ours.worker).get(PATH).context["needs"], [])
        self.assertEqual(self.needs(logged_in(self.theirs.admin)), {})

    def test_only_of_the_workflows_that_the_person_administers(self) -> None:
        self.update(TicketInstance, self.ticket.pk, changed_at=long_ago(), waiting_since=long_ago())
        # The workflow names a role, which replaces the system role.
        client = logged_in(self.ours.ticket_admin)
        page = client.get(PATH)
        self.assertEqual((page.context["needs"], page.context["longest"]), ([], []))
        for path in ("/manage/tickets/", "/manage/tasks/"):
            self.assertContains(client.get(path), "name their own roles for this: HR. Ask a company admin")
            self.assertNotContains(logged_in(self.theirs.admin).get(path), "Ask a company admin")

    def test_on_hold_past_its_date(self) -> None:
        with self.ours.scope(), transaction.atomic():
            hold_workflow(self.ticket, reason="Later", by=self.ours.admin)
        tomorrow, yesterday = (timezone.now() + timedelta(days=days) for days in (1, -1))
        for until, resumes_by_itself, is_needed in (
            (None, False, False),
            (tomorrow, False, False),
            (yesterday, True, False),
            (yesterday, False, True),
        ):
            with self.subTest(until=until, resumes_by_itself=resumes_by_itself):
                hold = {"held_until": until, "resumes_by_itself": resumes_by_itself}
                self.update(TicketInstance, self.ticket.pk, **hold)
                expected = {"Tickets on hold past their date": "1"} if is_needed else {}
                self.assertEqual(self.needs(self.client), expected)
        self.assertContains(self.client.get(PATH), 'href="/manage/tickets/?held=past"')

    def test_standing_still(self) -> None:
        still = {"Tickets that stand still: nothing happened for 10 working days": "1"}
        self.update(TicketInstance, self.ticket.pk, changed_at=timezone.now() - timedelta(days=9))
        self.assertEqual(self.needs(self.client), {})
        self.update(TicketInstance, self.ticket.pk, changed_at=long_ago())
        self.assertEqual(self.needs(self.client), still)
        self.assertContains(self.client.get(PATH), 'href="/manage/tickets/?still=1&amp;sort=changed"')
        # What has stalled is told by its error, and what is on hold by its date.
        self.update(TicketInstance, self.ticket.pk, is_stalled=True)
        self.assertEqual(self.needs(self.client), {})
        self.update(TicketInstance, self.ticket.pk, is_stalled=False)
        with self.ours.scope(), transaction.atomic():
            hold_workflow(self.ticket, reason="Later", by=self.ours.admin)
        self.update(TicketInstance, self.ticket.pk, changed_at=long_ago())
        self.assertEqual(self.needs(self.client), {})

    def test_waiting_longest(self) -> None:
        newer = [self.vacations.submit() for _number in range(MAX_LONGEST)]
        for days, ticket in enumerate([*reversed(newer), self.ticket], start=20):
            since = timezone.now() - timedelta(days=days)
            self.update(TicketInstance, ticket.pk, waiting_since=since)
        page = self.client.get(PATH)
        self.assertEqual(page.context["longest"], [self.ticket, *newer[:-1]])
        self.assertContains(page, f'href="/manage/tickets/{self.ticket.number}/">{self.ticket.name}</a>')
        self.assertNotContains(page, "Nothing waits for you.")

    def test_statements_do_not_depend_on_the_tickets(self) -> None:
        # Here no first steps, and twice whether a workflow names a role of hers.
        self.update(TicketInstance, self.ticket.pk, changed_at=long_ago(), waiting_since=long_ago())
        with at_most_queries(12) as few:
            self.assertEqual(len(self.client.get(PATH).context["needs"]), 1)
        for _number in range(10):
            ticket = self.vacations.submit()
            self.update(TicketInstance, ticket.pk, changed_at=long_ago(), waiting_since=long_ago())
        with same_queries_as(few):
            self.assertEqual(self.client.get(PATH).context["needs"][0].count, "11")

    def update(self, model: Any, row_id: int, **values: Any) -> None:
        """Change a row of ours."""
        with self.ours.scope():
            model.objects.filter(pk=row_id).update(**values)

    def test_tasks_on_hold_do_not_wait(self) -> None:
        manager = logged_in(self.vacations.manager)
        self.assertEqual(len(manager.get(PATH).context["tasks"]), 1)
        with self.ours.scope(), transaction.atomic():
            hold_workflow(self.ticket, reason="Later", by=self.ours.admin)
        page = manager.get(PATH)
        self.assertEqual(page.context["tasks"], [])
        self.assertContains(page, "Your tasks on hold")
        self.assertEqual(len(page.context["held"]), 1)
        self.assertNotContains(page, "Nothing waits for you.")
        self.assertNotContains(page, "tf-count")  # nor does the badge count it
        self.assertEqual(manager.get("/tasks/").context["page"].rows, [])
        held = manager.get("/tasks/?show=held")
        (task,) = held.context["page"].rows
        self.assertContains(held, "</time>: Later</span>")
        for client, path in ((manager, f"/tasks/{task.id}/"), (self.client, "/manage/tasks/")):
            self.assertContains(client.get(path), "On hold</span>", msg_prefix=path)
        with self.ours.scope(), transaction.atomic():
            resume_workflow(self.ticket, by=self.ours.admin)
        self.vacations.apply_writes(self.ticket)
        self.assertEqual(manager.get("/tasks/?show=held").context["page"].rows, [])
        self.assertEqual(len(manager.get(PATH).context["tasks"]), 1)

    def test_a_draft_is_marked(self) -> None:
        task = self.vacations.task(self.ticket, "Decide")
        client = logged_in(self.vacations.manager)
        for path in (PATH, "/tasks/"):
            self.assertNotContains(client.get(path), "Draft</span>")
        with self.ours.scope(), transaction.atomic():
            save_draft(task, values={}, file_ids=[], by=self.vacations.manager)
        for path in (PATH, "/tasks/"):
            self.assertContains(client.get(path), "Draft</span>", count=1, msg_prefix=path)

    def test_own_tickets_that_wait_for_oneself_come_first(self) -> None:
        manager = self.vacations.manager
        own = self.vacations.submit(by=self.ours.admin)
        for _number in range(6):
            self.vacations.submit(by=self.ours.admin)
        client = logged_in(self.ours.admin)
        newest = [ticket.number for ticket in client.get(PATH).context["tickets"]]
        self.assertNotIn(own.number, newest)
        self.update(TaskInstance, self.vacations.task(own, "Decide").pk, assigned_to=self.ours.admin)
        tickets = client.get(PATH).context["tickets"]
        self.assertEqual((tickets[0].number, len(tickets)), (own.number, 5))
        self.assertEqual(logged_in(manager).get(PATH).context["tickets"], [])

    def test_tickets_of_a_person_who_lost_the_role(self) -> None:
        self.vacations.submit(by=self.ours.submitter)
        with self.ours.scope():
            TicketInstance.objects.update(created_by=self.ours.ticket_admin, is_finished=True)
        page = logged_in(self.ours.ticket_admin).get(PATH)
        self.assertContains(page, 'href="/tickets/?status=archive">Your earlier tickets</a>')
        self.assertNotContains(logged_in(self.ours.worker).get(PATH), "Your earlier tickets")
