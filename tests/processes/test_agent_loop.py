"""The agent loop of examples/, with a scripted model on loopback and a real MCP server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from examples import agent_loop
from tests.processes.mcp_cases import McpTestCase
from users.models import AccessToken, Scope
from workflow_ops.models import TicketInstance
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import form, workflow

pytestmark = pytest.mark.slow
Json = dict[str, Any]
Turn = Callable[[list[Json]], Json]
"""Returns what the model says, given the messages so far."""


def call(name: str, arguments: Any) -> Json:
    """Return the message with which a model calls a tool; text is sent as the arguments as it is."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": text}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": function}]}


def say(text: str) -> Json:
    """Return the message of a model that is done."""
    return {"role": "assistant", "content": text}


def last_result(messages: list[Json]) -> Any:
    """Return what the last tool returned."""
    assert messages[-1]["role"] == "tool"
    return json.loads(messages[-1]["content"])


class Model(ThreadingHTTPServer):
    """An endpoint for chat completions that follows a script, and remembers what it was asked."""

    def __init__(self, *script: Turn) -> None:
        self.script, self.asked = list(script), list[Json]()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        """Answer with the next turn of the script."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({**asked, "path": self.path, "key": self.headers["Authorization"]})
        message = self.server.script[len(self.server.asked) - 1](asked["messages"])
        content = json.dumps({"choices": [{"message": message}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class AgentLoopTests(McpTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.engine.load(workflow(form("Check", "a")))
        self.questions: list[tuple[str, Json]] = []

    def work(
        self, *script: Turn, allows: bool = False, other: Mapping[str, str] = {}
    ) -> tuple[str, list[Json]]:
        """Return what the model says in the end, and what it was asked. `other` variables may be given."""
        model = Model(*script)
        self.addCleanup(model.server_close)
        Thread(target=model.serve_forever, daemon=True).start()
        self.addCleanup(model.shutdown)
        variables = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1/",
            "OPENAI_API_KEY": "key",
            "OPENAI_MODEL": "scripted",
            "TICKETFLOWER_MCP": f"http://127.0.0.1:{self.port}/mcp",
            "TICKETFLOWER_TOKEN": make_secret(self.ours.submitter, Scope.READ, Scope.SUBMIT),
            **other,
        }

        def may(name: str, arguments: Json) -> bool:
            self.questions.append((name, arguments))
            return allows

        return asyncio.run(agent_loop.work("Ask for a chair", variables, may=may)), model.asked

    def test_from_an_order_to_a_ticket(self) -> None:
        said, asked = self.work(
            lambda _messages: call("list_ticket_types", {}),
            lambda messages: call(
                "submit_ticket",
                {"ticket_type": last_result(messages)["body"]["items"][0]["id"], "values": {"a": "Chair"}},
            ),
            lambda messages: say(f"Ticket {last_result(messages)['body']['number']} is submitted."),
        )
        self.assertEqual(said, "Ticket 1 is submitted.")
        self.assertEqual(self.engine.call(TicketInstance.objects.get).ticket_data, {"a": "Chair"})
        self.assertEqual(self.questions, [])
        first = asked[0]
        self.assertEqual(
            (first["path"], first["key"], first["model"]), ("/v1/chat/completions", "Bearer key", "scripted")
        )
        self.assertIn("submit_ticket", [tool["function"]["name"] for tool in first["tools"]])
        self.assertEqual(first["messages"][1], {"role": "user", "content": "Ask for a chair"})

    def test_a_person_is_asked_before_a_destructive_tool(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Check", "a"), title="Other")), a="x")
        withdraw = {"number": ticket.number, "reason": "Not needed"}
        said, asked = self.work(
            lambda _messages: call("withdraw_ticket", withdraw), lambda _messages: say("No.")
        )
        self.assertEqual(said, "No.")
        self.assertEqual(self.questions, [("withdraw_ticket", withdraw)])
        self.assertIn("did not allow", asked[1]["messages"][-1]["content"])
        self.assertEqual(self.engine.status(ticket), "IN_PROGRESS")
        self.work(
            lambda _messages: call("withdraw_ticket", withdraw), lambda _messages: say("Done."), allows=True
        )
        self.assertEqual(self.engine.status(ticket), "CANCELLED")

    def test_it_reads_what_the_server_offers(self) -> None:
        guide = "ticketflower://docs/engine-in-short"
        _said, asked = self.work(
            lambda _messages: call("read_resource", {"uri": guide}),
            lambda _messages: call("read_resource", {"uri": "ticketflower://docs/security"}),
            lambda _messages: say("Done."),
        )
        (tool,) = [each for each in asked[0]["tools"] if each["function"]["name"] == "read_resource"]
        self.assertIn(guide, tool["function"]["parameters"]["properties"]["uri"]["enum"])
        self.assertIn("There are **no arrows**", asked[1]["messages"][-1]["content"])
        self.assertIn("no resource", asked[2]["messages"][-1]["content"])

    def test_what_a_model_gets_wrong_it_is_told(self) -> None:
        _said, asked = self.work(
            lambda _messages: call("fly", {}),
            lambda _messages: call("read_ticket", "{"),
            lambda _messages: call("read_ticket", {"number": 99}),
            lambda _messages: say("Sorry."),
        )
        results = [each["messages"][-1]["content"] for each in asked[1:]]
        self.assertEqual(results[:2], ["There is no tool fly.", "The arguments are not JSON."])
        self.assertEqual(json.loads(results[2])["status"], 404)

    def test_a_token_that_ends_meanwhile(self) -> None:
        def end(_messages: list[Json]) -> Json:
            self.engine.call(lambda: AccessToken.objects.all().delete())
            connection.close()  # that of the thread of the endpoint
            return call("list_tickets", {})

        said, _asked = self.work(end, lambda messages: say(messages[-1]["content"]))
        self.assertIn("The token may have ended", said)

    def test_what_fails_is_said_in_a_sentence(self) -> None:
        nobody = f"http://127.0.0.1:{self.closed_port()}"
        for variables, sentence in (
            ({"TICKETFLOWER_TOKEN": "tf_nothing"}, "The token may have ended"),
            ({"TICKETFLOWER_MCP": f"{nobody}/mcp"}, "127.0.0.1 did not answer"),
            ({"OPENAI_BASE_URL": nobody}, "127.0.0.1 did not answer"),
            ({"OPENAI_BASE_URL": f"http://127.0.0.1:{self.port}"}, "127.0.0.1 answered 404"),
        ):
            with self.subTest(**variables), self.assertRaisesRegex(agent_loop.FailedError, sentence):
                self.work(other=variables)

    def closed_port(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
            return port

    def test_a_model_that_never_ends(self) -> None:
        turns = [lambda _messages: call("list_tickets", {})] * agent_loop.MOST_TURNS
        self.assertIn("not done", self.work(*turns)[0])
