"""Lists: keyset pagination, sorting by URL, and a count that never reads a million rows (`docs/speed.md`).

A page starts next to a row instead of at a row number. `?after=…` contains the sort value and id of
the last row on the previous page, so page 1,000 costs no more than page 1.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, GeneratedField, Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.formats import write_count
from ticketflower.list_parts import (
    Key,
    LoadedKeys,
    Part,
    PreparedParts,
    RowT,
    read_keys,
    rows_after,
    sort_value,
)
from ticketflower.list_statements import read_page

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 50
COUNT_UP_TO = 1000
MAX_NUMBER = 2**63 - 1
"""The greatest number that the database stores."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort order, called `name` in the URL; `field` is a column or annotation that is never null."""

    name: str
    label: "StrOrPromise" = field(compare=False)
    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """The context of a list's template: the rows, and the URLs of the neighbouring pages (or None).

    `bad_cursor` is the name of the URL parameter with an invalid cursor, or "".
    """

    rows: list[Any]
    count_text: str
    newer_url: str | None
    older_url: str | None
    sorts: Sequence[Sort]
    sort: Sort
    descending: bool
    bad_cursor: str = ""

    @property
    def orders_cache_key(self) -> str:
        """A cache key for `orders`."""
        names = " ".join(f"{sort.name}:{sort.descending}" for sort in self.sorts)
        return f"{names} {self.sort.name}:{self.descending}"

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """Each order in both directions: its value in the URL, its label, and whether it is in use."""
        found = []
        for sort in self.sorts:
            for descending in (sort.descending, not sort.descending):
                is_default = sort is self.sorts[0] and descending == sort.descending
                value = "" if is_default else f"{'-' if descending else ''}{sort.name}"
                name = _("%(label)s, descending") if descending else _("%(label)s, ascending")
                is_this = sort.name == self.sort.name and descending == self.descending
                found.append((value, name % {"label": sort.label}, is_this))
        return found


def list_page(
    request: HttpRequest,
    queryset: "QuerySet[Any]",
    *,
    sorts: Sequence[Sort],
    size: int = PAGE_SIZE,
    nouns: "tuple[StrOrPromise, StrOrPromise] | None" = None,
    parts: Sequence[Part] | LoadedKeys | PreparedParts | None = None,
    order: "tuple[Sort, bool] | None" = None,
    count: int | None = None,
    read: "Callable[[list[int]], list[Any]] | None" = None,
    counts: bool = True,
) -> ListPage:
    """Return the page of `queryset` that the URL asks for (`sort`, `after`, `before`), in two statements.

    `sorts[0]` is the default order. A leading "-" in `sort` reverses the order. Invalid parameters
    are ignored. `nouns` are singular and plural of what is counted, by default the model's names. With
    `parts`, the listed rows are those of the parts, and there may be one more statement. `order` overrides
    the order in the URL, and `count` is the number of rows, if it is known. With `read`, only ids are
    selected here, and `read` returns the rows with these ids, in their order. Without `counts`, nothing is
    counted, and the page has no `count_text`.
    """
    sort, descending = order or requested_sort(request.GET, sorts)
    place = next((name for name in ("after", "before") if request.GET.get(name)), "")
    cursor = _read_cursor(request.GET[place], queryset, sort) if place else None
    backwards = place == "before"
    # Read one more, to know whether there is another page. A page before a cursor is read in reverse order.
    is_down = descending != backwards
    if parts is None and read is not None:
        parts = [Part(queryset.order_by())]
    if parts is None:
        rows = _fetch_rows(queryset, sort, descending=is_down, limit=size + 1, cursor=cursor)
        keys = [(sort_value(row, sort), row.pk) for row in rows]
        count = _count(queryset) if counts and count is None else count
    else:
        most = COUNT_UP_TO + 1 if counts else 0
        keys, count = _read_keys(
            parts, sort, is_down, limit=size + 1, cursor=cursor, count=count, count_up_to=most
        )
        rows = (read or _reader(queryset))([row_id for _value, row_id in keys[:size]])
    more = len(keys) > size
    keys, rows = keys[:size], rows[:size]
    if backwards:
        keys.reverse()
        rows.reverse()
    has_older = bool(keys) and (more or backwards)
    has_newer = bool(keys) and cursor is not None and (more or not backwards)
    names = nouns or (queryset.model._meta.verbose_name, queryset.model._meta.verbose_name_plural)
    return ListPage(
        rows=rows,
        count_text=count_text(count or 0, *names) if counts else "",
        newer_url=_cursor_url(request, "before", keys[0]) if has_newer else None,
        older_url=_cursor_url(request, "after", keys[-1]) if has_older else None,
        sorts=sorts,
        sort=sort,
        descending=descending,
        bad_cursor=place if cursor is None else "",
    )


