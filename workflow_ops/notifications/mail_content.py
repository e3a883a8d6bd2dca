"""The content of an e-mail with notifications: its subject, and the notifications by ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ticketflower.mail import site_address
from workflow_ops.models import NotificationKind
from workflow_ops.notifications.wording import News

MOST_SHOWN: Final = 50
_LONGEST_SUBJECT: Final = 150


@dataclass(slots=True)
class Line:
    """One notification. For an internal comment there is no text, only the link."""

    text: str
    link: str
    quote: str


@dataclass(slots=True)
class AboutTicket:
    """The notifications about one ticket or webhook."""

    name: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MailContent:
    """The templates' context. `more` is the number of further notifications, which only the site shows."""

    subject: str
    tickets: list[AboutTicket]
    kinds: list[NotificationKind]
    more: int


def content_of(news: Sequence[News], *, is_daily: bool) -> MailContent:
    """Return the e-mail with these notifications, oldest first, grouped by ticket or webhook."""
    tickets: dict[tuple[int | None, int | None], AboutTicket] = {}
    for each in news[:MOST_SHOWN]:
        about = tickets.setdefault((each.row.ticket_id, each.row.webhook_id), AboutTicket(each.name))
        quote = "" if each.is_internal else each.quote
        about.lines.append(Line(each.text, site_address(each.path), quote))
    kinds = [kind for kind in NotificationKind if any(each.row.kind == kind for each in news)]
    more = len(news[MOST_SHOWN:])
    return MailContent(_subject(news, is_daily=is_daily), list(tickets.values()), kinds, more)


def _subject(news: Sequence[News], *, is_daily: bool) -> str:
    count, name = len(news), news[0].name
    if is_daily:
        text = ngettext(
            "Your day in TicketFlower: %(count)d notification",
            "Your day in TicketFlower: %(count)d notifications",
            count,
        )
        return text % {"count": count}
    further = _(" (and %(count)d more)") % {"count": count - 1} if count > 1 else ""
    first = " ".join(f"{news[0].text} · {name}".split())
    return Truncator(first).chars(_LONGEST_SUBJECT - len(further)) + further
