"""A small client of the REST API: `python3 examples/client.py` says what it can do.

It needs nothing but Python. From the environment:

    TICKETFLOWER_SITE    the address of the site, by default http://127.0.0.1:8000
    TICKETFLOWER_TOKEN   a token of yours
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

Json = dict[str, Any]
MOST_TRIES = 4
PAUSE = 1.0
"""Seconds before the second try, twice as many before the third."""
_PASSING = {429, 502, 503, 504}


class RefusedError(Exception):
    """The site refused a request. `problem` has its details: `detail`, and `errors` with a pointer each."""

    def __init__(self, status: int, problem: Json) -> None:
        lines = [f"{status}: {problem.get('detail', '')}"]
        lines += [f"{each['pointer'] or '/'}: {each['detail']}" for each in problem.get("errors", [])]
        super().__init__("\n".join(lines))
        self.status, self.problem = status, problem


class _NoRedirects(HTTPRedirectHandler):
    """Takes no redirect, which could lead to another site with the token."""

    def redirect_request(self, *_of_theirs: Any) -> None:
        """Return nothing: the redirect is an error."""


class Client:
    """Sends requests with a token."""

    def __init__(self, site: str, token: str, *, pause: float = PAUSE) -> None:
        self._root, self._token, self._pause = urljoin(site, "/api/1/"), token, pause
        self._opener = build_opener(_NoRedirects)

    def get(self, path: str) -> Json:
        """Return what is at the path."""
        return self._send(Request(self._address(path)))  # noqa: S310 - our site's

    def items(self, path: str) -> Iterator[Json]:
        """Yield all items of a list, page after page."""
        following: str | None = path
        while following:
            page = self.get(following)
            yield from page["items"]
            following = page["next"]

    def post(self, path: str, body: Json, *, version: int | None = None) -> Json:
        """Send a POST, which has its effect once although it may be sent several times.

        `version` is that of what was read, if the operation asks for it.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = Request(self._address(path), json.dumps(body).encode(), headers)  # noqa: S310 - our site's
        return self._send(request)

    def _address(self, path: str) -> str:
        address = urljoin(self._root, path)
        if urlsplit(address).netloc != urlsplit(self._root).netloc:
            raise ValueError(f"{path} is of another site")
        return address

    def _send(self, request: Request) -> Json:
        """Send a request, and again if the connection broke or the site could not answer now."""
        request.add_header("Authorization", f"Bearer {self._token}")
        for number in range(1, MOST_TRIES + 1):
            pause = self._pause * 2 ** (number - 1)
            try:
                with self._opener.open(request, timeout=30) as response:
                    found: Json = json.load(response)
                    return found
            except HTTPError as error:
                if error.code not in _PASSING or number == MOST_TRIES:
                    raise RefusedError(error.code, _problem(error)) from None
                pause = max(pause, seconds_of(error.headers.get("Retry-After") or ""))
            except (OSError, HTTPException):
                if number == MOST_TRIES:
                    raise
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def seconds_of(retry_after: str) -> float:
    """Return how long a header asks to wait, as a number of seconds or as a date; 0 if it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0)
    except (ValueError, OverflowError):
        return 0


def _problem(error: HTTPError) -> Json:
    try:
        found = json.load(error)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": error.reason}


def submit(client: Client, title: str, values: Json) -> Json:
    """Submit a ticket of the kind with this title. Return its number and status, or raise LookupError."""
    for kind in client.items("ticket-types"):
        if kind["title"] == title:
            return client.post("tickets", {"ticket_type": kind["id"], "values": values})
    raise LookupError(f"There is no kind of ticket “{title}” for you.")


def complete(client: Client, task_id: int, values: Json) -> Json:
    """Complete a task, as it is now, and return what became of it."""
    task = client.get(f"tasks/{task_id}")
    return client.post(f"tasks/{task_id}/complete", {"values": values}, version=task["input_version"])


def run(client: Client, options: argparse.Namespace) -> Iterator[str]:
    """Do what the command line says, and yield the lines to print."""
    if options.command == "kinds":
        yield from (kind["title"] for kind in client.items("ticket-types"))
    elif options.command == "submit":
        ticket = submit(client, options.title, _values(options.values))
        yield f"#{ticket['number']} {ticket['status']}"
    elif options.command == "tasks":
        yield from (f"{task['id']} {task['title']}: {task['ticket_title']}" for task in client.items("tasks"))
    else:
        receipt = complete(client, options.task, _values(options.values))
        yield f"{receipt['id']}: {receipt['status']}"


def _values(texts: list[str]) -> Json:
    """Return the values of texts such as `days=3`: as JSON where they are, else as text."""
    values = {}
    for text in texts:
        name, _equals, value = text.partition("=")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values


def main(arguments: list[str] | None = None, variables: Mapping[str, str] = os.environ) -> None:
    """Read the command line, do what it says and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("kinds", help="list what you may submit")
    submitting = commands.add_parser("submit", help="submit a ticket")
    submitting.add_argument("title", help="of the kind")
    commands.add_parser("tasks", help="list your open tasks")
    completing = commands.add_parser("complete", help="complete a task")
    completing.add_argument("task", type=int, help="its number, from the list")
    for each in (submitting, completing):
        each.add_argument("values", nargs="*", help="such as days=3")
    options = parser.parse_args(arguments)
    token = variables.get("TICKETFLOWER_TOKEN", "")
    if not token:
        sys.exit("Set TICKETFLOWER_TOKEN.")
    client = Client(variables.get("TICKETFLOWER_SITE", "http://127.0.0.1:8000"), token)
    try:
        for line in run(client, options):
            print(line)  # noqa: T201
    except (RefusedError, LookupError) as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
