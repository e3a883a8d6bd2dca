"""The small parts that the editors of conditions and layouts are drawn of."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.template_tags import icon as drawn_icon

BUTTON: Final = "_redisplay"
NOT_SAVED: Final = gettext_lazy("Not saved yet: the form was only updated.")


def redisplay_asked(post: Mapping[str, Any]) -> bool:
    """Whether a button was pressed that saves nothing."""
    return BUTTON in post


def action_for(post: Mapping[str, Any], name: str) -> str:
    """What the pressed button asks of the field `name`; "" if nothing."""
    field, _colon, action = str(post.get(BUTTON, "")).partition(":")
    return action if field == name else ""


EXCHANGE_ALL: Final = SafeString(' hx-post=""')
"""With which a button exchanges the whole editor, as the editor says."""


def button(
    name: str,
    action: str,
    label: str,
    *,
    css: str = "",
    id: str = "",
    more: str = "",
    icon: str = "",
    sign: str = "",
    about: str = "",
    is_icon_only: bool = False,
    is_off: bool = False,
) -> SafeString:
    """A button that shows the form again. `about` is read out after the label, `more` are attributes.

    A `sign` is a letter for an icon, where there are so many buttons that drawings weigh too much.
    """
    picture = drawn_icon(icon, 18) if icon else _sign(sign)
    look = css if "btn-" in css else f"btn-secondary {css}".strip()
    hidden_words = format_html('<span class="visually-hidden"> {}</span>', about) if about else ""
    text = format_html('<span class="visually-hidden">{}</span>', label) if is_icon_only else label
    return format_html(
        '<button class="btn btn-sm {}" name="{}" value="{}:{}" formnovalidate{}{}{}>{}{}{}</button>',
        look,
        BUTTON,
        name,
        action,
        format_html(' id="{}"', id) if id else "",
        SafeString(" disabled") if is_off else "",
        more,
        picture,
        text,
        hidden_words,
    )


def _sign(sign: str) -> SafeString:
    return format_html('<span aria-hidden="true">{}</span>', sign) if sign else SafeString("")


def exchange(id: str, *, action: str = "", also: str = "", trigger: str = "") -> SafeString:
    """Attributes with which htmx sends the form and exchanges the element `id`, and `also` another one.

    A control, unlike a button, says by `action` what its change asks for. New controls answer at once:
    whoever is quick changes them before htmx's usual pause is over.
    """
    return format_html(
        ' hx-post="" hx-target="#{}" hx-select="#{}" hx-swap="outerHTML settle:0ms"{}{}{}',
        id,
        id,
        format_html(' hx-vals="{}"', json.dumps({BUTTON: action})) if action else "",
        format_html(' hx-select-oob="#{}"', also) if also else "",
        format_html(' hx-trigger="{}"', trigger) if trigger else "",
    )


def editor(id: str, content: SafeString, *, has_focus: bool) -> SafeString:
    """The whole of an editor, which its buttons exchange.

    Its requests go one after the other, so that the newest answer stays.
    """
    return format_html(
        '<div class="tf-editor" id="{}" tabindex="-1" hx-sync="this:queue all" hx-target="#{}" '
        'hx-select="#{}" hx-swap="outerHTML settle:0ms"{}>{}</div>',
        id,
        id,
        id,
        SafeString(" autofocus") if has_focus else "",
        content,
    )


def hidden(name: str, value: str) -> SafeString:
    """A value that goes with the form."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


def notice(text: str) -> SafeString:
    """What an action could not do, and why."""
    return format_html(
        '<div class="tf-notice tf-tone-info" role="status">{}<p>{}</p></div>',
        drawn_icon("information-circle"),
        text,
    )


def line_error(problem: str, id: str) -> SafeString:
    """What is wrong with one line of an editor; its controls name this element in aria-describedby."""
    return format_html(
        '<div class="tf-field-error" id="{}-error">{}<div>'
        '<p><span class="visually-hidden">{} </span>{}</p></div></div>',
        id,
        drawn_icon("exclamation-circle", 18),
        _("Error:"),
        problem,
    )


def options(choices: Iterable[tuple[str, str]], selected: Collection[str], *, blank: str = "") -> SafeString:
    """The options of a select; `blank` is what it says while nothing is chosen."""
    listed = [("", blank), *choices] if blank else list(choices)
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SafeString(" selected") if value in selected else "", label) for value, label in listed),
    )


def default_button() -> SafeString:
    """What Enter in a text presses: the browser takes the first button of a form, which has to save."""
    return SafeString('<button class="visually-hidden" tabindex="-1" aria-hidden="true"></button>')
