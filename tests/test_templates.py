"""The templates as a whole: readable, used, and described."""

import re
from pathlib import Path

from django.conf import settings
from django.template import Node
from django.template.base import Template
from django.template.loader import get_template
from django.test import SimpleTestCase
from django_cotton.templatetags._component import AttrKind, CottonComponentNode

LONGEST_LINE = 140
FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.html")}
APPS = ("ticketflower", "users", "workflow_design", "workflow_ops")
# Templates that Django and crispy-forms look for by these names.
NAMED_BY_PACKAGES = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "500.html",
    "bootstrap5/errors.html",
    "bootstrap5/layout/field_errors.html",
}
# Parts of the frame, bases of pages and parts of other components: not called by pages.
NOT_IN_THE_TABLE = {"confirm", "error_page", "sort_head"}


def sources() -> str:
    """Return the text of all our code that may name a template."""
    files = [path for app in APPS for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    return "\n".join(path.read_text() for path in files if "tests" not in path.parts)


def components() -> set[str]:
    """Return the names of all components."""
    return {path.stem for path in (FOLDER / "components").glob("*.html")}


def called() -> set[str]:
    """Return the names of the components that templates call as <c-name>; a slot is none."""
    texts = [path.read_text() for path in TEMPLATES.values()]
    return {name.replace("-", "_") for text in texts for name in re.findall(r"<c-(?!slot)([a-z-]+)", text)}


class TemplateTests(SimpleTestCase):
    """Rules that hold for every file in templates/."""

    def test_no_line_is_too_long(self) -> None:
        """One element a line, long tags over several lines."""
        long = [
            f"{name}:{number}"
            for name, path in TEMPLATES.items()
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if len(line) > LONGEST_LINE
        ]
        self.assertEqual(long, [])

    def test_every_template_is_used(self) -> None:
        """Named in code, in another template, or by a package."""
        texts = sources() + "\n".join(path.read_text() for path in TEMPLATES.values())
        named = set(re.findall(r'"([\w/]+\.html)"', texts)) | {f"components/{name}.html" for name in called()}
        self.assertEqual(set(TEMPLATES) - named - NAMED_BY_PACKAGES, set())

    def test_texts_over_several_lines_are_trimmed(self) -> None:
        """Their indentation is no part of the text that is translated."""
        untrimmed = [
            name
            for name, path in TEMPLATES.items()
            for text in re.findall(r"{% blocktranslate(.*?){% endblocktranslate", path.read_text(), re.DOTALL)
            if "\n" in text and " trimmed" not in text.split("%}")[0]
        ]
        self.assertEqual(untrimmed, [])

    def test_every_template_begins_with_what_it_is(self) -> None:
        """A comment says what the template is for and what it needs."""
        silent = [name for name, path in TEMPLATES.items() if "{% comment %}" not in path.read_text()]
        self.assertEqual(silent, [])


class ComponentTests(SimpleTestCase):
    """The components, and docs/components.md."""

    def test_the_table_of_components_is_complete(self) -> None:
        """The names in the table are the files, both ways."""
        text = (Path(settings.BASE_DIR) / "docs/components.md").read_text()
        table = text.split("## Components", 1)[1].split("\n## ", 1)[0]
        rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
        described = {name.replace("-", "_") for row in rows for name in re.findall(r"`c-([a-z-]+)`", row)}
        self.assertEqual(described | NOT_IN_THE_TABLE, components())

    def test_what_is_called_exists(self) -> None:
        """A component that is missing is noticed only by the page that calls it."""
        self.assertEqual(called() - components(), set())

    def test_every_attribute_can_be_read(self) -> None:
        """django-cotton shows an attribute whose template tags have a mistake as it is written."""
        for name in TEMPLATES:
            template = get_template(name).template  # type: ignore[attr-defined]
            self.assertIsInstance(template, Template)
            for node in template.nodelist.get_nodes_by_type(CottonComponentNode):
                with self.subTest(template=name, component=node.component_name):
                    self.assert_readable(node)

    def assert_readable(self, node: Node) -> None:
        for attribute in node._prepared_attrs:  # type: ignore[attr-defined]
            if attribute.kind in (AttrKind.STATIC, AttrKind.UNQUOTED):
                self.assertNotRegex(str(attribute.value), "{[{%]")
            if attribute.kind == AttrKind.DYNAMIC:
                self.assertRegex(attribute.value, r"^[\w.]+$")
