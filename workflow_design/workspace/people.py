"""People, as forms of a workspace offer them and pages about its data name them."""

from collections.abc import Collection
from typing import Final

from django.db.models.functions import Lower

from users.models import CustomUser

_LONGEST_ID: Final = 18


def people_to_choose() -> list[tuple[str, str]]:
    """Id and name of everybody active in the company, by name. One statement."""
    people = CustomUser.objects.active().order_by(Lower("last_name"), Lower("first_name"), "pk")
    return [(str(p.pk), p.get_full_name()) for p in people.only("first_name", "last_name", "email")]


def names_of(ids: Collection[str]) -> dict[str, str]:
    """The names of the people that these ids stand for; none for what is no id. At most one statement."""
    wanted = [int(key) for key in ids if key.isascii() and key.isdigit() and len(key) <= _LONGEST_ID]
    if not wanted:
        return {}
    people = CustomUser.objects.filter(pk__in=wanted).only("first_name", "last_name", "email")
    return {str(person.pk): person.get_full_name() for person in people}
