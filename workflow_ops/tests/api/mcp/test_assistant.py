"""The round in docs/assistant.md, played as it stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.conf import settings

from users.models import Scope
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.api.mcp.test_calls import ToolCallTestCase

BLOCK: Final = re.compile(r"^```json (\w+) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
THE_FILE: Final = "…"


class Block(NamedTuple):
    """A block of the document: what it is, the name of the tool for a call, and its JSON."""

    kind: str
    name: str
    content: Any


def blocks() -> Iterator[Block]:
    """Yield the blocks of the document in their order."""
    text = (settings.BASE_DIR / "docs/assistant.md").read_text(encoding="utf-8")
    for kind, name, content in BLOCK.findall(text):
        yield Block(kind, name, json.loads(content))


def change(file: Any, pointer: str, value: Any) -> None:
    """Set the value at the pointer, append it to a list, or remove it if it is None."""
    *path, last = pointer.split("/")[1:]
    place = file
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place.insert(int(last), value)
    elif value is None:
        del place[last]
    else:
        place[last] = value


class RoundTests(ToolCallTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.secret = make_secret(self.ours.designer, Scope.DESIGN)
        self.ids: dict[int, int] = {}

    def test_as_it_stands(self) -> None:
        file: Any = None
        result: Any = None
        played = 0
        for kind, name, content in blocks():
            match kind:
                case "file":
                    file = content
                case "changes":
                    for pointer, value in content.items():
                        change(file, pointer, value)
                case "call":
                    result = self.call(name, **self.arguments(content, file))
                case "result" | "refusal":
                    played += 1
                    self.assertEqual(bool(result.is_error), kind == "refusal", result)
                    self.compare(content, result.structured_content, f"{played}")
        self.assertEqual(played, 6)

    def arguments(self, content: Any, file: Any) -> dict[str, Any]:
        """Return the arguments of a call with the file and the ids of this run."""
        given = {name: file if value == THE_FILE else value for name, value in content.items()}
        return {name: self.ids[value] if name.endswith("_id") else value for name, value in given.items()}

    def compare(self, written: Any, found: Any, place: str) -> None:
        """Assert that what is written was found, apart from members that are left out."""
        if isinstance(written, dict):
            for name, value in written.items():
                if name == "id":
                    self.ids[value] = found[name]
                else:
                    self.assertIn(name, found, place)
                    self.compare(value, found[name], f"{place}/{name}")
        elif isinstance(written, list):
            self.assertEqual(len(written), len(found), (place, found))
            for number, (one, other) in enumerate(zip(written, found, strict=True)):
                self.compare(one, other, f"{place}/{number}")
        else:
            self.assertEqual(written, found, place)
