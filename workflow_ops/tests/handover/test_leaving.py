"""People who are deactivated or lose a role: what the page says, and who gets their open tasks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from users.tests.cases import logged_in
from workflow_design.models import TicketAdminRole
from workflow_design.versions.publishing import new_version, publish
from workflow_ops.access import takeable_tasks
from workflow_ops.desk.actions import cancel_workflow
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.handover.actions import MOST_AT_ONCE, Distribution, HandOver, hand_over
from workflow_ops.jobs import hand_over_tasks, process_people_changes
from workflow_ops.models import ErrorReason, TaskInstance, TicketInstance, TimelineEvent, TimelineKind
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, form, workflow

CREW: dict[str, Any] = {"executor_roles": ("Crew",)}


class LeavingTestCase(EngineTestCase):
    """A crew of three; the first of them, who leaves, has two open tasks."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", **CREW), title="Borrow a device"))
        self.leaver = self.engine.person("Lena", roles=["Crew"])
        self.tickets = [self.engine.submit(self.made, a="x") for _number in range(2)]
        self.bert = self.engine.person("Bert", roles=["Crew"])
        self.cleo = self.engine.person("Cleo", roles=["Crew"])
        self.client = logged_in(self.ours.admin)
        self.path = f"/users/people/{self.leaver.pk}/deactivate/"
        self.roles_path = f"/users/people/{self.leaver.pk}/roles/"

    def post(self, path: str, client: Client | None = None, **data: Any) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return (client or self.client).post(path, data)

    def assignees(self) -> list[CustomUser | None]:
        return [self.engine.task(ticket, "Work").assigned_to for ticket in self.tickets]

    def takeable(self, person: CustomUser) -> list[int]:
        tasks = self.engine.call(lambda: list(takeable_tasks(person)))
        return sorted(task.workflow_instance_id for task in tasks)

    def reasons(self, ticket: TicketInstance) -> list[str]:
        return [error.reason for error in self.engine.errors(ticket) if error.error_status == "NEW"]

    def is_active(self) -> bool:
        return bool(self.engine.call(lambda: CustomUser.objects.get(pk=self.leaver.pk).is_active))


class Deactivating(LeavingTestCase):
    """The page that deactivates a person."""

    def test_says_how_many_tasks_wait_and_spreads_them(self) -> None:
        self.assertContains(self.client.get(self.path), "This concerns 2 open tasks.")
        self.assertTrue(self.is_active())
        self.post(self.path, distribution="spread")
        self.assertEqual(set(self.assignees()), {self.bert, self.cleo})
        self.assertContains(self.client.get("/users/people/"), "Their open tasks are passed on now.")
        page = self.client.get(f"/tickets/{self.tickets[0].number}/")
        self.assertContains(page, "Handed over from Lena Tester.")

    def test_gives_them_to_a_person(self) -> None:
        self.post(self.path, distribution="person", person=self.cleo.pk)
        self.assertEqual(self.assignees(), [self.cleo, self.cleo])

    def test_person_who_gets_them_must_be_chosen_and_able(self) -> None:
        for person in ("", self.ours.worker.pk, self.leaver.pk, self.theirs.worker.pk):
            response = self.post(self.path, distribution="person", person=person)
            self.assertEqual(response.status_code, 200)
            self.assertTrue(response.context["form"].errors["person"])
        self.assertTrue(self.is_active())

    def test_gives_them_to_nobody(self) -> None:
        self.post(self.path, distribution="nobody")
        self.assertEqual(self.assignees(), [None, None])
        runs = sorted(ticket.workflow_instance_id for ticket in self.tickets)
        self.assertEqual(self.takeable(self.bert), runs)
        self.assertEqual(self.reasons(self.tickets[0]), [])

    def test_form_without_an_answer_spreads_them(self) -> None:
        self.post(self.path)
        self.assertEqual(set(self.assignees()), {self.bert, self.cleo})

    def test_last_one_with_the_role(self) -> None:
        others = {"first_name__in": ["Bert", "Cleo"]}
        self.engine.call(lambda: CustomUser.objects.filter(**others).update(is_active=False))
        page = self.client.get(self.path)
        self.assertContains(page, "Nobody has the role “Crew” then. These workflows use it: Borrow a device.")
        for distribution in ("spread", "nobody"):
            with self.subTest(distribution):
                self.engine.call(lambda: CustomUser.objects.filter(pk=self.leaver.pk).update(is_active=True))
                self.engine.call(lambda: TaskInstance.objects.update(assigned_to=self.leaver))
                self.post(self.path, distribution=distribution)
                self.assertEqual(self.assignees(), [None, None])
                (error,) = self.engine.errors(self.tickets[0])
                self.assertEqual(error.reason, ErrorReason.ASSIGNMENT)
                self.assertEqual(error.error_message, "Nobody was assigned: nobody has the role Crew.")

    def test_task_that_a_field_gave_them(self) -> None:
        named = form("Sign", "a who", assignee_field="who", **CREW)
        made = self.engine.load(workflow(named, ticket="a who", title="Named", who=PERSON))
        ticket = self.engine.submit(made, a="x", who=str(self.leaver.pk))
        self.post(self.path, distribution="person", person=self.bert.pk)
        task = self.engine.task(ticket, "Sign")
        self.assertEqual(task.assigned_to, self.bert)
        allowed = self.engine.call(lambda: [each.person_id for each in task.allowed_links.all()])
        self.assertEqual(allowed, [self.bert.pk])

    def test_nothing_to_hand_on(self) -> None:
        path = f"/users/people/{self.cleo.pk}/deactivate/"
        page = self.client.get(path)
        self.assertNotContains(page, "This concerns")
        self.assertNotContains(page, 'name="distribution"')
        self.assertEqual(self.post(path).status_code, 302)
        self.assertNotContains(self.client.get("/users/people/"), "Their open tasks")

    def test_many_tasks_are_handed_on_by_jobs(self) -> None:
        tasks = [self.engine.submit(self.made, by=self.ours.admin, a="x") for _number in range(MOST_AT_ONCE)]
        self.engine.call(lambda: TaskInstance.objects.update(assigned_to=self.leaver))
        plan = HandOver((self.leaver.pk,), Distribution.PERSON, person=self.bert.pk)
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.leaver.pk).update(is_active=False))
        with self.ours.scope():
            following = hand_over(plan)
        self.assertIsNotNone(following)
        self.assertEqual(self.left(), len(tasks) + 2 - MOST_AT_ONCE)
        values = {
            "people": [self.leaver.pk],
            "distribution": "person",
            "person": self.bert.pk,
            "is_away": False,
        }
        hand_over_tasks(self.ours.company.pk, self.ours.admin.pk, None, values)
        hand_over_tasks(self.ours.company.pk, self.ours.admin.pk, None, values)
        self.assertEqual(self.left(), 0)

    def left(self) -> int:
        return int(self.engine.call(lambda: TaskInstance.objects.filter(assigned_to=self.leaver).count()))


