"""A process of the site that does the main job and prints the modules that it has loaded then.

`python -m tests.processes.main_job` reads as JSON from standard input: the session of a person, and the
visits, each an address and the fields that are posted to it, or null.
"""

import json
import sys

from django.test import Client

import ticketflower.wsgi  # noqa: F401 - loaded as by the web server


def main() -> None:
    """Make the visits, one after the other."""
    made = json.load(sys.stdin)
    client = Client(SERVER_NAME="localhost")
    client.cookies["sessionid"] = made["session"]
    for address, fields in made["visits"]:
        answer = client.get(address) if fields is None else client.post(address, fields)
        assert answer.status_code == (200 if fields is None else 302), (address, answer.content)
    json.dump(sorted(sys.modules), sys.stdout)


if __name__ == "__main__":
    main()
