"""Being away: days, a stand-in, new tasks and open ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import CompanyRole, CustomUser
from users.tests.cases import logged_in
from workflow_ops.models import TaskInstance
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, form, workflow

CREW: dict[str, Any] = {"executor_roles": ("Crew",)}


class AbsenceTestCase(EngineTestCase):
    """A crew of three, of whom Ann has an open task and goes away."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Work", "a", **CREW), title="Borrow a device"))
        self.ann = self.engine.person("Ann", roles=["Crew"])
        self.ticket = self.engine.submit(self.made, a="x")
        self.bert = self.engine.person("Bert", roles=["Crew"])
        self.cleo = self.engine.person("Cleo", roles=["Crew"])
        self.client = logged_in(self.ann)

    def day(self, days: int = 0) -> str:
        return str(timezone.localdate() + timedelta(days=days))

    def away(self, client: Client | None = None, path: str = "/users/profile/away/", **values: Any) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return (client or self.client).post(path, {"away_from": self.day(), **values})

    def fresh(self) -> CustomUser:
        return CustomUser.objects.get(pk=self.ann.pk)

    def new_assignees(self, count: int) -> list[str]:
        tasks = [self.engine.task(self.engine.submit(self.made, a="x"), "Work") for _each in range(count)]
        return [task.assigned_to.first_name if task.assigned_to else "" for task in tasks]


class Days(AbsenceTestCase):
    """From when to when."""

    def test_present_before_the_first_and_after_the_last_day(self) -> None:
        for begin, end, is_away in (
            (0, 0, True),
            (-1, 1, True),
            (1, 2, False),
            (-2, -1, False),
            (0, None, True),
        ):
            with self.subTest(begin=begin, end=end):
                until = "" if end is None else self.day(end)
                self.assertEqual(self.away(away_from=self.day(begin), away_until=until).status_code, 302)
                with self.ours.scope():
                    self.assertEqual(self.fresh().is_away, is_away)
                    self.assertEqual(self.ann in CustomUser.objects.present(), not is_away)
                    self.assertEqual(self.ann in CustomUser.objects.away(), is_away)

    def test_today_is_that_of_the_person(self) -> None:
        far_east, far_west = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # more than a day apart
        there = datetime.now(ZoneInfo(far_east)).date()
        for zone, is_away in ((far_east, True), (far_west, False)):
            with self.subTest(zone), self.ours.scope():
                CustomUser.objects.filter(pk=self.ann.pk).update(away_from=there, time_zone=zone)
                self.assertEqual(self.ann in CustomUser.objects.away(), is_away)
                self.assertEqual(self.fresh().is_away, is_away)

    def test_refuses_what_makes_no_sense(self) -> None:
        for values, field in (
            ({"away_from": self.day(2), "away_until": self.day(1)}, "away_until"),
            ({"away_from": "", "away_until": self.day(1)}, "away_from"),
            ({"away_from": "", "stand_in": self.bert.pk}, "away_from"),
            ({"away_from": "soon"}, "away_from"),
            ({"away_from": "1/2/2027"}, "away_from"),
            ({"away_until": "1.2."}, "away_until"),
            ({"stand_in": self.ann.pk}, "stand_in"),
            ({"stand_in": self.theirs.worker.pk}, "stand_in"),
            ({"distribution": "person"}, "person"),
        ):
            with self.subTest(values):
                self.assertTrue(self.away(**values).context["form"].errors[field])
        with self.ours.scope():
            self.assertIsNone(self.fresh().away_from)

    def test_people_are_looked_at_again_when_the_absence_begins(self) -> None:
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.process_people_changes")
        for begin, count in ((0, 1), (3, 2), (3, 2)):
            self.away(away_from=self.day(begin))
            self.assertEqual(jobs.count(), count)
        with self.ours.scope():
            self.assertEqual(jobs.latest("scheduled_at").scheduled_at, self.fresh().away_begins_at)

    def test_name_says_until_when(self) -> None:
        self.away(away_from=self.day(-1), away_until="5 January 2999")
        with self.ours.scope():
            self.assertEqual(self.fresh().get_name_and_state(), "Ann Tester (away until 5 January 2999)")
        admin = logged_in(self.ours.admin)
        task = self.engine.task(self.ticket, "Work")
        for path in ("/manage/tasks/", f"/manage/tasks/{task.pk}/", "/manage/tickets/", "/manage/tickets/1/"):
            self.assertContains(admin.get(path), "Ann Tester (away until 5 January 2999)")
        self.assertContains(self.client.get("/users/profile/"), "until 5 January 2999.")


