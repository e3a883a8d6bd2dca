"""`dbshell` that can look at one company: `manage.py dbshell --company NAME`."""

import os
import shutil
from typing import Any

from django.core.management.commands import dbshell
from django.db import connection

from ticketflower.embedded_postgres import process
from users.management.company_option import ViewCommand


class Command(ViewCommand, dbshell.Command):
    """Django's `dbshell`, with a company in view (docs/walls.md, “Look at data”)."""

    def handle(self, **options: Any) -> None:
        """Print what is in view, set it for psql's whole session, and start psql."""
        view = self.announce_view(options)
        os.environ["PGOPTIONS"] = view.connection_options
        client: Any = connection.client
        if shutil.which(client.executable_name) is None:
            client.executable_name = str(process.program("psql"))
        prompt = f"--set=PROMPT1={view.name.replace('%', '%%')} %R%# "
        super().handle(**{**options, "parameters": [prompt, *options["parameters"]]})
