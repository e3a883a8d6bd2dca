"""Base classes of the admin pages for tables that belong to a company."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany

if TYPE_CHECKING:  # classes that only the type checker can subscript
    AnyModelForm = forms.ModelForm[Any]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelForm = forms.ModelForm
    AnyModelAdmin = admin.ModelAdmin


class CompanyFilter(admin.SimpleListFilter):
    """A list filter by part of the company's name, because there are too many companies to choose from."""

    title = _("company")
    parameter_name = "company_name"
    template = "admin/company_filter.html"
    path = "company"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return no choices, because the user types a name."""
        return []

    def has_output(self) -> bool:
        """Show the filter although it has no choices."""
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of companies whose name contains the text."""
        name = self.value() or ""
        if "\x00" in name:
            return queryset.none()
        return queryset.filter(**{f"{self.path}__name__icontains": name}) if name else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the template's context: the text, the other parameters, and the URL without this filter."""
        yield {
            "kept": [(key, value) for key, value in changelist.get_filters_params().items()],
            "value": self.value() or "",
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
        }


class AnyValueAutocomplete(AutocompleteSelect):
    """Django's autocomplete drop-down, but tolerant of values that can't be an id."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Return the selected choices."""
        return super().optgroups(name, [choice for choice in value if str(choice).isdecimal()], attr)


class CompanyRowForm(AnyModelForm):
    """A form that refuses references to rows of another company before the database does."""

    def clean(self) -> dict[str, Any]:
        """Check that every referenced row belongs to the row's own company."""
        cleaned = super().clean() or self.cleaned_data
        company = cleaned.get("company")
        company_id = self.instance.company_id if company is None else company.pk
        for rule in self._meta.model._meta.constraints:
            row = cleaned.get(rule.field) if isinstance(rule, SameCompany) else None
            if row is not None and company_id is not None and row.company_id != company_id:
                self.add_error(rule.field, ValidationError(_("This belongs to another company."), "company"))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Names are unique within a company. Django checks that only if the company is not excluded.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded if "company" in self.fields else excluded - {"company"}


class CompanyRowAdmin(AnyModelAdmin):
    """Admin pages of a table that belongs to a company, which can't be changed later."""

    form = CompanyRowForm
    list_filter: ClassVar[Any] = (CompanyFilter,)
    list_select_related: ClassVar[Any] = ("company",)
    autocomplete_fields: ClassVar[Any] = ("company",)
    show_full_result_count = False

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return a searchable field for tables that may have thousands of rows."""
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = AnyValueAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with the related rows that their names need."""
        rows = super().get_queryset(request)
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[Any] | tuple[Any, ...]:
        """Make the company read-only for an existing row."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "company")

    def save_formset(self, request: Any, form: Any, formset: Any, change: Any) -> None:
        """Give inline rows the company of the row to which they belong."""
        for row in formset.forms:
            row.instance.company_id = form.instance.company_id
        super().save_formset(request, form, formset, change)


class ReadOnlyAdmin(CompanyRowAdmin):
    """Read-only admin pages of a table that is written only by functions or the database."""

    autocomplete_fields = ()
    may_delete = False
    editable: ClassVar[tuple[str, ...]] = ()
    """Columns that may nevertheless be changed in rows for which `is_editable(row)` is true."""

    def is_editable(self, row: Any) -> bool:
        """Return whether the columns in `editable` may be changed."""
        return bool(self.editable)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows with all related rows, because pages show their names."""
        references = [field.name for field in self.model._meta.fields if field.remote_field is not None]
        rows = super().get_queryset(request)
        return rows.select_related(*references) if references else rows

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Return the fields that are not editable; without change permission, Django makes all read-only."""
        if obj is None or not self.is_editable(obj):
            return ()
        return tuple(name for name in self.get_fields(request, obj) if name not in self.editable)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Return all columns, in the order of the model."""
        hidden = {self.model._meta.pk.name, *(self.exclude or ())}
        return [field.name for field in self.model._meta.fields if field.name not in hidden]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False; rows are not added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether this row has columns that may be changed by hand."""
        return obj is not None and self.is_editable(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether rows may be deleted; only harmless deletions are allowed."""
        return self.may_delete and super().has_delete_permission(request, obj)
