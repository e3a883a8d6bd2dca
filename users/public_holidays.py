"""Public holidays of countries and their regions, from the `holidays` package.

Regions have the package's names: "DE" for a country, "DE-BY" for a part of it, and "" for no holidays. The
package is imported where it is used, because it takes 20 MB and most processes never need it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, str]]

_SMALL_WORDS: Final = {"and", "of", "the"}
_ENGLISH: Final = "en_US"


def countries() -> Choices:
    """Return code and name of each country that has holidays, by name."""
    from holidays.registry import COUNTRIES

    return [(codes[1], _title(name)) for name, codes in sorted(COUNTRIES.items())]


def regions(country: str) -> Choices:
    """Return code (such as "DE-BY") and name of those regions of a country that have different holidays."""
    calendar = _calendar(country)
    if calendar is None:
        return []
    # The first name of a region is its official one; others are older or shorter.
    names = {code: name for name, code in reversed(calendar.subdivisions_aliases.items())}
    named = [(f"{country}-{code}", names.get(code, code)) for code in calendar.subdivisions]
    return sorted(named, key=lambda each: each[1])


def region_name(region: str) -> str:
    """Return the name of a country or region, such as "Germany, Bayern"."""
    country = region.partition("-")[0]
    names = [dict(countries()).get(country, country), dict(regions(country)).get(region, "")]
    return ", ".join(filter(None, names))


def validate_region(region: str) -> None:
    """Raise ValidationError unless `region` is "" or a region with known holidays, such as "DE-BY"."""
    country, dash, part = region.partition("-")
    calendar = _calendar(country) if country else None
    if region and (calendar is None or (dash and part not in calendar.subdivisions)):
        raise ValidationError(_("No holidays are known for “%(region)s”."), params={"region": region})


@lru_cache(maxsize=512)
def holidays_of(region: str, year: int) -> Mapping[date, str]:
    """Return the holidays of a year with their names; none for a region that the package no longer knows."""
    country, _dash, part = region.partition("-")
    calendar = _calendar(country) if country else None
    if calendar is None:
        return {}
    language = _ENGLISH if _ENGLISH in calendar.supported_languages else None
    known_part = part if part in calendar.subdivisions else None
    return MappingProxyType(dict(calendar(subdiv=known_part, years=year, language=language)))


def next_holidays(region: str, day: date, most: int) -> list[tuple[date, str]]:
    """Return the first holidays after a day, within about two years."""
    return list(islice(_after(region, day), most))


def _after(region: str, day: date) -> Iterable[tuple[date, str]]:
    for year in (day.year, day.year + 1, day.year + 2):
        yield from (each for each in sorted(holidays_of(region, year).items()) if each[0] > day)


def _calendar(country: str) -> Any:
    """Return the package's class for a country, or None."""
    import holidays
    from holidays.registry import COUNTRIES

    is_known = any(country == codes[1] for codes in COUNTRIES.values())
    return getattr(holidays, country) if is_known else None


def _title(name: str) -> str:
    words = name.split("_")
    return " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in words)
