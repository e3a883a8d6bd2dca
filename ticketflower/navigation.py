"""The menu: each app lists the entries that a user may use, and the base page shows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from ticketflower import shortcuts

GROUPS = {
    "work": _("My work"),
    "desk": _("Desk"),
    "design": _("Design"),
    "company": _("Company"),
    "staff": _("TicketFlower"),
}
MAX_IN_A_BADGE = 99
THEMES = {"light": _("Light"), "dark": _("Dark"), "auto": _("System")}


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry: `group` is a key of GROUPS, `icon` a heroicon, `badge` the number of waiting items.

    `shortcut` is a key of `ticketflower.shortcuts`.
    """

    group: str
    label: str
    url_name: str
    icon: str
    badge: int = 0
    shortcut: str = ""

    @property
    def url(self) -> str:
        """The address to which the entry links."""
        return reverse(self.url_name)


def badge_text(count: int) -> str:
    """Return the text of a badge: empty for 0, and at most "99+"."""
    return f"{MAX_IN_A_BADGE}+" if count > MAX_IN_A_BADGE else str(count or "")


def entries_for(request: HttpRequest) -> list[Entry]:
    """Return all entries for the user of `request`, collected from the functions in settings.NAVIGATION."""
    providers: Iterable[Callable[[HttpRequest], list[Entry]]] = map(import_string, settings.NAVIGATION)
    return [entry for provider in providers for entry in provider(request)]


def _current_url(entries: list[Entry], path: str) -> str:
    """Return the URL of the entry to which the page belongs: the longest one that `path` starts with."""
    return max((entry.url for entry in entries if path.startswith(entry.url)), key=len, default="")


def _build_groups(request: HttpRequest) -> list[dict[str, object]]:
    entries = entries_for(request)
    current = _current_url(entries, request.path)
    order = list(GROUPS)
    entries.sort(key=lambda entry: order.index(entry.group))  # stable: keeps the order within an app
    return [
        {
            "label": GROUPS[group],
            "entries": [(entry, entry.url == current, badge_text(entry.badge)) for entry in members],
        }
        for group, members in groupby(entries, key=lambda entry: entry.group)
    ]


def navigation(request: HttpRequest) -> dict[str, object]:
    """Provide `navigation` (lazy groups of entries), `unread`, `theme`, `themes` and `has_shortcuts`."""
    person = getattr(request, "user", None)
    theme = request.COOKIES.get("theme", "auto")
    return {
        "navigation": SimpleLazyObject(lambda: _build_groups(request)),
        "unread": badge_text(getattr(person, "unread_count", 0)),
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "has_shortcuts": shortcuts.are_on(request),
    }
