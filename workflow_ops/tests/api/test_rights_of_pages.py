"""Who may do something with a program may do it on its page, and nobody else: 403 is the same on both."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.walls.pages import PAGES
from users.tests.cases import logged_in
from workflow_ops.models import TicketLink
from workflow_ops.tests.api.each_operation import QUERIES, EachOperationTestCase
from workflow_ops.tests.api.test_rights import read_table
from workflow_ops.tests.api.test_shared_functions import code, patterns_of, tables

FIRST_READ = {
    # Their pages are open to whoever may read the task, and say in a sentence that they may not do this.
    **dict.fromkeys(("take_task", "give_back_task", "save_task_draft", "complete_task"), "read_task"),
    # The page of a task has its comments; the page of a ticket has them in the timeline.
    "list_comments": "read_task",
    # The form is open to whoever administers such tickets, and says in a sentence who may submit one.
    "submit_ticket": "read_ticket_type",
    # A file of its own is nothing to read; on pages it is uploaded with a form.
    "upload_file": "read_ticket_type",
}
"""Operations whose page is that of another operation and refuses the same people as that."""


class RightsOfPagesTests(EachOperationTestCase):
    """Each page that stands beside an operation, as each kind of person who can log in."""

    def test_pages_refuse_those_whom_operations_refuse(self) -> None:
        patterns = {pattern.name: pattern for _route, pattern in patterns_of(get_resolver().url_patterns)}
        clients = {letter: logged_in(person) for letter, person in self.people.items() if letter != "B"}
        pages = {code(name)[0]: code(page) for name, _function, page in tables()[0]}
        rows = read_table()
        for _path, method, operation in self.operations():
            name = operation["operationId"]
            may = rows[FIRST_READ.get(name, name)].may
            for page in pages[name]:
                for letter, client in clients.items():
                    with self.subTest(name, page=page, person=letter):
                        status = self._status(client, name, method, patterns[page])
                        # Some have nothing to do with an empty form, and say so.
                        self.assertIn(status, (200, 302, 409) if letter in may else (403,))

    def _status(self, client: Client, name: str, method: str, pattern: URLPattern) -> int:
        """Return what the page about the rows of the operation answers, and undo what it did."""
        page = PAGES[str(pattern.name)]
        address = reverse(page.name, kwargs=self._values(name, pattern))
        with transaction.atomic():
            if page.get and (method == "GET" or page.data is None):
                response = client.get(f"{address}?{urlencode(QUERIES.get(name, {}))}")
            else:
                response = client.post(address, {})
            connection.check_constraints()
            transaction.set_rollback(True)
        status: int = response.status_code
        return status

    def _values(self, name: str, pattern: URLPattern) -> dict[str, Any]:
        """Return the values in the address of a page, about the same rows as the operation."""
        with self.ours.scope(), transaction.atomic():
            link = TicketLink.objects.get()
        ids = self.parts.ids(name)
        more = {"ticket_definition_id": ids["ticket_type_id"], "link_id": link.pk}
        more |= {"kind": "task", "key": self.world.check.task_definition_id}
        return {each: (ids | more)[each] for each in pattern.pattern.converters}
