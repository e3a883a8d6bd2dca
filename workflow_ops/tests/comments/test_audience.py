"""The table of who may read comments in docs/access.md, held to every place that shows them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from users.models import CompanyRoleMembership, CustomUser
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import logged_in
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import WorkflowDefinition
from workflow_ops.access import executable_tasks, may_execute, may_see_task, visible_tasks
from workflow_ops.comments.audience import (
    may_read,
    may_read_internal,
    people_who_may_read,
    readable_comments,
)
from workflow_ops.comments.following import followers_of
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

KINDS = ("public", "internal")
AT_DESK = ("administers it", "requester who administers it", "company admin")
WITHOUT_TASK_PAGE = ("requester", "requester who had a task", "had a task")
"""They may see the ticket, but not open the page of its first task."""


def read_table() -> list[list[str]]:
    """Return the rows of the table: who, and whether they read public and internal comments."""
    text = (settings.BASE_DIR / "docs/access.md").read_text(encoding="utf-8").split("## Comments\n")[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def is_expected(who: str, place: str, reads: str) -> bool:
    """Return whether a place shows a comment to a person who may read it as the table says."""
    if reads == "no" or place == "audit log":
        return False
    if reads == "on the task's page":
        return place in {"may_read", "readable_comments", "task page", "download"}
    if place == "desk page":
        return who in AT_DESK
    return place != "task page" or who not in WITHOUT_TASK_PAGE


class AudienceTests(EngineTestCase):
    """One ticket for each person of the table, with a public and an internal comment, each with a file."""

    def setUp(self) -> None:
        super().setUp()
        answer = form("Answer", "a", "done", assignee_field="$submitter")
        file = workflow(form("Do", "a", executor_roles=("Doers",)), answer)
        self.with_answer = self.load(file)
        self.plain = self.load(replace(file, title="Plain", tasks=file.tasks[:1]))
        self.hr = self.engine.person("Hanna", roles=["HR"])
        self.doer = self.engine.person("Otto", roles=["Doers"])
        with self.ours.scope(), transaction.atomic():  # so that nobody is given the task
            CustomUser.objects.filter(pk=self.doer.pk).update(is_in_rotation=False)

    def load(self, file: WorkflowFile) -> WorkflowDefinition:
        return self.engine.load(replace(file, ticket_admin_roles=("HR",)))

    def submit(self, by: CustomUser, *, entered_by: CustomUser | None = None) -> TicketInstance:
        def call() -> TicketInstance:
            definition = self.plain.tickets.select_related("workflow").get()
            return submit_ticket(
                definition, values={"a": "x"}, form_token=uuid4(), by=by, entered_by=entered_by
            )

        ticket: TicketInstance = self.engine.as_person(entered_by or by, call)
        return ticket

    def first_task(self, ticket: TicketInstance) -> TaskInstance:
        return self.engine.task(ticket, "Do")

    def assign(self, ticket: TicketInstance, *people: CustomUser | None) -> None:
        """Give the ticket's first task to these people in turn."""
        with self.ours.scope(), transaction.atomic():
            for person in people:
                TaskInstance.objects.filter(pk=self.first_task(ticket).pk).update(assigned_to=person)

    def scene(self, who: str) -> tuple[CustomUser, TicketInstance]:
        """Return a person as a row of the table names them, and a ticket."""
        submitter, worker = self.ours.submitter, self.ours.worker
        if who == "requester who had a task":
            return submitter, self.engine.submit(self.with_answer, by=submitter, a="x")
        if who == "requester who administers it":
            with self.ours.scope(), transaction.atomic():
                give_system_roles(self.hr, [SystemRoleName.USER])
                both = CustomUser.objects.get(pk=self.hr.pk)
            return both, self.submit(both)
        if who == "entered it for the requester and had a task":
            enterer = self.engine.person("Emil", roles=["HR"])
            ticket = self.submit(submitter, entered_by=enterer)
            with self.ours.scope(), transaction.atomic():
                CompanyRoleMembership.objects.filter(person=enterer).delete()
            self.assign(ticket, enterer)
            with self.ours.scope(), transaction.atomic():
                return CustomUser.objects.get(pk=enterer.pk), ticket
        ticket = self.submit(submitter)
        if who in {"has a task", "had a task"}:
            self.assign(ticket, worker, *([None] if who == "had a task" else []))
        people = {
            "requester": submitter,
            "has a task": worker,
            "had a task": worker,
            "could take a task": self.doer,
            "administers it": self.hr,
            "company admin": self.ours.admin,
        }
        return people.get(who, self.ours.designer), ticket

    def write(self, ticket: TicketInstance, kind: str) -> Comment:
        """Write a comment with a file, in other words for each ticket."""
        admin, text = self.ours.admin, f"{kind}word{ticket.pk}"

        def call() -> Comment:
            file = upload_file(SimpleUploadedFile(f"{text}.txt", b"Text"), by=admin)
            is_internal, ids = kind == "internal", [str(file.pk)]
            return add_comment(ticket, text=f"Say {text}", is_internal=is_internal, files=ids, by=admin)

        comment: Comment = self.engine.as_person(admin, call)
        return comment

    def places(self, person: CustomUser, comment: Comment) -> Iterator[tuple[str, bool]]:
        """Yield each place, and whether this person meets the comment there."""
        ticket, browser, word = comment.ticket, logged_in(person), comment.text.removeprefix("Say ")

        def ask() -> dict[str, bool]:
            return {
                "may_read": may_read(person, comment),
                "readable_comments": comment in readable_comments(person, ticket),
                "people_who_may_read": person in people_who_may_read(comment),
                "search": ticket.pk in find_tickets(person, word, most=5),
            }

        yield from self.engine.as_person(person, ask).items()
        file: FileUpload = self.engine.call(partial(FileUpload.objects.get, comment=comment))
        yield "download", browser.get(f"/files/{file.pk}/").status_code == 200
        for place, path in {
            "ticket page": f"/tickets/{ticket.number}/",
            "task page": f"/tasks/{self.first_task(ticket).pk}/",
            "desk page": f"/manage/tickets/{ticket.number}/",
            "audit log": f"/users/audit/?ticket={ticket.number}",
        }.items():
            content = browser.get(path).content.decode()
            shows = f"Say {word}" in content
            if place != "audit log":  # which has the names of files, for those who may read them
                self.assertEqual(f"{word}.txt" in content, shows, place)
            yield place, shows
        found = browser.get(f"/search/?q={word}").content.decode()
        yield "results", f"Say <mark>{word}</mark>" in found

    def test_the_table(self) -> None:
        rows = read_table()
        self.assertEqual(len(rows), 11)
        for who, *reads in rows:
            person, ticket = self.scene(who)
            for kind, expected in zip(KINDS, reads, strict=True):
                comment = self.write(ticket, kind)
                if who == "mentioned in it, follows the ticket":
                    self.mention(person, comment)
                for place, meets in self.places(person, comment):
                    with self.subTest(who=who, comment=kind, place=place):
                        self.assertEqual(meets, is_expected(who, place, expected))

    def mention(self, person: CustomUser, comment: Comment) -> None:
        """Store that the comment mentions somebody who follows the ticket, without a right."""
        with self.ours.scope(), transaction.atomic():
            CommentMention.objects.create(comment=comment, person=person)
            TicketFollower.objects.get_or_create(ticket=comment.ticket, person=person)
            self.assertNotIn(person, followers_of(comment.ticket))

    def test_querysets_of_tasks_agree_with_the_predicates(self) -> None:
        ticket = self.engine.submit(self.with_answer, by=self.ours.submitter, a="x")
        for person in (self.doer, self.hr, self.ours.worker, self.ours.admin, self.ours.submitter):
            with person.scope(), transaction.atomic():
                tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
                for task in tasks.select_related("task_definition__workflow", "workflow_instance__ticket"):
                    self.assertEqual(task in executable_tasks(person), may_execute(person, task), person)
                    self.assertEqual(task in visible_tasks(person), may_see_task(person, task), person)

    def test_forms_offer_only_people_who_may_see_the_ticket(self) -> None:
        ticket = self.submit(self.ours.submitter)
        self.assign(ticket, self.ours.worker)
        with self.ours.worker.scope(), transaction.atomic():
            choices: Any = CommentForm(ticket, by=self.ours.worker).fields["mentions"]
            offered = {name for _key, name in choices.choices}
        may = (self.ours.submitter, self.ours.admin, self.hr)
        self.assertEqual(offered, {person.get_full_name() for person in may})

    def test_only_who_may_read_internal_comments_has_the_choice(self) -> None:
        ticket = self.engine.submit(self.with_answer, by=self.ours.submitter, a="x")
        for person, default in ((self.ours.submitter, None), (self.hr, "internal")):
            with person.scope(), transaction.atomic():
                made = CommentForm(ticket, by=person)
                self.assertEqual(made.initial["audience"], default or "public")
                self.assertEqual("audience" in made.fields, default is not None)
                self.assertEqual(may_read_internal(person, ticket), default is not None)
