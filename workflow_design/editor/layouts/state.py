"""State of the layout editor: lines or JSON, read from form data and changed by its buttons."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from workflow_design.editor.layouts.lines import EndLine, FieldLine, HeadingLine, Line, TextLine

LINES, JSON = "lines", "json"
MAX_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class TypedLayout:
    """The content of the editor. `original` is the initial layout as JSON."""

    view: str = LINES
    lines: tuple[Line, ...] = ()
    text: str = ""
    original: str = ""
    default: tuple[str, ...] | None = None
    """The fields of the empty layout when it was shown; the choice may have changed since."""
    notice: str = ""
    focus: int | None = None
    """The line that was just added or moved, or -1 for the whole editor; `focus_part` is its control."""
    focus_part: str = ""
    is_redisplay: bool = False

    def __bool__(self) -> bool:
        """Return whether the initial layout was not the default."""
        return self.original not in ("", "[]")


def read_typed(data: Any, name: str) -> TypedLayout:
    """Read a layout from form data. Never fails, whatever the data contains."""
    lines: list[Line] = []
    for number in range(MAX_LINES):
        line = _read_line(data, f"{name}-{number}")
        if line is None:
            break
        lines.append(line)
    return TypedLayout(
        view=JSON if data.get(f"{name}-view") == JSON else LINES,
        lines=tuple(lines),
        text=str(data.get(f"{name}-json") or ""),
        original=str(data.get(f"{name}-original") or ""),
        default=tuple(str(data[f"{name}-default"]).split()) if f"{name}-default" in data else None,
    )


def _read_line(data: Any, place: str) -> Line | None:
    kind, text = data.get(f"{place}-kind"), str(data.get(f"{place}-text") or "")
    if kind == "field":
        return FieldLine(text, beside=bool(data.get(f"{place}-beside")))
    if kind == "heading":
        return HeadingLine(text.strip(), inside=bool(data.get(f"{place}-inside")))
    if kind == "text":
        return TextLine(text.replace("\r\n", "\n").strip())
    return EndLine() if kind == "end" else None


def apply_action(typed: TypedLayout, action: str, argument: str) -> TypedLayout:
    """Return the layout after an action on its lines; unchanged if the action is invalid."""
    lines = list(typed.lines)
    added = _NEW_LINES.get(action)
    if added is not None:
        return replace(typed, lines=(*lines, added), focus=len(lines), focus_part="text")
    if action == "show":
        return replace(typed, lines=(*lines, FieldLine(argument)), focus=len(lines), focus_part="up")
    number = _parse_number(argument, lines)
    # An invalid or outdated number: just show the editor again.
    if number is None:
        return replace(typed, focus=-1)
    if action == "remove":
        del lines[number]
        return replace(typed, lines=tuple(lines), focus=-1)
    other = number + {"up": -1, "down": 1}.get(action, len(lines))
    if 0 <= other < len(lines):
        lines[number], lines[other] = lines[other], lines[number]
        # At the end of the list, the pressed button becomes disabled, so focus the opposite one.
        is_at_end = other == (0 if action == "up" else len(lines) - 1)
        part = {"up": "down", "down": "up"}[action] if is_at_end else action
        return replace(typed, lines=tuple(lines), focus=other, focus_part=part)
    return replace(typed, focus=-1)


_NEW_LINES: Final[dict[str, Line]] = {"heading": HeadingLine(""), "text": TextLine(""), "end": EndLine()}


def _parse_number(words: str, lines: Sequence[Line]) -> int | None:
    is_number = words.isascii() and words.isdigit() and len(words) <= len(str(MAX_LINES))
    return int(words) if is_number and int(words) < len(lines) else None


def format_layout(layout: Any) -> str:
    """Return a layout formatted for the textarea."""
    return json.dumps(layout, ensure_ascii=False, indent=2)
