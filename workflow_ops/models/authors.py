"""Columns for the author of an action. If there is an impersonator, the person of the company is null."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from ticketflower.tenancy.models import CompanyManager
from users.models import CustomUser


def person_column(**options: object) -> "models.ForeignKey[CustomUser | None, CustomUser | None]":
    """Return a column for a person of the company; null for staff, the clock and actions.

    The model must declare a SameCompany constraint for it.
    """
    return models.ForeignKey(
        CustomUser,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        **{"db_index": False, **options},  # type: ignore[arg-type]
    )


def impersonator_column() -> "models.ForeignKey[CustomUser | None, CustomUser | None]":
    """Return a column for the member of staff who acted in the company."""
    return models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )


def where_set(*fields: str) -> list[models.Index]:
    """Return the indexes of foreign keys that are mostly null: of the rows alone in which they are set.

    They are read as a row that they name is deleted.
    """
    return [
        models.Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=f"%(class)s_{field}")
        for field in fields
    ]


class StartedQuerySet(models.QuerySet[Any]):
    """Queries about what a person has started; its columns are `person` and `impersonator`."""

    def started_by(self, person: CustomUser) -> Self:
        """Return what this person started; for staff, this very member of staff."""
        column = "impersonator" if person.impersonating else "person"
        return self.filter(**{column: person.pk})


StartedManager = CompanyManager.from_queryset(StartedQuerySet)
