"""Small formatting tags and filters, loaded into every template (settings: builtins).

What stands in every row of a list (icons, badges, times, row links) is a tag and not an
include: a tag costs a tenth of it, and lists are the pages that people wait for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from django import forms, template
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy, ngettext
from heroicons.templatetags.heroicons import heroicon_outline, heroicon_solid

register = template.Library()

# --- Icons, tones and states -------------------------------------------------------

TONE_ICONS = {
    "success": "check-circle",
    "info": "information-circle",
    "warning": "exclamation-triangle",
    "danger": "x-circle",
    "neutral": "minus-circle",
    "error": "x-circle",  # Django's message level
    "debug": "bug-ant",
}
TONE_WORDS = {
    "success": gettext_lazy("Done"),
    "info": gettext_lazy("Note"),
    "warning": gettext_lazy("Warning"),
    "danger": gettext_lazy("Problem"),
    "neutral": gettext_lazy("Note"),
    "error": gettext_lazy("Problem"),
    "debug": gettext_lazy("Debug"),
}

# value of a status -> (tone, icon, word). One place, so that a state looks the same everywhere.
STATES = {
    "OPEN": ("info", "inbox", gettext_lazy("Open")),
    "IN_PROGRESS": ("info", "play-circle", gettext_lazy("In progress")),
    "PENDING": ("warning", "clock", gettext_lazy("Waits for an answer")),
    "COMPLETED": ("success", "check-circle", gettext_lazy("Completed")),
    "CANCELLED": ("neutral", "x-circle", gettext_lazy("Cancelled")),
    "ERROR": ("danger", "exclamation-triangle", gettext_lazy("Failed")),
    "NOT_STARTED": ("warning", "clock", gettext_lazy("Not started yet")),
    "ON_HOLD": ("warning", "pause-circle", gettext_lazy("On hold")),
    "OVERDUE": ("danger", "clock", gettext_lazy("Overdue")),
    "NEW": ("danger", "exclamation-triangle", gettext_lazy("New")),
    "REVIEWED": ("info", "eye", gettext_lazy("Reviewed")),
    "RESOLVED": ("success", "check-circle", gettext_lazy("Resolved")),
    "DRAFT": ("neutral", "pencil-square", gettext_lazy("Draft")),
    "ACTIVE": ("success", "check-circle", gettext_lazy("Active")),
    "ARCHIVED": ("neutral", "archive-box", gettext_lazy("Archived")),
    "INVITED": ("info", "envelope", gettext_lazy("Invited")),
    "DEACTIVATED": ("neutral", "no-symbol", gettext_lazy("Deactivated")),
    "AWAY": ("warning", "moon", gettext_lazy("Away")),
}


@lru_cache(maxsize=512)
def _icon(name: str, size: int, *, solid: bool) -> SafeString:
    draw = heroicon_solid if solid else heroicon_outline
    svg: str = draw(name, size=size, focusable="false", **{"class": "tf-icon"})
    return mark_safe(svg)  # noqa: S308 - made by the icon package from a known name


@register.simple_tag
def icon(name: str, size: int = 20, *, solid: bool = False) -> SafeString:
    """Draw one of the heroicons, kept after its first use; hidden from screen readers."""
    return _icon(str(name), size, solid=solid)


@register.filter
def tone_icon(tone: str) -> str:
    """Name the icon of a tone or of a message's level: "warning" -> "exclamation-triangle"."""
    return TONE_ICONS.get(tone, TONE_ICONS["neutral"])


@register.filter
def tone_word(tone: str) -> str:
    """Say a tone in a word, so that colour never speaks alone: "danger" -> "Problem"."""
    return str(TONE_WORDS.get(tone, TONE_WORDS["neutral"]))


@register.filter
def tone_class(tone: str) -> str:
    """Turn a message's level into the tone that the style sheets know: "error" -> "danger"."""
    return {"error": "danger", "debug": "neutral"}.get(tone, tone)