def _reader(queryset: "QuerySet[RowT]") -> "Callable[[list[int]], list[RowT]]":
    """Return a function that reads rows by their ids, with the columns and relations of `queryset`."""

    def read(ids: list[int]) -> list[RowT]:
        rows = queryset.in_bulk(ids)
        return [rows[row_id] for row_id in ids if row_id in rows]

    return read


def _count(rows: "QuerySet[Any]") -> int:
    """Count the rows, at most COUNT_UP_TO + 1."""
    return rows.order_by()[: COUNT_UP_TO + 1].count()


def _read_keys(
    parts: Sequence[Part] | LoadedKeys | PreparedParts,
    sort: Sort,
    descending: bool,
    *,
    limit: int,
    cursor: Key | None,
    count: int | None,
    count_up_to: int,
) -> tuple[list[Key], int]:
    """Return the first keys after the cursor, and the number of all rows, at most `count_up_to`.

    `count` is that number, if it is known.
    """
    if isinstance(parts, LoadedKeys):
        count = len(parts.keys)
    if count is not None:
        return read_keys(parts, sort, descending=descending, limit=limit, cursor=cursor), count
    assert not isinstance(parts, LoadedKeys)
    return read_page(parts, sort, descending=descending, limit=limit, count_up_to=count_up_to, cursor=cursor)


def requested_sort(params: QueryDict, sorts: Sequence[Sort]) -> tuple[Sort, bool]:
    """Return the order that the URL parameter `sort` requests, and whether it is descending."""
    requested = params.get("sort", "")
    for sort in sorts:
        if requested.removeprefix("-") == sort.name:
            return sort, requested.startswith("-")
    return sorts[0], sorts[0].descending


def _sorted_rows(queryset: "QuerySet[RowT]", sort: Sort, *, descending: bool) -> "QuerySet[RowT]":
    """Return the rows in this order; rows with the same value are ordered by id."""
    order = [F(sort.field), F("pk")]
    return queryset.order_by(*(term.desc() if descending else term.asc() for term in order))


def _fetch_rows(
    queryset: "QuerySet[RowT]",
    sort: Sort,
    *,
    descending: bool,
    limit: int,
    cursor: tuple[Any, Any] | None = None,
) -> list[RowT]:
    rows = rows_after(queryset, sort.field, "pk", descending, cursor)
    return list(_sorted_rows(rows, sort, descending=descending)[:limit])


def _read_cursor(text: str, queryset: "QuerySet[Any]", sort: Sort) -> tuple[Any, Any] | None:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text.encode()))
        if value is None or (isinstance(value, str) and not _is_storable(value)):
            return None
        place = _sort_field(queryset, sort).to_python(value), int(pk)
    except (ValueError, TypeError, OverflowError, binascii.Error, ValidationError, RecursionError):
        return None
    is_too_long = any(isinstance(part, int) and abs(part) > MAX_NUMBER for part in place)
    has_no_zone = isinstance(place[0], datetime) and timezone.is_naive(place[0])
    return None if is_too_long or has_no_zone else place


def _is_storable(text: str) -> bool:
    # JSON can contain NUL and lone surrogates, but the database refuses them with an error.
    return not any(mark == "\x00" or "\ud800" <= mark <= "\udfff" for mark in text)


def _sort_field(queryset: "QuerySet[Any]", sort: Sort) -> "Field[Any, Any]":
    if sort.field in queryset.query.annotations:
        output: Field[Any, Any] = queryset.query.annotations[sort.field].output_field
        return output
    model: type[Model] = queryset.model
    field = None
    for part in sort.field.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model or model
    if isinstance(field, GeneratedField):
        field = field.output_field
    if not isinstance(field, Field):
        raise FieldDoesNotExist(sort.field)
    return field


def _cursor_url(request: HttpRequest, name: str, key: Key) -> str:
    text = json.dumps(key, cls=_Encoder)
    return page_url(request, name, base64.urlsafe_b64encode(text.encode()).decode())


def page_url(request: HttpRequest, name: str, cursor: str) -> str:
    """Return the URL of the page next to `cursor`; `name` is "after" or "before"."""
    query = request.GET.copy()
    for old in ("after", "before"):
        query.pop(old, None)
    query[name] = cursor
    return f"?{query.urlencode()}"


class _Encoder(DjangoJSONEncoder):
    """Django's encoder, but with full microseconds, because a cursor must be exact."""

    def default(self, o: Any) -> Any:
        """Return dates and times in full ISO format."""
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def count_text(count: int, one: object, many: object) -> str:
    """Return the number of rows as text, "213 tickets"; counting stops at COUNT_UP_TO + 1."""
    if count > COUNT_UP_TO:
        return _("More than %(count)s %(things)s") % {"count": write_count(COUNT_UP_TO), "things": many}
    return _("%(count)s %(things)s") % {"count": write_count(count), "things": one if count == 1 else many}
