"""Formatting tags and filters that are loaded into every template (settings: builtins).

Icons, badges, times and links appear in every row of a list. A tag costs a tenth of an include.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy
from heroicons.templatetags.heroicons import heroicon_outline

from ticketflower.markup import fill
from ticketflower.relative_times import due_and_exact, due_in_short, relative_and_exact, since_and_exact

register = template.Library()
# --- Icons, tones and states -------------------------------------------------------
# tone -> (icon, word), so that colour is never the only sign
TONES = {
    "success": ("check-circle", gettext_lazy("Done")),
    "info": ("information-circle", gettext_lazy("Note")),
    "warning": ("exclamation-triangle", gettext_lazy("Warning")),
    "danger": ("x-circle", gettext_lazy("Problem")),
    "neutral": ("minus-circle", gettext_lazy("Note")),
}

# value of a status -> (tone, icon, label). Defined once, so that a status looks the same everywhere. Normal
# statuses have no tone and are shown as plain text, so that badges in a list mark the rows that need
# attention.
STATES = {
    "OPEN": ("", "", gettext_lazy("Open")),
    "IN_PROGRESS": ("", "", gettext_lazy("In progress")),
    "PENDING": ("warning", "clock", gettext_lazy("Waiting")),
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
    "PREPARED": ("info", "cpu-chip", gettext_lazy("To confirm")),
    "ACTIVE": ("success", "check-circle", gettext_lazy("Active")),
    "ARCHIVED": ("neutral", "archive-box", gettext_lazy("Archived")),
    "INVITED": ("info", "envelope", gettext_lazy("Invited")),
    "DEACTIVATED": ("neutral", "no-symbol", gettext_lazy("Deactivated")),
    "AWAY": ("warning", "moon", gettext_lazy("Away")),
}


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    svg: str = heroicon_outline(name, size=size, **{"class": "tf-icon"})
    return mark_safe("".join(line.strip() for line in svg.splitlines()))  # noqa: S308 - created by the icon package from a known name


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """Render a heroicon, hidden from screen readers. The result is cached."""
    return _icon(str(name), size)


@register.filter
def tone_icon(tone: str) -> str:
    """Return the icon of a tone or of a message level: "warning" -> "exclamation-triangle"."""
    return TONES.get(tone_class(tone), TONES["neutral"])[0]


@register.filter
def tone_word(tone: str) -> str:
    """Return the word for a tone or a message level: "danger" -> "Problem"."""
    return str(TONES.get(tone_class(tone), TONES["neutral"])[1])


@register.filter
def tone_class(tone: str) -> str:
    """Return the tone of a message level, as used in the style sheets: "error" -> "danger"."""
    return {"error": "danger", "debug": "neutral"}.get(tone, tone)


@lru_cache(maxsize=1024)
def _badge(label: str, tone: str, icon_name: str) -> SafeString:
    svg = _icon(icon_name or tone_icon(tone), 16)
    return format_html('<span class="tf-badge tf-tone-{}">{}<span>{}</span></span>', tone, svg, label)


@register.simple_tag
def badge(label: object, *, tone: str = "neutral", icon: str = "") -> SafeString:
    """Render a badge with icon, label and colour: {% badge "Overdue" tone="danger" icon="clock" %}."""
    return _badge(str(label), str(tone), str(icon))


@lru_cache(maxsize=512)
def _status(value: str, label: str, _language: str | None) -> SafeString:
    tone, name, word = STATES.get(value, ("neutral", "question-mark-circle", value))
    if not tone:
        return format_html('<span class="tf-muted">{}</span>', label or str(word))
    return _badge(label or str(word), tone, name)


@register.simple_tag
def status(value: object, label: object = "") -> SafeString:
    """Render a stored status, the same on every page: {% status task.status %}."""
    return _status(str(value), str(label), get_language())


# --- People ------------------------------------------------------------------------


@register.filter
def initials(name: object) -> str:
    """Return at most two initials of a name: "Hanna van der Berg" -> "HB"."""
    words = [word for word in str(name or "").replace("@", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


# --- Times -------------------------------------------------------------------------


@register.filter
def exact_time(value: date | datetime | None) -> str:
    """Format a date, or a date and time in the user's time zone, in full: "1 July 2026, 14:05"."""
    return "" if value is None else relative_and_exact(value, None)[1]


def _time(value: date | datetime, exact: str, words: str) -> SafeString:
    moment = value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    return fill('<time datetime="{}" title="{}">{}</time>', moment, exact, words)


@register.simple_tag
def time(value: date | datetime | None, now: datetime | None = None) -> SafeString:
    """Render a relative time with the exact time as tooltip and in the markup: {% time task.started_at %}."""
    if value is None:
        return SafeString("")
    relative, exact = relative_and_exact(value, now)
    return _time(value, exact, relative)


@register.simple_tag
def waiting(value: datetime | None, now: datetime | None = None) -> SafeString:
    """Render how long something has waited, as part of a sentence: {% waiting row.waiting_since %}."""
    if value is None:
        return SafeString("")
    words, exact = since_and_exact(value, now)
    return _time(value, exact, words)