class TakingRolesAway(LeavingTestCase):
    """Changing a person's roles, and taking a role from several people."""

    def test_asks_before_tasks_are_touched(self) -> None:
        response = self.post(self.roles_path, system_roles=["user"])
        self.assertContains(response, "This concerns 2 open tasks.")
        self.assertContains(response, 'name="system_roles" value="user"')
        self.assertEqual(self.roles_of(self.leaver), ["Crew"])
        self.post(self.roles_path, system_roles=["user"], distribution="spread", _decided="1")
        self.assertEqual(set(self.assignees()), {self.bert, self.cleo})
        self.assertEqual(self.roles_of(self.leaver), [])

    def test_leaves_them(self) -> None:
        self.post(self.roles_path, distribution="leave", _decided="1")
        self.assertEqual(self.assignees(), [self.leaver, self.leaver])
        self.assertEqual(self.roles_of(self.leaver), [])

    def test_untouched_change_does_not_ask(self) -> None:
        crew = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))
        response = self.post(self.roles_path, system_roles=["user"], company_roles=[crew.pk])
        self.assertEqual(response.status_code, 302)

    def test_role_of_several_people(self) -> None:
        crew = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))
        people = [self.leaver.pk, self.bert.pk]
        path = f"/users/roles/{crew.pk}/take/"
        self.assertContains(self.post(path, people=people), "This concerns 2 open tasks.")
        self.post(path, people=people, distribution="spread", _decided="1")
        self.assertEqual(self.assignees(), [self.cleo, self.cleo])
        response = self.post(path, people=[self.cleo.pk])
        self.assertContains(response, "Nobody has the role “Crew” then.")

    def test_last_task_worker(self) -> None:
        self.engine.load(workflow(form("Work", "a"), title="Open to all"))
        path = f"/users/people/{self.ours.worker.pk}/roles/"
        self.engine.call(
            lambda: self.ours.admin.system_role_memberships.filter(group__name="task_worker").delete()
        )
        response = self.post(path, system_roles=["user"])
        self.assertContains(response, "“Task worker” then. These workflows use it: Open to all.")
        self.assertEqual(self.post(path, system_roles=["user"], _decided="1").status_code, 302)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for path in (self.path, self.roles_path):
            for method in ("get", "post"):
                for client, status in (
                    (logged_in(self.ours.ticket_admin), 403),
                    (logged_in(self.theirs.admin), 404),
                ):
                    self.assertEqual(getattr(client, method)(path).status_code, status)
        self.assertEqual(self.assignees(), [self.leaver, self.leaver])

    def roles_of(self, person: CustomUser) -> list[str]:
        found = self.engine.call(lambda: [role.name for role in person.company_roles.all()])
        self.assertNotIn(SystemRoleName.ADMIN, found)
        return list(found)


