"""The time zones that users can choose from."""

import zoneinfo
from functools import cache

_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)

Choices = list[tuple[str, str | list[tuple[str, str]]]]


@cache
def _zones() -> tuple[str, ...]:
    names = zoneinfo.available_timezones()  # reads the file system, so the result is cached
    return tuple(sorted(name for name in names if name.split("/")[0] in _REGIONS))


def time_zone_choices(*, also: str = "") -> Choices:
    """Return the choices of a select: UTC, and the zones of each region.

    `also` adds a zone that is already in use.
    """
    others = [name for name in ("UTC", also) if name and name not in _zones()]
    choices: Choices = [(name, name) for name in dict.fromkeys(others)]
    for region in _REGIONS:
        names = [name for name in _zones() if name.startswith(f"{region}/")]
        choices.append((region, [(name, _place(name)) for name in names]))
    return choices


def _place(name: str) -> str:
    """Return the place name of a zone: "America/New_York" -> "New York"."""
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
