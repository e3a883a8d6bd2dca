"""`shell` that can look at one company: `manage.py shell --company NAME`."""

import sys
from contextlib import ExitStack
from typing import Any

from django.core.management.commands import shell
from django.db import connection

from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.management.company_option import ViewCommand


class Command(ViewCommand, shell.Command):
    """Django's `shell`, with a company in view (docs/walls.md, “Look at data”)."""

    def handle(self, **options: Any) -> None:
        """Print what is in view, open that scope for the whole session, and start the shell."""
        view = self.announce_view(options)
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
