"""What a call of a tool sends to the API, and what a model reads of the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from mcp_types import CallToolResult, ImageContent, TextContent

from users.models import CompanyRole, CustomUser, Scope
from workflow_design.definition.file_json import to_json
from workflow_design.models import TicketDefinition
from workflow_ops.api.mcp.calls import Caller, _path, call_operation, find_token
from workflow_ops.api.mcp.operations import all_operations
from workflow_ops.api.mcp.prompts import PromptRefusedError, fill_prompt, list_prompts
from workflow_ops.api.mcp.resources import ResourceRefusedError, list_resources, read_resource
from workflow_ops.api.mcp.tools import ArgumentsRefusedError, read_arguments, result_of
from workflow_ops.models import IdempotentCall, TicketInstance
from workflow_ops.tests.api.cases import ApiTestCase, make_secret
from workflow_ops.tests.engine_cases import form, workflow

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class ToolCallTestCase(ApiTestCase):
    """Tests that call tools with a token of the admin, unless they say otherwise."""

    def setUp(self) -> None:
        super().setUp()
        for signal in (request_started, request_finished):
            # It would close the connection whose transaction the test is in.
            signal.disconnect(close_old_connections)
            self.addCleanup(signal.connect, close_old_connections)
        self.secret = make_secret(self.ours.admin)

    def call(self, name: str, /, secret: str = "", **arguments: Any) -> CallToolResult:
        """Return what the client gets."""
        operation = all_operations()[name]
        with self.captureOnCommitCallbacks(execute=True):
            answer = call_operation(
                operation, read_arguments(operation, arguments), Caller(secret or self.secret)
            )
        return result_of(operation, answer)

    def body(self, name: str, /, secret: str = "", **arguments: Any) -> Any:
        """Return the body of an answer that refuses nothing."""
        result = self.call(name, secret, **arguments)
        self.assertFalse(result.is_error, result.structured_content)
        return result.structured_content["body"]

    def refused(self, name: str, status: int, /, secret: str = "", **arguments: Any) -> list[str]:
        """Assert that the call is refused with this status, and return the pointers."""
        result = self.call(name, secret, **arguments)
        self.assertTrue(result.is_error, result.structured_content)
        self.assertEqual(result.structured_content["status"], status)
        self.assertTrue(result.structured_content["detail"])
        return [each["pointer"] for each in result.structured_content["errors"]]


class CallsTests(ToolCallTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Check", "a")))
        (kind,) = self.body("list_ticket_types")["items"]
        self.kind: int = kind["id"]

    def submit(self, **more: Any) -> Any:
        return self.body("submit_ticket", ticket_type=self.kind, values={"a": "Paper"}, **more)

    def test_arguments_go_into_path_query_and_body(self) -> None:
        number = self.submit()["number"]
        self.assertEqual(self.body("read_ticket", number=number)["values"], {"a": "Paper"})
        self.assertEqual(len(self.body("list_tickets")["items"]), 1)
        self.assertEqual(self.body("list_tickets", status="archive")["items"], [])
        self.call("withdraw_ticket", number=number, reason="Not needed")
        self.assertEqual(len(self.body("list_tickets", status="archive")["items"]), 1)

    def test_a_version_is_read_and_sent_back(self) -> None:
        number = self.submit()["number"]
        task = self.engine.task(self.engine.call(lambda: TicketInstance.objects.get(number=number)), "Check")
        result = self.call("read_task", task_id=task.pk)
        self.assertEqual(self.refused("complete_task", 412, task_id=task.pk, values={}, if_match="9"), [])
        done = self.body(
            "complete_task",
            task_id=task.pk,
            values={"out": "Fine"},
            if_match=result.structured_content["etag"],
        )
        self.assertEqual(done["status"], "COMPLETED")
        self.assertEqual(self.body("read_task", task_id=task.pk)["output"], {"out": "Fine"})

    def test_the_same_key_submits_once(self) -> None:
        first, second = self.submit(idempotency_key="k"), self.submit(idempotency_key="k")
        self.assertEqual(first["number"], second["number"])
        self.assertEqual(self.engine.call(IdempotentCall.objects.get).key, "k")

    def test_the_whole_of_a_body(self) -> None:
        file = to_json(workflow(form("Check", "a"), title="Purchase"))
        draft = self.body("create_draft", file=file)
        self.assertEqual(draft["title"], "Purchase")
        del file["tickets"]
        self.assertEqual(self.refused("create_draft", 422, file=file), ["/file"])
        codes = [each["code"] for each in self.body("check_workflow", file=file)["findings"]]
        self.assertIn("missing-member", codes)

    def test_pointers_lead_to_arguments(self) -> None:
        self.assertEqual(
            self.refused("submit_ticket", 422, ticket_type=self.kind, values={"b": 1}), ["/values/b"]
        )
        self.assertEqual(self.refused("submit_ticket", 422, ticket_type=self.kind), ["/values"])
        self.assertEqual(self.refused("withdraw_ticket", 404, number=99, reason="x"), [])

    def test_arguments_that_the_api_would_not_see(self) -> None:
        cases: list[tuple[str, Mapping[str, Any], str]] = [
            ("read_ticket", {}, ""),
            ("read_ticket", {"number": "1"}, "/number"),
            ("read_ticket", {"number": 1, "extra": 2}, ""),
            ("complete_task", {"task_id": 1, "values": {}}, ""),
            ("upload_file", {"file_name": "a.txt"}, ""),
            ("upload_file", {"file_name": "a.txt", "text": "a", "base64": "YQ=="}, ""),
            ("upload_file", {"file_name": "a.txt", "base64": "?"}, "/base64"),
        ]
        for name, arguments, place in cases:
            with self.subTest(name, **arguments), self.assertRaises(ArgumentsRefusedError) as caught:
                read_arguments(all_operations()[name], arguments)
            self.assertEqual([each["pointer"] for each in caught.exception.problems], [place])

    def test_what_no_request_could_have_is_refused(self) -> None:
        new: Mapping[str, Any] = {"ticket_type": self.kind, "values": {}}
        cases: list[tuple[str, Mapping[str, Any], str]] = [
            ("submit_ticket", {**new, "idempotency_key": "\0"}, "/idempotency_key"),
            ("submit_ticket", {**new, "idempotency_key": "\ud800"}, "/idempotency_key"),
            ("list_people", {"q": "\ud800"}, "/q"),
            ("read_template", {"name": "\ud800"}, "/name"),
            ("upload_file", {"file_name": "\ud800.txt", "text": "x"}, "/file_name"),
            ("read_ticket", {"number": 10**5000}, "/number"),
        ]
        for name, arguments, place in cases:
            with self.subTest(place), self.assertRaises(ArgumentsRefusedError) as caught:
                read_arguments(all_operations()[name], arguments)
            self.assertEqual([each["pointer"] for each in caught.exception.problems], [place])

    def test_no_argument_leads_elsewhere(self) -> None:
        self.assertEqual(self.refused("read_template", 404, name="../tickets"), [])
        path = _path(all_operations()["read_template"], {"name": "../tickets"})
        self.assertEqual(path, "/api/1/gallery/.. tickets")
        self.assertEqual(self.refused("read_template", 404, name="übung?x=1"), [])
        with_break = self.submit(idempotency_key="k\r\nAuthorization: Bearer tf_other")
        self.assertEqual(with_break["number"], 1)

    def test_pages_of_a_list_are_turned_with_the_cursor_alone(self) -> None:
        for number in range(51):
            self.body("submit_ticket", ticket_type=self.kind, values={"a": f"Paper {number}"})
        first = self.body("list_tickets")
        self.assertNotIn("/", first["next"])
        second = self.body("list_tickets", after=first["next"])
        self.assertEqual((len(first["items"]), len(second["items"])), (50, 1))
        back = self.body("list_tickets", before=second["previous"])
        self.assertEqual(back["items"], first["items"])

    def test_files(self) -> None:
        text = self.body("upload_file", file_name='a "list".txt', text="Äpfel", idempotency_key="k")
        self.assertEqual(
            self.body("upload_file", file_name='a "list".txt', text="Äpfel", idempotency_key="k"), text
        )
        self.assertEqual(text["name"], 'a "list".txt')
        result = self.call("download_file", file_id=int(text["id"]))
        self.assertEqual(result.content, [TextContent(text="Äpfel")])
        picture = self.body("upload_file", file_name="a.png", base64=base64.b64encode(PICTURE).decode())
        (content,) = self.call("download_file", file_id=int(picture["id"])).content
        assert isinstance(content, ImageContent)
        self.assertEqual(base64.b64decode(content.data), PICTURE)
        self.assertEqual(self.refused("download_file", 404, file_id=10**6), [])

    def test_a_picture_of_a_workflow(self) -> None:
        (content,) = self.call("read_workflow_picture", workflow_id=self.made.pk).content
        assert isinstance(content, TextContent)
        self.assertIn("<svg", content.text)

    def test_what_is_refused_changes_nothing(self) -> None:
        self.refused("submit_ticket", 403, make_secret(self.ours.admin, Scope.READ), ticket_type=self.kind)
        self.refused("submit_ticket", 404, make_secret(self.theirs.admin), ticket_type=self.kind, values={})
        self.refused("submit_ticket", 401, "tf_nothing", ticket_type=self.kind, values={})
        self.assertFalse(self.engine.call(TicketInstance.objects.exists))

    def test_too_many_requests(self) -> None:
        with self.settings(LIMITS={"REQUESTS_OF_TOKEN": 0}):
            result = self.call("list_tickets")
        self.assertEqual(result.structured_content["status"], 429)
        self.assertTrue(1 <= result.structured_content["retry_after"] <= 60)

    def test_a_site_with_https_behind_a_proxy(self) -> None:
        with self.settings(
            SITE_URL="https://tickets.example.com",
            ALLOWED_HOSTS=["tickets.example.com"],
            SECURE_SSL_REDIRECT=True,
            SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
        ):
            self.assertEqual(len(self.body("list_ticket_types")["items"]), 1)

    def test_an_error_of_the_site_shows_nothing_of_it(self) -> None:
        self.body("read_ticket_type", ticket_type_id=self.kind)
        self.engine.call(lambda: TicketDefinition.objects.update(fields=["nowhere"]))
        with self.assertLogs("django.request", "ERROR"):
            result = self.call("read_ticket_type", ticket_type_id=self.kind)
        self.assertTrue(result.is_error)
        self.assertEqual(result.structured_content["status"], 500)
        self.assertNotIn("<", str(result.structured_content))


class TokenTests(ToolCallTestCase):
    def test_who_it_is(self) -> None:
        found = find_token(self.secret)
        assert found is not None
        self.assertEqual(found.scopes, frozenset(Scope))
        for secret in ("", "tf_nothing", "Bearer", "tf_" + "x" * 300):
            self.assertIsNone(find_token(secret))
        self.engine.call(lambda: CustomUser.objects.filter(pk=self.ours.admin.pk).update(is_active=False))
        self.assertIsNone(find_token(self.secret))


class ResourceTests(ToolCallTestCase):
    def answer(self, secret: str = "") -> Any:
        return lambda name, arguments: call_operation(
            all_operations()[name], arguments, Caller(secret or self.secret)
        )

    def test_each_can_be_read(self) -> None:
        listed = list_resources(self.answer())
        self.assertGreater(len(listed), 5)
        for resource in listed:
            with self.subTest(resource.uri):
                content = read_resource(resource.uri, self.answer())
                self.assertEqual((content.uri, content.mime_type), (resource.uri, resource.mime_type))
                self.assertGreater(len(content.text), 20)

    def test_what_is_listed_can_be_read_and_nothing_else_can(self) -> None:
        all_there_are = {resource.uri for resource in list_resources(self.answer())}
        for person, scopes in (
            (self.ours.admin, [Scope.READ]),
            (self.ours.admin, [Scope.COMPANY]),
            (self.ours.admin, [Scope.DESIGN]),
            (self.ours.designer, [*Scope]),
            (self.ours.submitter, [*Scope]),
        ):
            call = self.answer(make_secret(person, *scopes))
            listed = {resource.uri for resource in list_resources(call)}
            with self.subTest(person.first_name, scopes=scopes):
                self.assertEqual(listed, {uri for uri in all_there_are if self.is_readable(uri, call)})

    def is_readable(self, uri: str, call: Any) -> bool:
        try:
            read_resource(uri, call)
        except ResourceRefusedError:
            return False
        return True

    def test_all_roles_of_a_large_company(self) -> None:
        names = [f"Role {number:03}" for number in range(120)]
        self.engine.call(lambda: [CompanyRole.objects.create(name=name) for name in names])
        designer = self.answer(make_secret(self.ours.designer, Scope.DESIGN))
        content = json.loads(read_resource("ticketflower://names", designer).text)
        self.assertLessEqual(set(names), set(content["roles"]))
        self.assertEqual(len(content["roles"]), self.engine.call(CompanyRole.objects.count))

    def test_refused(self) -> None:
        reader = make_secret(self.ours.submitter, Scope.READ)
        self.assertNotIn("gallery", str(list_resources(self.answer(reader))))
        for secret, uri in (
            ("", "ticketflower://docs/security"),
            ("", "ticketflower://gallery/../tickets"),
            ("", "file:///etc/passwd"),
            (reader, "ticketflower://workflow-schema"),
        ):
            with self.subTest(uri), self.assertRaises(ResourceRefusedError):
                read_resource(uri, self.answer(secret))


class PromptTests(ToolCallTestCase):
    def test_filled(self) -> None:
        names = [prompt.name for prompt in list_prompts()]
        self.assertEqual(names, ["design_workflow", "fix_findings"])
        filled = fill_prompt("design_workflow", {"description": "Ask for {a} chair"})
        (message,) = filled.messages
        assert isinstance(message.content, TextContent)
        self.assertIn("Ask for {a} chair", message.content.text)
        for name in names:
            tools_named = fill_prompt(name, {"description": "x", "workflow_id": "7"}).messages[0].content
            assert isinstance(tools_named, TextContent)
            self.assertIn("check_workflow", tools_named.text)

    def test_refused(self) -> None:
        for name, arguments in (
            ("nothing", {}),
            ("fix_findings", {}),
            ("fix_findings", {"workflow_id": " "}),
        ):
            with self.subTest(name, **arguments), self.assertRaises(PromptRefusedError):
                fill_prompt(name, arguments)
