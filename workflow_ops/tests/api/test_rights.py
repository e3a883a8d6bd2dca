"""Each operation of the API, tried by each kind of person with the same rows, in both companies.

The table says by hand who may do what, as docs/access.md does. The operations come from the API itself: one
without a row fails. Whoever may see a row but not do this gets 403, and people of another company 404.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection, transaction

from users.models import CompanyRole, CustomUser
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.token_actions import make_service_account
from workflow_ops.tests.api.each_operation import (
    DONE,
    EachOperationTestCase,
    has_no_scope,
    kinds_of_people,
)

# S: submitter Sam, W: task worker Wanda, T: ticket admin Tom, D: designer Dora, A: company admin Ada,
# B: the service account Robo, which has a task. Other: what people of the other company get for our ids;
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
list_names_for_workflows   |       D A   | own
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

OUR_ROLE = "Buyers"
REFUSED_BEFORE = {
    # The rows stand in the body, which is only read for those who administer something.
    "start_bulk": "SWDB",
    # Ticket admins read the acts of tickets that they administer; all other numbers are refused alike.
    "list_acts": "T",
}
"""People of another company who may not do this at all, whatever the row: 403."""
OUR_WORDS = {
    "list_ticket_types": ("A", "Purchase"),
    "list_tickets": ("S", "Ticket #5"),
    "search_tickets": ("S", "Ticket #5"),
    "list_tasks": ("W", "Check"),
    "list_desk_tickets": ("A", "Ticket #5"),
    "list_desk_tasks": ("A", "Check"),
    "list_errors": ("A", "STALL"),
    "list_paused_connections": ("A", "Calendar"),
    "list_calls": ("A", "calendar"),
    "list_bulk": ("T", "hold"),
    "list_reports": ("A", "All workflows"),
    "list_workflows": ("A", "Purchase"),
    "list_people": ("A", "Robo"),
    "list_roles": ("A", OUR_ROLE),
    "list_names_for_workflows": ("D", OUR_ROLE),
    "list_acts": ("A", "#1 Ticket"),
}
"""What stands in our lists, as this person of ours reads them, and never in those of another company."""
SAME_FOR_ALL = {"read_workflow_format", "list_templates", "read_template"}
"""What the product brings along."""
OWN_WORDS = {"upload_file", "create_report", "check_workflow", "create_draft"}
"""What answers with what was sent."""


@dataclass(frozen=True)
class Row:
    """Who may do something, and what people of another company get."""

    may: frozenset[str]
    other: str


def read_table() -> dict[str, Row]:
    """Return the rows of the table by the names of their operations."""
    cells = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
    assert len({name for name, *_others in cells}) == len(cells), "a row stands twice"
    return {name: Row(frozenset(may.split()), other) for name, may, other in cells}


class RightsTests(EachOperationTestCase):
    """Every operation as every kind of person; what each did is undone before the next."""

    others: ClassVar[Mapping[str, CustomUser]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with cls.ours.scope(), transaction.atomic():
            CompanyRole.objects.create(name=OUR_ROLE)
        with cls.theirs.admin.scope(), transaction.atomic():
            robot = make_service_account(name="Automaton")
            give_system_roles(robot, [SystemRoleName.TASK_WORKER])
        cls.others = kinds_of_people(cls.theirs, robot)

    def test_each_operation_has_a_row(self) -> None:
        table = read_table()
        self.assertEqual(
            sorted(each["operationId"] for _path, _method, each in self.operations()), sorted(table)
        )
        self.assertEqual({name for name, row in table.items() if not row.may}, set())
        own = {name for name, row in table.items() if row.other == "own"}
        self.assertEqual(own, OUR_WORDS.keys() | SAME_FOR_ALL | OWN_WORDS)

    def test_who_may_what(self) -> None:
        table = read_table()
        for operation in self.operations():
            name = operation[2]["operationId"]
            for letter, person in self.people.items():
                with self.subTest(name, person=letter):
                    status = self.ask(operation, letter, person).status_code
                    if letter in table[name].may:
                        self.assertIn(status, DONE)
                    else:
                        self.assertEqual(status, 403)

    def test_our_rows_do_not_exist_for_another_company(self) -> None:
        table = read_table()
        for operation in self.operations():
            name = operation[2]["operationId"]
            if table[name].other == "own":
                continue
            for letter, person in self.others.items():
                refused = letter in REFUSED_BEFORE.get(name, "") or has_no_scope(operation[2], letter)
                with self.subTest(name, person=letter):
                    status = self.ask(operation, letter, person).status_code
                    self.assertEqual(status, 403 if refused else 404)

    def test_what_another_company_has_of_its_own(self) -> None:
        table = read_table()
        for operation in self.operations():
            name = operation[2]["operationId"]
            if table[name].other != "own":
                continue
            may = table[name].may - set(REFUSED_BEFORE.get(name, ""))
            reader, words = OUR_WORDS.get(name, ("A", ""))
            with self.subTest(name):
                self.assertIn(words, self.ask(operation, reader, self.people[reader]).content.decode())
            for letter, person in self.others.items():
                with self.subTest(name, person=letter):
                    response = self.ask(operation, letter, person)
                    self.assertIn(response.status_code, DONE if letter in may else [403])
                    if words:
                        self.assertNotIn(words, response.content.decode())

    def ask(self, operation: tuple[str, str, Any], letter: str, person: CustomUser) -> Any:
        """Send the request that is right for the person, undo what it did, and return the answer."""
        request = self.request(*operation, letter, person)
        with transaction.atomic():
            response = request.send()
            connection.check_constraints()  # those that wait for the end of a transaction
            transaction.set_rollback(True)
        if response.status_code >= 400:
            self.assertEqual(json.loads(response.content)["status"], response.status_code)
        elif response.headers.get("Content-Type", "").startswith("application/json"):
            times = re.findall(r'"\d{4}-\d\d-\d\dT[^"]*"', response.content.decode())
            self.assertEqual([time for time in times if not time.endswith('Z"')], [], request.url)
        return response
