"""`manage.py import_workflow`: the upload page's import, for operators of the site."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ticketflower.tenancy.context import company_scope
from users.management.company_option import add_company_option, find_company
from workflow_design.check.findings import problems_to_errors
from workflow_design.definition.problems import DefinitionError
from workflow_design.persistence.connections import find_unknown_connections
from workflow_design.persistence.importing import DraftExistsError, import_workflow, read_file
from workflow_design.versions.publishing import publish


class Command(BaseCommand):
    """Imports one file into one company, without an author."""

    help = (
        "Creates a draft from a workflow file: a new workflow, or the next version of the workflow with "
        "the same title. Company roles that the file names are created if they are missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file, the company, and the options to publish and to replace a draft."""
        parser.add_argument("file", type=Path, help="a workflow file (docs/workflow-format.md)")
        add_company_option(parser, is_required=True)
        parser.add_argument("--publish", action="store_true", help="also publish the version")
        parser.add_argument("--replace", action="store_true", help="replace an existing draft")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file, and publish it if requested. On any problem, report all and change nothing."""
        company = find_company(options)
        assert company is not None  # the option is required
        try:
            file = read_file(_content(options["file"]), may_make_roles=True)
            # One transaction, so that a failed publication also undoes the import.
            with company_scope(company.pk), transaction.atomic():
                workflow = import_workflow(file, by=None, replace=options["replace"], may_make_roles=True)
                missing = list(find_unknown_connections(file))
                if options["publish"]:
                    publish(workflow, by=None)
        except DefinitionError as error:
            raise CommandError(_in_lines(options["file"], error)) from None
        except DraftExistsError as error:
            raise CommandError(
                f"“{error.draft}” already has a draft, version {error.draft.version}. "
                "Nothing was changed; --replace replaces it."
            ) from None
        done = "imported and published" if options["publish"] else "imported as a draft"
        self.stdout.write(f"“{workflow}”, version {workflow.version}, is {done} in “{company}”.")
        for finding in missing:
            self.stdout.write(f"Before it can be published: {finding.message} {finding.fix}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from None


def _in_lines(path: Path, error: DefinitionError) -> str:
    lines = [
        f"  {each.pointer or '(the whole file)'}: {each.message} {each.fix}".rstrip()
        for each in problems_to_errors(error.problems)
    ]
    return "\n".join([f"{path} was not imported. Problems:", *lines])
