"""HTML of the layout editor with its preview. All texts from designers are escaped."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.editor.buttons import button, default_button, editor, exchange, hidden, notice
from workflow_design.editor.layouts.line_widget import NOTHING, Drawn, draw_lines
from workflow_design.editor.layouts.lines import FieldLine, HeadingLine, TextLine, layout_of, written
from workflow_design.editor.layouts.posted import JSON, TypedLayout

MOST_IN_SIGHT: Final = 8
"""Up to this many hidden fields are listed openly; more are folded away."""


def draw(typed: TypedLayout, drawn: Drawn, *, is_refused: bool) -> SafeString:
    """Return the whole editor."""
    is_json = typed.view == JSON
    parts = [
        default_button(),
        hidden(f"{drawn.name}-view", typed.view),
        hidden(f"{drawn.name}-original", typed.original),
        hidden(f"{drawn.name}-default", " ".join(drawn.names)),
        _following(drawn) if drawn.follows else NOTHING,
        notice(typed.notice) if typed.notice else NOTHING,
        _json(typed, drawn, is_refused=is_refused) if is_json else _lines(typed, drawn),
        drawn.preview(_layout_in(typed)),
    ]
    return editor(drawn.id, _together(parts), has_focus=typed.focus == -1)


def _following(drawn: Drawn) -> SafeString:
    """Return an invisible element that updates the editor when the choice of its fields changes."""
    changes = f"change from:[name='{drawn.follows}']"
    return format_html("<span hidden{}></span>", exchange(drawn.id, action=drawn.update, trigger=changes))


def _layout_in(typed: TypedLayout) -> Any:
    """Return the layout to preview; None, which is no valid layout, for JSON that can't be parsed."""
    if typed.view == JSON:
        try:
            return parse_json(typed.text) if typed.text.strip() else []
        except JsonError:
            return None
    shown = (
        HeadingLine(line.title or "…", line.inside) if isinstance(line, HeadingLine) else line
        for line in typed.lines
        if line != TextLine("")
    )
    return written(layout_of(shown), names=())


def _json(typed: TypedLayout, drawn: Drawn, *, is_refused: bool) -> SafeString:
    return format_html(
        '<label class="form-text" for="{id}-json">{help}</label>'
        '<textarea class="form-control tf-code{invalid}" id="{id}-json" name="{name}-json" rows="10" '
        'spellcheck="false" autocapitalize="off"{preview}>\n{text}</textarea>'
        '<div class="tf-editor-buttons">{update}{switch}</div>',
        id=drawn.id,
        help=_("A list of field names, rows (lists of names), sections and texts."),
        invalid=" is-invalid" if is_refused else "",
        name=drawn.name,
        preview=exchange(drawn.preview_id, action=drawn.update),
        text=typed.text,
        update=button(drawn.name, "update", _("Update preview"), css="tf-without-scripts"),
        switch=button(
            drawn.name,
            "lines",
            _("Back to the list"),
            css="btn-link",
            id=f"{drawn.id}-switch",
            more=exchange(drawn.id),
        ),
    )


def _lines(typed: TypedLayout, drawn: Drawn) -> SafeString:
    return _together(
        [
            draw_lines(typed, drawn) if typed.lines else _no_line(drawn),
            NOTHING if drawn.exactly_once else _left_out(typed, drawn),
            _buttons(typed, drawn),
        ]
    )


def _no_line(drawn: Drawn) -> SafeString:
    is_form = drawn.exactly_once
    text = _("Choose fields first: they are arranged here.") if is_form else _("Nothing is shown.")
    return format_html('<p class="tf-muted">{}</p>', text)


def _left_out(typed: TypedLayout, drawn: Drawn) -> SafeString:
    """Return a button for each field that could be shown but is not."""
    shown = {line.name for line in typed.lines if isinstance(line, FieldLine)}
    names = [name for name in drawn.allowed if name not in shown]
    buttons = _together(
        button(drawn.name, f"show:{name}", drawn.fields[name].title, icon="plus", more=exchange(drawn.id))
        for name in names
    )
    drawn_list = format_html(
        '<details class="tf-fold"{}><summary>{}</summary><div class="tf-editor-buttons">{}</div></details>',
        SafeString(" open") if len(names) <= MOST_IN_SIGHT else NOTHING,
        _("Fields that are not shown (%(number)d)") % {"number": len(names)},
        buttons,
    )
    return drawn_list if names else NOTHING


def _buttons(typed: TypedLayout, drawn: Drawn) -> SafeString:
    has_section = any(isinstance(line, HeadingLine) for line in typed.lines)
    actions = [
        ("heading", _("Add a heading"), "plus"),
        ("text", _("Add a text"), "plus"),
        *([("end", _("Add an end of section"), "plus")] if has_section else []),
        ("reset", _("Reset"), "arrow-uturn-left"),
    ]
    listed = _together(
        button(drawn.name, action, label, id=f"{drawn.id}-{action}", more=exchange(drawn.id), icon=picture)
        for action, label, picture in actions
    )
    return format_html(
        '<div class="tf-editor-buttons">{}{}</div><div class="tf-editor-switch">{}</div>',
        listed,
        button(drawn.name, "update", _("Update preview"), css="tf-without-scripts"),
        button(
            drawn.name,
            "json",
            _("Edit as JSON"),
            css="btn-link",
            id=f"{drawn.id}-switch",
            more=exchange(drawn.id),
        ),
    )


def _together(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
