"""What the admin pages of all tables with a company have in common."""

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
    """Beside a list: rows of the companies whose name holds a text; there are too many to choose from."""

    title = _("company")
    parameter_name = "company_name"
    template = "admin/company_filter.html"
    path = "company"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Nothing to choose from: one types."""
        return []

    def has_output(self) -> bool:
        """Shown all the same."""
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that are left."""
        name = self.value() or ""
        if "\x00" in name:
            return queryset.none()
        return queryset.filter(**{f"{self.path}__name__icontains": name}) if name else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """For the template: what was typed, the rest of the address, and the address without it."""
        yield {
            "kept": [(key, value) for key, value in changelist.get_filters_params().items()],
            "value": self.value() or "",
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
        }


class AnyValueAutocomplete(AutocompleteSelect):
    """Django's drop-down, which fails on a value that no row can have."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The choices that are drawn: those that are chosen."""
        return super().optgroups(name, [one for one in value if str(one).isdecimal()], attr)


class CompanyRowForm(AnyModelForm):
    """Refuses what the database would refuse at the end of the transaction: rows of two companies in one."""

    def clean(self) -> dict[str, Any]:
        """Every row that is pointed at is of the row's own company."""
        cleaned = super().clean() or self.cleaned_data
        company = cleaned.get("company")
        company_id = self.instance.company_id if company is None else company.pk
        for rule in self._meta.model._meta.constraints:
            row = cleaned.get(rule.field) if isinstance(rule, SameCompany) else None
            if row is not None and company_id is not None and row.company_id != company_id:
                self.add_error(rule.field, ValidationError(_("This is of another company."), "company"))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Names are unique within a company: Django checks that only if it may look at the company.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded if "company" in self.fields else excluded - {"company"}


class CompanyRowAdmin(AnyModelAdmin):
    """A table with a company, which a row keeps for good."""

    form = CompanyRowForm
    list_filter: ClassVar[Any] = (CompanyFilter,)
    list_select_related: ClassVar[Any] = ("company",)
    autocomplete_fields: ClassVar[Any] = ("company",)
    show_full_result_count = False

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Searched as one types, where there may be thousands."""
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = AnyValueAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each row with what its name needs."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[Any] | tuple[Any, ...]:
        """The company is chosen once."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, "company")

    def save_formset(self, request: Any, form: Any, formset: Any, change: Any) -> None:
        """Rows below a row are of its company."""
        for row in formset.forms:
            row.instance.company_id = form.instance.company_id
        super().save_formset(request, form, formset, change)


class ReadOnlyAdmin(CompanyRowAdmin):
    """A table that only functions (or the database) write: to look at."""

    autocomplete_fields = ()
    may_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Without the right to change, all of them are."""
        return ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Where deleting one, or what it hangs on, harms nothing."""
        return self.may_delete and super().has_delete_permission(request, obj)
