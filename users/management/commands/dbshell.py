"""`dbshell` that can look at one company: `manage.py dbshell --company NAME`."""

import os
import shutil
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import dbshell
from django.db import connection

from ticketflower.embedded_postgres import process
from users.management.company_option import add_view_options, view_of


class Command(dbshell.Command):
    """Django's `dbshell`, with a company in view (docs/walls.md, “Look at data”)."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that choose what is in view."""
        super().add_arguments(parser)
        add_view_options(parser)

    def handle(self, **options: Any) -> None:
        """Say what is in view, set it for psql's whole session, and start psql."""
        view = view_of(options)
        self.stdout.write(view.description)
        self.stdout.flush()
        os.environ["PGOPTIONS"] = view.connection_options
        client: Any = connection.client
        if shutil.which(client.executable_name) is None:
            client.executable_name = str(process.program("psql"))
        prompt = f"--set=PROMPT1={view.name.replace('%', '%%')} %R%# "
        super().handle(**{**options, "parameters": [prompt, *options["parameters"]]})
