"""HTML of the layout editor with its preview. All texts from designers are escaped."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.editor.buttons import (
    button,
    default_submit_button,
    editor,
    hidden,
    notice,
    swap_attributes,
)
from workflow_design.editor.layouts.line_widget import NOTHING, LayoutContext, render_lines
from workflow_design.editor.layouts.lines import (
    FieldLine,
    HeadingLine,
    TextLine,
    layout_to_json,
    lines_to_layout,
)
from workflow_design.editor.layouts.state import JSON, TypedLayout

MAX_OPEN_FIELDS: Final = 8
"""Up to this many hidden fields are listed openly; more are folded away."""


def render_editor(typed: TypedLayout, context: LayoutContext, *, is_refused: bool) -> SafeString:
    """Return the whole editor."""
    is_json = typed.view == JSON
    parts = [
        default_submit_button(),
        hidden(f"{context.name}-view", typed.view),
        hidden(f"{context.name}-original", typed.original),
        hidden(f"{context.name}-default", " ".join(context.names)),
        _choice_listener(context) if context.follows else NOTHING,
        notice(typed.notice) if typed.notice else NOTHING,
        _json(typed, context, is_refused=is_refused) if is_json else _lines(typed, context),
        context.preview(_preview_layout(typed)),
    ]
    return editor(context.id, _join(parts), has_focus=typed.focus == -1)


def _choice_listener(context: LayoutContext) -> SafeString:
    """Return an invisible element that updates the editor when the choice of its fields changes."""
    changes = f"change from:[name='{context.follows}']"
    return format_html(
        "<span hidden{}></span>", swap_attributes(context.id, action=context.update, trigger=changes)
    )


def _preview_layout(typed: TypedLayout) -> Any:
    """Return the layout to preview; None, which is no valid layout, for JSON that can't be parsed."""
    if typed.view == JSON:
        try:
            return parse_json(typed.text) if typed.text.strip() else []
        except JsonError:
            return None
    lines = (
        HeadingLine(line.title or "…", line.inside) if isinstance(line, HeadingLine) else line
        for line in typed.lines
        if line != TextLine("")
    )
    return layout_to_json(lines_to_layout(lines), names=())


def _json(typed: TypedLayout, context: LayoutContext, *, is_refused: bool) -> SafeString:
    return format_html(
        '<label class="form-text" for="{id}-json">{help}</label>'
        '<textarea class="form-control tf-code{invalid}" id="{id}-json" name="{name}-json" rows="10" '
        'spellcheck="false" autocapitalize="off"{preview}>\n{text}</textarea>'
        '<div class="tf-editor-buttons">{update}{switch}</div>',
        id=context.id,
        help=_("A list of field names, rows (lists of names), sections and texts."),
        invalid=" is-invalid" if is_refused else "",
        name=context.name,
        preview=swap_attributes(context.preview_id, action=context.update),
        text=typed.text,
        update=button(context.name, "update", _("Update preview"), css="tf-without-scripts"),
        switch=button(
            context.name,
            "lines",
            _("Back to the list"),
            css="btn-link",
            id=f"{context.id}-switch",
            more=swap_attributes(context.id),
        ),
    )


def _lines(typed: TypedLayout, context: LayoutContext) -> SafeString:
    return _join(
        [
            render_lines(typed, context) if typed.lines else _no_line(context),
            NOTHING if context.exactly_once else _hidden_fields(typed, context),
            _buttons(typed, context),
        ]
    )


def _no_line(context: LayoutContext) -> SafeString:
    is_form = context.exactly_once
    text = _("Choose fields first: you can arrange them here.") if is_form else _("No fields are shown.")
    return format_html('<p class="tf-muted">{}</p>', text)


def _hidden_fields(typed: TypedLayout, context: LayoutContext) -> SafeString:
    """Return a button for each field that could be shown but is not."""
    used = {line.name for line in typed.lines if isinstance(line, FieldLine)}
    names = [name for name in context.allowed if name not in used]
    buttons = _join(
        button(
            context.name,
            f"show:{name}",
            context.fields[name].title,
            icon="plus",
            more=swap_attributes(context.id),
        )
        for name in names
    )
    fold = format_html(
        '<details class="tf-fold"{}><summary>{}</summary><div class="tf-editor-buttons">{}</div></details>',
        SafeString(" open") if len(names) <= MAX_OPEN_FIELDS else NOTHING,
        _("Fields that are not shown (%(number)d)") % {"number": len(names)},
        buttons,
    )
    return fold if names else NOTHING


def _buttons(typed: TypedLayout, context: LayoutContext) -> SafeString:
    has_section = any(isinstance(line, HeadingLine) for line in typed.lines)
    actions = [
        ("heading", _("Add a heading"), "plus"),
        ("text", _("Add a text"), "plus"),
        *([("end", _("Add an end of section"), "plus")] if has_section else []),
        ("reset", _("Reset"), "arrow-uturn-left"),
    ]
    listed = _join(
        button(
            context.name,
            action,
            label,
            id=f"{context.id}-{action}",
            more=swap_attributes(context.id),
            icon=picture,
        )
        for action, label, picture in actions
    )
    return format_html(
        '<div class="tf-editor-buttons">{}{}</div><div class="tf-editor-switch">{}</div>',
        listed,
        button(context.name, "update", _("Update preview"), css="tf-without-scripts"),
        button(
            context.name,
            "json",
            _("Edit as JSON"),
            css="btn-link",
            id=f"{context.id}-switch",
            more=swap_attributes(context.id),
        ),
    )


def _join(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
