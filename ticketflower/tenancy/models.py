"""The base model and manager of all tables that belong to a company (`docs/data-model.md`)."""

from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django_scopes import ScopedManager

from ticketflower.tenancy.constraints import CompanyWall
from ticketflower.tenancy.context import current_company_id

ModelT = TypeVar("ModelT", bound=models.Model)

if TYPE_CHECKING:

    class _Scoped(models.Manager[ModelT]):
        pass

else:
    # django-scopes creates manager classes dynamically; a variable lets us subclass this one.
    _Scoped = type(ScopedManager(company="company_id"))


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
