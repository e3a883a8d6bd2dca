"""Names that are unique within a company, such as those of roles and connections."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

ResultT = TypeVar("ResultT")


class NameTakenError(Exception):
    """The company already has a row of this kind with this name, ignoring case (“hr”, “HR”)."""


def refuse_taken_name(write: Callable[[], ResultT], *, constraint: str) -> ResultT:
    """Return the result of `write`. Raise NameTakenError if it violates the constraint of unique names."""
    try:
        with transaction.atomic():  # a savepoint, so that the caller's transaction can continue
            return write()
    except IntegrityError as error:
        if constraint in str(error):
            raise NameTakenError from None
        raise
