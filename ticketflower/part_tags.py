"""Tags that render frequent parts of pages in Python, because templates take five times as long.

Each implements a whole component (`templates/components/`), whose comment documents its arguments, or a part
of one with the same arguments.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import template
from django.template import Context
from django.template.base import render_value_in_context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.form_drawing import as_html
from ticketflower.template_tags import icon, time

register = template.Library()


def _attributes(**values: object) -> str:
    return "".join(f' {name.replace("_", "-")}="{as_html(value)}"' for name, value in values.items() if value)


def _words(context: Context) -> str:
    """Return the content of a button: its icon, if it has one, and its label."""
    name, slot = context.get("icon"), context.get("slot", "")
    return f"{icon(name) if name else ''}{as_html(slot)}"


def _button_class(context: Context) -> str:
    small = " btn-sm" if context.get("is_small") else ""
    wide = " tf-wide-only" if context.get("is_wide_only") else ""
    return f"btn btn-{as_html(context.get('kind') or 'secondary')}{small}{wide}"


@register.simple_tag(takes_context=True)
def draw_button(context: Context) -> SafeString:
    """Return a button: {% draw_button %} in its component."""
    get = context.get
    attributes = _attributes(type=get("type"), form=get("form"), formaction=get("formaction"))
    if name := get("name"):
        attributes += f' name="{as_html(name)}" value="{as_html(get("value", ""))}"'
    attributes += _attributes(aria_label=get("label"))
    disabled = " disabled" if get("is_disabled") else ""
    html = f'<button class="{_button_class(context)}"{attributes}{disabled}>{_words(context)}</button>'
    return SafeString(html)


@register.simple_tag(takes_context=True)
def draw_link_button(context: Context) -> SafeString:
    """Return a link that looks like a button: {% draw_link_button %} in its component."""
    get = context.get
    more = _attributes(rel=get("rel"), data_shortcut=get("shortcut"), aria_label=get("label"))
    begin = f'<a class="{_button_class(context)}" href="{as_html(get("url", ""))}"{more}>'
    return SafeString(f"{begin}{_words(context)}</a>")


@register.simple_tag(takes_context=True)
def draw_form_buttons(context: Context) -> SafeString:
    """Return the end of a form: {% draw_form_buttons %} in its component."""
    get = context.get
    note = f'<p class="tf-muted">{as_html(get("note"))}</p>' if get("note") else ""
    kind = "danger" if get("danger") else "primary"
    buttons = f'<button class="btn btn-{kind}">{as_html(get("submit") or _("Save"))}</button>'
    if second := get("second"):
        name = as_html(get("second_name", ""))
        buttons += f'<button class="btn btn-secondary" name="{name}" value="1">{as_html(second)}</button>'
    if url := get("cancel_url"):
        cancel = as_html(get("cancel") or _("Cancel"))
        buttons += f'<a class="btn btn-link" href="{as_html(url)}">{cancel}</a>'
    wide = " is-wide" if get("wide") else ""
    return SafeString(
        f'<div class="tf-form-end{wide}">{note}<div class="tf-form-buttons">{buttons}</div></div>'
    )


@register.simple_tag(takes_context=True)
def draw_section_head(context: Context) -> SafeString:
    """Return the head of a part of a page: {% draw_section_head %} in its component."""
    get = context.get
    count = get("count")
    number = "" if count is None else f' <span class="tf-muted">{as_html(count)}</span>'
    link = f"<a{_attributes(href=get('url'))}>{as_html(get('link', ''))}</a>" if get("url") else ""
    head = f"<h2{_attributes(id=get('id'))}>{as_html(get('title', ''))}{number}</h2>"
    return SafeString(f'<div class="tf-section-head">{head}{link}</div>')


# --- Rows -------------------------------------------------------------------------


def _read(row: object, name: str) -> Any:
    """Return a value of a row, which is a mapping or an object, or None."""
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


@register.simple_tag(takes_context=True)
def draw_entries(context: Context, entries: Iterable[object]) -> SafeString:
    """Return labels with their values: {% draw_entries entries %} in a <dl>."""
    return SafeString("".join(_draw_entry(context, entry) for entry in entries))


def _draw_entry(context: Context, entry: object) -> str:
    label, value, was = (_read(entry, name) for name in ("label", "value", "was"))
    if value is None or value == "":
        content = f'<span class="tf-muted">{_("Not filled in")}</span>'
    else:
        content = render_value_in_context(value, context)
    changed, before = "", ""
    if was is not None:
        words = _("Changed. It was:") if was else _("New. It was empty.")
        old = f" <del>{render_value_in_context(was, context)}</del>" if was else ""
        changed, before = ' class="is-changed"', f'<dd class="tf-was">{words}{old}</dd>'
    return f"<div{changed}><dt>{as_html(label)}</dt><dd>{content}</dd>{before}</div>\n"


@register.simple_tag(takes_context=True)
def draw_events(context: Context, events: Iterable[object]) -> SafeString:
    """Return the entries of a timeline: {% draw_events events %} in an <ol>."""
    return SafeString("".join("".join(_draw_event(context, event)) for event in events))


def _draw_event(context: Context, event: object) -> Iterator[str]:
    progress = ' class="no-print"' if _read(event, "is_only_progress") else ""
    tone, mark = as_html(_read(event, "tone") or "neutral"), icon(_read(event, "icon"), 18)
    yield f'<li{progress}><span class="tf-timeline-mark tf-tone-{tone}">{mark}</span>'
    who, step = _read(event, "who"), _read(event, "step")
    name = f"<strong>{as_html(who)}</strong>" if who else ""
    text, at = as_html(_read(event, "text")), time(_read(event, "at"))
    yield f'<div class="tf-timeline-body"><p>{name} {text} {at}'
    if step:
        url, words = as_html(_read(step, "url")), as_html(_read(step, "words"))
        yield f' <a class="no-print" href="{url}">{words}</a>'
    yield "</p>"
    if comment := _read(event, "comment"):
        yield f'<div class="tf-comment">{as_html(comment)}</div>'
    if said := _read(event, "said"):
        yield _draw_said(context, said)
    if why := _read(event, "why"):
        sentences = "".join(f"<li>{as_html(sentence)}</li>" for sentence in why)
        begin = f'<details class="tf-fold no-print"><summary>{_("Why?")}</summary>'
        yield f"{begin}<ul>{sentences}</ul></details>"
    yield "</div></li>\n"


def _draw_said(context: Context, said: object) -> str:
    """Return a comment, rendered by a template because few events are comments."""
    assert context.template is not None
    comment = context.template.engine.get_template("workflow_ops/includes/comment.html")
    with context.push(said=said):
        return comment.render(context)
