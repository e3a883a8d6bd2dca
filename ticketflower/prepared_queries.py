"""ORM queries whose SQL text is built once and cached, for pages that run many different queries.

Django builds the text of a query again each time, which takes longer than PostgreSQL needs for most of them.
A prepared query is written like any other, with the same access rules. It is as safe: it sees only the
company whose scope is open when it runs, whatever scope was open when it was built.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Self, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django_scopes import scope

from ticketflower.fast_sql import with_constants
from ticketflower.tenancy.context import WallError, current_company_id

ModelT = TypeVar("ModelT", bound=Model)
_FIRST_PLACEHOLDER: Final = 1_987_650_000
"""Numbers that no query contains, so that they mark the positions of values in the text."""
_FIRST_TIME: Final = datetime(1753, 1, 1, tzinfo=UTC)
"""Likewise for times."""
_MAX_BIGINT: Final = 2**63 - 1
COMPANY: Final = _FIRST_PLACEHOLDER - 1
"""The placeholder for the company while a text that serves all companies is built."""


class PreparedQuery(Generic[ModelT]):
    """A prepared query for these columns of the rows of `build(*options, **values)`; others are deferred.

    A column is a lookup path, such as `task__run`. A path through a relation creates a related object, which
    rows share; the relation's `id` must be among the columns, too.

    The options determine the text: there must be few combinations, such as of flags, because each text is
    cached. The values are ids, numbers or None (which equals nothing), or times, which may not be None.
    `build` gets placeholders instead of the values, so its logic may not depend on them.
    """

    def __init__(self, build: Callable[..., QuerySet[ModelT]], *columns: str) -> None:
        self._build, self._columns = build, columns
        self._statements: dict[Hashable, _Statement] = {}

    def rows(self, *options: Hashable, **values: int | datetime | None) -> list[ModelT]:
        """Return the rows of the company whose scope is open, using one statement."""
        statement = self._statements.get((options, *values))
        if statement is None:
            statement = self._statements[(options, *values)] = self._prepare(options, values)
        return statement.rows(values)

    def _prepare(self, options: tuple[Hashable, ...], values: Mapping[str, Any]) -> _Statement:
        placeholders = placeholders_for(values)
        with scope(company=COMPANY):
            queryset = self._build(*options, **placeholders)
            compiler: Any = queryset.values_list(*self._columns).query.get_compiler("default")
            sql, params = compiler.as_sql()
        return _Statement(
            SharedText.of(sql, params, placeholders),
            converters=compiler.get_converters([column[0] for column in compiler.select]),
            parts=_Parts(queryset.model, list(enumerate(self._columns))),
        )


def placeholders_for(values: Mapping[str, int | datetime | None]) -> dict[str, Any]:
    """Return placeholders for these values: numbers and times that are used while a text is built."""
    return {name: _placeholder(place, value) for place, (name, value) in enumerate(values.items())}


@dataclass(frozen=True, slots=True)
class SharedText:
    """The SQL text of a statement that serves all companies and all values of its placeholders.

    A parameter is the name of a value and its placeholder, which has the value's type; or None and a fixed
    value.
    """

    sql: str
    params: tuple[tuple[str | None, Any], ...]

    @classmethod
    def of(cls, sql: str, params: Sequence[Any], placeholders: Mapping[str, Any]) -> Self:
        """Return the text of a statement that was built with these placeholders in the scope of COMPANY."""
        names: dict[Any, str] = {COMPANY: "", **{known: name for name, known in placeholders.items()}}
        sql, left = with_constants(sql, params)
        named = ((names.get(each) if isinstance(each, int | datetime) else None, each) for each in left)
        return cls(sql, tuple(named))

    def fetch(self, values: Mapping[str, int | datetime | None]) -> list[tuple[Any, ...]]:
        """Return the rows of the company whose scope is open. Raise WallError without one."""
        company_id = current_company_id()
        if company_id is None:
            raise WallError("a prepared query needs the scope of a company")
        known_values = {**values, "": company_id}
        params = [known if name is None else _like(known, known_values[name]) for name, known in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


@dataclass(frozen=True, slots=True)
class _Statement:
    text: SharedText
    converters: Mapping[int, Any]
    parts: _Parts

    def rows(self, values: Mapping[str, int | datetime | None]) -> list[Any]:
        shared: dict[Any, Model] = {}
        return [self.parts.build(self._convert(list(row)), shared) for row in self.text.fetch(values)]

    def _convert(self, row: list[Any]) -> list[Any]:
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        return row


def _placeholder(place: int, value: int | datetime | None) -> int | datetime:
    if isinstance(value, datetime):
        return _FIRST_TIME + timedelta(seconds=place)
    return _FIRST_PLACEHOLDER + place


def _like(known: Any, value: int | datetime | None) -> Any:
    """Convert the value to the type of its placeholder; the driver has a number type for each size.

    A number that no column can hold becomes None, which equals nothing.
    """
    if isinstance(value, datetime):
        return value
    return None if value is None or abs(value) > _MAX_BIGINT else type(known)(value)


class _Parts:
    """The positions of the columns that build a model instance, and those that build its related objects."""

    def __init__(self, model: type[Model], columns: Sequence[tuple[int, str]]) -> None:
        order = [field.attname for field in model._meta.concrete_fields]  # the order that `from_db` expects
        plain = {path: place for place, path in columns if "__" not in path}
        self._model, self._names = model, [name for name in order if name in plain]
        self._places = [plain[name] for name in self._names]
        self._others = [(name, place) for name, place in plain.items() if name not in order]
        self._key = plain["id"]
        related: dict[str, list[tuple[int, str]]] = {}
        for place, path in columns:
            relation, through, rest = path.partition("__")
            if through:
                related.setdefault(relation, []).append((place, rest))
        relations: list[tuple[Any, Any]] = [(model._meta.get_field(name), related[name]) for name in related]
        self._related = [(field, _Parts(field.related_model, inner)) for field, inner in relations]

    def build(self, row: Sequence[Any], shared: dict[Any, Model]) -> Model:
        instance = self._model.from_db("default", self._names, [row[place] for place in self._places])
        for name, place in self._others:
            setattr(instance, name, row[place])
        for field, parts in self._related:
            key = row[parts._key]
            other = None if key is None else shared.get((parts, key))
            if key is not None and other is None:
                other = shared[parts, key] = parts.build(row, shared)
            field.set_cached_value(instance, other)
        return instance


def columns_of(model: type[Model], path: str = "") -> list[str]:
    """Return the lookup paths of all columns of a model that is reached by `path`."""
    return [f"{path}__{field.attname}".lstrip("_") for field in model._meta.concrete_fields]
