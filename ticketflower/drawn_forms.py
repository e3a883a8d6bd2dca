"""Cached HTML of forms: an unfilled form looks the same for many people, so it is rendered once."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Final, TypeVar

from django.core.cache import caches
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from ticketflower.formats import FORMAT

_SECONDS: Final = 86400
MadeT = TypeVar("MadeT")


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """The rendered fields of a form that is only shown; templates accept it in place of a form."""

    html: SafeString
    is_multipart: bool = False
    is_bound: ClassVar[bool] = False
    errors: ClassVar[tuple[()]] = ()


def make_once(key: tuple[object, ...], make: Callable[[], MadeT]) -> MadeT:
    """Return the cached result of `make` for this key, in the current language, format and time zone.

    It is stored in the process's cache of `{% cache %}`. The `repr()` of the key must include everything else
    on which the result depends. Never cache content with tokens or names of people.
    """
    parts = (*key, get_language(), FORMAT.get(), get_current_timezone_name())
    name = f"made_once.{sha256(repr(parts).encode()).hexdigest()}"
    fragments = caches["template_fragments"]
    made: MadeT | None = fragments.get(name)
    if made is None:
        made = make()
        fragments.set(name, made, _SECONDS)
    return made