@register.simple_tag
def badge(label: object, *, tone: str = "neutral", icon: str = "") -> SafeString:
    """Show a state as icon, word and colour: {% badge "Overdue" tone="danger" icon="clock" %}."""
    return format_html(
        '<span class="tf-badge tf-tone-{}">{}<span>{}</span></span>',
        tone,
        _icon(str(icon or tone_icon(tone)), 16, solid=False),
        label,
    )


@register.simple_tag
def status(value: object, label: object = "") -> SafeString:
    """Show a stored status the same way everywhere: {% status task.status %}."""
    tone, name, word = STATES.get(str(value), ("neutral", "question-mark-circle", str(value)))
    return badge(label or word, tone=tone, icon=name)


# --- People ------------------------------------------------------------------------


@register.filter
def initials(name: object) -> str:
    """Shorten a name to at most two letters: "Hanna van der Berg" -> "HB"."""
    words = [word for word in str(name or "").replace("@", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


# --- Times -------------------------------------------------------------------------

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WEEK = timedelta(days=7)


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _clock(value: datetime) -> str:
    # Translators: the time of day in Django's date format letters
    return date_format(value, gettext("H:i"), use_l10n=False)


@register.filter
def exact_time(value: date | datetime | None) -> str:
    """Write a date, or a date and time in the person's time zone, in full: "1 July 2026, 14:05"."""
    if value is None:
        return ""
    # Translators: a whole date in Django's date format letters
    day_format = gettext("j F Y")
    if not isinstance(value, datetime):
        return date_format(value, day_format, use_l10n=False)
    local = _local(value)
    return f"{date_format(local, day_format, use_l10n=False)}, {_clock(local)}"


def _amount(seconds: float) -> str:
    if seconds < _HOUR:
        minutes = int(seconds // _MINUTE)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < _DAY:
        hours = int(seconds // _HOUR)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = int(seconds // _DAY)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _day_without_year(value: date, today: date) -> str:
    # Translators: a date of this year, and one of another year, in Django's date format letters
    wanted = gettext("j F") if value.year == today.year else gettext("j F Y")
    return date_format(value, wanted, use_l10n=False)


@register.filter
def relative_time(value: date | datetime | None, now: datetime | None = None) -> str:
    """Say a time as people do: "3 hours ago", "Tuesday, 14:05", "in 2 days", "3 March"."""
    if value is None:
        return ""
    now = now or timezone.now()
    if not isinstance(value, datetime):
        return _day_without_year(value, _local(now).date())
    ago = now - value
    if abs(ago).total_seconds() < _MINUTE:
        return gettext("just now")
    if timedelta(0) < ago < timedelta(days=1):
        return gettext("%(amount)s ago") % {"amount": _amount(ago.total_seconds())}
    if -_WEEK < ago < timedelta(0):
        return gettext("in %(amount)s") % {"amount": _amount(-ago.total_seconds())}
    local = _local(value)
    if ago < _WEEK and ago > timedelta(0) and (_local(now).date() - local.date()).days < _WEEK.days:
        # Translators: a weekday of the last week and a time of day, "Tuesday, 14:05"
        return gettext("%(weekday)s, %(time)s") % {"weekday": date_format(local, "l"), "time": _clock(local)}
    return _day_without_year(local.date(), _local(now).date())


@register.simple_tag
def time(value: date | datetime | None, now: datetime | None = None) -> SafeString:
    """Write a time relatively, with the exact one on hover and in the markup: {% time task.started_at %}."""
    if value is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat(),
        exact_time(value),
        relative_time(value, now),
    )


# --- Addresses ---------------------------------------------------------------------


def _query_of(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if isinstance(request, HttpRequest) else QueryDict(mutable=True)


def _changed(query: QueryDict, changes: dict[str, Any]) -> str:
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None and value != "":
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """Give the page's query string with some keys changed, or dropped by None: {% query_with sort="title" %}."""
    return _changed(_query_of(context), changes)


@register.simple_tag(takes_context=True)
def active(context: Context, path: str, *, exact: bool = False) -> SafeString:
    """Mark a link to the page that is shown, or to a page above it: <a href="…" {% active "/tickets/" %}>."""
    request = context.get("request")
    here = request.path if isinstance(request, HttpRequest) else ""
    is_here = here == path or (not exact and path != "/" and here.startswith(path))
    return SafeString('aria-current="page"' if is_here else "")


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(context: Context, label: str, key: str, **options: Any) -> dict[str, object]:
    """Head a column that sorts: {% sort_head "Number" "number" numeric=True %}; the key goes into ?sort=.

    `descending=True` for a column whose first click should sort downwards; `default="-number"`
    names the order of the list when the address names none.
    """
    query = _query_of(context)
    current = query.get("sort") or options.get("default", "")
    is_up, is_down = current == key, current == f"-{key}"
    first, other = (f"-{key}", key) if options.get("descending") else (key, f"-{key}")
    return {
        "label": label,
        "direction": "ascending" if is_up else "descending" if is_down else "",
        "numeric": options.get("numeric", False),
        "url": _changed(query, {"sort": other if current == first else first, "after": None, "before": None}),
    }


# --- Forms -------------------------------------------------------------------------


class _Helper(Protocol):
    """The part of crispy's FormHelper that drawing a layout needs."""

    layout: object

    def get_attributes(self, template_pack: str) -> dict[str, object]:
        """Give what the field templates read from the context."""

    def render_layout(self, form: forms.BaseForm, context: Context, template_pack: str) -> SafeString:
        """Draw the fields in the order and grouping of the layout."""


@register.simple_tag(takes_context=True)
def form_fields(context: Context, form: forms.BaseForm) -> SafeString:
    """Draw a form's fields and nothing around them, by its crispy layout if it has one."""
    helper: _Helper | None = getattr(form, "helper", None)
    settings: dict[str, object] = {"form_show_labels": True, "form_show_errors": True, "form": form}
    if helper is not None and helper.layout is not None:
        with context.push(**settings | helper.get_attributes("bootstrap5")):
            return helper.render_layout(form, context, template_pack="bootstrap5")
    field_template = get_template("bootstrap5/field.html")
    drawn = [field_template.render(settings | {"field": field}) for field in form]
    return SafeString("".join(drawn))


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, forms.Select | forms.SelectDateWidget):
        return "form-select"
    return "form-control"


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """Draw a field's control with the classes that belong to its kind and state."""
    control = field.field.widget
    classes = [_control_class(control), control.attrs.get("class", "")]
    if field.errors:
        classes.append("is-invalid")
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def first_control_id(field: BoundField) -> str:
    """Name the element that a link in the error summary leads to: the field's first control."""
    return field.id_for_label or f"{field.auto_id}_0"


@dataclass(frozen=True)
class Chip:
    """One filter that is set, and the address of the same list without it."""

    label: str
    value: str
    remove_url: str


def _words_of(field: BoundField, values: Sequence[str]) -> str:
    choices: Iterable[Any] = getattr(field.field, "choices", ())
    names = {str(value): str(name) for value, name in choices if not isinstance(name, list | tuple)}
    return ", ".join(names.get(value, value) for value in values)


@register.simple_tag(takes_context=True)
def filter_chips(context: Context, form: forms.BaseForm) -> list[Chip]:
    """List what a filter form has set, with the address that removes each."""
    query = _query_of(context)
    chips = []
    for field in form:
        values = [value for value in query.getlist(field.html_name) if value]
        if values and not field.is_hidden:
            url = _changed(query.copy(), {field.html_name: None, "after": None, "before": None})
            chips.append(Chip(label=str(field.label), value=_words_of(field, values), remove_url=url))
    return chips
