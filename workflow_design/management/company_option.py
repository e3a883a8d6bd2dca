"""`--company NAME` and `--company-id ID` of commands: which company of the site is meant."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from ticketflower.tenancy.context import all_companies_scope
from users.models import Company


def add_company_option(parser: CommandParser, *, is_required: bool) -> None:
    """Let a command take one company, by its name or its id."""
    company = parser.add_mutually_exclusive_group(required=is_required)
    company.add_argument("--company", metavar="NAME", help="the name of the company")
    company.add_argument("--company-id", type=int, help="its id, where several have one name")


def company_of(options: Mapping[str, Any]) -> Company | None:
    """The company that was named, None if none was. Raises CommandError if it is not exactly one."""
    if options["company"] is None and options["company_id"] is None:
        return None
    return _company(options["company"] or "", options["company_id"])


def _company(name: str, company_id: int | None) -> Company:
    """The one company of this name, or with this id, among all of the site."""
    with all_companies_scope(), transaction.atomic():
        companies = Company.objects.order_by("pk")
        found = list(companies.filter(pk=company_id) if company_id else companies.filter(name=name))
    if not found:
        raise CommandError(f"There is no company {company_id or f'“{name}”'}.")
    if len(found) > 1:
        ids = ", ".join(f"{company.pk} (since {company.created_at:%Y-%m-%d})" for company in found)
        raise CommandError(f"{len(found)} companies are called “{name}”; name one by --company-id: {ids}.")
    return found[0]
