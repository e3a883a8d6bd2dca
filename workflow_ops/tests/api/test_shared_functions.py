"""Where a program may do something, a person may do it by the same function, and the other way round.

The tables of docs/programs.md, "Operations and pages", are held to the API and to the addresses of the site.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import TestCase

from django.conf import settings
from django.test import Client
from django.test import TestCase as DjangoTestCase
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from workflow_ops.api.service import openapi_document, operation_functions
from workflow_ops.tests.api.reaching import place_of, reaches

GUARDS = {"company_page", "person_page", "staff_page", "draft_page"}
"""What decorates views, and nothing else."""
THROUGH: Mapping[str, tuple[str, ...]] = {
    # Reports of files and of versions are made where they are stored.
    "check_workflow": ("workflow_design.persistence.",),
    # Forms of tickets and tasks ask for people, and store what is uploaded with them.
    "list_people_of_ticket_form": ("workflow_design.workspace.",),
    "list_people_of_task_form": ("workflow_design.workspace.",),
    "upload_file": ("workflow_ops.files",),
}
"""Where else code goes to the shared function. Otherwise it stands in the operation's module, and in a module
beside the view."""


def tables() -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """Return the cells of the tables: operations, and addresses without one that take a POST or are read."""
    text = (settings.BASE_DIR / "docs/programs.md").read_text("utf-8").split("### Operations and pages\n")[1]
    found = []
    for table in re.split(r"^\|(?: --- \|)+\n", text.split("\n## ")[0], flags=re.MULTILINE)[1:]:
        lines = [line for line in table.split("\n\n")[0].splitlines() if line.startswith("| ")]
        found.append([[cell.strip() for cell in line.strip("|").split("|")] for line in lines])
    operations, taking, reading = found
    return operations, taking, reading


def code(cell: str) -> list[str]:
    """Return what is marked as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def patterns_of(patterns: list[Any], route: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield the address and pattern of each page, without those of Django admin."""
    for pattern in patterns:
        full = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from patterns_of(pattern.url_patterns, full)
        elif pattern.name and pattern.name != "api":
            yield full, pattern


class OperationsTests(TestCase):
    def test_each_operation_shares_its_function_with_its_page(self) -> None:
        pages = {pattern.name: pattern for _route, pattern in patterns_of(get_resolver().url_patterns)}
        functions = operation_functions()
        for operation, function, page in tables()[0]:
            (name,), (path,) = code(operation), code(function)
            shared, through = import_string(path), THROUGH.get(name, ())
            with self.subTest(name):
                reached = reaches(place_of(functions[name]), shared, near=through)
                self.assertTrue(reached, path)
            for address in code(page):
                with self.subTest(name, page=address):
                    view = place_of(pages[address].callback)
                    beside = ".".join(view[0].split(".")[:2]) + "."
                    reached = reaches(view, shared, near=(beside, *through))
                    self.assertTrue(reached, path)

    def test_each_operation_has_a_row(self) -> None:
        named = [code(operation)[0] for operation, _function, _page in tables()[0]]
        described = [
            each["operationId"] for path in openapi_document()["paths"].values() for each in path.values()
        ]
        self.assertEqual(sorted(named), sorted(described))
        # One that the document leaves out would escape all tests that take the operations from there.
        self.assertEqual(sorted(operation_functions()), sorted(described))

    def test_the_api_imports_no_views(self) -> None:
        views = list(self._imports_of_views(settings.BASE_DIR / "workflow_ops/api"))
        self.assertEqual(views, [])

    def _imports_of_views(self, folder: Path) -> Iterator[tuple[str, str]]:
        for path in folder.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.ImportFrom) or not node.module:
                    continue
                place = settings.BASE_DIR / node.module.replace(".", "/")
                for file in (place.with_suffix(".py"), *(place / f"{each.name}.py" for each in node.names)):
                    if file.exists() and GUARDS & set(re.findall(r"^@(\w+)", file.read_text(), re.MULTILINE)):
                        yield path.name, str(file)


class AddressesTests(DjangoTestCase):
    def test_each_address_that_takes_a_post_is_in_a_table(self) -> None:
        operations, taking, _reading = tables()
        addresses = {name for name, takes_post in self._addresses() if takes_post}
        self.assertGreater(len(addresses), 100)
        self._assert_all_are_named(addresses, operations, taking)

    def test_each_address_that_is_only_read_is_in_a_table(self) -> None:
        operations, _taking, reading = tables()
        addresses = {name for name, takes_post in self._addresses() if not takes_post}
        self.assertGreater(len(addresses), 50)
        self._assert_all_are_named(addresses, operations, reading)

    def _assert_all_are_named(
        self, addresses: set[str], operations: list[list[str]], others: list[list[str]]
    ) -> None:
        named = {name for *_others, page in operations for name in code(page)}
        left_out = {name for cell, _why in others for name in code(cell)}
        self.assertFalse(left_out & named, "in both tables")
        self.assertEqual(addresses - named - left_out, set())
        self.assertEqual(left_out - addresses, set())

    def _addresses(self) -> Iterator[tuple[str, bool]]:
        """Yield the name of each address, and whether it takes a POST."""
        for route, pattern in patterns_of(get_resolver().url_patterns):
            path = "/" + re.sub(r"<[^>]+>", "1", route).lstrip("^").rstrip("$")
            yield str(pattern.name), Client().post(path).status_code != 405
