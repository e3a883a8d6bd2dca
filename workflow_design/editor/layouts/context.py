"""What the template of the layout editor shows: the controls of each line, and the preview."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.fields import Examples
from workflow_design.definition.layouts import (
    MAX_SECTION_LEVELS,
    LayoutError,
    parse_layout,
)
from workflow_design.editor.editor_field import JSON
from workflow_design.editor.form_fields import BUTTON
from workflow_design.editor.layouts.lines import (
    FieldLine,
    HeadingLine,
    LayoutOptions,
    TextLine,
    TypedLayout,
    line_depths,
    lines_to_json,
)
from workflow_design.workspace.controls import DisplayNames, FileInfo, Sources
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import build_read_view

_PERSON, _FILE = "1", "sample"
_EXAMPLES: Final = Examples(date(2026, 7, 1), [_PERSON], [_FILE])
_MAX_OPEN_FIELDS: Final = 8
"""Up to this many hidden fields are listed openly; more are folded away."""


def describe_layout(
    typed: TypedLayout, options: LayoutOptions, *, name: str, id: str, problems: Mapping[int, str]
) -> dict[str, Any]:
    """Return the members of the template's `widget`."""
    used = {line.name for line in typed.lines if isinstance(line, FieldLine)}
    names = [] if options.exactly_once else [each for each in options.allowed if each not in used]
    has_section = any(isinstance(line, HeadingLine) for line in typed.lines)
    return {
        "is_form": options.exactly_once,
        "lines": [
            {"name": f"{name}-{number}", "id": f"{id}-{number}", "number": number, **line}
            for number, line in enumerate(_lines(typed, options, problems))
        ],
        "hidden_fields": [options.fields[each] for each in names],
        "is_open": len(names) <= _MAX_OPEN_FIELDS,
        "actions": [
            ("heading", _("Add a heading"), "plus"),
            ("text", _("Add a text"), "plus"),
            *([("end", _("Add an end of section"), "plus")] if has_section else []),
            ("reset", _("Reset"), "arrow-uturn-left"),
        ],
        "summary": _("Fields that are not shown (%(number)d)") % {"number": len(names)},
        "move": format_html('name="{}" formnovalidate hx-post=""', BUTTON),
        "preview": _preview(options, _layout_to_preview(typed), f"{id}-preview"),
    }


def _lines(
    typed: TypedLayout, options: LayoutOptions, problems: Mapping[int, str]
) -> Iterator[dict[str, Any]]:
    depths, last = line_depths(typed.lines), len(typed.lines) - 1
    for number, line in enumerate(typed.lines):
        before = typed.lines[number - 1] if number else None
        moves = [
            ("up", "↑", _("Move up"), "" if number else "disabled"),
            ("down", "↓", _("Move down"), "" if number < last else "disabled"),
        ]
        if not (options.exactly_once and isinstance(line, FieldLine)):
            moves.append(("remove", "✕", _("Remove"), ""))
        context: dict[str, Any] = {
            "depth": depths[number],
            "problem": problems.get(number, ""),
            "focus": (typed.focus or "").removeprefix(f"-{number}-"),
            "moves": moves,
        }
        match line:
            case FieldLine(name, beside):
                context |= {"kind": "field", "text": name, "title": options.fields[name].title}
                if isinstance(before, FieldLine):
                    context["box"] = {
                        "part": "beside",
                        "label": _("Next to the one above"),
                        "checked": beside,
                    }
            case HeadingLine(text, inside):
                label = _("Heading, line %(number)d") % {"number": number + 1}
                context |= {"kind": "heading", "text": text, "title": text or _("heading"), "label": label}
                # The depth that this heading would have inside the section above.
                depth = depths[number - 1] + isinstance(before, HeadingLine) if number else 0
                if 0 < depth < MAX_SECTION_LEVELS:
                    label = _("Inside the section above")
                    context["box"] = {"part": "inside", "label": label, "checked": inside}
            case TextLine(text):
                label = _("Text, line %(number)d") % {"number": number + 1}
                context |= {"kind": "text", "text": text, "title": _("text"), "label": label}
            case _:
                context |= {"kind": "end", "title": _("end of the section")}
        yield context


def _layout_to_preview(typed: TypedLayout) -> Any:
    """Return the layout to preview; None, which is no valid layout, for JSON that can't be parsed."""
    if typed.view == JSON:
        try:
            return parse_json(typed.text) if typed.text.strip() else []
        except JsonError:
            return None
    return lines_to_json(
        HeadingLine(line.title or "…", line.inside) if isinstance(line, HeadingLine) else line
        for line in typed.lines
        if line != TextLine("")
    )


def _preview(options: LayoutOptions, layout: Any, id: str) -> dict[str, Any]:
    """Return the preview of the layout, or that it is not finished; nothing if a form can't be shown."""
    try:
        if not options.exactly_once:
            return {"blocks": _sample_blocks(options, layout)}
        if options.validator is None:
            return {}
        sources = Sources(people=list, files=lambda _ids: {})
        form = WorkspaceForm(validator=options.validator, names=options.names, layout=layout, sources=sources)
    except LayoutError:
        return {"is_unfinished": True}
    # Its own names and ids, so that they don't clash with those of the form around it.
    form.prefix, form.auto_id = id, "%s"
    return {"form": form}


def _sample_blocks(options: LayoutOptions, layout: Any) -> Any:
    """Return the page for reading with sample values. Raise LayoutError."""
    parse_layout(layout, fields=tuple(options.fields), exactly_once=False)
    sample = FileInfo(id=_FILE, name=_("offer.pdf"), url="#", size=0)
    names = DisplayNames(people={_PERSON: _("Hanna Berg")}, files={_FILE: sample})
    data = {
        field.name: field.example(_EXAMPLES) if field.default is None else field.default
        for field in options.fields.values()
    }
    return build_read_view(data, fields=options.fields, names=names, layout=layout, only=options.names)
