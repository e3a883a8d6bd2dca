"""Prepared queries of what a person may see (`docs/speed.md`, "Hot paths")."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from ticketflower.prepared_queries import PreparedQuery
from ticketflower.tenancy.context import current_company_id
from users.models import Company, CustomUser

ModelT = TypeVar("ModelT", bound=Model)
_ROLE = "role_"


class PersonQuery(Generic[ModelT]):
    """The rows of `build(person, *options, **values)`, by statements whose text many people share.

    `build` gets somebody like the person, with placeholders for the ids of them and of their company roles.
    So it can ask the same rules of access as any query. Of that person, it may look at these ids, at the
    system roles, whether it is staff who entered the company, and whether it is a service account; anything
    else of them raises an error.
    """

    def __init__(self, build: Callable[..., QuerySet[ModelT]], *columns: str) -> None:
        self._build = build
        self._query = PreparedQuery(self._build_for_one_like, *columns)

    def rows(self, person: CustomUser, *options: Hashable, **values: int | datetime | None) -> list[ModelT]:
        """Return the rows of the company whose scope is open, using one statement."""
        names = {f"{_ROLE}{place}": role for place, role in enumerate(_filled_up(person.company_role_ids))}
        kind = (person.impersonating, person.is_service_account, person.system_roles)
        return self._query.rows(kind, *options, person=person.pk, **names, **values)

    def _build_for_one_like(
        self, kind: tuple[bool, bool, frozenset[str]], *options: Hashable, person: int, **values: int
    ) -> QuerySet[ModelT]:
        roles = frozenset(values.pop(name) for name in list(values) if name.startswith(_ROLE))
        return self._build(_one_like(person, roles, *kind), *options, **values)


def _filled_up(role_ids: frozenset[int]) -> list[int]:
    """Repeat a role until there are 1, 2, 4, 8 … of them, so that there are few texts."""
    roles = sorted(role_ids)
    while roles and len(roles) & (len(roles) - 1):
        roles.append(roles[-1])
    return roles


def _one_like(
    person_id: int,
    role_ids: frozenset[int],
    is_staff: bool,
    is_service_account: bool,
    system_roles: frozenset[str],
) -> CustomUser:
    # Fields that are left out would be read from the database, where nobody has this id.
    known = {"id": person_id, "is_service_account": is_service_account, "is_active": True}
    known["is_superuser"] = is_staff
    names = [field.attname for field in CustomUser._meta.concrete_fields if field.attname in known]
    person = CustomUser.from_db("default", names, [known[name] for name in names])
    company = Company(pk=current_company_id())
    if is_staff:
        person.impersonated_company = company
    else:
        person.company = company
    person.system_roles, person.company_role_ids = system_roles, role_ids
    return person
