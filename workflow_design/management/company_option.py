"""Command-line options `--company NAME` and `--company-id ID`, which choose a company of the site."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from ticketflower.tenancy.context import all_companies_scope
from users.models import Company


def add_company_option(parser: CommandParser, *, is_required: bool) -> None:
    """Add options to a command that choose one company by its name or id."""
    company = parser.add_mutually_exclusive_group(required=is_required)
    company.add_argument("--company", metavar="NAME", help="the name of the company")
    company.add_argument(
        "--company-id", type=int, help="the id of the company, if several have the same name"
    )


def find_company(options: Mapping[str, Any]) -> Company | None:
    """Return the chosen company, or None if none was chosen. Raise CommandError unless it is unique."""
    if options["company"] is None and options["company_id"] is None:
        return None
    name, company_id = options["company"], options["company_id"]
    with all_companies_scope(), transaction.atomic():
        companies = Company.objects.order_by("pk")
        found = list(companies.filter(pk=company_id) if company_id else companies.filter(name=name))
    if not found:
        raise CommandError(f"There is no company {company_id or f'“{name}”'}.")
    if len(found) > 1:
        ids = ", ".join(f"{company.pk} (since {company.created_at:%Y-%m-%d})" for company in found)
        raise CommandError(
            f"{len(found)} companies are called “{name}”; choose one with --company-id: {ids}."
        )
    return found[0]
