"""The table of tools in docs/access.md, held to what the site does: in each state, by each person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.messages import SUCCESS, get_messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.actions.by_hand import fill_in_by_hand
from workflow_ops.desk.actions import cancel_workflow, hold_workflow
from workflow_ops.models import (
    Comment,
    ErrorReason,
    ErrorType,
    TaskInstance,
    TicketError,
    TicketInstance,
    TicketLink,
    WorkflowWrite,
    WriteStatus,
)
from workflow_ops.tests.desk.desk_cases import VACATION, DeskTestCase
from workflow_ops.tests.engine_cases import Engine, end, form, workflow
from workflow_ops.work.submissions import submit_ticket
from workflow_ops.work.tools import TOOLS, only_tools

STATES = ("NOT_STARTED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED")
ROUTES = ("tickets/", "tasks/", "manage/")
KINDS = ("requester", "assignee", "colleague", "admin", "company admin")
HELP = "Each page of tickets and tasks that takes a POST needs a row in docs/access.md, “Tools”."


@dataclass(frozen=True)
class Tool:
    """A row of the table. Without states, it is of no single ticket."""

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
            path = f"/{re.sub(r'<[^>]+>', '1', full)}"
            if Client().post(path).status_code != 405:
                yield str(pattern.name), path


class ToolTests(DeskTestCase):
    """A ticket of Sam in each state. Marek has its task, Hanna administers it."""

    tickets: ClassVar[dict[str, TicketInstance]]
    with_actions: ClassVar[dict[str, TicketInstance]]
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
        cls._break_start(new)
        cls._make_actions()

    @classmethod
    def _break_start(cls, ticket: TicketInstance) -> None:
        """Let the ticket's beginning have failed; until its write is applied, nobody would see that state."""
        with cls.ours.scope():
            WorkflowWrite.objects.filter(workflow_instance=ticket.workflow_instance_id).update(
                status=WriteStatus.FAILED
            )

    @classmethod
    def _make_actions(cls) -> None:
        """Make a ticket with an action in each state in which one can be unfinished; cancelled ones stay."""
        call = form("Make account", "a", action_url="https://hr.example/", task_type="SYNC_ACTION")
        file = workflow(call, end("Made", "out"), title="Accounts")
        engine = Engine(cls.ours, lambda function: function())
        made = engine.load(replace(file, ticket_admin_roles=("HR",)))
        hr, apply = cls.vacations.hr, cls.vacations.apply_writes
        cls.with_actions = {state: apply(engine.submit(made, a="x")) for state in STATES[1:]}
        engine.as_person(hr, lambda: hold_workflow(cls.with_actions["ON_HOLD"], reason="Wait", by=hr))
        engine.as_person(hr, lambda: cancel_workflow(cls.with_actions["CANCELLED"], reason="No", by=hr))
        task = engine.task(cls.with_actions["COMPLETED"], "Make account")
        version = task.input_version
        engine.as_person(hr, lambda: fill_in_by_hand(task, values={"out": "y"}, input_version=version, by=hr))
        apply(cls.with_actions["COMPLETED"])

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

    def arguments(self, tool: Tool, state: str, kind: str) -> dict[str, int] | None:
        """Return the arguments of the address, or None if there is no task in this state."""
        is_of_action = tool.address in {"manage_task_retry", "manage_task_fill_in"}
        ticket = self.with_actions.get(state) if is_of_action else self.tickets[state]
        if ticket is None:
            return None
        if "error" in tool.address:
            with self.ours.scope():
                error = TicketError.objects.create(
                    ticket=ticket,
                    error_type=ErrorType.WORKFLOW_TRANSITION,
                    reason=ErrorReason.STALL,
                    error_message="Stalled",
                    modified_fields=["days"],
                )
            return {"error_id": error.pk}
        if tool.address in {"comment_edit", "comment_delete"}:
            author = self.ours.submitter if kind == "stranger" else self.person(kind)
            with self.ours.scope():
                said = Comment.objects.create(ticket=ticket, text="Hi", created_by=author)
            return {"number": ticket.number, "comment_id": said.pk}
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
            if task is not None and tool.address == "task_send_back":
                prepared = {"prepared_by": self.vacations.manager, "preparation": {"id": "seen"}}
                TaskInstance.objects.filter(pk=task.pk).update(**prepared)
        return {"task_id": task.pk} if task else None

    def data(self, tool: Tool, state: str) -> dict[str, Any]:
        """Return what is sent: valid in the state in which the tool works."""
        edited = {**VACATION, "days": 6, "_step": 0 if state == "NOT_STARTED" else 1}
        every: dict[str, dict[str, Any]] = {
            "ticket_comment": {"text": "Hello"},
            "manage_ticket_comment": {"text": "Hello"},
            "task_comment": {"text": "Hello"},
            "comment_edit": {"text": "Hello"},
            "ticket_correct": edited,
            "manage_ticket_edit": {**edited, "_save": "edit", "_waiting": 0},
            "task_detail": {"decision": "reject", "manager_note": "No", "_input_version": 1}
            | ({"_save_draft": "1"} if tool.title == "Save a draft" else {}),
            "task_send_back": {"reason": "Because", "prepared": "seen"},
            "manage_task_assign": {"person": ""},
            "manage_task_restrict": {"people": [self.vacations.manager.pk]},
            "manage_ticket_responsible": {"person": self.vacations.hr.pk},
            "manage_task_fill_in": {"out": "y", "_input_version": 1},
            "manage_ticket_scenario": {"title": "A real one"},
            "manage_ticket_link": {"kind": "RELATES", "other": str(self.other.number)},
        }
        return every.get(tool.address, {"reason": "Because"})

    def try_out(self, tool: Tool, state: str, kind: str) -> str:
        """Return "yes", "no" or "404" for what the tool answers to this person. Nothing stays changed."""
        browser = self.browser(kind)  # before, so that the log-in is not rolled back
        with transaction.atomic():
            arguments = self.arguments(tool, state, kind)
            if arguments is None:
                transaction.set_rollback(True)
                return "no"
            path = reverse(tool.address, kwargs=arguments)
            answer = browser.post(path, self.data(tool, state))
            transaction.set_rollback(True)
        if answer.status_code == 404:
            return "404"
        messages: Any = get_messages(answer.wsgi_request)
        is_done = answer.status_code == 302 and all(
            message.level == SUCCESS for message in messages._queued_messages
        )
        return "yes" if is_done else "no"

    def test_every_tool_is_listed(self) -> None:
        listed: dict[str, set[str]] = {}
        for tool in read_table():
            works = {state for state, works in tool.states.items() if works}
            listed.setdefault(tool.address, set()).update(works)
        found = {name for name, _path in tools_of_the_site(get_resolver().url_patterns)}
        self.assertEqual(set(listed), found, HELP)
        self.assertEqual(listed, {name: set(map(str, statuses)) for name, statuses in TOOLS.items()})
        self.assertGreater(len(found), 30)

    def test_what_is_not_listed_is_refused(self) -> None:
        """The address answers a GET; a POST does not reach its view, and the log says so."""
        seen: list[str] = []

        def view(request: HttpRequest) -> HttpResponse:
            seen.append(str(request.method))
            return HttpResponse()

        (pattern,) = only_tools([path("tickets/1/burn/", view, name="manage_ticket_burn")])
        requests = RequestFactory()
        with self.assertLogs("django.request", "WARNING") as logged:
            answer = pattern.callback(requests.post("/tickets/1/burn/"))
        self.assertEqual(answer.status_code, 405)
        self.assertIn("Method Not Allowed (POST): /tickets/1/burn/", logged.output[0])
        self.assertEqual(pattern.callback(requests.get("/tickets/1/burn/")).status_code, 200)
        self.assertEqual(seen, ["GET"])

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

    def test_who_submits(self) -> None:
        """Whoever administers the workflow may do so for somebody else."""
        with self.ours.scope():
            definition = self.vacations.workflow.tickets.get()
        path = reverse("ticket_create", args=[definition.pk])
        (tool,) = (tool for tool in read_table() if tool.address == "ticket_create")
        for days, kind in enumerate(KINDS, start=10):  # each another number: a ticket sent twice asks first
            data = {**VACATION, "days": days, "_form_token": str(uuid4())}
            if kind == "admin":
                data["_for"] = self.ours.submitter.pk
            with self.subTest(person=kind):
                status = self.browser(kind).post(path, data).status_code
                self.assertEqual(status, 302 if kind in tool.who else 403)

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
