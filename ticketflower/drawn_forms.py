"""Cached HTML of forms: an unfilled form looks the same for many people, so it is rendered once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from ticketflower.formats import FORMAT
from ticketflower.part_cache import make_once

DrawnT = TypeVar("DrawnT")


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """The rendered fields of a form that is only shown; templates accept it in place of a form."""

    html: SafeString
    is_multipart: bool = False
    is_bound: ClassVar[bool] = False
    errors: ClassVar[tuple[()]] = ()


def draw_once(key: tuple[object, ...], draw: Callable[[], DrawnT]) -> DrawnT:
    """Return the cached result of `draw` for this key, in the current language, format and time zone.

    See `ticketflower.part_cache`.
    """
    return make_once((*key, get_language(), FORMAT.get(), get_current_timezone_name()), draw)
