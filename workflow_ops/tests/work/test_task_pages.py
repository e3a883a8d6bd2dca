"""The pages of task workers: list, task, draft, complete, take, give back. A refusal keeps what was typed."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from users.models import CustomUser
from users.tests.cases import logged_in
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.models import TaskDefinition
from workflow_ops.desk.actions import edit_data
from workflow_ops.models import (
    FileUpload,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    WorkflowInstance,
)
from workflow_ops.tests.engine_cases import YES_NO, EngineTestCase, end, equals, form, workflow
from workflow_ops.work.submissions import complete_task

FILE = {"type": "string", "format": "file"}


class TaskTestCase(EngineTestCase):
    """A ticket whose task "First" is assigned to Wanda. "Second" follows if she answers yes."""

    def setUp(self) -> None:
        super().setUp()
        self.admin = self.ours.admin
        self.wanda = self.ours.worker
        self.olga = self.engine.person("Olga", system_roles=["task_worker"])
        parts = [
            form("First", "a", "out sure paper"),
            form("Second", "sure", "done", condition=equals("sure", True)),
        ]
        file = workflow(*parts, sure=YES_NO, paper=FILE)
        cast("dict[str, Any]", file.fields_schema)["required"] = ["out"]
        self.workflow = self.engine.load(file)
        self.ticket = self.engine.submit(self.workflow, a="what it reads")
        self.task = self.engine.task(self.ticket, "First")
        self.give(self.wanda)
        self.at = f"/tasks/{self.task.pk}/"
        self.browser = logged_in(self.wanda)

    def give(self, person: CustomUser | None) -> None:
        """Assign the task to the person, whoever the engine chose."""
        self.engine.call(lambda: TaskInstance.objects.filter(pk=self.task.pk).update(assigned_to=person))

    def post(self, path: str, browser: Client | None = None, **data: Any) -> Any:
        """Submit a form, run the callbacks on commit, and return the response."""
        with self.captureOnCommitCallbacks(execute=True):
            return (browser or self.browser).post(path, data)

    def fresh(self) -> TaskInstance:
        """Return the current row of the task."""
        found: TaskInstance = self.engine.call(lambda: TaskInstance.objects.get(pk=self.task.pk))
        return found


class Page(TaskTestCase):
    """The page of a task."""

    def test_shows_data_and_form(self) -> None:
        page = self.browser.get(self.at)
        for text in ("what it reads", "Sam Tester", 'name="out"', 'name="sure"', "Complete", "Save draft"):
            self.assertContains(page, text)

    def test_files_of_the_ticket(self) -> None:
        self.assertEqual(self.browser.get(self.at).context["data"].files, [])
        self.post(self.at, paper=SimpleUploadedFile("a.pdf", b"%PDF-1.4\n"), out="x", _input_version="1")
        file = self.engine.call(FileUpload.objects.get)
        page = self.browser.get(self.at)
        self.assertEqual([found.name for found in page.context["data"].files], ["a.pdf"])
        self.assertContains(page, f'href="/files/{file.pk}/"')

    def test_who_may(self) -> None:
        for person, status in (
            (self.admin, 200),
            (self.olga, 200),
            (self.ours.ticket_admin, 200),
            (self.ours.submitter, 403),
            (self.ours.designer, 403),
            (self.theirs.admin, 404),
        ):
            with self.subTest(person=person.email):
                self.assertEqual(logged_in(person).get(self.at).status_code, status)
                if status != 200:
                    for path in (self.at, f"{self.at}take/", f"{self.at}give-back/"):
                        self.assertEqual(logged_in(person).post(path, {"out": "x"}).status_code, status)
        self.assertRedirects(Client().get(self.at), f"/users/login/?next={self.at}")
        self.assertRedirects(self.browser.get(f"{self.at}take/"), self.at)

    def test_no_form_without_the_assignment(self) -> None:
        page = logged_in(self.olga).get(self.at)
        self.assertContains(page, "Wanda Tester has this task.")
        self.assertNotContains(page, "Complete")
        self.assertContains(logged_in(self.admin).get(self.at), "Complete")

    def test_statements(self) -> None:
        self.browser.get(self.at)
        with at_most_queries(7):
            self.browser.get(self.at)


class FieldsBesideTheInput(EngineTestCase):
    """Fields that a task shows without being started by them: as they stand now, and not in its input."""

    def test_are_shown_as_they_stand_now(self) -> None:
        layouts: tuple[tuple[Any, ...], ...] = ((), ("a",), ({"section": "Behind", "items": ["b"]}, "a"))
        for number, layout in enumerate(layouts):
            with self.subTest(layout=layout):
                task = form("First", "a", shown_fields=("b",), display_layout=layout)
                made = self.engine.load(workflow(task, ticket="a b", title=f"Shows {number}"))
                ticket = self.engine.submit(made, a="what it reads", b="what it shows")
                self.assert_shown(ticket, "what it shows")
                edit = partial(edit_data, ticket, values={"b": "what holds now"}, by=self.ours.admin)
                self.engine.as_person(self.ours.admin, edit)
                self.assert_shown(ticket, "what holds now")

    def assert_shown(self, ticket: TicketInstance, text: str) -> None:
        task = self.engine.task(ticket, "First")
        self.assertEqual((task.input_data, task.input_version), ({"a": "what it reads"}, 1))
        self.assertContains(logged_in(self.ours.worker).get(f"/tasks/{task.pk}/"), text, count=1)
        self.assertContains(logged_in(self.ours.ticket_admin).get(f"/manage/tasks/{task.pk}/"), text, count=1)
        self.assertEqual(logged_in(self.ours.submitter).get(f"/tasks/{task.pk}/").status_code, 403)


class FieldsCalledLikeControls(EngineTestCase):
    """Fields may have any name: our own controls in forms are named differently."""

    def test_every_value_arrives(self) -> None:
        names = ["next", "form_token", "input_version", "save_draft", "tags", "reason", "q"]
        file = workflow(form("Do", "a", " ".join(names)), ticket=" ".join(["a", *names]), title="Names")
        made = self.engine.load(file)
        browser = logged_in(self.ours.admin)
        values = {name: f"my {name}" for name in names}
        ticket_form = f"/tickets/new/{self.engine.call(made.tickets.get).pk}/"
        with self.captureOnCommitCallbacks(execute=True):
            browser.post(ticket_form, {"a": "x", **values, "_form_token": str(uuid4())})
        ticket = self.engine.call(TicketInstance.objects.get)
        self.assertEqual(ticket.ticket_data, {"a": "x", **values})
        task = self.engine.task(ticket, "Do")
        with self.captureOnCommitCallbacks(execute=True):
            browser.post(f"/tasks/{task.pk}/", {**values, "_input_version": "1"})
        self.assertEqual(self.engine.task(ticket, "Do").output_data, values)


class Complete(TaskTestCase):
    """Completing a task."""

    def test_completes_and_shows_what_followed(self) -> None:
        page = self.browser.get(self.at)
        version = page.context["task"].input_version
        answer = self.post(self.at, out="x", sure="True", _input_version=version)
        self.assertRedirects(answer, self.at)
        self.assertEqual(self.fresh().output_data, {"out": "x", "sure": True})
        done = self.browser.get(self.at)
        self.assertContains(done, "You have completed this task")
        self.assertContains(done, "“Second” started")
        self.assertEqual(
            self.post(self.at, out="x", sure="True", _input_version=version)["Location"], self.at
        )

    def test_next_task(self) -> None:
        other = self.engine.submit(self.workflow, a="another")
        second = self.engine.task(other, "First")
        self.engine.call(lambda: TaskInstance.objects.filter(pk=second.pk).update(assigned_to=self.wanda))
        self.post(self.at, out="x", _input_version="1")
        self.assertContains(self.browser.get(self.at), f'href="/tasks/{second.pk}/"')

    def test_required(self) -> None:
        answer = self.post(self.at, out="", sure="True")
        self.assertEqual(set(answer.context["form"].errors), {"out"})
        self.assertEqual(self.fresh().status, TaskStatus.OPEN)

    def test_draft(self) -> None:
        self.assertRedirects(self.post(self.at, sure="False", _save_draft="1"), self.at)
        self.assertEqual((self.fresh().status, self.fresh().draft), (TaskStatus.IN_PROGRESS, {"sure": False}))
        draft_form = self.browser.get(self.at).context["form"]
        self.assertIs(draft_form["sure"].value(), False)

    def test_file_of_a_draft_is_the_tickets(self) -> None:
        self.post(self.at, _save_draft="1", paper=SimpleUploadedFile("a.pdf", b"%PDF-1.4\n"))
        file = self.engine.call(FileUpload.objects.get)
        self.assertEqual(file.ticket_id, self.ticket.pk)
        self.give(self.olga)
        self.assertContains(logged_in(self.olga).get(self.at), "Keep a.pdf")

    def test_nobody_waits_until_files_are_stored(self) -> None:
        """With files, the lock is taken after they have been scanned and stored; otherwise at once."""
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        for data, stored in (({"paper": paper, "_save_draft": "1"}, True), ({"out": "y"}, False)):
            with self.subTest(data), CaptureQueriesContext(connection) as sent:
                self.assertEqual(self.post(self.at, _input_version="1", **data).status_code, 302)
            statements = [each["sql"] for each in sent]
            lock = next(place for place, sql in enumerate(statements) if "FOR NO KEY UPDATE OF run" in sql)
            before = "".join(statements[:lock])
            self.assertEqual('INSERT INTO "workflow_ops_fileupload"' in before, stored)
            self.assertEqual("FROM workflow_ops_taskinstance" in before, stored)

    def test_hostile_texts(self) -> None:
        for name in ("out", "sure", "_input_version", "paper"):
            for text in HOSTILE_TEXTS:
                with self.subTest(name=name, text=text[:20]):
                    data = {"out": "x", "sure": "", "_save_draft": "1", name: text}
                    self.assertIn(post_raw(self.browser, self.at, data).status_code, {200, 302})


class Refused(TaskTestCase):
    """Refusals, which keep everything that was typed."""

    def refused(self, text: str, browser: Client | None = None, **data: Any) -> None:
        answer = self.post(self.at, browser, **{"out": "typed words", "_input_version": "1", **data})
        self.assertContains(answer, text, status_code=409)
        self.assertContains(answer, "typed words", status_code=409)

    def test_completed_by_another_person(self) -> None:
        version = self.task.input_version
        self.engine.as_person(
            self.admin,
            lambda: complete_task(self.task, values={"out": "first"}, input_version=version, by=self.admin),
        )
        self.refused("Ada Admin has already completed this task.")
        self.assertEqual(self.fresh().output_data, {"out": "first"})

    def test_completed_in_another_tab(self) -> None:
        """Other answers are said to be unused, also if they would be refused; the same lead to the task."""
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        self.post(self.at, out="first", _input_version="1", paper=paper)
        text = "You have completed this task already, with other answers."
        for change in ({"sure": "True"}, {"out": ""}, {"_save_draft": "1"}):
            data: dict[str, Any] = {"out": "first", "_input_version": "1", **change}
            answer = self.post(self.at, **data)
            self.assertContains(answer, text, status_code=409)
        self.refused(text)
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n")
        same = self.post(self.at, out="first", _input_version="1", paper=paper)
        self.assertRedirects(same, self.at)
        self.assertEqual((self.fresh().output_data or {})["out"], "first")

    def test_input_has_changed(self) -> None:
        self.engine.call(
            lambda: TaskInstance.objects.filter(pk=self.task.pk).update(
                input_version=2, input_data={"a": "new"}
            )
        )
        self.refused("has changed since you opened it")
        answer = self.post(self.at, out="typed words", _input_version="1")
        self.assertContains(answer, 'name="_input_version" value="2"', status_code=409)
        self.assertContains(answer, "new", status_code=409)
        self.assertEqual(self.post(self.at, out="typed words", _input_version="2").status_code, 302)

    def test_marks_what_has_changed_and_from_what(self) -> None:
        ticket = self.engine.call(lambda: self.task.workflow_instance.ticket)
        before = self.engine.run(ticket).data["a"]
        for value in ("newer", "newest"):
            self.engine.as_person(
                self.admin,
                partial(edit_data, ticket, values={"a": value}, by=self.admin),
            )
        answer = self.post(self.at, out="typed words", _input_version="1")
        self.assertContains(answer, f"<del>{before}</del>", status_code=409, html=True)
        self.assertContains(answer, "<ins>newest</ins>", status_code=409, html=True)
        answer = self.post(self.at, out="typed words", _input_version="2")
        self.assertContains(answer, "<del>newer</del>", status_code=409, html=True)
        row = f'<dd class="tf-was">Changed. It was: <del>{before}</del></dd>'
        page = logged_in(self.admin).get(self.at)
        self.assertContains(page, "1 field has changed since this task began. It is marked.")
        self.assertContains(page, row, html=True)
        self.assertContains(logged_in(self.admin).get(f"/manage/tasks/{self.task.pk}/"), row, html=True)
        self.post(self.at, out="done", _input_version="3")
        self.assertNotContains(logged_in(self.admin).get(self.at), "It was:")

    def test_marks_the_input_as_it_was_before_its_own_reset(self) -> None:
        """A task that empties what it reads was still given its value."""
        again = form("Again", "a b", "b", reset_fields=("b",))
        ticket = self.engine.submit(self.engine.load(workflow(again, ticket="a b")), a="x", b="first")
        self.assertEqual(self.engine.run(ticket).data, {"a": "x"})
        self.engine.as_person(self.admin, partial(edit_data, ticket, values={"b": "next"}, by=self.admin))
        page = logged_in(self.admin).get(f"/manage/tasks/{self.engine.task(ticket, 'Again').pk}/")
        self.assertContains(page, '<dd class="tf-was">Changed. It was: <del>first</del></dd>', html=True)
        self.assertNotContains(page, "New. It was empty.")

    def test_says_that_the_ticket_may_end(self) -> None:
        more = form("More", "out", "done", condition=equals("out", "more"))
        made = self.engine.load(
            workflow(form("Do", "a"), more, end("End", "out", condition=equals("out", "no")))
        )
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Do")
        page = logged_in(self.admin).get(f"/tasks/{task.pk}/")
        self.assertContains(page, "Your answers decide what comes next: “More”, or the ticket ends.")

    def test_unknown_input_is_refused(self) -> None:
        versions: tuple[dict[str, Any], ...] = (
            {},
            *({"_input_version": text} for text in ("", "nonsense", "9" * 30)),
        )
        for version in versions:
            with self.subTest(version):
                answer = self.post(self.at, out="typed words", **version)
                self.assertContains(answer, "typed words", status_code=409)
                self.assertFalse(self.fresh().is_finished)

    def test_on_hold(self) -> None:
        with self.ours.scope():
            runs = WorkflowInstance.objects.filter(pk=self.ticket.workflow_instance_id)
            runs.update(status=RunStatus.ON_HOLD)
        self.refused("on hold")
        page = self.browser.get(self.at)
        self.assertContains(page, "The ticket is on hold.")
        self.assertNotContains(page, "Not yours")

    def test_assigned_to_another_person(self) -> None:
        self.give(self.olga)
        self.refused("This task is not assigned to you. Olga Tester has it.")


class TakeAndGiveBack(TaskTestCase):
    """Unassigned tasks."""

    def test_both(self) -> None:
        self.assertRedirects(self.post(f"{self.at}give-back/"), self.at)
        self.assertIsNone(self.fresh().assigned_to_id)
        olga = logged_in(self.olga)
        self.assertContains(olga.get("/tasks/?show=take"), self.at)
        self.assertContains(olga.get("/tasks/"), "Not assigned yet")
        self.assertContains(olga.get(self.at), "Take this task")
        self.assertRedirects(self.post(f"{self.at}take/", olga), self.at)
        self.assertEqual(self.fresh().assigned_to_id, self.olga.pk)

    def test_another_person_was_quicker(self) -> None:
        olga = logged_in(self.olga)
        self.assertRedirects(self.post(f"{self.at}take/", olga), self.at, fetch_redirect_response=False)
        self.assertContains(olga.get(self.at), "Wanda Tester has it.")
        self.assertEqual(self.fresh().assigned_to_id, self.wanda.pk)

    def test_only_the_assignee_gives_it_back(self) -> None:
        self.post(f"{self.at}give-back/", logged_in(self.olga))
        self.assertEqual(self.fresh().assigned_to_id, self.wanda.pk)


class Lists(TaskTestCase):
    """The lists of open, takeable and done tasks."""

    def test_oldest_first(self) -> None:
        other = self.engine.task(self.engine.submit(self.workflow, a="another"), "First")
        self.engine.call(lambda: TaskInstance.objects.filter(pk=other.pk).update(assigned_to=self.wanda))
        page = self.browser.get("/tasks/").context["page"]
        self.assertEqual([task.id for task in page.rows], [self.task.pk, other.pk])

    def test_by_priority(self) -> None:
        for text in ('data-label="Priority"', "Priority, ascending"):
            self.assertNotContains(self.browser.get("/tasks/"), text)
        urgency = {"oneOf": [{"const": "now", "title": "At once"}, {"const": "later", "title": "Later"}]}
        file = workflow(form("Third", "a", "out"), ticket="b a", title="Urgent", a=urgency)
        file = replace(file, tickets=(replace(file.tickets[0], priority_field="a"),))
        urgent = self.engine.load(file)
        for place, value in ((1, "later"), (0, "now")):
            ticket = self.engine.submit(urgent, a=value, b="x")
            self.engine.call(lambda: TicketInstance.objects.filter(pk=ticket.pk).update(priority=place))  # noqa: B023
            task = self.engine.task(ticket, "Third")
            self.engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(assigned_to=self.wanda))  # noqa: B023
        for sort, priorities in {
            "": ["", "Later", "At once"],
            "priority": ["At once", "Later", ""],
            "-priority": ["", "Later", "At once"],
        }.items():
            with self.subTest(sort):
                page = self.browser.get("/tasks/", {"sort": sort})
                self.assertEqual([row.priority for row in page.context["page"].rows], priorities)
                self.assertContains(page, '<td role="cell" data-label="Priority">At once</td>', html=True)
                self.assertContains(page, "Priority, ascending")

    def test_done(self) -> None:
        self.assertNotContains(self.browser.get("/tasks/?show=done"), self.at)
        self.post(self.at, out="x", _input_version="1")
        at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
        self.engine.call(lambda: TaskInstance.objects.filter(pk=self.task.pk).update(completed_at=at))
        self.assertContains(self.browser.get("/tasks/?show=done"), self.at)
        self.assertContains(self.browser.get("/tasks/?show=done"), "1 March 2026, 09:30")
        self.assertNotContains(self.browser.get("/tasks/"), self.at)

    def test_search(self) -> None:
        for words, count in (("first", 1), (f"%23{self.ticket.number}", 1), ("zebra", 0), ("%00", 0)):
            with self.subTest(words=words):
                found = self.browser.get(f"/tasks/?q={words}").context["page"].rows
                self.assertEqual(len(found), count if words != "%00" else 1)

    def test_statements(self) -> None:
        with at_most_queries(10) as few:
            self.browser.get("/tasks/")
        definition = self.engine.call(lambda: TaskDefinition.objects.get(pk=self.task.task_definition_id))
        for _number in range(10):
            ticket = self.engine.submit(self.workflow, a="another")
            with self.ours.scope():
                tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
                tasks.update(assigned_to=self.wanda)
        self.assertEqual(definition.title, "First")
        with same_queries_as(few):
            self.assertEqual(len(self.browser.get("/tasks/").context["page"].rows), 11)
