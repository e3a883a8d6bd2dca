"""HTML of the condition editor. `format_html` escapes all texts from designers.

With JavaScript, htmx submits the form to its page and replaces the editor, one row, or only the
sentence below it, so that a user who continues to type loses nothing.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.template_tags import icon
from workflow_design.editor.buttons import (
    button,
    default_submit_button,
    editor,
    hidden,
    notice,
    options,
    swap_attributes,
)
from workflow_design.editor.conditions import rows_to_rule
from workflow_design.editor.conditions.row_widget import NOTHING, ConditionContext, render_row
from workflow_design.editor.conditions.state import JSON, Place, TypedCondition, TypedGroup, TypedRow
from workflow_design.editor.conditions.values import parse_group, parse_rule
from workflow_design.wording.rules import describe_rule


def render_editor(typed: TypedCondition, context: ConditionContext, *, is_refused: bool) -> SafeString:
    """Return the whole editor."""
    parts = [
        default_submit_button(),
        hidden(f"{context.name}-view", typed.view),
        hidden(f"{context.name}-original", typed.original),
        notice(typed.notice) if typed.notice else NOTHING,
        _json(typed, context, is_refused=is_refused) if typed.view == JSON else _rows(typed, context),
    ]
    return editor(context.id, _together(parts), has_focus=typed.focus == ())


def _rows(typed: TypedCondition, context: ConditionContext) -> SafeString:
    name, whole = context.name, swap_attributes(context.id)
    is_empty = not typed.group.items
    parts = [
        format_html('<p class="tf-muted">{}</p>', _("No condition yet: it always applies."))
        if is_empty
        else _group(typed.group, (), context, typed.focus),
        format_html(
            '<div class="tf-editor-buttons">{}{}{}</div>',
            button(
                name,
                "add",
                _("Add a condition") if is_empty else _("Add a row"),
                id=f"{context.id}-add",
                more=whole,
                icon="plus",
            ),
            NOTHING
            if is_empty
            else button(name, "add-group", _("Add a group"), id=f"{context.id}-add-group", more=whole),
            NOTHING
            if is_empty
            else button(name, "update", _("Update the controls"), css="tf-without-scripts"),
        ),
        _sentence_of_rows(typed.group, context),
        format_html(
            '<div class="tf-editor-switch">{}</div>',
            button(name, "json", _("Edit as JSON"), css="btn-link", id=f"{context.id}-switch", more=whole),
        ),
    ]
    return _together(parts)


def _json(typed: TypedCondition, context: ConditionContext, *, is_refused: bool) -> SafeString:
    name = f"{context.name}-json"
    sentence = swap_attributes(context.sentence_id, action=context.update)
    return format_html(
        '<label class="form-text" for="{id}-json">{help}</label>'
        '<textarea class="form-control tf-code{invalid}" id="{id}-json" name="{name}" rows="8" '
        'spellcheck="false" autocapitalize="off"{sentence}>\n{text}</textarea>'
        '{words}<div class="tf-editor-switch">{switch}</div>',
        id=context.id,
        help=_("A JsonLogic rule on the fields. If empty, it always applies."),
        invalid=" is-invalid" if is_refused else "",
        name=name,
        sentence=sentence,
        text=typed.text,
        words=_sentence_of_json(typed.text, context),
        switch=button(
            context.name,
            "rows",
            _("Back to rows"),
            css="btn-link",
            id=f"{context.id}-switch",
            more=swap_attributes(context.id),
        ),
    )


def _group(group: TypedGroup, place: Place, context: ConditionContext, focus: Place | None) -> SafeString:
    """Return the rows of a group with the words that join them, and its nested groups."""
    prefix, words = context.name_at(place), _("and") if group.join == "all" else _("or")
    items = [
        (
            format_html('<span class="tf-join">{}</span>', words) if number else NOTHING,
            _item(item, (*place, number), context, focus),
        )
        for number, item in enumerate(group.items)
    ]
    listed = format_html_join("", "<li>{}{}</li>", items)
    return format_html(
        '{}<ol class="tf-condition-rows">{}</ol>', _join(group, place, context, name=f"{prefix}-join"), listed
    )


def _join(group: TypedGroup, place: Place, context: ConditionContext, *, name: str) -> SafeString:
    if len(group.items) < 2 and not place:  # noqa: PLR2004 - one row is joined to nothing
        return hidden(name, group.join)
    choices = [("all", _("All of these are true")), ("any", _("Any of these is true"))]
    return format_html(
        '<select class="form-select tf-join-choice" name="{}" id="{}" aria-label="{}"{}>{}</select>',
        name,
        f"{context.id_at(place)}-join",
        _("How the rows are joined"),
        swap_attributes(context.id, action=context.update),
        options(choices, [group.join]),
    )


def _item(
    item: TypedRow | TypedGroup, place: Place, context: ConditionContext, focus: Place | None
) -> SafeString:
    if isinstance(item, TypedRow):
        return render_row(item, place, context, has_focus=focus == place)
    place_code, whole = ".".join(map(str, place)), swap_attributes(context.id)
    number = ".".join(str(each + 1) for each in place)
    ids = context.id_at(place)
    return format_html(
        '<div class="tf-condition-group" role="group" aria-label="{}">{}'
        '<div class="tf-editor-buttons">{}{}</div></div>',
        _("Group %(number)s") % {"number": number},
        _group(item, place, context, focus),
        button(context.name, f"add:{place_code}", _("Add a row to the group"), id=f"{ids}-add", more=whole),
        button(
            context.name,
            f"remove:{place_code}",
            _("Remove the group"),
            css="btn-link",
            id=f"{ids}-remove",
            more=whole,
        ),
    )


def _sentence_of_rows(typed: TypedGroup, context: ConditionContext) -> SafeString:
    group, problems = parse_group(typed, context.fields)
    if not typed.items:
        return _sentence("", "", context)
    # Blank rows are no problems, but the sentence would look complete without a note.
    has_blank = any(row.is_blank for _place, row in typed.rows())
    left_out = _("Unfinished rows are not included here.") if problems or has_blank else ""
    rule = rows_to_rule(group, context.fields)
    words = describe_rule(rule, context.vocabulary) if rule is not None else ""
    return _sentence(words, left_out, context)


def _sentence_of_json(text: str, context: ConditionContext) -> SafeString:
    try:
        rule = parse_rule(text)
    except ValidationError as error:
        return _sentence("", " ".join(error.messages), context)
    return _sentence(describe_rule(rule, context.vocabulary) if rule is not None else "", "", context)


def _sentence(words: str, note: str, context: ConditionContext) -> SafeString:
    message = format_html("{} <strong>{}</strong>. ", _("In words:"), words) if words else NOTHING
    content = format_html('{}<span class="tf-muted">{}</span>', message, note) if note else message
    return format_html(
        '<p class="tf-sentence" id="{}" aria-live="polite"{}>{}{}</p>',
        context.sentence_id,
        NOTHING if words or note else SafeString(" hidden"),
        icon("chat-bubble-bottom-center-text") if words else NOTHING,
        format_html("<span>{}</span>", content),
    )


def _together(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
