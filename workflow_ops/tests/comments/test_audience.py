"""The table of who may read comments in docs/access.md, held to every place that shows them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from users.models import CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.tests.cases import logged_in
from workflow_design.models import WorkflowDefinition
from workflow_ops.access import executable_tasks, may_execute
from workflow_ops.comments.audience import (
    may_read,
    may_read_internal,
    people_who_may_read,
    readable_comments,
)
from workflow_ops.comments.forms import CommentForm
from workflow_ops.comments.writing import add_comment
from workflow_ops.files import upload_file
from workflow_ops.models import (
    Comment,
    CommentMention,
    FileUpload,
    TaskInstance,
    TicketFollower,
    TicketInstance,
)
from workflow_ops.search.finding import find_tickets
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow
from workflow_ops.work.submissions import submit_ticket

ON_TASK = "on the task's page"


def read_table() -> list[tuple[str, str, str]]:
    """Return the rows of the table: who, and whether they read public and internal comments."""
    text = (settings.BASE_DIR / "docs/access.md").read_text(encoding="utf-8").split("## Comments\n")[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(who, public, internal) for who, public, internal in rows]


class AudienceTests(EngineTestCase):
    """One ticket for each person of the table, with a public and an internal comment, each with a file."""

    def setUp(self) -> None:
        super().setUp()
        file = workflow(
            form("Do", "a", executor_roles=("Doers",)), form("Answer", "a", assignee_field="$submitter")
        )
        self.with_answer = self.load(file)
        self.plain = self.load(replace(file, title="Plain", tasks=file.tasks[:1]))
        self.hr, self.doer = (
            self.engine.person("Hanna", roles=["HR"]),
            self.engine.person("Otto", roles=["Doers"]),
        )

    def load(self, file: Any) -> WorkflowDefinition:
        return self.engine.load(replace(file, ticket_admin_roles=("HR",)))

    def submit(self, by: CustomUser, *, entered_by: CustomUser | None = None) -> TicketInstance:
        definition = self.engine.call(self.plain.tickets.select_related("workflow").get)
        submitted: TicketInstance = self.engine.as_person(
            entered_by or by,
            lambda: submit_ticket(
                definition, values={"a": "x"}, form_token=uuid4(), by=by, entered_by=entered_by
            ),
        )
        return submitted

    def assign(self, ticket: TicketInstance, *people: CustomUser | None) -> None:
        """Give the ticket's first task to these people in turn."""
        tasks = TaskInstance.objects.filter(
            workflow_instance=ticket.workflow_instance_id, task_definition__title="Do"
        )
        for person in people:
            self.engine.call(lambda to=person: tasks.update(assigned_to=to))

    def scene(self, who: str) -> tuple[CustomUser, TicketInstance]:
        """Return a person as a row of the table names them, and a ticket."""
        submitter, worker, admin = self.ours.submitter, self.ours.worker, self.ours.admin
        if who == "requester":
            return submitter, self.submit(submitter)
        if who == "requester who had a task":
            return submitter, self.engine.submit(self.with_answer, by=submitter, a="x")
        if who.startswith("entered it"):
            enterer = self.engine.person("Emil", roles=["HR"])
            ticket = self.submit(submitter, entered_by=enterer)
            self.engine.call(CompanyRoleMembership.objects.filter(person=enterer).delete)
            self.assign(ticket, enterer)
            return CustomUser.objects.get_by_natural_key(enterer.email), ticket
        if who == "requester who administers it":
            self.engine.call(
                lambda: SystemRoleMembership.objects.create(
                    person=self.hr, group=Group.objects.get(name="user")
                )
            )
            return self.hr, self.submit(self.hr)
        ticket = self.submit(submitter)
        if who in {"has a task", "had a task"}:
            self.assign(ticket, worker, *([None] if who == "had a task" else []))
            return worker, ticket
        people = {"could take a task": self.doer, "administers it": self.hr, "company admin": admin}
        return people.get(who, self.ours.designer), ticket

    def talk(self, ticket: TicketInstance) -> dict[str, Comment]:
        """Write both comments, in other words for each ticket."""
        admin, found = self.ours.admin, {}
        for kind in ("public", "internal"):

            def write(kind: str = kind) -> Comment:
                file = upload_file(SimpleUploadedFile(f"{kind}{ticket.pk}.txt", b"Text"), by=admin)
                text, more = f"{kind}word{ticket.pk}", {"is_internal": kind == "internal"}
                return add_comment(ticket, text=text, files=[str(file.pk)], by=admin, **more)

            found[kind] = self.engine.as_person(admin, write)
        return found

    def places(self, person: CustomUser, comment: Comment) -> Iterator[tuple[str, bool]]:
        """Yield each place, and whether this person meets the comment there."""
        ticket, browser = comment.ticket, logged_in(person)
        file = self.engine.call(FileUpload.objects.get(comment=comment).pk.__int__)
        tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
        task = self.engine.call(lambda: tasks.get(task_definition__title="Do"))

        def functions() -> dict[str, bool]:
            person_now = CustomUser.objects.get(pk=person.pk)
            return {
                "may_read": may_read(person_now, comment),
                "readable_comments": comment in readable_comments(person_now, ticket),
                "people_who_may_read": person_now in people_who_may_read(comment),
                "search": ticket.pk in find_tickets(person, comment.text, most=5),
            }

        yield from self.engine.as_person(person, functions).items()
        pages = {
            "ticket page": f"/tickets/{ticket.number}/",
            "task page": f"/tasks/{task.pk}/",
            "desk page": f"/manage/tickets/{ticket.number}/",
            "result page": f"/search/?q={comment.text}",
        }
        for name, path in pages.items():
            content = browser.get(path).content.decode()
            shows = comment.text in content.replace(f'value="{comment.text}"', "").replace(
                f"<title>{comment.text}", ""
            )
            if name in {"ticket page", "task page"}:
                self.assertEqual(shows, f"{comment.text.replace('word', '')}.txt" in content, (name, "file"))
            yield name, shows
        yield "download", browser.get(f"/files/{file}/").status_code == 200
        yield (
            "audit log",
            comment.text in browser.get(f"/users/audit/?ticket={ticket.number}").content.decode(),
        )

    def test_the_table(self) -> None:
        rows = read_table()
        self.assertEqual(len(rows), 11)
        for who, *readable in rows:
            person, ticket = self.scene(who)
            comments = self.talk(ticket)
            if who.startswith("mentioned"):
                for comment in comments.values():
                    self.engine.call(
                        lambda to=comment: CommentMention.objects.create(comment=to, person=person)
                    )
                self.engine.call(lambda: TicketFollower.objects.create(ticket=ticket, person=person))
            for (kind, comment), reads in zip(comments.items(), readable, strict=True):
                for place, meets in self.places(person, comment):
                    with self.subTest(who=who, comment=kind, place=place):
                        self.assertEqual(meets, self.expected(who, place, reads))

    def expected(self, who: str, place: str, reads: str) -> bool:
        """Return whether a place shows a comment to a person who may read it so."""
        if place == "audit log" or reads == "no":
            return False
        if reads == ON_TASK:
            return place in {"may_read", "readable_comments", "task page", "download"}
        at_desk = {"administers it", "requester who administers it", "company admin"}
        if place == "desk page":
            return who in at_desk
        return place != "task page" or not who.startswith(("requester", "had a task")) or who in at_desk

    def test_staff_in_the_company_read_everything(self) -> None:
        ticket = self.submit(self.ours.submitter)
        self.talk(ticket)
        self.staff.impersonated_company = self.ours.company
        with self.staff.scope():
            texts = [
                each.text for each in self.engine.call(lambda: list(readable_comments(self.staff, ticket)))
            ]
        self.assertEqual(len(texts), 2)

    def test_who_may_open_a_task_is_the_same_as_a_row_and_as_a_list(self) -> None:
        ticket = self.submit(self.ours.submitter)
        tasks = self.engine.call(
            lambda: list(
                TaskInstance.objects.select_related("task_definition", "workflow_instance__ticket").filter(
                    workflow_instance=ticket.workflow_instance_id
                )
            )
        )
        for person in (self.doer, self.hr, self.ours.worker, self.ours.admin, self.ours.submitter):
            for task in tasks:
                may = self.engine.as_person(person, lambda p=person, t=task: may_execute(p, t))
                listed = self.engine.as_person(person, lambda p=person: set(executable_tasks(p)))
                self.assertEqual(task in listed, may, person)

    def test_forms_offer_only_people_who_may_see_the_ticket(self) -> None:
        ticket = self.submit(self.ours.submitter)
        self.assign(ticket, self.ours.worker)

        def offered() -> set[str]:
            choices: Any = CommentForm(ticket, by=self.ours.worker).fields["mentions"]
            return {name for _key, name in choices.choices}

        may = {self.ours.submitter, self.ours.admin, self.hr}
        self.assertEqual(
            self.engine.as_person(self.ours.worker, offered), {person.get_full_name() for person in may}
        )

    def test_only_who_may_read_internal_comments_has_the_choice(self) -> None:
        ticket = self.engine.submit(self.with_answer, by=self.ours.submitter, a="x")
        for person, default in (
            (self.ours.submitter, None),
            (self.hr, "internal"),
            (self.ours.admin, "internal"),
        ):
            form_made = self.engine.as_person(person, lambda p=person: CommentForm(ticket, by=p))
            self.assertEqual("audience" in form_made.fields, default is not None)
            self.assertEqual(form_made.initial.get("audience"), default)
            may = self.engine.as_person(person, lambda p=person: may_read_internal(p, ticket))
            self.assertEqual(may, default is not None)
