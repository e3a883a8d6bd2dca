"""Columns that say who did something: nobody of the company beside an impersonator."""

from django.db import models

from users.models import CustomUser


def person_column(**options: object) -> "models.ForeignKey[CustomUser | None, CustomUser | None]":
    """A person of the company, or nobody (staff, the clock, an action); declare a SameCompany beside it."""
    return models.ForeignKey(
        CustomUser,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        **options,  # type: ignore[arg-type]
    )


def impersonator_column() -> "models.ForeignKey[CustomUser | None, CustomUser | None]":
    """The member of staff who did it in the company's place."""
    return models.ForeignKey(CustomUser, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
