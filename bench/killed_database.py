"""Tickets that the site acknowledged while its database was killed: `python3 dev.py bench killed_database`.

Four people submit tickets without a pause, and the PostgreSQL server is killed (SIGKILL) and started
again. Each ticket that the site showed its submitter must be there afterwards, under its number.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from uuid import uuid4

import psycopg

from bench.load import Target, submit
from bench.places import SITE_URL, prepare, server, variables
from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.embedded_postgres import embedded_server, process

_CLIENTS = 4
_TICKETS_BETWEEN_KILLS = 20
_SECONDS_FOR_A_TICKET = 60.0


@dataclass
class Outcome:
    """What became of the tickets: numbers by form token, as acknowledged and as stored."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    stored: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> list[int]:
        """The acknowledged numbers that no ticket or another ticket has."""
        return sorted(
            number for token, number in self.acknowledged.items() if self.stored.get(token) != number
        )

    @property
    def given_twice(self) -> int:
        """How many acknowledged tickets have a number that another one was given, too."""
        return len(self.acknowledged) - len(set(self.acknowledged.values()))


def kill_under_load(kills: int) -> Outcome:
    """Kill a database server of its own so many times, and return what became of the tickets.

    Side effects: makes and removes a folder in `var`; starts and ends a server and a site.
    """
    outcome = Outcome()
    var = environment.BASE_DIR / "var"
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="killed-database-", dir=var))
    database = embedded_server(folder)
    try:
        with database.in_use() as connection:
            env = {**variables(connection["DB_NAME"]), **connection}
            product = prepare("bench.product", env=env)
            with server("ticketflower.wsgi.application", env=env) as port:
                target = Target("site", port, product["path"], product["session"], SITE_URL)
                outcome.acknowledged = _submit_and_kill(target, folder, kills)
            outcome.stored = _stored(connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _submit_and_kill(target: Target, folder: Path, kills: int) -> dict[str, int]:
    acknowledged: SimpleQueue[tuple[str, int]] = SimpleQueue()
    found: dict[str, int] = {}
    stop = Event()

    def submit_until_stopped() -> None:
        while not stop.is_set():
            token = str(uuid4())
            # A site without its database refuses the form, or answers with an error page.
            with suppress(OSError, HTTPException, RuntimeError):
                acknowledged.put((token, submit(target, token)))

    with ThreadPoolExecutor(_CLIENTS) as pool:
        clients = [pool.submit(submit_until_stopped) for _client in range(_CLIENTS)]
        try:
            for number in range(kills + 1):
                for _ticket in range(_TICKETS_BETWEEN_KILLS):
                    token, ticket = acknowledged.get(timeout=_SECONDS_FOR_A_TICKET)
                    found[token] = ticket
                if number < kills:
                    postmaster = process.postmaster(folder / "data")
                    assert postmaster is not None
                    postmaster.kill()
                    postmaster.wait()
                    embedded_server(folder).revive()
        finally:
            stop.set()
        for client in clients:
            client.result()
    with suppress(Empty):
        while True:
            token, ticket = acknowledged.get_nowait()
            found[token] = ticket
    return found


def _stored(connection: dict[str, str]) -> dict[str, int]:
    """Return the number of each ticket by its form token, read by the owner, who sees every company."""
    with psycopg.connect(
        host=connection["DB_HOST"],
        port=connection["DB_PORT"],
        dbname=connection["DB_NAME"],
        user=connection["DB_OWNER_USER"],
        password=connection["DB_OWNER_PASSWORD"],
    ) as owner:
        rows = owner.execute("SELECT form_token, number FROM workflow_ops_ticketinstance")
        return {str(token): number for token, number in rows}


def main() -> None:
    """Run the benchmark and print the outcome."""
    parser = argparse.ArgumentParser(prog="dev.py bench killed_database", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    outcome = kill_under_load(options.kills)
    say(
        f"{options.kills} kills: {len(outcome.acknowledged)} tickets acknowledged, {len(outcome.lost)} lost, "
        f"{outcome.given_twice} with a number that was given twice"
    )


if __name__ == "__main__":
    main()
