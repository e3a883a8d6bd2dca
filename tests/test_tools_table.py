"""The table of tools in docs/access.md, held to what the site does: in each state, by each person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.messages import SUCCESS, get_messages
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.desk.actions import cancel_workflow, hold_workflow
from workflow_ops.models import TaskInstance, TicketInstance, TicketLink
from workflow_ops.tests.desk.desk_cases import VACATION, DeskTestCase
from workflow_ops.work.submissions import submit_ticket

STATES = ("NOT_STARTED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED")
ROUTES = ("tickets/", "tasks/", "manage/tickets/", "manage/tasks/")
KINDS = ("requester", "assignee", "colleague", "admin", "company admin")
HELP = "Each page of tickets and tasks that takes a POST needs a row in docs/access.md, “Tools”."


@dataclass(frozen=True)
class Tool:
    """A row of the table. Without states it is tried elsewhere, as it is of no single ticket or form."""

    title: str
    address: str
    who: tuple[str, ...]
    states: dict[str, bool]


def read_table() -> list[Tool]:
    """Return the rows of the table in docs/access.md."""
    text = (settings.BASE_DIR / "docs/access.md").read_text(encoding="utf-8").split("## Tools\n")[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        Tool(
            title=title,
            address=address.strip("`"),
            who=tuple(each.strip() for each in who.split(",")),
            states={state: cell == "yes" for state, cell in zip(STATES, cells, strict=True) if cell != "-"},
        )
        for title, address, who, *cells in rows
    ]


def tools_of_the_site(patterns: list[Any], route: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and route of each address of tickets and tasks that takes a POST."""
    for pattern in patterns:
        full = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from tools_of_the_site(pattern.url_patterns, full)
        elif isinstance(pattern, URLPattern) and full.startswith(ROUTES):
            path = reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, 1))
            if Client().post(path).status_code != 405:
                yield str(pattern.name), path


