"""Tokens that open nothing, or not this, in sessions with the MCP server that are open already."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests.processes.mcp_cases import Connect, McpTestCase, Session
from users.models import AccessToken, CustomUser, Scope
from users.tokens import digest_of
from workflow_ops.api.mcp.operations import WHOLE, all_operations
from workflow_ops.api.mcp.tools import all_tools
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.api.each_operation import QUERIES, GoodRequests
from workflow_ops.tests.api.test_rights import read_table
from workflow_ops.tests.api.world import World

pytestmark = pytest.mark.slow
OURS = ("Paper 0", "ours.example", "Robo")
"""A value, an address and a name that only our company has."""
LAST = ("discard_draft",)
"""What takes away the row of others."""


class BadTokenTests(McpTestCase):
    """Every tool, with arguments that are right for it, in one session for each token."""

    def setUp(self) -> None:
        super().setUp()
        requests = GoodRequests(World(self.ours, lambda function: function()))
        self.calls = {name: self.arguments(requests, name) for name in all_tools()}
        with self.http(make_secret(self.ours.admin)) as session:
            # What the server itself stores, since this process has files in its memory.
            file = session.do("upload_file", **self.calls["upload_file"])["body"]["id"]
            self.calls["download_file"] = {"file_id": int(file)}

    def arguments(self, requests: GoodRequests, name: str) -> dict[str, Any]:
        """Return arguments that are right for our admin, with ids of our rows."""
        operation = all_operations()[name]
        ids, query, body = requests.ids(name), QUERIES.get(name, {}), requests.body(name)
        for whole in operation.at(WHOLE):
            body = {whole.name: body}
        if operation.is_upload:
            body = {"file_name": "note.txt", "text": "Words"}
        return {
            **{each.name: ids[each.name] for each in operation.at("path")},
            **{each.name: query[each.name] for each in operation.at("query") if each.is_required},
            **body,
            **{each.lower().replace("-", "_"): value for each, value in requests.version(name).items()},
        }

    def test_over_http(self) -> None:
        self.refuse_all(self.http)
        with self.http(make_secret(self.ours.admin)) as session:
            self.right_with_a_good_token(session)

    def test_over_standard_input_and_output(self) -> None:
        self.refuse_all(self.started)

    def refuse_all(self, connect: Connect) -> None:
        """Try each tool with each kind of token."""
        secret = make_secret(self.ours.admin)
        with connect(secret) as session, connect(make_secret(self.theirs.admin)) as of_others:
            self.change(secret, expires_at=timezone.now() - timedelta(seconds=1))
            self.refused_everywhere(session)
            self.change(secret, expires_at=timezone.now() + timedelta(days=1))
            self.without_the_scope(session, secret)
            self.deactivate(self.ours.admin, is_active=False)
            self.refused_everywhere(session)
            self.deactivate(self.ours.admin, is_active=True)
            self.of_another_company(of_others)
            self.engine.call(lambda: self.token(secret).delete())
            self.refused_everywhere(session)

    def refused_everywhere(self, session: Session) -> None:
        """Assert that all tools are refused with 401, and all else that is to be read."""
        for name, arguments in self.calls.items():
            with self.subTest(name):
                self.assertEqual(session.refusal(name, **arguments), 401)
        client, guide = session.client, "ticketflower://docs/engine-in-short"
        asked: list[Callable[[], Awaitable[Any]]] = [
            client.list_tools,
            client.list_resources,
            client.list_prompts,
            partial(client.read_resource, guide),
            partial(client.get_prompt, "fix_findings", {"workflow_id": "1"}),
        ]
        for ask in asked:
            self.assertEqual(session.failure(ask), 401)

    def without_the_scope(self, session: Session, secret: str) -> None:
        """Assert that each tool is refused to a token that has all scopes but that of the tool."""
        tried = set()
        for missing in Scope:
            self.change(secret, scopes=[scope for scope in Scope if scope != missing])
            for name, arguments in self.calls.items():
                if missing in all_operations()[name].scopes:
                    with self.subTest(name, missing=missing.value):
                        result = session.call(name, **arguments)
                        self.assertTrue(result.is_error)
                        problem = result.structured_content
                        text = f"The token lacks the scope “{missing.value}”."
                        self.assertEqual((problem["status"], problem["detail"]), (403, text))
                    tried.add(name)
        self.assertEqual(tried, set(self.calls))
        self.change(secret, scopes=[*Scope])

    def of_another_company(self, session: Session) -> None:
        """Assert that each tool refuses ids of ours as the API does, and has nothing of ours without them."""
        for name, row in read_table().items():
            with self.subTest(name, other=row.other):
                if row.other == "own":
                    text = json.dumps(session.do(name, **self.calls[name]))
                    self.assertEqual([each for each in OURS if each in text], [])
                else:
                    self.assertEqual(session.refusal(name, **self.calls[name]), int(row.other))

    def right_with_a_good_token(self, session: Session) -> None:
        """Assert that nothing was wrong with the ids and values of the calls that were refused.

        Some of these calls come too late, after what others did.
        """
        table = read_table()
        for name in sorted(self.calls, key=LAST.__contains__):
            with self.subTest(name):
                result = session.call(name, **self.calls[name])
                status = result.structured_content["status"] if result.is_error else 200
                self.assertIn(status, (200, 409) if "A" in table[name].may else (403,))

    def change(self, secret: str, **values: Any) -> None:
        self.engine.call(lambda: self.token(secret).update(**values))

    def deactivate(self, person: CustomUser, *, is_active: bool) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=person.pk).update(is_active=is_active))

    def token(self, secret: str) -> QuerySet[AccessToken]:
        return AccessToken.objects.filter(digest=digest_of(secret))
