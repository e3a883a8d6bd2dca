"""The MCP server as processes, asked by the official client over both transports."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from functools import partial
from tempfile import TemporaryFile
from threading import Timer
from typing import Any

import anyio
import psutil
import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from mcp import MCPError

from tests.processes.cases import environment
from tests.processes.fixing import apply_fix, broken_files
from tests.processes.mcp_cases import ANSWER_SECONDS, COMMAND, START_SECONDS, McpTestCase, Session
from users.models import AccessToken, CustomUser, Scope
from users.tokens import digest_of
from workflow_ops.api.mcp.operations import all_operations
from workflow_ops.api.mcp.tools import all_tools
from workflow_ops.models import TicketInstance
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow

pytestmark = pytest.mark.slow
CALLS = 60
OUR_TEXT = "Paper of ours"
SOME_TOOLS = (
    *("read_ticket", "submit_ticket", "upload_file", "complete_task", "read_desk_task"),
    *("check_workflow", "publish_workflow", "list_roles"),
)
"""Of each scope one, and of each kind: reading, storing, with a file, with a whole body."""
Connect = Callable[[str], AbstractContextManager[Session]]


class ConnectionTests(McpTestCase):
    def test_both_eras_of_the_protocol_over_http(self) -> None:
        secret = make_secret(self.ours.submitter, Scope.READ)
        for mode in ("auto", "legacy"):
            with self.subTest(mode), self.http(secret, mode=mode) as session:
                self.assertIn("list_tickets", session.tools())
                self.assertNotIn("submit_ticket", session.tools())
                self.assertEqual(session.do("list_tickets")["body"]["items"], [])
                listed = session.ask(session.client.list_prompts)
                self.assertEqual(len(listed.prompts), 2)
                self.assertIn("TicketFlower", session.client.instructions or "")

    def test_it_listens_on_this_machine_alone(self) -> None:
        listening = [
            each.laddr.ip
            for each in psutil.Process(self.process.pid).net_connections()
            if each.status == psutil.CONN_LISTEN
        ]
        self.assertEqual(listening, ["127.0.0.1"])

    def test_host_and_origin(self) -> None:
        bearer = f"Bearer {make_secret(self.ours.admin)}"
        ours = f"127.0.0.1:{self.port}"
        for headers, status in (
            ({"Host": "evil.example"}, 421),
            ({"Host": f"127.0.0.1.evil.example:{self.port}"}, 421),
            ({"Host": ours, "Origin": "https://evil.example"}, 403),
            ({"Host": ours, "Origin": "null"}, 403),
            ({"Host": ours, "Origin": settings.SITE_URL}, 400),
            ({"Host": f"localhost:{self.port}"}, 400),
            # What Django takes, too: names below a domain, and other ways to write a name.
            ({"Host": "ours.tickets.example"}, 400),
            ({"Host": f"LocalHost.:{self.port}"}, 400),
            ({"Host": "ours.tickets.example.evil.example"}, 421),
        ):
            with self.subTest(headers):
                self.assertEqual(self.request(b"{}", Authorization=bearer, **headers)[0], status)

    def test_each_request_needs_a_token(self) -> None:
        for authorization in ("", "Bearer tf_nothing", "Basic tf_nothing"):
            status, answered, body = self.request(Authorization=authorization)
            self.assertEqual((status, answered["www-authenticate"]), (401, "Bearer"))
            self.assertEqual(json.loads(body)["status"], 401)
        secret = make_secret(self.ours.admin)
        self.assertEqual(self.request(Cookie=f"token={secret}")[0], 401)
        self.assertEqual(self.request(b"", "GET", Authorization=f"Bearer {secret}")[0], 405)

    def test_a_message_that_is_too_large(self) -> None:
        bearer = f"Bearer {make_secret(self.ours.admin)}"
        self.assertEqual(self.request(b" " * (5 * 2**20), Authorization=bearer)[0], 413)

    def test_two_companies_at_once(self) -> None:
        for people in (self.ours, self.theirs):
            self.engine.people = people
            made = self.engine.load(workflow(form("Check", "a")))
            self.engine.submit(made, by=people.submitter, a=f"From {people.company.name}")
        secrets = {
            people.company.name: make_secret(people.submitter, Scope.READ)
            for people in (self.ours, self.theirs)
        }
        with ExitStack() as stack:
            sessions = {name: stack.enter_context(self.http(secret)) for name, secret in secrets.items()}
            began = {name: self._begin_calls(session) for name, session in sessions.items()}
            seen = {name: calls.result(timeout=ANSWER_SECONDS) for name, calls in began.items()}
        for name, answers in seen.items():
            self.assertEqual(answers, [{"a": f"From {name}"}] * CALLS)

    def _begin_calls(self, session: Session) -> Future[list[Any]]:
        """Begin many calls at once, and return where their answers will be."""
        answers: list[Any] = []

        async def ask() -> None:
            result = await session.client.call_tool("read_ticket", {"number": 1})
            answers.append(result.structured_content["body"]["values"])

        async def ask_often() -> list[Any]:
            async with anyio.create_task_group() as group:
                for _each in range(CALLS):
                    group.start_soon(ask)
            return answers

        return session.portal.start_task_soon(ask_often)


class StandardStreamsTests(CommittedEngineTestCase):
    def run_with(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            COMMAND,
            check=False,
            cwd=settings.BASE_DIR,
            env={**environment(), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )

    def test_a_token_is_needed(self) -> None:
        without = self.run_with()
        self.assertEqual((without.returncode, without.stdout), (1, ""))
        self.assertIn("TICKETFLOWER_TOKEN", without.stderr)
        self.assertNotIn("Traceback", without.stderr)
        wrong = self.run_with(TICKETFLOWER_TOKEN="tf_nothing")
        self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))
        self.assertIn("has ended", wrong.stderr)

    def test_standard_output_carries_nothing_but_the_protocol(self) -> None:
        hello = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        }
        messages: list[dict[str, Any]] = [
            {"id": 1, "method": "initialize", "params": hello},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/list"},
            {"id": 3, "method": "tools/call", "params": {"name": "list_tickets", "arguments": {}}},
            {"id": 4, "method": "tools/call", "params": {"name": "read_ticket", "arguments": {"number": 7}}},
            {"id": 5, "method": "nothing"},
        ]
        lines = [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]
        variables = {"TICKETFLOWER_TOKEN": make_secret(self.ours.submitter), "LOG_LEVEL": "DEBUG"}
        with (
            TemporaryFile("w+") as log,
            subprocess.Popen(
                COMMAND,
                cwd=settings.BASE_DIR,
                env={**environment(), **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            assert process.stdin is not None
            assert process.stdout is not None
            watch = Timer(START_SECONDS + ANSWER_SECONDS, process.kill)  # then reading comes to an end
            watch.start()
            self.addCleanup(watch.cancel)
            process.stdin.write("\n".join([*lines[:5], "no json", lines[5], ""]))
            process.stdin.flush()
            by_id: dict[Any, Any] = {}
            while not by_id.keys() >= {1, 2, 3, 4, 5}:
                answer = json.loads(process.stdout.readline())
                self.assertEqual(answer["jsonrpc"], "2.0")
                by_id[answer.get("id")] = answer
            process.stdin.close()
            self.assertEqual(process.stdout.read(), "")
            self.assertEqual(process.wait(timeout=30), 0)
            watch.cancel()
            log.seek(0)
            logged = log.read()
        self.assertIn("list_tickets", str(by_id[2]["result"]["tools"]))
        self.assertEqual(by_id[3]["result"]["structuredContent"]["body"]["items"], [])
        self.assertTrue(by_id[4]["result"]["isError"])
        self.assertIn("error", by_id[5])
        self.assertIn("request_finished", logged)
        self.assertNotIn("tf_", logged)


class BadTokenTests(McpTestCase):
    """Tokens that have ended, were deleted, lack the scope, or are of others or of people who left."""

    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(workflow(form("Check", "a")))
        ticket: TicketInstance = self.engine.submit(made, a=OUR_TEXT)
        self.ids = {
            "number": ticket.number,
            "other": ticket.number,
            "ticket_type": ticket.ticket_definition_id,
            "ticket_type_id": ticket.ticket_definition_id,
            "task_id": self.engine.task(ticket, "Check").pk,
            "workflow_id": made.pk,
            "other_id": made.pk,
        }

    def arguments(self, name: str) -> dict[str, Any]:
        """Return arguments that a tool takes, with ids of our rows."""
        schema = all_tools()[name].input_schema
        needed = [*schema["required"], *(["text"] if name == "upload_file" else [])]
        return {each: self.ids.get(each, self._sample(schema["properties"][each])) for each in needed}

    def _sample(self, schema: Mapping[str, Any]) -> Any:
        if "anyOf" in schema:
            return self._sample(schema["anyOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        samples = {"integer": 1, "string": "1", "object": {}, "array": [], "boolean": True}
        return samples[schema["type"]] if "type" in schema else {}

    def transports(self) -> Iterator[tuple[Connect, Collection[str]]]:
        """Yield the ways to connect, each with the tools to try with every bad token.

        Over HTTP all of them. Over standard streams, all with a token that has ended, and some with the
        other bad ones: both ways lead to the same `call_operation`, a request to the API, for which
        `test_bad_tokens` in workflow_ops/tests/api/test_document.py tries every operation.
        """
        yield self.http, all_tools().keys()
        yield self.started, SOME_TOOLS

    def refused_everywhere(self, session: Session, status: int, names: Collection[str] | None = None) -> None:
        """Assert that these tools are refused with this status, or else all."""
        for name in all_tools() if names is None else names:
            with self.subTest(name):
                self.assertEqual(session.refusal(name, **self.arguments(name)), status)

    def nothing_to_read(self, session: Session) -> None:
        """Assert that there are no lists, resources and prompts either."""
        client, guide = session.client, "ticketflower://docs/engine-in-short"
        asked: list[Callable[[], Any]] = [
            client.list_tools,
            client.list_resources,
            client.list_prompts,
            partial(client.read_resource, guide),
            partial(client.get_prompt, "fix_findings", {"workflow_id": "1"}),
        ]
        for ask in asked:
            with self.assertRaises(MCPError):
                session.ask(ask)

    def test_all_in_a_session_that_is_open(self) -> None:
        """Each in turn, in one session, so that a process is started once for each way of connecting."""
        for connect, some in self.transports():
            secret = make_secret(self.ours.admin)
            with self.subTest(connect=connect.__name__), connect(secret) as session:
                self.assertEqual(session.do("read_ticket", number=1)["body"]["number"], 1)
                self.change(secret, expires_at=timezone.now() - timedelta(seconds=1))
                self.refused_everywhere(session, 401)
                self.nothing_to_read(session)
                self.change(secret, expires_at=timezone.now() + timedelta(days=1))
                self.without_the_scope(session, secret, some)
                self.deactivate(self.ours.admin, is_active=False)
                self.refused_everywhere(session, 401, some)
                self.nothing_to_read(session)
                self.deactivate(self.ours.admin, is_active=True)
                self.assertEqual(session.do("read_ticket", number=1)["body"]["number"], 1)
                self.delete(secret)
                self.refused_everywhere(session, 401, some)
                self.nothing_to_read(session)

    def without_the_scope(self, session: Session, secret: str, some: Collection[str]) -> None:
        """Assert that a tool is refused to a token that has all scopes but that of the tool."""
        for missing in Scope:
            self.change(secret, scopes=[scope for scope in Scope if scope != missing])
            names = [name for name in some if missing in all_operations()[name].scopes]
            self.refused_everywhere(session, 403, names)
        self.change(secret, scopes=[*Scope])

    def change(self, secret: str, **values: Any) -> None:
        self.engine.call(lambda: self.token(secret).update(**values))

    def delete(self, secret: str) -> None:
        self.engine.call(lambda: self.token(secret).delete())

    def deactivate(self, person: CustomUser, *, is_active: bool) -> None:
        self.engine.call(lambda: CustomUser.objects.filter(pk=person.pk).update(is_active=is_active))

    def token(self, secret: str) -> QuerySet[AccessToken]:
        return AccessToken.objects.filter(digest=digest_of(secret))

    def test_of_another_company(self) -> None:
        for connect, some in self.transports():
            with connect(make_secret(self.theirs.admin)) as session:
                for name in some:
                    with self.subTest(name, connect=connect.__name__):
                        arguments = self.arguments(name)
                        result = session.call(name, **arguments)
                        self.assertNotIn(OUR_TEXT, str(result))
                        if arguments.keys() & self.ids.keys():
                            self.assertTrue(result.is_error, result)
                            self.assertIn(result.structured_content["status"], (404, 412, 422))


class WorkTests(McpTestCase):
    """A client that knows nothing but what tools return: from a broken file to a ticket that is done."""

    def test_over_http(self) -> None:
        self.work_with(self.http, files=5)

    def test_over_standard_input_and_output(self) -> None:
        self.work_with(self.started, files=1)

    def work_with(self, connect: Connect, *, files: int) -> None:
        submitter = make_secret(self.ours.submitter, Scope.READ, Scope.SUBMIT)
        # Sam always over HTTP, where a server is there already.
        with connect(make_secret(self.ours.admin)) as admin, self.http(submitter) as sam:
            draft, digest = self.make_drafts(admin, files=files)
            admin.do("publish_workflow", workflow_id=draft, read=digest)
            (kind,) = sam.do("list_ticket_types")["body"]["items"]
            asked = sam.do("read_ticket_type", ticket_type_id=kind["id"])["body"]["form"]
            values = self.values(asked)
            ticket = sam.do("submit_ticket", ticket_type=kind["id"], values=values, idempotency_key="k")
            number = ticket["body"]["number"]
            self.assertEqual(self.do_tasks(admin), ["Decide", "Try the key", "Hand out the key"])
            ended = sam.do("read_ticket", number=number)["body"]
            self.assertEqual((ended["status"], ended["submitted"]), ("COMPLETED", values))

    def make_drafts(self, session: Session, *, files: int) -> tuple[int, str]:
        """Make drafts without a finding of the last so many broken files.

        Return the id of the last draft and the digest of its report.
        """
        drafts = set()
        for name, file in list(broken_files().items())[-files:]:
            with self.subTest(name):
                self.assertTrue(self.fix(session, file))
                draft = session.do("create_draft", file=file)["body"]["id"]
                report = session.do("read_workflow_report", workflow_id=draft)["body"]
                self.assertEqual(report["findings"], [])
                drafts.add(draft)
        self.assertEqual(len(drafts), files)
        return draft, report["digest"]

    def fix(self, session: Session, file: dict[str, Any]) -> int:
        """Apply fixes until the check finds nothing, and return how many there were."""
        for count in range(20):
            findings = session.do("check_workflow", file=file)["body"]["findings"]
            if not findings:
                return count
            self.assertTrue(any(apply_fix(file, finding) for finding in findings), findings)
        raise AssertionError(findings)

    def values(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return values that fit the form."""
        samples = {"string": "West wing", "integer": 3}
        return {
            name: each["enum"][0] if "enum" in each else samples[each["type"]]
            for name, each in schema["properties"].items()
        }

    def do_tasks(self, session: Session) -> list[str]:
        """Complete open tasks until there are none, and return their titles."""
        done = []
        while items := session.do("list_desk_tasks")["body"]["items"]:
            result = session.do("read_task", task_id=items[0]["id"])
            values = self.values(result["body"]["form"])
            session.do("complete_task", task_id=items[0]["id"], values=values, if_match=result["etag"])
            done.append(items[0]["title"])
        return done
