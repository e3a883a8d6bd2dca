"""The tools: one for each operation of the API, described so that a model chooses the right one."""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase
from jsonschema import Draft202012Validator

from users.models import Scope
from workflow_ops.api.mcp import resources, tools
from workflow_ops.api.mcp.operations import all_operations, inlined
from workflow_ops.api.service import openapi_document

MOST_WORDS = 60
NAME = re.compile(r"[a-zA-Z0-9_]{1,64}")


class ToolsTests(SimpleTestCase):
    def operations(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return the method and the description of each operation of the document by its name."""
        return {
            operation["operationId"]: (method, operation)
            for methods in openapi_document()["paths"].values()
            for method, operation in methods.items()
        }

    def test_each_operation_is_a_tool_or_has_a_reason(self) -> None:
        names = set(self.operations())
        self.assertGreater(len(names), 45)
        self.assertEqual(names, {*tools.all_tools(), *tools.NO_TOOLS})
        self.assertFalse({*tools.all_tools()} & {*tools.NO_TOOLS})
        self.assertTrue(all(tools.NO_TOOLS.values()))

    def test_tables_name_operations(self) -> None:
        named = {*tools.STORES_NOTHING, *tools.ONLY_ADDS, *tools._BEFORE, *tools._BEFORE.values()}
        named |= {each.name for each in resources._OPERATIONS.values()}
        self.assertEqual(named - set(self.operations()), set())

    def test_schemas(self) -> None:
        for name, tool in tools.all_tools().items():
            with self.subTest(name):
                for schema in (tool.input_schema, tool.output_schema or {}):
                    Draft202012Validator.check_schema(schema)
                    self.assertNotIn("$ref", json.dumps(schema))
                self.assertEqual(tool.input_schema["type"], "object")
                for argument in tool.input_schema["properties"]:
                    self.assertRegex(argument, NAME)
                self.assertRegex(name, NAME)

    def test_all_of_an_operation_is_in_its_arguments(self) -> None:
        operations = self.operations()
        for name, tool in tools.all_tools().items():
            method, described = operations[name]
            arguments, required = tool.input_schema["properties"], tool.input_schema["required"]
            with self.subTest(name):
                for each in described.get("parameters", ()):
                    argument = each["name"].lower().replace("-", "_")
                    self.assertIn(argument, arguments)
                    self.assertEqual(argument in required, each["required"])
                self.assertEqual("idempotency_key" in arguments, method == "post")

    def test_descriptions_are_short_and_differ(self) -> None:
        texts = [tool.description or "" for tool in tools.all_tools().values()]
        self.assertEqual(len(texts), len(set(texts)))
        for text in texts:
            with self.subTest(text):
                self.assertLessEqual(len(text.split()), MOST_WORDS)
                self.assertRegex(text, r"(?s)^[A-Z].*[.?]$")
                self.assertNotIn("If-Match", text)
        self.assertIn("Call read_task first.", tools.all_tools()["complete_task"].description or "")

    def test_marks(self) -> None:
        operations = self.operations()
        marked: dict[str, set[str]] = {"read": set(), "add": set(), "destroy": set()}
        for name, tool in tools.all_tools().items():
            marks = tool.annotations
            assert marks is not None
            kind = "read" if marks.read_only_hint else "destroy" if marks.destructive_hint else "add"
            marked[kind].add(name)
        reading = {name for name, (method, _operation) in operations.items() if method == "get"}
        self.assertGreater(len(reading), 40)
        self.assertEqual(marked["read"], reading | {"check_workflow", "play_workflow"})
        self.assertEqual(
            marked["add"],
            {
                *("add_comment", "create_draft", "create_report", "create_version", "follow_ticket"),
                *("link_ticket", "make_scenario", "submit_ticket", "upload_file"),
            },
        )
        self.assertLessEqual({"cancel_ticket", "complete_task", "replace_draft"}, marked["destroy"])

    def test_a_token_is_offered_what_its_scopes_allow(self) -> None:
        offered = {scope: {tool.name for tool in tools.tools_of([scope])} for scope in Scope}
        self.assertIn("submit_ticket", offered[Scope.SUBMIT])
        self.assertEqual(offered[Scope.PUBLISH], {"archive_workflow", "publish_workflow"})
        of_one_scope = set(tools.all_tools()) - {"make_scenario"}
        self.assertEqual(set().union(*offered.values()), of_one_scope)
        self.assertEqual(sum(map(len, offered.values())), len(of_one_scope))
        both = {tool.name for tool in tools.tools_of([Scope.DESIGN, Scope.ADMINISTER])}
        self.assertEqual(both, offered[Scope.DESIGN] | offered[Scope.ADMINISTER] | {"make_scenario"})

    def test_operations_of_one_name_each(self) -> None:
        self.assertEqual({each.name for each in all_operations().values()}, set(all_operations()))

    def test_a_schema_without_references_and_titles(self) -> None:
        schemas = {"Kind": {"enum": ["a"], "title": "Kind", "type": "string"}}
        schema = {
            "title": "Link",
            "properties": {
                "title": {"type": "string", "title": "Title"},
                "kinds": {"items": {"$ref": "#/components/schemas/Kind"}},
                "other": {
                    "anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}],
                    "default": None,
                },
            },
            "additionalProperties": False,
        }
        kind = {"enum": ["a"], "type": "string"}
        self.assertEqual(
            inlined(schema, schemas),
            {
                "properties": {
                    "title": {"type": "string"},
                    "kinds": {"items": kind},
                    "other": {"anyOf": [kind, {"type": "null"}], "default": None},
                },
                "additionalProperties": False,
            },
        )

    def test_the_image_has_the_documents(self) -> None:
        left_out = (settings.BASE_DIR / ".dockerignore").read_text(encoding="utf-8").splitlines()
        for document in resources._DOCUMENTS.values():
            self.assertIn(f"!docs/{document.name}.md", left_out)
