"""Each operation of the API, tried by each kind of person with the same rows, in both companies.

The table says by hand who may do what, as docs/access.md does. The operations come from the API itself: one
without a row fails. Whoever may see a row but not do this gets 403, another company's admin 404.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from users.models import CustomUser, Scope
from users.tests.cases import CompanyTestCase
from workflow_ops.api.service import openapi_document
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.api.world import World

# S: submitter Sam, W: task worker Wanda, T: ticket admin Tom, D: designer Dora, A: company admin Ada,
# B: the service account Robo, which has a task. Other: what an admin of the other company gets for our ids;
# "own" is an answer about their own company.
TABLE = """
operation                  | may        | other
list_ticket_types          | S W T D A B | own
read_ticket_type           | S W T   A   | 404
list_requesters            | S W T   A   | 404
list_people_of_ticket_form | S W T   A   | 404
submit_ticket              | S W     A   | 404
list_tickets               | S W T D A B | own
read_ticket                | S W T   A B | 404
read_ticket_picture        | S W T   A B | 404
read_timeline              | S W T   A B | 404
list_steps                 |     T   A   | 404
read_step                  |     T   A   | 404
search_tickets             | S W T D A B | own
correct_ticket             | S           | 404
withdraw_ticket            | S           | 404
follow_ticket              | S W T   A   | 404
unfollow_ticket            | S W T   A B | 404
list_comments              | S W T   A B | 404
add_comment                | S W T   A B | 404
edit_comment               | S           | 404
delete_comment             | S           | 404
upload_file                | S W T D A B | own
download_file              | S W T   A B | 404
list_tasks                 | S W T D A B | own
read_task                  |   W T   A B | 404
list_people_of_task_form   |   W T   A B | 404
take_task                  |   W     A B | 404
give_back_task             |   W       B | 404
save_task_draft            |   W     A B | 404
complete_task              |   W     A B | 404
list_desk_tickets          |     T   A   | own
read_desk_ticket           |     T   A   | 404
list_responsible_people    |     T   A   | 404
hold_ticket                |     T   A   | 404
resume_ticket              |     T   A   | 404
cancel_ticket              |     T   A   | 404
edit_ticket                |     T   A   | 404
set_responsible_person     |     T   A   | 404
link_ticket                |     T   A   | 404
unlink_ticket              |     T   A   | 404
make_scenario              |         A   | 404
list_desk_tasks            |     T   A   | own
read_desk_task             |     T   A   | 404
list_assignable_people     |     T   A   | 404
list_restrictable_people   |     T   A   | 404
assign_task                |     T   A   | 404
restrict_task              |     T   A   | 404
cancel_task                |     T   A   | 404
retry_task                 |     T   A   | 404
fill_in_task               |     T   A   | 404
list_errors                |     T   A   | own
read_error                 |     T   A   | 404
retry_failed               |     T   A   | 404
review_failed              |     T   A   | 404
resolve_failed             |     T   A   | 404
list_paused_connections    |     T   A   | own
resume_connection          |     T   A   | 404
list_calls                 |     T   A   | own
read_call                  |     T   A   | 404
start_bulk                 |     T   A   | 404
list_bulk                  | S W T D A B | own
read_bulk                  |     T       | 404
list_bulk_results          |     T       | 404
create_report              |     T   A   | own
list_reports               |     T   A   | own
read_report                |     T   A   | 404
list_workflows             |     T D A   | own
read_workflow              |     T D A   | 404
read_workflow_file         |     T D A   | 404
read_workflow_picture      |     T D A   | 404
read_workflow_report       |       D A   | 404
compare_workflows          |     T D A   | 404
replay_tickets             |       D A   | 404
list_workflow_scenarios    |     T D A   | 404
run_scenario               |     T D A   | 404
read_workflow_format       | S W T D A B | own
list_templates             |       D A   | own
read_template              |       D A   | own
check_workflow             |       D A   | own
play_workflow              |       D A   | 404
create_draft               |       D A   | own
replace_draft              |       D A   | 404
create_version             |       D A   | 404
discard_draft              |       D A   | 404
archive_workflow           |       D A   | 404
publish_workflow           |       D A   | 404
list_people                |         A   | own
read_person                |         A   | 404
list_roles                 |         A   | own
list_acts                  |     T   A   | own
"""
WITHOUT_SCOPE = {Scope.PUBLISH: "B"}
"""Scopes that no token of these people can have."""
DONE = range(200, 300)


@dataclass(frozen=True)
class Row:
    """Who may do something, and what another company's admin gets."""

    may: frozenset[str]
    other: str


def read_table() -> dict[str, Row]:
    """Return the rows of the table by the names of their operations."""
    cells = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
    return {name: Row(frozenset(may.split()), other) for name, may, other in cells}


