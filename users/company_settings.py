"""The settings of a company, and the lock under which its people and roles change."""

from django.db import transaction

from users.models import Company


def lock_company() -> Company:
    """Return the company whose scope is open, locked until the transaction ends.

    Everything that changes roles or access takes this lock before it reads, so that such changes
    happen one at a time within a company. The lock (FOR NO KEY UPDATE) does not block inserts that
    reference the company, so ordinary work does not wait for it.
    """
    return Company.objects.select_for_update(no_key=True).get()


def change_company(*, name: str, time_zone: str, currency: str) -> Company:
    """Change the settings of the company whose scope is open."""
    with transaction.atomic():
        company = lock_company()
        company.name, company.time_zone, company.currency = name, time_zone, currency
        company.save(update_fields=["name", "time_zone", "currency"])
    return company