class ToolTests(DeskTestCase):
    """A ticket of Sam in each state. Marek has its task, Hanna administers it."""

    tickets: ClassVar[dict[str, TicketInstance]]
    other: ClassVar[TicketInstance]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        world, hr = cls.vacations, cls.vacations.hr
        with cls.ours.submitter.scope(), transaction.atomic():
            new = submit_ticket(
                world.workflow.tickets.get(), values=VACATION, form_token=uuid4(), by=cls.ours.submitter
            )
        cls.tickets = {"NOT_STARTED": new} | {state: world.submit() for state in STATES[1:]}
        with hr.scope(), transaction.atomic():
            hold_workflow(cls.tickets["ON_HOLD"], reason="Wait", by=hr)
            cancel_workflow(cls.tickets["CANCELLED"], reason="No", by=hr)
        world.complete(cls.tickets["COMPLETED"], "Decide", decision="approve")
        world.complete(cls.tickets["COMPLETED"], "Book it", booked=True)
        cls.other = world.submit()

    def setUp(self) -> None:
        super().setUp()
        self.browsers: dict[str, Client] = {}

    def person(self, kind: str) -> CustomUser:
        people = {
            "requester": self.ours.submitter,
            "assignee": self.vacations.manager,
            "colleague": self.ours.designer,
            "admin": self.vacations.hr,
            "company admin": self.ours.admin,
            "stranger": self.theirs.admin,
        }
        return people[kind]

    def browser(self, kind: str) -> Client:
        if kind not in self.browsers:
            self.browsers[kind] = logged_in(self.person(kind))
        return self.browsers[kind]

    def arguments(self, tool: Tool, state: str) -> dict[str, int] | None:
        """Return the arguments of the address, or None if there is no task in this state."""
        ticket = self.tickets[state]
        if tool.address == "manage_ticket_unlink":
            with self.ours.scope():
                link, _made = TicketLink.objects.get_or_create(
                    kind="RELATES", ticket=ticket, other=self.other
                )
            return {"number": ticket.number, "link_id": link.pk}
        if "task" not in tool.address:
            return {"number": ticket.number}
        with self.ours.scope():
            task = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id).first()
            if task is not None and tool.address == "task_take":
                TaskInstance.objects.filter(pk=task.pk).update(assigned_to=None)
        return {"task_id": task.pk} if task else None

    def data(self, tool: Tool) -> dict[str, Any]:
        """Return what is sent: valid in the state in which the tool works."""
        edited = {**VACATION, "days": 6, "_step": 1}
        every: dict[str, dict[str, Any]] = {
            "ticket_comment": {"text": "Hello"},
            "manage_ticket_comment": {"text": "Hello"},
            "ticket_correct": edited,
            "manage_ticket_edit": {**edited, "_save": "edit", "_waiting": 0},
            "task_detail": {"decision": "reject", "manager_note": "No", "_input_version": 1}
            | ({"_save_draft": "1"} if tool.title == "Save a draft" else {}),
            "manage_task_assign": {"person": ""},
            "manage_task_restrict": {"people": [self.vacations.manager.pk]},
            "manage_ticket_responsible": {"person": self.vacations.hr.pk},
            "manage_ticket_link": {"kind": "RELATES", "other": str(self.other.number)},
        }
        return every.get(tool.address, {"reason": "Because"})

    def try_out(self, tool: Tool, state: str, kind: str) -> str:
        """Return "yes", "no" or "404" for what the tool answers to this person. Nothing stays changed."""
        browser = self.browser(kind)  # before, so that the log-in is not rolled back
        with transaction.atomic():
            arguments = self.arguments(tool, state)
            if arguments is None:
                transaction.set_rollback(True)
                return "no"
            path = reverse(tool.address, kwargs=arguments)
            answer = browser.post(path, self.data(tool))
            transaction.set_rollback(True)
        if answer.status_code == 404:
            return "404"
        messages: Any = get_messages(answer.wsgi_request)
        is_done = answer.status_code == 302 and all(
            message.level == SUCCESS for message in messages._queued_messages
        )
        return "yes" if is_done else "no"

    def test_every_tool_is_listed(self) -> None:
        listed = {tool.address for tool in read_table()}
        found = {name for name, _path in tools_of_the_site(get_resolver().url_patterns)}
        self.assertEqual(listed, found, HELP)
        self.assertGreater(len(found), 20)

    def test_in_which_state(self) -> None:
        for tool in read_table():
            for state, works in tool.states.items():
                with self.subTest(tool=tool.title, state=state):
                    kind = next(each for each in reversed(KINDS) if each in tool.who)
                    self.assertEqual(self.try_out(tool, state, kind), "yes" if works else "no")

    def test_by_whom(self) -> None:
        for tool in read_table():
            usable = [state for state, works in tool.states.items() if works]
            state = "IN_PROGRESS" if "IN_PROGRESS" in usable else next(iter(usable), None)
            for kind in KINDS if state else ():
                with self.subTest(tool=tool.title, person=kind):
                    expected = "yes" if kind in tool.who else "no"
                    self.assertEqual(self.try_out(tool, str(state), kind), expected)

    def test_tools_for_many(self) -> None:
        """Nobody but those of the table gets as far as the question about the ticket and its task."""
        with self.ours.scope():
            ticket = self.tickets["IN_PROGRESS"]
            task = TaskInstance.objects.get(workflow_instance=ticket.workflow_instance_id)
        rows = {"manage_tickets_bulk": ("cancel", ticket.pk), "manage_tasks_bulk": ("cancel_task", task.pk)}
        for tool in read_table():
            for kind in KINDS if tool.address in rows else ():
                with self.subTest(tool=tool.title, person=kind):
                    what, row = rows[tool.address]
                    path = f"{reverse(tool.address)}?what={what}&row={row}"
                    answer = self.browser(kind).post(path, {"reason": "Because"})
                    is_allowed = answer.status_code == 200 and answer.context["is_outdated"]
                    self.assertEqual(is_allowed, kind in tool.who)

    def test_not_by_strangers(self) -> None:
        ticket = self.tickets["CANCELLED"]  # a number that the other company does not have
        for tool in read_table():
            if tool.states:
                with self.subTest(tool=tool.title):
                    self.assertGreater(ticket.number, 2)
                    self.assertEqual(self.try_out(tool, "CANCELLED", "stranger"), "404")