class ResponsiblePeople(EngineTestCase):
    """Gus and Gina administer two tickets for which Gus is responsible; of a third, he only was."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(
            replace(workflow(form("Work", "a"), title="Borrow a device"), ticket_admin_roles=("Guides",))
        )
        self.gus = self.engine.person("Gus", roles=["Guides"])
        self.gina = self.engine.person("Gina", roles=["Guides"])
        self.tickets = [self.engine.submit(self.made, a="x") for _number in range(3)]
        ended = self.tickets[2]
        for ticket in self.tickets:
            self.engine.as_person(self.gus, partial(set_responsible, ticket, to=self.gus, by=self.gus))
        self.engine.as_person(self.gus, lambda: cancel_workflow(ended, reason="x", by=self.gus))
        self.client = logged_in(self.ours.admin)
        self.path = f"/users/people/{self.gus.pk}/deactivate/"
        self.roles_path = f"/users/people/{self.gus.pk}/roles/"

    def post(self, path: str, **data: Any) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, data)

    def responsible(self) -> list[CustomUser | None]:
        with self.ours.scope():
            tickets = TicketInstance.objects.order_by("pk").select_related("responsible")
            return [ticket.responsible for ticket in tickets]

    def test_deactivating_says_how_many_and_gives_them_to_a_person(self) -> None:
        page = self.client.get(self.path)
        self.assertContains(page, "becomes responsible for 2 tickets.")
        self.assertNotContains(page, "open task")
        people = [str(label) for _value, label in page.context["form"].fields["responsible"].choices]
        self.assertEqual(people, ["Nobody", "Ada Admin", "Gina Tester"])
        for person in (self.ours.worker, self.gus, self.theirs.admin):
            refused = self.post(self.path, responsible=person.pk)
            self.assertTrue(refused.context["form"].errors["responsible"], person)
        self.post(self.path, responsible=self.gina.pk)
        self.assertEqual(self.responsible(), [self.gina, self.gina, self.gus])
        self.assertContains(self.client.get("/users/people/"), "Their open tickets are passed on now.")
        page = self.client.get(f"/manage/tickets/{self.tickets[0].number}/")
        self.assertContains(page, "made Gina Tester responsible")
        self.assertContains(page, "Handed over from Gus Tester.")
        self.assertContains(
            self.client.get(f"/manage/tickets/{self.tickets[2].number}/"), "Gus Tester (deactivated)"
        )

    def test_nobody_is_responsible_without_an_answer(self) -> None:
        self.post(self.path)
        self.assertEqual(self.responsible(), [None, None, self.gus])

    def test_a_person_who_may_not_administer_all_of_them(self) -> None:
        file = replace(workflow(form("Work", "a"), title="Return it"), ticket_admin_roles=("Keepers",))
        other = self.engine.load(file)
        kim = self.engine.person("Kim", roles=["Keepers"])
        ticket = self.engine.submit(other, a="x")
        self.engine.call(lambda: TicketInstance.objects.filter(pk=ticket.pk).update(responsible=self.gus))
        self.post(self.path, responsible=kim.pk)
        self.assertEqual(self.responsible(), [None, None, self.gus, kim])

    def test_taking_the_role_away_asks(self) -> None:
        response = self.post(self.roles_path, system_roles=["user"])
        self.assertContains(response, "becomes responsible for 2 tickets.")
        self.assertEqual(self.responsible(), [self.gus] * 3)
        self.post(self.roles_path, system_roles=["user"], responsible=self.gina.pk, _decided="1")
        self.assertEqual(self.responsible(), [self.gina, self.gina, self.gus])

    def test_a_person_deactivated_elsewhere_is_found(self) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.gus.pk).update(is_active=False))
        process_people_changes(self.ours.company.pk)
        self.assertEqual(self.responsible(), [self.gus] * 3)  # and stays so, if it was by mistake
        gina = logged_in(self.gina)
        needs = gina.get("/users/dashboard/").context["needs"]
        found = [(need.count, need.url) for need in needs if "responsible" in need.label]
        self.assertEqual(found, [("2", "/manage/tickets/?responsible=gone")])
        page = gina.get(found[0][1])
        self.assertEqual(
            [row.number for row in page.context["page"].rows], [each.number for each in self.tickets[1::-1]]
        )
        self.assertEqual(gina.get("/manage/tickets/?responsible=nobody").context["page"].rows, [])
        self.assertEqual(logged_in(self.theirs.admin).get("/users/dashboard/").context["needs"], [])

    def test_a_right_lost_elsewhere_leaves_them_to_nobody(self) -> None:
        def lose() -> None:
            CompanyRoleMembership.objects.filter(person=self.gus).delete()

        self.engine.call(lose)
        process_people_changes(self.ours.company.pk)
        process_people_changes(self.ours.company.pk)
        self.assertEqual(self.responsible(), [None, None, self.gus])
        page = self.client.get(f"/manage/tickets/{self.tickets[0].number}/")
        self.assertContains(page, "Nobody is responsible now")
        self.assertContains(page, "Handed over from Gus Tester.", count=1)

    def test_what_a_page_has_planned_comes_first(self) -> None:
        answer = {"system_roles": ["user"], "responsible": self.gina.pk, "_decided": "1"}
        self.client.post(self.roles_path, answer)  # what follows the commit has not run
        process_people_changes(self.ours.company.pk)
        self.assertEqual(self.responsible(), [self.gus] * 3)
        with self.ours.scope():
            job = ProcrastinateJob.objects.get(task_name="workflow_ops.jobs.hand_over_tasks")
            hand_over_tasks.func(**job.args)
        self.assertEqual(self.responsible(), [self.gina, self.gina, self.gus])

    def test_a_new_version_with_other_roles(self) -> None:
        """Tickets stay with their version, and so do the rights to administer them."""

        def change() -> None:
            draft = new_version(self.made, by=self.ours.designer)
            keepers = CompanyRole.objects.create(name="Keepers")
            self.assertEqual(TicketAdminRole.objects.filter(workflow=draft).update(role=keepers), 1)
            publish(draft, by=self.ours.designer)

        self.engine.call(change)
        process_people_changes(self.ours.company.pk)
        self.assertEqual(self.responsible(), [self.gus] * 3)

    def test_taking_the_role_from_several_people(self) -> None:
        role = self.engine.call(lambda: CompanyRole.objects.get(name="Guides"))
        people = [self.gus.pk, self.gina.pk]
        path = f"/users/roles/{role.pk}/take/"
        page = self.post(path, people=people)
        self.assertContains(page, "becomes responsible for 2 tickets.")
        self.post(path, people=people, responsible=self.ours.admin.pk, _decided="1")
        self.assertEqual(self.responsible(), [self.ours.admin, self.ours.admin, self.gus])

    def test_who_still_may_stays_responsible(self) -> None:
        self.post(self.roles_path, system_roles=["user", "admin"])
        self.assertEqual(self.responsible(), [self.gus] * 3)
        self.post(f"/users/people/{self.gus.pk}/away/", away_from="2026-01-01", distribution="spread")
        self.assertEqual(self.responsible(), [self.gus] * 3)

    def test_done_twice_and_after_another_choice(self) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.gus.pk).update(is_active=False))
        chosen = self.tickets[1].pk
        self.engine.call(lambda: TicketInstance.objects.filter(pk=chosen).update(responsible=self.ours.admin))
        plan = HandOver((self.gus.pk,), Distribution.LEAVE, responsible=self.gina.pk)
        with self.ours.scope():
            self.assertIsNone(hand_over(plan))
            self.assertIsNone(hand_over(plan))
            events = TimelineEvent.objects.filter(kind=TimelineKind.RESPONSIBLE, about=self.gina)
            self.assertEqual(events.count(), 1)
        self.assertEqual(self.responsible(), [self.gina, self.ours.admin, self.gus])

    def test_many_tickets_are_handed_on_by_jobs(self) -> None:
        for _number in range(MOST_AT_ONCE):
            self.engine.submit(self.made, a="x")
        self.engine.call(
            lambda: TicketInstance.objects.filter(is_finished=False).update(responsible=self.gus)
        )
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.gus.pk).update(is_active=False))
        plan = HandOver((self.gus.pk,), Distribution.SPREAD, responsible=self.gina.pk)
        with self.ours.scope():
            self.assertEqual(hand_over(plan), 0)
        self.assertEqual(self.responsible().count(self.gus), 3)
        values = {"people": [self.gus.pk], "distribution": "spread", "responsible": self.gina.pk}
        hand_over_tasks(self.ours.company.pk, self.ours.admin.pk, None, values)
        self.assertEqual(self.responsible().count(self.gus), 1)
