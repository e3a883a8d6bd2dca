"""Author columns: a person of the company or, if that is null, an impersonating member of staff."""

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
    """Return partial indexes for foreign keys that are mostly null, with only the rows in which they are set.

    They are used when a referenced row is deleted.
    """
    return [
        models.Index(fields=[field], condition=Q(**{f"{field}__isnull": False}), name=f"%(class)s_{field}")
        for field in fields
    ]


class StartedQuerySet(models.QuerySet[Any]):
    """Queries for rows that a person has started; the author columns are `person` and `impersonator`."""

    def started_by(self, person: CustomUser) -> Self:
        """Return the rows that this person (or this member of staff) started."""
        column = "impersonator" if person.impersonating else "person"
        return self.filter(**{column: person.pk})


StartedManager = CompanyManager.from_queryset(StartedQuerySet)