class RightsTests(CompanyTestCase):
    """Every operation as every kind of person; what each did is undone before the next."""

    world: ClassVar[World]
    people: ClassVar[Mapping[str, CustomUser]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()

        def commit(function: Any) -> Any:
            with cls.captureOnCommitCallbacks(execute=True):
                return function()

        cls.world = World(cls.ours, commit)
        ours = cls.ours
        people = (ours.submitter, ours.worker, ours.ticket_admin, ours.designer, ours.admin, cls.world.robo)
        cls.people = dict(zip("SWTDAB", people, strict=True))

    def setUp(self) -> None:
        self.ids, self.clients = self.world.ids(), dict[tuple[int, tuple[Scope, ...]], Client]()

    def test_each_operation_has_a_row(self) -> None:
        names = [operation["operationId"] for _path, _method, operation in self.operations()]
        self.assertEqual(sorted(names), sorted(read_table()))

    def operations(self) -> list[tuple[str, str, Any]]:
        """Return path, method and description of each operation."""
        return [
            (path, method.upper(), operation)
            for path, operations in openapi_document()["paths"].items()
            for method, operation in operations.items()
        ]

    def test_who_may_what(self) -> None:
        table = read_table()
        for path, method, operation in self.operations():
            name, row = operation["operationId"], table[operation["operationId"]]
            self.assertTrue(row.may, name)
            for letter, person in self.people.items():
                with self.subTest(name, person=letter):
                    status = self.try_it(path, method, operation, letter, person)
                    if letter in row.may:
                        self.assertIn(status, DONE)
                    else:
                        self.assertEqual(status, 403)
            with self.subTest(name, person="other company"):
                status = self.try_it(path, method, operation, "A", self.theirs.admin)
                self.assertIn(status, DONE if row.other == "own" else [int(row.other)])

    def try_it(self, path: str, method: str, operation: Any, letter: str, person: CustomUser) -> int:
        """Send the request that is right for the person, and return the status of the answer."""
        scopes = [Scope(scope) for scope in operation["x-scope"].split()]
        if any(letter in WITHOUT_SCOPE.get(scope, "") for scope in scopes):
            scopes = [Scope.READ]
        name = operation["operationId"]
        client = self.client_of(person, *scopes)
        url = path.format(**self.ids | self.own_ids(name, letter)) + QUERIES.get(name, "")
        with transaction.atomic():
            if name == "upload_file":
                upload = SimpleUploadedFile("note.txt", b"Words", content_type="text/plain")
                response = client.post(url, {"file": upload.open()})
            else:
                body = json.dumps(self.body(name)).encode() if method != "GET" else b""
                response = client.generic(
                    method,
                    url,
                    body,
                    content_type="application/json",
                    headers=self.version(name),
                )
            transaction.set_rollback(True)
        status: int = response.status_code
        if status >= 400:
            self.assertEqual(json.loads(response.content)["status"], status)
        elif response.headers.get("Content-Type", "").startswith("application/json"):
            times = re.findall(r'"\d{4}-\d\d-\d\dT[^"]*"', response.content.decode())
            self.assertEqual([time for time in times if not time.endswith('Z"')], [], name)
        return status

    def client_of(self, person: CustomUser, *scopes: Scope) -> Client:
        """Return a program of the person, with a token of these scopes that is made once."""
        key = person.pk, scopes
        if key not in self.clients:
            by = person if not person.is_service_account else self.ours.admin
            secret = make_secret(person, *scopes, by=by)
            self.clients[key] = Client(headers={"authorization": f"Bearer {secret}"})
        return self.clients[key]

    def own_ids(self, name: str, letter: str) -> dict[str, int | str]:
        """Return the ids that differ from those of the world: of a task, that of the person."""
        world = self.world
        tasks = {"take_task": world.spare, "retry_task": world.book, "fill_in_task": world.book}
        mine = world.scan if letter == "B" or name == "list_people_of_task_form" else world.check
        drafts = {"replace_draft", "discard_draft", "publish_workflow", "read_workflow_report"}
        numbers = {"resume_ticket": world.held, "correct_ticket": world.fresh}
        return {
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
        known = {
            "submit_ticket": {"ticket_type": self.ids["ticket_type_id"], "values": {"a": "Ink"}},
            "link_ticket": {"other": self.world.other.number, "kind": "RELATES"},
            "assign_task": {"person": self.ours.worker.pk},
            "set_responsible_person": {"person": self.ours.ticket_admin.pk},
            "start_bulk": {"operation": "hold", "rows": [self.world.other.number], "reason": "Wait"},
        }
        return known.get(name) or BODIES.get(name, {})

    def version(self, name: str) -> dict[str, str]:
        """Return the header with the version of what is changed, where one is needed."""
        if name == "replace_draft":
            designer = self.client_of(self.ours.designer, Scope.DESIGN)
            return {"If-Match": designer.get(f"/api/1/workflows/{self.world.draft.pk}/file").headers["ETag"]}
        return {"If-Match": '"1"'} if name in VERSIONED else {}


QUERIES = {"list_acts": "?ticket=1", "search_tickets": "?q=Paper"}
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
