"""The base model and manager of all tables that belong to a company (`docs/data-model.md`)."""

from typing import TYPE_CHECKING, Any, TypeVar

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
    "company (open company_scope() of ticketflower/tenancy/context.py, or start `manage.py shell "
    "--company NAME`: docs/walls.md)"
)


class ManagerOfScope:
    """A mixin for managers of django-scopes, whose error without a scope then says how to open one."""

    def get_queryset(self) -> Any:
        """Return the rows of the scope, or a queryset of which every use raises ScopeError."""
        rows = super().get_queryset()  # type: ignore[misc]  # of the manager
        if isinstance(rows, DisabledQuerySet):
            # The names of the missing scopes are the only part of the message that can be chosen.
            rows.missing_scopes = [_WAY_OUT]
        return rows


class CompanyManager(ManagerOfScope, _Scoped[ModelT]):
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
