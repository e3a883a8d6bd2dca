"""Command-line options that choose a company, and the rows that a shell can see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ticketflower.tenancy.context import all_companies_scope
from users.models import Company


def add_company_option(parser: CommandParser, *, is_required: bool) -> Any:
    """Add options that choose one company by name or id to a command; return their group."""
    company = parser.add_mutually_exclusive_group(required=is_required)
    company.add_argument("--company", metavar="NAME", help="the name of the company")
    company.add_argument(
        "--company-id", type=int, help="the id of the company, if several have the same name"
    )
    return company


def find_company(options: Mapping[str, Any]) -> Company | None:
    """Return the chosen company, or None if none was chosen. Raise CommandError unless one matches."""
    name, company_id = options.get("company"), options.get("company_id")
    if name is None and company_id is None:
        return None
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


@dataclass(frozen=True)
class View:
    """What a shell can see: the prompt's name, a description, and the settings of the second wall."""

    name: str
    description: str
    settings: dict[str, str] = field(default_factory=dict)
    company_id: int | None = None

    @property
    def connection_options(self) -> str:
        """The settings as a connection option, so that they hold for the whole session."""
        return " ".join(f"-c {name}={value}" for name, value in self.settings.items())


def view_of(options: Mapping[str, Any]) -> View:
    """Return the view of a shell with these options. Raise CommandError for an unknown company."""
    if options.get("all_companies"):
        return View(
            "all companies", "In view: the rows of all companies. Be careful.", {"app.all_companies": "on"}
        )
    company = find_company(options)
    if company is None:
        return View(
            "no company",
            "No company is in view: psql shows no rows, and querysets raise ScopeError. "
            "`--company NAME` shows one company, `--all-companies` all of them (docs/walls.md).",
        )
    return View(
        company.name,
        f"In view: {company.name} (id {company.pk}), and no other company. Leave and start with another "
        "`--company NAME` or with `--all-companies` to see more (docs/walls.md).",
        {"app.company_id": str(company.pk)},
        company.pk,
    )


class ViewCommand(BaseCommand):
    """A mixin for shell commands with the options of a view; commands also derive from Django's command."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that choose one company or all of them."""
        super().add_arguments(parser)
        add_company_option(parser, is_required=False).add_argument(
            "--all-companies", action="store_true", help="show the rows of all companies"
        )

    def announce_view(self, options: Mapping[str, Any]) -> View:
        """Print what is in view, and return the view. Raise CommandError for an unknown company."""
        view = view_of(options)
        self.stdout.write(view.description)
        self.stdout.flush()
        return view
