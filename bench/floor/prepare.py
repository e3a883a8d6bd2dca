"""Preparation of the baseline: creates tables, a user and a session, and prints the cookie as JSON."""

import json
import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - after django.setup()
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402

from bench.floor.models import Counter  # noqa: E402


def main() -> None:
    """Create the rows in the database named in the environment, and print the session's cookie."""
    call_command("migrate", verbosity=0)
    # The baseline's own tables have no migrations, and reference the tables created above.
    call_command("migrate", run_syncdb=True, verbosity=0)
    client = Client()
    with transaction.atomic():
        Counter.objects.create()
        client.force_login(get_user_model().objects.create_user("sam", password=None))
    json.dump({"session": client.cookies["sessionid"].value}, sys.stdout)


if __name__ == "__main__":
    main()
