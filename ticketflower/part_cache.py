"""A cache of what looks the same for many, such as parts of pages."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, TypeVar

from django.conf import settings

MOST: Final = 200
MadeT = TypeVar("MadeT")


def make_once(key: tuple[object, ...], make: Callable[[], MadeT]) -> MadeT:
    """Return the cached result of `make` for this key, which nobody may change.

    The `repr()` of the key must include everything on which the result depends. Never cache tokens, nor names
    of people who are not in the key. Each process has its own results, and forgets those that were not used
    for longest. With DEBUG, nothing is cached, since templates change.
    """
    if settings.DEBUG:
        return make()
    # A digest, since keys may be long. Two threads may both find the place empty: the first result counts.
    place = _place_of(sha256(repr(key).encode()).digest())
    if not place:
        place.append(make())
    made: MadeT = place[0]
    return made


def clear_parts() -> None:
    """Empty the cache."""
    _place_of.cache_clear()


@lru_cache(maxsize=MOST)
def _place_of(_digest: bytes) -> list[Any]:
    """Return the place for the result of a key: a list, empty at first."""
    return []
