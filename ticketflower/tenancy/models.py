"""What every table of a company has in common (`data-model.md`, first paragraph)."""

from typing import Any, TypeVar

from django.db import models
from django_scopes import ScopedManager

from ticketflower.tenancy.constraints import CompanyWall
from ticketflower.tenancy.context import current_company_id

ModelT = TypeVar("ModelT", bound=models.Model)


def company_manager(queryset: type[models.QuerySet[Any]] = models.QuerySet) -> Any:
    """A manager that asks only for rows of the company whose scope is open, and raises outside one.

    `queryset` brings the model's own words (`visible_to(person)` …).
    """
    return ScopedManager(
        company="company_id",
        _manager_class=models.Manager.from_queryset(queryset),
    )


class TenantModel(models.Model):
    """A row that belongs to a company: in its scope it gets that company by itself.

    Subclasses inherit `Meta` and extend `constraints` (`[*TenantModel.Meta.constraints, …]`),
    with a `SameCompany` for each foreign key to another row of the company.
    """

    company = models.ForeignKey(
        "users.Company",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the unique constraint below begins with it
        default=current_company_id,
    )

    objects = company_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="%(class)s_company_id"),
            CompanyWall(name="%(class)s_company_wall"),
        ]
