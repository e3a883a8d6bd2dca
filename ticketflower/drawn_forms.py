"""Forms as HTML: a form that nobody has filled in looks the same for many, and is drawn once for them."""

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
    """The fields of a form that is only shown; templates take it in place of the form."""

    html: SafeString
    is_multipart: bool = False
    is_bound: ClassVar[bool] = False
    errors: ClassVar[tuple[()]] = ()


def make_once(key: tuple[object, ...], make: Callable[[], MadeT]) -> MadeT:
    """Return what `make` returned for this key, in this language, format and time zone.

    Each process keeps it among the parts of pages that `{% cache %}` keeps. The `repr()` of the key must say
    all that it depends on besides. What has a token, or names people, must not be kept.
    """
    parts = (*key, get_language(), FORMAT.get(), get_current_timezone_name())
    name = f"made_once.{sha256(repr(parts).encode()).hexdigest()}"
    fragments = caches["template_fragments"]
    made: MadeT | None = fragments.get(name)
    if made is None:
        made = make()
        fragments.set(name, made, _SECONDS)
    return made
