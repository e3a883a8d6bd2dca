"""`shell` that can look at one company: `manage.py shell --company NAME`."""

import sys
from contextlib import ExitStack
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import shell
from django.db import connection

from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.management.company_option import add_view_options, view_of


class Command(shell.Command):
    """Django's `shell`, with a company in view (docs/walls.md, “Look at data”)."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that choose what is in view."""
        super().add_arguments(parser)
        add_view_options(parser)

    def handle(self, **options: Any) -> None:
        """Say what is in view, open the scope for all that is typed, and start the shell."""
        view = view_of(options)
        self.stdout.write(view.description)
        sys.ps1 = f"{view.name} >>> "
        with ExitStack() as stack:
            if view.settings:
                connection.close()
                connection.settings_dict["OPTIONS"]["options"] = view.connection_options
                connection.in_view_for_session = True  # type: ignore[attr-defined]  # of our wrapper
                stack.enter_context(
                    company_scope(view.company_id) if view.company_id else all_companies_scope()
                )
            super().handle(**options)
