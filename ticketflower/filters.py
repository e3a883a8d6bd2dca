"""Filters of lists, read from URL parameters. Invalid parameters are ignored.

A list whose rows are one query has a `FilterSet` (django-filter). A list that is read from several parts, or
whose statement people share, has a plain `FilterForm`, and builds its conditions from the values `chosen()`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import get_language

from ticketflower.clean_json import parse_number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RowT = TypeVar("RowT", bound=Model)
MAX_SEARCH_LENGTH = 200
SEARCH = "q"
"""The name of the search box."""


class FilterForm(forms.Form):
    """The form of a filter, drawn by <c-filter-bar>."""

    unfiltered_rows: "Callable[[], QuerySet[Any]] | None" = None
    """A function that returns the unfiltered rows; some may be hidden by default."""
    main_fields: tuple[str, ...] = ()
    """The names of the fields beside the search box; the others are folded away. If empty, all are shown."""
    choices_key: object = None
    """A key for the choices of its fields that the class does not determine; needed to cache the controls."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, is_rendered: bool = True, **options: Any
    ) -> None:
        """Without `is_rendered`, create only the fields that are set, because creating all takes time."""
        if not is_rendered:
            chosen = {name: field for name, field in self.base_fields.items() if name in (data or ())}
            self.base_fields = chosen  # type: ignore[misc]  # of this form alone
        super().__init__(data, **options)

    def offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """Set the choices of a field, if the form has it."""
        if name in self.fields:
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # it is a choice

    @property
    def cache_key(self) -> str:
        """A key for the rendered controls, or "" if they are not cached. Equal keys mean equal controls.

        Forms with a search text are not cached, because the same text rarely occurs twice.
        """
        if self.choices_key is None or self.data.get(SEARCH):
            return ""
        chosen = {name: self.data[name] for name in self.fields if name in self.data}
        return repr((type(self).__qualname__, get_language(), self.choices_key, chosen))

    @property
    def search_fields(self) -> "list[forms.BoundField]":
        """The search box, if there is one, and the hidden fields."""
        return [field for field in self if field.is_hidden or field.name == SEARCH]

    @property
    def first_fields(self) -> "list[forms.BoundField]":
        """The fields beside the search box; on phones, they are folded away."""
        main = self.main_fields or self.fields
        return [field for field in self.visible_fields() if field.name != SEARCH and field.name in main]

    @property
    def more_fields(self) -> "list[forms.BoundField]":
        """The fields that are folded away."""
        return [field for field in self if self.main_fields and field.name not in self.main_fields]

    def chosen(self) -> dict[str, Any]:
        """Return the valid values that are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def number_set(self) -> int:
        """How many fields are set, apart from the search box."""
        return sum(bool(field.data) for field in self.visible_fields() if field.name != SEARCH)

    @property
    def is_opened(self) -> bool:
        """True if one of the fields that are folded away is set."""
        return any(field.data for field in self.more_fields)

    @property
    def is_narrowed(self) -> bool:
        """True if any visible filter is set, even to a value that is not valid."""
        return any(field.data for field in self.visible_fields())

    @property
    def has_rows(self) -> bool:
        """True if there are rows that the filter could show; asks the database.

        For a large table, `unfiltered_rows` must be in the order of an index. Otherwise, PostgreSQL may read
        the whole table to find the first row.
        """
        return self.unfiltered_rows is not None and bool(self.unfiltered_rows().values_list("pk")[:1])


class FilterSet(django_filters.FilterSet):
    """The filters of a list. `qs` has the rows that match, `form` draws the controls."""

    field_order: tuple[str, ...] | None = None

    class Meta:
        form = FilterForm

    @property
    def form(self) -> Any:
        """The form, which gets all rows, so that an empty list can tell whether there are any rows."""
        form = super().form
        form.unfiltered_rows = lambda: self.queryset
        return form

    def get_form_class(self) -> type[forms.Form]:
        """Return the class of the form, with the fields in the order of `field_order`."""
        form_class: type[forms.Form] = super().get_form_class()
        form_class.field_order = self.field_order
        return form_class

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply each filter, with None for an invalid value: "nothing chosen" may be a condition, too."""
        for name, each in self.filters.items():
            queryset = each.filter(queryset, self.form.cleaned_data.get(name))
        return queryset


class SearchFilter(django_filters.CharFilter):
    """A search box: rows in which one of the columns contains the text, or whose `number` it is."""

    def __init__(self, *columns: str, number: str = "", **options: Any) -> None:
        super().__init__(widget=forms.SearchInput, **{"max_length": MAX_SEARCH_LENGTH} | options)
        self.columns, self.number = columns, number

    def filter(self, qs: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        """Return the rows that contain the text, or all without one."""
        return rows_with_text(qs, value, *self.columns, number=self.number) if value else qs


def search_box(label: "StrOrPromise") -> forms.CharField:
    """Return the field of a search box."""
    return forms.CharField(
        label=label, required=False, max_length=MAX_SEARCH_LENGTH, widget=forms.SearchInput
    )


def rows_with_text(rows: "QuerySet[RowT]", text: str, *columns: str, number: str = "") -> "QuerySet[RowT]":
    """Return the rows in which one of the columns contains the text, or whose `number` it is, even with #."""
    fits = Q(*((f"{column}__icontains", text) for column in columns), _connector=Q.OR)
    asked = parse_number(text.removeprefix("#"))
    if number and asked is not None:
        fits |= Q(**{number: asked})
    return rows.filter(fits)


class ChoiceFilter(django_filters.ChoiceFilter):
    """A choice. Some values, "" (nothing chosen) among them, may stand for a condition of their own."""

    def __init__(self, *, conditions: Mapping[str, Q] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.conditions = conditions or {}

    def filter(self, qs: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        """Return the rows that meet the condition of the value, or else whose column has the value."""
        condition = self.conditions.get(value or "")
        found: QuerySet[Any] = super().filter(qs, value) if condition is None else qs.filter(condition)
        return found


class IntegerFilter(django_filters.NumberFilter):
    """Rows whose column has the number."""

    field_class = forms.IntegerField
