"""Citations in code and documents: the cited documents, sections and files exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.test import SimpleTestCase

ROOT: Final = Path(settings.BASE_DIR)
SUFFIXES: Final = frozenset({".py", ".html", ".txt", ".md", ".toml", ".yml", ".sh", ".in"})
FOLDERS: Final = (
    "bench",
    "docker",
    "docs",
    "examples",
    "static",
    "templates",
    "tests",
    "ticketflower",
    "users",
)
FOLDERS_OF_WORKFLOWS: Final = ("workflow_design", "workflow_ops")

DOCUMENT: Final = re.compile(r"(?<![\w./:-])((?:[\w.-]+/)*[\w-]+\.md)\b")
# One line break or comment sign may stand anywhere inside a citation: texts are joined before the search.
SECTIONS: Final = re.compile(r"([\w./-]+\.md)[`)]*((?:(?:,| and) [\"“][^\"”]+[\"”])+)")
SECTION: Final = re.compile(r"[\"“]([^\"”]+)[\"”]")
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
EXAMPLE: Final = re.compile(r"^ *```python\n.*?^ *```$", re.MULTILINE | re.DOTALL)
FILE: Final = re.compile(r"(?<![\w./<-])(?:[\w.-]+/)+[\w.-]*")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every file of the project that may contain citations, with its text."""
    folders = [ROOT / name for name in (*FOLDERS, *FOLDERS_OF_WORKFLOWS)]
    below = (path for folder in folders for path in folder.rglob("*"))
    for path in sorted([*ROOT.glob("*"), *below]):
        if path.suffix in SUFFIXES and path.is_file():
            yield path, path.read_text(encoding="utf-8")


def found(cited: str, *, by: Path) -> Path | None:
    """Return the cited file: named from the top folder or, in a document, from where the document is."""
    places = [ROOT / cited, *([by.parent / cited] if by.suffix == ".md" else [])]
    return next((place for place in places if place.exists()), None)


def sections_cited(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of the document and the section for each quoted section."""
    joined = re.sub(r"\s*\n\s*(?:#: |# )?", " ", text)
    for cited, quoted in SECTIONS.findall(joined):
        for section in SECTION.findall(quoted):
            yield cited, section


def headings(document: Path) -> frozenset[str]:
    """Return the headings of a document."""
    return frozenset(HEADING.findall(FENCE.sub("", document.read_text(encoding="utf-8"))))


class DocumentsTests(SimpleTestCase):
    def test_every_document_that_is_cited_exists(self) -> None:
        cited = 0
        for path, text in texts():
            for name in DOCUMENT.findall(text):
                cited += 1
                with self.subTest(by=str(path.relative_to(ROOT)), cited=name):
                    self.assertIsNotNone(found(name, by=path))
        self.assertGreater(cited, 50)

    def test_every_section_that_is_cited_exists(self) -> None:
        cited = 0
        for path, text in texts():
            for name, section in sections_cited(text):
                document = found(name, by=path)
                cited += 1
                with self.subTest(by=str(path.relative_to(ROOT)), cited=name, section=section):
                    self.assertIn(section, headings(document) if document else ())
        self.assertGreater(cited, 50)

    def test_every_file_that_a_document_names_exists(self) -> None:
        named = 0
        for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
            for name in FILE.findall(EXAMPLE.sub("", document.read_text(encoding="utf-8"))):
                if name.partition("/")[0] not in (*FOLDERS, *FOLDERS_OF_WORKFLOWS):
                    continue
                named += 1
                with self.subTest(document=document.name, file=name):
                    path = name.rstrip(".")
                    self.assertTrue((ROOT / path).exists() or (ROOT / "templates" / path).exists())
        self.assertGreater(named, 50)

    def test_every_private_name_in_the_recipes_exists(self) -> None:
        recipes = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
        for recipe in re.split(r"^## ", recipes, flags=re.MULTILINE):
            named = [ROOT / name for name in FILE.findall(recipe) if name.endswith(".py")]
            sources = "".join(path.read_text(encoding="utf-8") for path in named if path.is_file())
            for name in re.findall(r"`(_[A-Za-z_]+)`", recipe):
                with self.subTest(name):
                    self.assertRegex(sources, rf"\b{name}\b")

    def test_a_citation_is_found_over_a_line_break_and_with_several_sections(self) -> None:
        text = """
# The law (`docs/engine.md`, "One write, step by
# step", 2; docs/access.md, “People” and “Company roles”).
"""
        self.assertEqual(
            list(sections_cited(text)),
            [
                ("docs/engine.md", "One write, step by step"),
                ("docs/access.md", "People"),
                ("docs/access.md", "Company roles"),
            ],
        )
