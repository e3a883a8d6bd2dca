"""Each operation of the API with a request that is right for it, as a person of the world of a company."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from users.models import CustomUser, Scope
from users.tests.cases import CompanyTestCase, People
from workflow_ops.api.service import openapi_document
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.api.world import World

DONE = range(200, 300)
WITHOUT_SCOPE = {Scope.PUBLISH: "B"}
"""Scopes that no token of these people can have."""


def has_no_scope(operation: Any, letter: str) -> bool:
    """Return whether no token of this kind of person can have the scopes of the operation."""
    return any(letter in WITHOUT_SCOPE.get(Scope(scope), "") for scope in operation["x-scope"].split())


@dataclass(frozen=True)
class Request:
    """A request of a program. Without a `body`, it uploads a file."""

    client: Client
    method: str
    url: str
    body: Any
    headers: Mapping[str, str]

    def send(self, *, more: bytes = b"", **headers: str) -> Any:
        """Send it and return the answer. `more` follows its content: of JSON, white space."""
        known = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.body is None:
            upload = SimpleUploadedFile("note.txt", b"Words" + more, content_type="text/plain")
            return self.client.post(self.url, {"file": upload}, headers=known)
        body = json.dumps(self.body).encode() + more if self.method != "GET" else b""
        return self.client.generic(
            self.method, self.url, body, content_type="application/json", headers=known
        )


class GoodRequests:
    """The parts of a request that succeeds for whoever may do it, by the names of operations."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def _ids(self) -> dict[str, int | str]:
        return self.world.ids()

    @cached_property
    def _version_of_draft(self) -> str:
        designer = make_client(self.world.people.designer, Scope.DESIGN)
        path = f"/api/1/workflows/{self.world.draft.pk}/file"
        # A benchmark answers to this host alone.
        return str(designer.get(path, SERVER_NAME="127.0.0.1").headers["ETag"])

    def ids(self, name: str, *, is_robot: bool = False) -> dict[str, int | str]:
        """Return the values of parameters of addresses; a task is that of the person, or of the robot."""
        world = self.world
        tasks = {"take_task": world.spare, "retry_task": world.book, "fill_in_task": world.book}
        mine = world.scan if is_robot or name == "list_people_of_task_form" else world.check
        drafts = {"replace_draft", "discard_draft", "publish_workflow", "read_workflow_report"}
        drafts |= {"list_names_for_workflows"}  # its page
        numbers = {"resume_ticket": world.held, "correct_ticket": world.fresh}
        return self._ids | {
            "task_id": tasks.get(name, mine).pk,
            "workflow_id": (world.draft if name in drafts else world.active).pk,
            "number": 1 if name == "run_scenario" else numbers.get(name, world.ticket).number,
        }

    def body(self, name: str) -> Any:
        """Return what is sent."""
        if name == "publish_workflow":
            return {"read": self.world.digest()}
        if name in ("create_draft", "check_workflow", "replace_draft"):
            file = json.loads(self.world.file_text)
            return file | {"title": "Another"} if name == "create_draft" else file
        people = self.world.people
        known = {
            "submit_ticket": {"ticket_type": self._ids["ticket_type_id"], "values": {"a": "Ink"}},
            "link_ticket": {"other": self.world.other.number, "kind": "RELATES"},
            "assign_task": {"person": people.worker.pk},
            "set_responsible_person": {"person": people.ticket_admin.pk},
            "start_bulk": {"operation": "hold", "rows": [self.world.other.number], "reason": "Wait"},
        }
        return known.get(name) or BODIES.get(name, {})

    def version(self, name: str) -> dict[str, str]:
        """Return the header with the version of what is changed, where one is needed."""
        if name == "replace_draft":
            return {"If-Match": self._version_of_draft}
        return {"If-Match": '"1"'} if name in VERSIONED else {}


def make_client(person: CustomUser, *scopes: Scope, by: CustomUser | None = None) -> Client:
    """Return a program of the person, with a new token of these scopes."""
    return Client(headers={"authorization": f"Bearer {make_secret(person, *scopes, by=by)}"})


def kinds_of_people(people: People, robot: CustomUser) -> dict[str, CustomUser]:
    """Return the people of a company by letters, as in the table of `test_rights`."""
    company = (people.submitter, people.worker, people.ticket_admin, people.designer, people.admin, robot)
    return dict(zip("SWTDAB", company, strict=True))


class EachOperationTestCase(CompanyTestCase):
    """Sends each operation. `people` are those of our company by letters, as in `test_rights`."""

    world: ClassVar[World]
    people: ClassVar[Mapping[str, CustomUser]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()

        def commit(function: Any) -> Any:
            with cls.captureOnCommitCallbacks(execute=True):
                return function()

        cls.world = World(cls.ours, commit)
        cls.people = kinds_of_people(cls.ours, cls.world.robo)

    def setUp(self) -> None:
        self.parts, self.clients = GoodRequests(self.world), dict[tuple[int, tuple[Scope, ...]], Client]()

    def operations(self) -> list[tuple[str, str, Any]]:
        """Return path, method and description of each operation."""
        return [
            (path, method.upper(), operation)
            for path, operations in openapi_document()["paths"].items()
            for method, operation in operations.items()
        ]

    def request(self, path: str, method: str, operation: Any, letter: str, person: CustomUser) -> Request:
        """Return the request that is right for the person."""
        scopes = [Scope(scope) for scope in operation["x-scope"].split()]
        if has_no_scope(operation, letter):
            scopes = [Scope.READ]
        name = operation["operationId"]
        query = f"?{urlencode(QUERIES[name])}" if name in QUERIES else ""
        return Request(
            client=self.client_of(person, *scopes),
            method=method,
            url=path.format(**self.parts.ids(name, is_robot=letter == "B")) + query,
            body=None if name == "upload_file" else self.parts.body(name),
            headers=self.parts.version(name),
        )

    def client_of(self, person: CustomUser, *scopes: Scope) -> Client:
        """Return a program of the person, with a token of these scopes that is made once."""
        key = person.pk, scopes
        if key not in self.clients:
            admin = self.ours.admin if person == self.world.robo else self.theirs.admin
            by = admin if person.is_service_account else person
            self.clients[key] = make_client(person, *scopes, by=by)
        return self.clients[key]


QUERIES: Mapping[str, dict[str, str]] = {"list_acts": {"ticket": "1"}, "search_tickets": {"q": "Paper"}}
VERSIONED = {"complete_task", "correct_ticket", "edit_ticket", "fill_in_task"}
WHY = {"reason": "Since it has to be"}
BODIES: Mapping[str, Any] = {
    "correct_ticket": {"values": {"a": "Ink"}},
    "withdraw_ticket": WHY,
    "add_comment": {"text": "Well"},
    "edit_comment": {"text": "Well", "edited_at": None},
    "give_back_task": WHY,
    "save_task_draft": {"values": {}},
    "complete_task": {"values": {}},
    "hold_ticket": WHY,
    "cancel_ticket": WHY,
    "edit_ticket": {"values": {"a": "Ink"}},
    "restrict_task": {"people": []},
    "cancel_task": WHY,
    "fill_in_task": {"values": {}},
    "create_report": {"first_day": "2020-01-01", "last_day": "2020-01-31"},
    "play_workflow": {"moves": []},
    "make_scenario": {"title": "As it came"},
}
