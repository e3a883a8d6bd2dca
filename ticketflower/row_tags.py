"""Tags that draw the rows of lists, loaded into every template (settings: builtins)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString

from ticketflower.markup import fill
from ticketflower.template_tags import due, status, time
from ticketflower.template_tags import icon as draw_icon

register = template.Library()


@register.simple_tag(takes_context=True)
def fill_rows(context: Context, rows: Iterable[Mapping[str, object]], pattern: str) -> SafeString:
    """Render the template of a row once, and fill in its `{names}` for each row: {% fill_rows rows "…" %}.

    So a row of a long list costs a hundredth of rendering a template. Values are escaped. The template itself
    may contain only our own texts, such as column heads, never data, in which a brace would be mistaken for a
    name.
    """
    row: Any = get_template(pattern)
    drawn = row.template.render(context)
    return SafeString("".join(fill(drawn, **cells) for cells in rows))


_LINE: Final = (
    '<li><div class="tf-line-main"><a class="tf-row-link" href="{}">{}{}</a>{}{}</div>{}{}{}{}</li>'
)
_BELOW: Final = '<span class="d-block tf-muted small">{}</span>'
_TEXT: Final = '<span class="tf-line-side">{}</span>'
_SIDE: Final = '<div class="tf-line-side">{}</div>'
_NUMBER: Final = '<span class="tf-count">{}</span>'
_TEXT_OF_CARD: Final = "<p>{}</p>"
_NOTE_OF_CARD: Final = '<p class="small">{}</p>'


class Line(NamedTuple):
    """One line of a short list, inside <ul class="tf-lines">: a link as large as the line.

    `below` is small text within the link, `text` is muted text under it, and `mark` is a status beside it.
    `due_at`, `number`, `at` (a time) and `state` (a status) are at the end of the line.
    """

    url: str
    title: str
    below: str = ""
    text: str = ""
    mark: str = ""
    due_at: datetime | None = None
    number: str = ""
    at: datetime | None = None
    state: str = ""


@register.simple_tag
def line(url: str, title: str, **others: Any) -> SafeString:
    """Render one line; the arguments are those of Line: {% line url ticket.name at=ticket.created_at %}."""
    return lines([Line(url, title, **others)])


@register.simple_tag
def lines(rows: Iterable[Line]) -> SafeString:
    """Render the lines of a short list: <ul class="tf-lines">{% lines rows %}</ul>."""
    now = timezone.localtime()
    return SafeString("".join(fill(_LINE, *_parts(row, now)) for row in rows))


def _parts(row: Line, now: datetime) -> tuple[str, ...]:
    return (
        row.url,
        row.title,
        _part(_BELOW, row.below),
        _part(_TEXT, row.text),
        status(row.mark) if row.mark else "",
        due(row.due_at, now),
        _part(_NUMBER, row.number),
        _part(_SIDE, time(row.at, now)),
        _part(_SIDE, status(row.state) if row.state else ""),
    )


def _part(pattern: str, content: str) -> str:
    return fill(pattern, content) if content else ""


_CARD: Final = '<li><article class="tf-card tf-link-card">{}{}<h3><a href="{}">{}</a></h3>{}{}</article></li>'
_INITIALS: Final = '<span class="tf-initials" aria-hidden="true">{}</span>'


@register.simple_tag
def card(
    url: str, title: str, *, text: str = "", icon: str = "", initials: str = "", note: str = ""
) -> SafeString:
    """Render one card of a catalogue, inside <ul class="tf-cards">; a single link covers the card.

    It shows an icon or, without one, initials.
    """
    return fill(
        _CARD,
        draw_icon(icon, 24) if icon else "",
        _part(_INITIALS, initials),
        url,
        title,
        _part(_TEXT_OF_CARD, text),
        _part(_NOTE_OF_CARD, note),
    )
