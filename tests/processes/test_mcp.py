"""The MCP server as processes, asked by the official client over both transports."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import Future
from contextlib import ExitStack
from tempfile import TemporaryFile
from threading import Timer
from typing import Any

import anyio
import psutil
import pytest
from django.conf import settings

from tests.processes.cases import environment
from tests.processes.mcp_cases import ANSWER_SECONDS, COMMAND, START_SECONDS, McpTestCase, Session
from users.models import Scope
from users.tokens import read_token
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow

pytestmark = pytest.mark.slow
CALLS = 60


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

    def test_too_many_requests(self) -> None:
        """The client tells that as it tells of a bad token. `Session.refusal` knows the status."""
        secret = make_secret(self.ours.admin)
        with self.http(secret) as session:
            for _each in range(settings.LIMITS["REQUESTS_OF_TOKEN"]):
                read_token(secret)  # counts as a request
            self.assertEqual(session.refusal("list_tickets"), 429)

    def test_the_command_of_developers(self) -> None:
        """`dev.py manage mcp`, once its packages are there, works on the database of the environment."""
        command = [sys.executable, "-m", "ticketflower.development", "manage", "mcp"]
        with self.started(make_secret(self.ours.submitter, Scope.READ), command=command) as session:
            self.assertIn("list_tickets", session.tools())
            self.assertEqual(session.do("list_tickets")["body"]["items"], [])
            children = psutil.Process().children(recursive=True)
            running = [each for each in children if each.cmdline()[-1:] == ["mcp"]]
            self.assertEqual(len(running), 2)
        _ended, alive = psutil.wait_procs(running, timeout=30)
        self.assertEqual(alive, [])

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
