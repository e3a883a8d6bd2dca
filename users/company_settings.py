"""What a company says about itself, and the lock under which its people and roles change."""

from django.db import transaction

from users.models import Company


def lock_company() -> Company:
    """The company whose scope is open, locked until the transaction ends.

    Whatever changes who has which role, or who may log in, takes this lock before it
    looks, so that in one company such changes happen one after the other. Ordinary work
    in the company does not wait for it.
    """
    return Company.objects.select_for_update(no_key=True).get()


def change_company(*, name: str, time_zone: str) -> Company:
    """Give the company whose scope is open another name and time zone."""
    with transaction.atomic():
        company = lock_company()
        company.name = name
        company.time_zone = time_zone
        company.save(update_fields=["name", "time_zone"])
    return company
