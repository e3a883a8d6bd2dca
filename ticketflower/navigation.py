"""The menu: each app lists the entries that a user may use, and the base page shows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ticketflower import shortcuts

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

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

    `shortcut` is a key of `ticketflower.shortcuts`. All entries with the same `url_name` are equal except for
    their badge.
    """

    group: str
    label: "StrPromise"
    url_name: str
    icon: str
    badge: int = 0
    shortcut: str = ""

    @property
    def url(self) -> str:
        """The address to which the entry links."""
        return _address(self.url_name)


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


def badge_text(count: int) -> str:
    """Return the text of a badge: empty for 0, and at most "99+"."""
    return f"{MAX_IN_A_BADGE}+" if count > MAX_IN_A_BADGE else str(count or "")


def entries_for(request: HttpRequest) -> list[Entry]:
    """Return all entries for the user of `request`, collected from the functions in settings.NAVIGATION."""
    providers: Iterable[Callable[[HttpRequest], list[Entry]]] = map(import_string, settings.NAVIGATION)
    return [entry for provider in providers for entry in provider(request)]


class Menu:
    """The menu of a page for the request's user."""

    def __init__(self, request: HttpRequest) -> None:
        order = list(GROUPS)
        # This sort is stable: it keeps the order within an app.
        self._entries = sorted(entries_for(request), key=lambda entry: order.index(entry.group))
        # The current entry is the one whose URL is the longest prefix of the page's URL.
        path = getattr(request, "menu_path", request.path)
        addresses = (entry.url for entry in self._entries if path.startswith(entry.url))
        self._current_url = max(addresses, key=len, default="")

    @cached_property
    def key(self) -> str:
        """A cache key: people with the same key see the same menu, except for badges."""
        entries = (f"{entry.url_name}:{badge_text(entry.badge)}" for entry in self._entries)
        return " ".join((get_language() or "", self._current_url, *entries))

    @cached_property
    def groups(self) -> list[dict[str, object]]:
        """The entries by group, each with its badge and whether it is the current one."""
        return [
            {
                "label": GROUPS[group],
                "entries": [
                    (entry, entry.url == self._current_url, badge_text(entry.badge)) for entry in members
                ],
            }
            for group, members in groupby(self._entries, key=lambda entry: entry.group)
        ]


def navigation(request: HttpRequest) -> dict[str, object]:
    """Provide the context of a page's frame; `navigation`, its Menu, and `unread` are evaluated lazily."""
    waiting = getattr(getattr(request, "user", None), "waiting", None)
    theme = request.COOKIES.get("theme", "auto")
    return {
        "navigation": SimpleLazyObject(lambda: Menu(request)),
        "unread": SimpleLazyObject(lambda: badge_text(waiting.unread if waiting else 0)),
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "has_shortcuts": shortcuts.are_on(request),
        "shows_unsent_form": getattr(request, "shows_unsent_form", False),
        "LANGUAGE_CODE": get_language(),
    }
