"""`manage.py check_workflow`: the check of a workflow file, for programs and for authors of files."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ticketflower.tenancy.context import company_scope
from users.management.company_option import add_company_option, find_company
from users.models import Company
from workflow_design.check.findings import CheckReport, Finding, problems_to_errors
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.management.workflow_files import UNUSABLE, UnreadableFileError, read_content
from workflow_design.persistence.file_reports import report_on_file, unexplored
from workflow_design.persistence.reports import findings_in_company

HAS_ERRORS: Final = 1


class Command(BaseCommand):
    """Prints the findings of the check as JSON; changes nothing."""

    help = (
        "Checks workflow files. Of one file it prints a JSON object: findings (code, severity, pointer, "
        "message, mend, counterexample, likewise, is_exact, title, digest, accepted), is_complete, is_exact, "
        "states, writes, out_of_date. Of several files, it prints an object with the report of each by its "
        "name. Exit status: 0 without errors, 1 with, 2 if a file could not be read. A company's roles and "
        "people are checked, too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the files, and an optional company that they are meant for."""
        parser.add_argument("file", type=Path, nargs="+", help="a workflow file (docs/workflow-format.md)")
        add_company_option(parser, is_required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report of each file, and exit with the status of the worst."""
        try:
            company = find_company(options)
        except CommandError as error:
            self._print(_refused("unknown-company", str(error)).as_json())
            sys.exit(UNUSABLE)
        reports, worst = {}, 0
        for path in options["file"]:
            try:
                report = _report(read_content(path), company)
                status = HAS_ERRORS if report.errors else 0
            except UnreadableFileError as error:
                report, status = _refused("unreadable-file", str(error)), UNUSABLE
            reports[str(path)], worst = report.as_json(), max(worst, status)
        self._print(reports if len(options["file"]) > 1 else next(iter(reports.values())))
        if worst:
            sys.exit(worst)

    def _print(self, content: Any) -> None:
        # ASCII only, because not every console or pipe can carry more.
        self.stdout.write(json.dumps(content, indent=2))


def _report(content: bytes, company: Company | None) -> CheckReport:
    if company is None:
        return report_on_file(content)

    def in_company(file: WorkflowFile) -> tuple[Finding, ...]:
        with company_scope(company.pk), transaction.atomic():
            return findings_in_company(file)

    return report_on_file(content, in_company=in_company)


def _refused(code: str, message: str) -> CheckReport:
    return unexplored(problems_to_errors([Problem("", message, code)]))
