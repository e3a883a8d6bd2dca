"""`manage.py mcp`: the MCP server, for models that act with a token (docs/programs.md, "MCP")."""

from __future__ import annotations

from typing import Any, Final

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection

from ticketflower import environment
from workflow_ops.api.mcp.calls import find_token
from workflow_ops.api.mcp.transports import PATH, serve_http, serve_standard_streams

VARIABLE: Final = "TICKETFLOWER_TOKEN"


class Command(BaseCommand):
    """Serve MCP on standard input and output or, with --http, on an address of this machine."""

    help = "Serve MCP on standard input and output, with the token in TICKETFLOWER_TOKEN, or with --http."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option --http and its address."""
        parser.add_argument("--http", action="store_true", help="serve over HTTP; each request has its token")
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on with --http")
        parser.add_argument("--port", default=8001, type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until the client or a signal ends it. Raise CommandError without a good token."""
        if options["http"]:
            self.stderr.write(f"MCP is at http://{options['host']}:{options['port']}{PATH}")
            serve_http(options["host"], options["port"])
            return
        secret = environment.text(VARIABLE)
        if not secret:
            raise CommandError(
                f"Set {VARIABLE} to a token: your profile in TicketFlower, “Tokens”, makes one."
            )
        if find_token(secret) is None:
            raise CommandError(f"The token in {VARIABLE} opens nothing: it has ended, or was deleted.")
        connection.close()  # calls use connections of their own threads
        serve_standard_streams(secret)
