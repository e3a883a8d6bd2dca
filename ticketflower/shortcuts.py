"""Keyboard shortcuts outside of text fields. Templates name theirs in `data-shortcut` for a script."""

from typing import TYPE_CHECKING, Final, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

COOKIE: Final = "shortcuts"
OFF: Final = "off"


class Shortcut(NamedTuple):
    """A key or key combination, and what it does."""

    keys: str
    does: "StrPromise"


SHORTCUTS: Final = {
    _("Everywhere"): (
        Shortcut("h", _("Dashboard")),
        Shortcut("t", _("My tasks")),
        Shortcut("n", _("Submit a ticket")),
        Shortcut("i", _("Tickets of the desk")),
        Shortcut("/", _("Search")),
        Shortcut("?", _("This page")),
    ),
    _("In lists"): (
        Shortcut("j", _("Next row")),
        Shortcut("k", _("Previous row")),
        Shortcut("Enter", _("Open the row")),
        Shortcut("x", _("Tick the row")),
    ),
    _("On a ticket or a task"): (
        Shortcut("j", _("Next ticket of the list from which you came")),
        Shortcut("k", _("Previous ticket of that list")),
        Shortcut("e", _("Edit the data")),
        Shortcut("a", _("Assign the task")),
        Shortcut("c", _("Write a comment")),
    ),
    _("In forms"): (Shortcut("Ctrl + Enter", _("Send the form")),),
}


def are_on(request: HttpRequest) -> bool:
    """Return whether shortcuts are enabled in this browser.

    They can be turned off, because voice control may press single keys by accident.
    """
    return request.COOKIES.get(COOKIE) != OFF
