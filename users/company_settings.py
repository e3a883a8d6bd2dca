"""The settings of a company, and the lock under which its people and roles change."""

from typing import Any, Final

from django.db import transaction

from users.models import Company

SETTINGS: Final = frozenset(
    {
        *("name", "language", "currency", "time_zone"),
        *("working_days", "day_begins", "day_ends", "holiday_region"),
    }
)
"""The columns that company admins change."""


def lock_company() -> Company:
    """Return the company whose scope is open, locked until the transaction ends.

    Everything that changes roles or access takes this lock before it reads, so that such changes
    happen one at a time within a company. The lock (FOR NO KEY UPDATE) does not block inserts that
    reference the company, so ordinary work does not wait for it.
    """
    return Company.objects.select_for_update(no_key=True).get()


def change_company(**settings: Any) -> Company:
    """Change the settings of the company whose scope is open: values of some of SETTINGS."""
    with transaction.atomic():
        company = lock_company()
        for name in settings.keys() & SETTINGS:
            setattr(company, name, settings[name])
        company.save(update_fields=SETTINGS)
    return company
