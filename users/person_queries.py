"""Prepared queries for rows that a person may see (`docs/speed.md`, "Hot paths")."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from ticketflower.list_parts import Part, PreparedParts
from ticketflower.prepared_queries import PreparedQuery
from ticketflower.tenancy.context import current_company_id
from users.models import Company, CustomUser

ModelT = TypeVar("ModelT", bound=Model)
_PERSON, _ROLE = "person", "role_"
_Kind = tuple[bool, bool, frozenset[str]]
"""(Is the person staff who entered the company?, is it a service account?, names of its system roles)"""


class PersonQuery(Generic[ModelT]):
    """A prepared query for `build(person, *options, **values)`, whose SQL text many people share.

    `build` gets a stand-in object for the person, with placeholders for the ids of the person and of their
    company roles. So it can use the same access rules as any other query. Of this object, it may only read
    these ids, the system roles, whether it is staff who entered the company, and whether it is a service
    account; reading anything else raises an error.
    """

    def __init__(self, build: Callable[..., QuerySet[ModelT]], *columns: str) -> None:
        self._build = build
        self._query = PreparedQuery(self._build_for_placeholder, *columns)

    def rows(self, person: CustomUser, *options: Hashable, **values: int | datetime | None) -> list[ModelT]:
        """Return the rows of the company whose scope is open, using one statement."""
        return self._query.rows(_kind_of(person), *options, **_ids_of(person), **values)

    def _build_for_placeholder(self, kind: _Kind, *options: Hashable, **values: int) -> QuerySet[ModelT]:
        ids = {name: values.pop(name) for name in list(values) if _is_of_person(name)}
        return self._build(_placeholder_person(kind, ids), *options, **values)


def parts_of_person(
    key: Hashable, build: Callable[[CustomUser], QuerySet[ModelT]], person: CustomUser
) -> PreparedParts:
    """Return the rows of `build(person)` as the only part of a list, with SQL that many people share.

    Equal keys must mean equal `build` functions. These may read of the person only what a `PersonQuery`
    allows.
    """
    kind, values = _kind_of(person), _ids_of(person)

    def make(**ids: int) -> list[Part]:
        return [Part(build(_placeholder_person(kind, ids)))]

    return PreparedParts((key, kind, *values), make, values)


def _kind_of(person: CustomUser) -> _Kind:
    return person.impersonating, person.is_service_account, person.system_roles


def _ids_of(person: CustomUser) -> dict[str, int]:
    """Return the ids of the person and of their company roles, by the names of their placeholders."""
    roles = {f"{_ROLE}{place}": role for place, role in enumerate(_padded(person.company_role_ids))}
    return {_PERSON: person.pk, **roles}


def _is_of_person(name: str) -> bool:
    return name == _PERSON or name.startswith(_ROLE)


def _padded(role_ids: frozenset[int]) -> list[int]:
    """Pad the roles to 1, 2, 4, 8 … ids by repeating one, so that there are few different SQL texts."""
    roles = sorted(role_ids)
    while roles and len(roles) & (len(roles) - 1):
        roles.append(roles[-1])
    return roles


def _placeholder_person(kind: _Kind, ids: Mapping[str, int]) -> CustomUser:
    """Return a stand-in object for a person of this kind, with ids named as by `_ids_of`."""
    is_staff, is_service_account, system_roles = kind
    # Other fields are deferred: reading one fails, because nobody in the database has this id.
    known = {"id": ids[_PERSON], "is_service_account": is_service_account, "is_active": True}
    known["is_superuser"] = is_staff
    names = [field.attname for field in CustomUser._meta.concrete_fields if field.attname in known]
    person = CustomUser.from_db("default", names, [known[name] for name in names])
    company = Company(pk=current_company_id())
    if is_staff:
        person.impersonated_company = company
    else:
        person.company = company
    person.system_roles = system_roles
    person.company_role_ids = frozenset(pk for name, pk in ids.items() if name != _PERSON)
    return person
