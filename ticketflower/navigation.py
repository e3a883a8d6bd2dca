"""The menu: each app says which entries a person may use; the base page shows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

GROUPS = {
    "work": _("My work"),
    "desk": _("Desk"),
    "design": _("Design"),
    "company": _("Company"),
    "staff": _("TicketFlower"),
}
MOST_IN_A_BADGE = 99
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: `group` is a key of GROUPS, `icon` a heroicon, `badge` what waits."""

    group: str
    label: str
    url_name: str
    icon: str
    badge: int = 0

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as the base page shows it."""

    label: str
    url: str
    icon: str
    is_current: bool
    badge: str


def badge_text(count: int) -> str:
    """A number for a badge: nothing for none, and no more than "99+"."""
    return f"{MOST_IN_A_BADGE}+" if count > MOST_IN_A_BADGE else str(count or "")


def entries_for(request: HttpRequest) -> list[Entry]:
    """All entries that whoever asks may use, from the functions named in settings.NAVIGATION."""
    providers: Iterable[Callable[[HttpRequest], list[Entry]]] = map(import_string, settings.NAVIGATION)
    return [entry for provider in providers for entry in provider(request)]


def _current_url(entries: list[Entry], path: str) -> str:
    """The longest address that the path begins with: the entry that the page lies under."""
    return max((entry.url for entry in entries if path.startswith(entry.url)), key=len, default="")


def _groups(request: HttpRequest) -> list[dict[str, object]]:
    entries = entries_for(request)
    current = _current_url(entries, request.path)
    order = list(GROUPS)
    entries.sort(key=lambda entry: order.index(entry.group))  # stable: an app's own order stays
    return [
        {
            "label": GROUPS[group],
            "entries": [
                ShownEntry(entry.label, entry.url, entry.icon, entry.url == current, badge_text(entry.badge))
                for entry in members
            ],
        }
        for group, members in groupby(entries, key=lambda entry: entry.group)
    ]


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: `navigation` (groups of entries, made when shown) and `theme`."""
    theme = request.COOKIES.get("theme", "auto")
    return {
        "navigation": SimpleLazyObject(lambda: _groups(request)),
        "theme": theme if theme in THEMES else "auto",
    }
