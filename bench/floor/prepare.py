"""Tables, a person and their session: prints the cookies of their browser as JSON."""

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
    """Effects: as said above, in the database that the environment names."""
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)  # the floor's own, which point to those
    client = Client()
    with transaction.atomic():
        Counter.objects.create()
        client.force_login(get_user_model().objects.create_user("sam", password=None))
    json.dump({"session": client.cookies["sessionid"].value}, sys.stdout)


if __name__ == "__main__":
    main()