class StandIns(AbsenceTestCase):
    """Which tasks of the person a stand-in does not get."""

    def said(self, stand_in: CustomUser) -> list[str]:
        response = self.away(stand_in=stand_in.pk)
        return [str(message) for message in self.client.get(response["Location"]).context["messages"]]

    def test_says_of_which_roles_the_stand_in_gets_none_or_not_all(self) -> None:
        saved = "The absence has been saved."
        self.assertEqual(self.said(self.bert), [saved])
        dan = self.engine.person("Dan", roles=["Office"])
        none = "Dan Tester may do none of the tasks of the role “Crew”."
        self.assertEqual(self.said(dan), [saved, none])
        self.assertContains(self.client.get("/users/profile/away/"), none)
        office: dict[str, Any] = {"executor_roles": ("Crew", "Office")}
        self.engine.load(workflow(form("Carry", "a", **office), title="Move a desk"))
        dan = self.engine.person("Don", roles=["Office"])
        some = "Don Tester may not do all tasks of the role “Crew”."
        self.assertEqual(self.said(dan), [saved, some])
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.bert.pk).update(is_in_rotation=False)
        no_turn = "Bert Tester gets no tasks by turn, so no new ones of Ann Tester either."
        self.assertEqual(self.said(self.bert), [saved, no_turn])


class Tasks(AbsenceTestCase):
    """Open tasks and new ones."""

    def test_open_tasks_stay_unless_the_form_says_otherwise(self) -> None:
        self.assertContains(self.client.get("/users/profile/away/"), "This concerns 1 open task.")
        self.away()
        self.assertEqual(self.engine.task(self.ticket, "Work").assigned_to, self.ann)
        self.away(distribution="person", person=self.cleo.pk)
        self.assertEqual(self.engine.task(self.ticket, "Work").assigned_to, self.cleo)

    def test_open_tasks_wait_for_the_first_day(self) -> None:
        self.away(away_from=self.day(3), distribution="spread")
        self.assertEqual(self.engine.task(self.ticket, "Work").assigned_to, self.ann)

    def test_the_last_answer_holds(self) -> None:
        jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.hand_over_tasks")
        self.away(away_from=self.day(3), distribution="person", person=self.cleo.pk)
        form = self.client.get("/users/profile/away/").context["form"]
        self.assertEqual((form["distribution"].value(), form["person"].value()), ("person", self.cleo.pk))
        self.away(away_from=self.day(5), distribution="spread")
        job = jobs.get()
        self.assertEqual(job.args["plan"]["distribution"], "spread")
        with self.ours.scope():
            self.assertEqual(job.scheduled_at, self.fresh().away_begins_at)
        self.away(away_from=self.day(5), distribution="leave")
        self.assertFalse(jobs.exists())

    def test_tasks_that_a_field_gave_stay(self) -> None:
        named = form("Sign", "a who", assignee_field="who")
        made = self.engine.load(workflow(named, ticket="a who", title="Named", who=PERSON))
        ticket = self.engine.submit(made, a="x", who=str(self.ann.pk))
        self.away(distribution="spread", stand_in=self.bert.pk)
        self.assertEqual(self.engine.task(ticket, "Sign").assigned_to, self.ann)
        ticket = self.engine.submit(made, a="x", who=str(self.ann.pk))
        self.assertEqual(self.engine.task(ticket, "Sign").assigned_to, self.ann)

    def test_without_a_stand_in_others_share_new_tasks(self) -> None:
        self.away()
        self.assertEqual(self.new_assignees(4), ["Bert", "Cleo", "Bert", "Cleo"])

    def test_stand_in_gets_both_shares(self) -> None:
        self.away(stand_in=self.cleo.pk)
        self.assertEqual(self.new_assignees(6), ["Cleo", "Bert", "Cleo", "Cleo", "Bert", "Cleo"])

    def test_stand_in_gains_no_right(self) -> None:
        self.away(stand_in=self.ours.worker.pk)
        self.assertEqual(self.new_assignees(2), ["Bert", "Cleo"])

    def test_there_are_no_chains(self) -> None:
        self.away(stand_in=self.bert.pk)
        self.away(logged_in(self.bert), stand_in=self.ours.worker.pk)
        self.assertEqual(self.new_assignees(2), ["Cleo", "Cleo"])

    def test_person_out_of_the_rotation_is_given_none_but_may_take_some(self) -> None:
        crew = self.engine.call(lambda: CompanyRole.objects.get(name="Crew"))
        for person in (self.ann, self.cleo):
            path = f"/users/people/{person.pk}/roles/"
            values = {"company_roles": [crew.pk], "gets_no_turn": "on"}
            self.assertEqual(logged_in(self.ours.admin).post(path, values).status_code, 302)
        self.assertEqual(self.new_assignees(2), ["Bert", "Bert"])
        page = logged_in(self.ours.admin).get(f"/users/people/{self.ann.pk}/roles/")
        self.assertTrue(page.context["form"]["gets_no_turn"].value())


class Access(AbsenceTestCase):
    """Who may say it."""

    def test_company_admins_say_it_for_others(self) -> None:
        path = f"/users/people/{self.ann.pk}/away/"
        for client, status in (
            (logged_in(self.bert), 403),
            (logged_in(self.theirs.admin), 404),
            (logged_in(self.ours.admin), 302),
        ):
            self.assertEqual(self.away(client, path, distribution="spread").status_code, status)
        self.assertNotEqual(self.engine.task(self.ticket, "Work").assigned_to, self.ann)
        self.assertEqual(self.client.put(path).status_code, 405)
        last = self.engine.call(lambda: TaskInstance.objects.filter(assigned_to=self.ann).count())
        self.assertEqual(last, 0)
