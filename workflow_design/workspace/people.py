"""Names and choices of people, for workspace forms and pages."""

from collections.abc import Collection

from django.db.models.functions import Lower

from ticketflower.clean_json import parse_number
from users.models import CustomUser, PersonQuerySet


def people_to_choose() -> PersonQuerySet:
    """Return the people whom a field of a form can name: every active person of the company."""
    return CustomUser.objects.active()


def people_choices() -> list[tuple[str, str]]:
    """Return the id and name of each of these people, sorted by name. One query."""
    people = people_to_choose().order_by(Lower("first_name"), Lower("last_name"), "pk")
    return [(str(p.pk), p.get_full_name()) for p in people.only("first_name", "last_name", "email")]


def find_names(ids: Collection[str]) -> dict[str, str]:
    """Return the names of the people with these ids, ignoring invalid ids. At most one query."""
    # The ids come from stored JSON, so they may be anything, even larger than the database's integers.
    wanted = [number for number in map(parse_number, ids) if number is not None]
    if not wanted:
        return {}
    people = CustomUser.objects.filter(pk__in=wanted).only("first_name", "last_name", "email")
    return {str(person.pk): person.get_full_name() for person in people}
