"""The names in the code and the texts on the screen: words replaced by plainer ones must not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import TestCase

from django.conf import settings

FOLDERS = ("bench", "docker", "tests", "ticketflower", "users", "workflow_design", "workflow_ops")


# Banned words anywhere in a name, each with what to write instead.
BANNED_WORDS = {
    "hindrance": "reason",
    "hindrances": "reasons",
    "mend": "fix",
    "mended": "fixed",
    "mends": "fixes",
    "obstacle": "reason",
    "obstacles": "reasons",
    "passing": "transient",
    "somebody": "person, user or assignee",
    "whoever": "person, user or assignee",
}
# Banned first words of a name: participles that hide what the thing is.
BANNED_FIRST_WORDS = {
    "kept": "stored or cached",
    "posted": "submitted or data",
    "shown": "a noun such as entry or line",
    "told": "a noun such as message, or recorded",
}
# Banned whole names: participles where a verb or a noun says more.
BANNED_NAMES = {"_written": "a verb such as format"}
# Banned words of texts on the screen.
BANNED_IN_TEXTS = ("hindrance", "mend", "mended", "obstacle", "somebody", "whoever")
TEXT_PATTERN = re.compile(rf"\b(?:{'|'.join(BANNED_IN_TEXTS)})s?\b", re.IGNORECASE)
GETTEXT_NAMES = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# Names with a banned word that are plain enough: a verb would be wrong here.
ALLOWED = {"shown_fields"}


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything that the code defines, assigns or takes as an argument."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.arg():
                yield node.lineno, node.arg


def advice(name: str) -> str:
    """Return what to write instead of a banned word in the name, or an empty string."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", name)]
    if not words or name in ALLOWED:
        return ""
    whole = BANNED_NAMES.get(name) or BANNED_FIRST_WORDS.get(words[0], "")
    return whole or next((BANNED_WORDS[word] for word in words if word in BANNED_WORDS), "")


def python_files() -> Iterator[Path]:
    """Yield the project's Python files, except migrations, whose names are history."""
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR)
    yield from (Path("conftest.py"), Path("dev.py"))


def texts_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and each text that the code passes to gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT_NAMES:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.lineno, argument.value


def template_files() -> Iterator[Path]:
    """Yield the project's templates, of pages and of e-mails."""
    for path in sorted((settings.BASE_DIR / "templates").rglob("*")):
        if path.is_file():
            yield path.relative_to(settings.BASE_DIR)


class Names(TestCase):
    """Every name is a standard term, so that a new reader need not look it up."""

    def test_no_banned_word(self) -> None:
        found = []
        paths = list(python_files())
        for path in paths:
            source = (settings.BASE_DIR / path).read_text(encoding="utf-8")
            for line, name in [(1, path.stem), *names_in(source)]:
                if better := advice(name):
                    found.append(f"{path}:{line}: {name}: write {better}")
        self.assertEqual(found, [])
        self.assertGreater(len(paths), 100)

    def test_finds_words_in_every_kind_of_name(self) -> None:
        source = "class KeptRow: pass\ndef f(told): self.shown_rows = _mended = 1\ndef shown_fields(): pass"
        banned = [name for _line, name in names_in(source) if advice(name)]
        self.assertEqual(sorted(banned), ["KeptRow", "_mended", "shown_rows", "told"])


class Texts(TestCase):
    """The texts for users are in plain English."""

    def test_no_banned_word_in_a_template(self) -> None:
        found = []
        paths = list(template_files())
        for path in paths:
            lines = (settings.BASE_DIR / path).read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                found += [f"{path}:{number}: {word}" for word in TEXT_PATTERN.findall(line)]
        self.assertEqual(found, [])
        self.assertGreater(len(paths), 100)

    def test_no_banned_word_in_a_message(self) -> None:
        found, count = [], 0
        for path in python_files():
            for line, text in texts_in((settings.BASE_DIR / path).read_text(encoding="utf-8")):
                count += 1
                found += [f"{path}:{line}: {word}" for word in TEXT_PATTERN.findall(text)]
        self.assertEqual(found, [])
        self.assertGreater(count, 1000)

    def test_finds_words_in_every_kind_of_call(self) -> None:
        source = '_("Somebody")\nngettext("%d obstacle", "%d obstacles", 2)\n_("amend")\nprint("mend")'
        found = [word for _line, text in texts_in(source) for word in TEXT_PATTERN.findall(text)]
        self.assertEqual(found, ["Somebody", "obstacle", "obstacles"])
