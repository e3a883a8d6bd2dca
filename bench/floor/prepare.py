"""Preparation of the baseline: creates tables, a user and tickets, and prints session and pages as JSON."""

import json
import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - after django.setup()
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.floor.models import Counter, Ticket  # noqa: E402
from bench.load import form_fields  # noqa: E402

TICKETS = 300


def main() -> None:
    """Create the rows in the database named in the environment, and print cookie, pages and statements."""
    call_command("migrate", verbosity=0)
    # The baseline's own tables have no migrations, and reference the tables created above.
    call_command("migrate", run_syncdb=True, verbosity=0)
    client = Client(headers={"X-Forwarded-Proto": "https"})
    with transaction.atomic():
        Counter.objects.create()
        client.force_login(get_user_model().objects.create_user("sam", password=None))
    for _ticket in range(TICKETS):
        client.post("/same-rows/", form_fields())
    ticket = f"/tickets/{Ticket.objects.latest('pk').number}/"
    pages = {"floor_list": "/tickets/", "floor_ticket": ticket, "floor_form": "/tickets/new/"}
    statements = {name: _statements(client, path) for name, path in pages.items()}
    session = client.cookies["sessionid"].value
    posts = {"five_inserts": "/five-inserts/", "same_rows": "/same-rows/"}
    json.dump({"session": session, "pages": {**pages, **posts}, "statements": statements}, sys.stdout)


def _statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as sent:
        assert client.get(path).status_code == 200  # noqa: PLR2004 - OK
    return len(sent)


if __name__ == "__main__":
    main()
