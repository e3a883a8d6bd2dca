"""The base model and manager of all tables that belong to a company (`docs/data-model.md`)."""

from typing import TYPE_CHECKING, Any, TypeVar

import django_scopes.manager
from django.db import models
from django_scopes import ScopedManager
from django_scopes.manager import DisabledQuerySet

from ticketflower.tenancy.constraints import CompanyWall
from ticketflower.tenancy.context import current_company_id

ModelT = TypeVar("ModelT", bound=models.Model)

if TYPE_CHECKING:

    class _Scoped(models.Manager[ModelT]):
        pass

else:
    # django-scopes creates manager classes dynamically; a variable lets us subclass this one.
    _Scoped = type(ScopedManager(company="company_id"))


_WAY_OUT = (
    "company (open company_scope() of ticketflower/tenancy/context.py, or start "
    "`manage.py shell --company NAME`: docs/walls.md)"
)


class _NoScope(DisabledQuerySet):  # type: ignore[misc]  # the package has no types
    """The queryset of managers outside of a scope: any use raises ScopeError, which says how to open one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The names of the missing scopes are the only part of the message that can be customized.
        self.missing_scopes = [_WAY_OUT]


django_scopes.manager.DisabledQuerySet = _NoScope


class CompanyManager(_Scoped[ModelT]):
    """A manager that returns only rows of the company whose scope is open, and raises ScopeError without one.

    Models add their own methods (`visible_to(person)` …) with `CompanyManager.from_queryset(…)`.
    """


class TenantModel(models.Model):
    """A row that belongs to a company, by default that of the open scope.

    Subclasses inherit `Meta` and extend `constraints` (`[*TenantModel.Meta.constraints, …]`) with a
    `SameCompany` for each foreign key to another row of the company.
    """

    company = models.ForeignKey(
        "users.Company",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the unique constraint below starts with this column
        default=current_company_id,
    )

    objects = CompanyManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="%(class)s_company_id"),
            CompanyWall(name="%(class)s_company_wall"),
        ]


class TenantPart(TenantModel):
    """A row with a `SameCompany` to another row, so that `company` needs no foreign key constraint itself.

    The field of that `SameCompany` must not be nullable. Each insert checks each foreign key, so this saves a
    check.
    """

    company = models.ForeignKey(
        "users.Company",
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
        db_index=False,
        default=current_company_id,
    )

    class Meta(TenantModel.Meta):
        abstract = True


class TenantCopy(TenantPart):
    """A denormalised row that only triggers write. Its keys were already checked in the original rows."""

    class Meta:
        abstract = True
        constraints = [CompanyWall(name="%(class)s_company_wall")]
