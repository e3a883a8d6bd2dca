"""Each operation of the API, tried by each kind of person with the same rows, in both companies.

The table says by hand who may do what, as docs/access.md does. The operations come from the API itself: one
without a row fails. Whoever may see a row but not do this gets 403, another company's admin 404.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from users.models import CustomUser
from workflow_ops.tests.api.each_operation import DONE, EachOperationTestCase

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


@dataclass(frozen=True)
class Row:
    """Who may do something, and what another company's admin gets."""

    may: frozenset[str]
    other: str


def read_table() -> dict[str, Row]:
    """Return the rows of the table by the names of their operations."""
    cells = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
    return {name: Row(frozenset(may.split()), other) for name, may, other in cells}


class RightsTests(EachOperationTestCase):
    """Every operation as every kind of person; what each did is undone before the next."""

    def test_each_operation_has_a_row(self) -> None:
        names = [operation["operationId"] for _path, _method, operation in self.operations()]
        self.assertEqual(sorted(names), sorted(read_table()))

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
        request = self.request(path, method, operation, letter, person)
        with transaction.atomic():
            response = request.send()
            transaction.set_rollback(True)
        status: int = response.status_code
        if status >= 400:
            self.assertEqual(json.loads(response.content)["status"], status)
        elif response.headers.get("Content-Type", "").startswith("application/json"):
            times = re.findall(r'"\d{4}-\d\d-\d\dT[^"]*"', response.content.decode())
            self.assertEqual([time for time in times if not time.endswith('Z"')], [], request.url)
        return status