_DUE: Final = SafeString('<span class="{}">{}<span>{} {}</span></span>')


@register.simple_tag
def due(value: datetime | None, now: datetime | None = None, *, is_short: bool = False) -> SafeString:
    """Render when something is due, as a badge if it is overdue: {% due ticket.due_at %}.

    `is_short` is for a column with the head "Due"; the word is shown only on phones, which have no column
    heads.
    """
    if not value:
        return SafeString("")
    is_overdue, words, exact = due_and_exact(value, now)
    word = gettext("Overdue") if is_overdue else gettext("Due")
    if is_short:
        words = due_in_short(value, now)
        word = "" if is_overdue else fill('<span class="tf-card-word">{}</span>', word)
    style = f"{'tf-badge tf-tone-danger' if is_overdue else 'tf-due'}{' text-nowrap' if is_short else ''}"
    return fill(_DUE, style, _icon("clock", 16), word, _time(value, exact, words))


# --- URLs --------------------------------------------------------------------------


def _copy_query(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if isinstance(request, HttpRequest) else QueryDict(mutable=True)


def _query_string(query: QueryDict, changes: dict[str, Any]) -> str:
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None and value != "":
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """Return the query string with keys changed, or removed by None: {% query_with sort="title" %}."""
    return _query_string(_copy_query(context), changes)


@register.simple_tag(takes_context=True)
def active(context: Context, path: str, *, exact: bool = False) -> SafeString:
    """Mark a link to the current page or a page above it: <a href="…" {% active "/tickets/" %}>."""
    request = context.get("request")
    here = request.path if isinstance(request, HttpRequest) else ""
    is_here = here == path or (not exact and path != "/" and here.startswith(path))
    return SafeString('aria-current="page"' if is_here else "")


def _page_order(page: object) -> str:
    name = getattr(getattr(page, "sort", None), "name", "")
    return f"-{name}" if name and getattr(page, "descending", False) else name


@register.simple_tag(takes_context=True)
def repeat_block(context: Context, name: str) -> str:
    """Render a block of the page a second time: {% repeat_block "title" %}."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return "" if block is None else str(block.render(context))


@register.simple_tag
def legal_notices() -> list[dict[str, object]]:
    """Return the operator's legal notices that are set; each is a URL or a short text."""
    notices = {gettext("Imprint"): settings.IMPRINT, gettext("Privacy"): settings.PRIVACY}
    return [
        {"label": label, "value": value, "is_url": value.startswith(("https://", "http://", "/"))}
        for label, value in notices.items()
        if value
    ]


@register.simple_tag
def column_labels(columns: Iterable[dict[str, object]]) -> dict[str, str]:
    """Return the escaped column labels, which each row repeats for phones: {{ labels.2 }}."""
    return {str(place): conditional_escape(str(column["label"])) for place, column in enumerate(columns)}


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(context: Context, label: str, key: str, **options: Any) -> dict[str, object]:
    """Render the head of a sortable column: {% sort_head "Number" "number" numeric=True %}.

    The key is used in ?sort=. With `descending=True`, the first click sorts downwards. If the URL does not
    set an order, the page's order (`ticketflower.listing`) or `default="-number"` is marked.
    """
    query = _copy_query(context)
    current = query.get("sort") or options.get("default") or _page_order(context.get("page"))
    is_up, is_down = current == key, current == f"-{key}"
    first, other = (f"-{key}", key) if options.get("descending") else (key, f"-{key}")
    return {
        "label": label,
        "direction": "ascending" if is_up else "descending" if is_down else "",
        "arrow": "chevron-up" if is_up else "chevron-down" if is_down else "chevron-up-down",
        "numeric": options.get("numeric", False),
        "url": _query_string(
            query, {"sort": other if current == first else first, "after": None, "before": None}
        ),
    }


# --- Filters -----------------------------------------------------------------------


def _choice_labels(field: BoundField, values: Sequence[str]) -> str:
    day = getattr(field.form, "cleaned_data", {}).get(field.name)
    if isinstance(day, date):
        return date_format(day, "j F Y")
    choices: Iterable[Any] = getattr(field.field, "choices", ())
    names = {str(value): str(name) for value, name in choices if not isinstance(name, list | tuple)}
    return ", ".join(names.get(value, value) for value in values)


@register.simple_tag(takes_context=True)
def without_filters(context: Context, form: forms.Form) -> str:
    """Return the URL of the list without its filters; hidden fields, such as the tab, stay."""
    hidden = {field.html_name: field.value() for field in form.hidden_fields()}
    return _query_string(QueryDict(mutable=True), hidden) if any(hidden.values()) else context["request"].path


@register.simple_tag(takes_context=True)
def filter_chips(context: Context, form: forms.BaseForm) -> list[dict[str, str]]:
    """Return the active filters of a form, each with the URL that removes it."""
    query, chips = _copy_query(context), []
    for field in form:
        values = [value for value in query.getlist(field.html_name) if value]
        if values and not field.is_hidden:
            url = _query_string(query.copy(), {field.html_name: None, "after": None, "before": None})
            label, value = str(field.label), _choice_labels(field, values)
            chips.append({"label": label, "value": value, "remove_url": url})
    return chips
