"""Temporary databases for a benchmark, and servers that use them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql

from ticketflower import environment

SITE_URL = "https://bench.example"
PLAIN_ADDRESS = {"SITE_URL": "http://127.0.0.1:8000", "BEHIND_HTTPS_PROXY": ""}
"""Variables of processes that address the site themselves, without a proxy."""
THREADS = 4
_SECRETS = {
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}
_START_SECONDS = 60.0
_END_SECONDS = 60.0


@contextmanager
def new_database(name: str, *, keep: bool = False) -> Iterator[str]:
    """Create an empty database that the owner role owns, and drop it at the end.

    With `keep`, use the one that is there, and do not drop it.
    """
    with owner_session() as connection:
        query = "SELECT datname FROM pg_database WHERE datname = %s"
        if not (keep and connection.execute(query, [name]).fetchone()):
            _drop(connection, name)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            if not keep:
                _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database, once the sessions of processes that were killed have ended."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    give_up = time.monotonic() + _END_SECONDS
    while True:
        try:
            connection.execute(drop)
        except psycopg.errors.InsufficientPrivilege:
            # The owner's role may not end sessions of the site's.
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return


def owner_session(database: str = "postgres") -> psycopg.Connection:
    """Return a session of the owner role in the database."""
    return psycopg.connect(
        host=os.environ["DB_HOST"],
        port=os.environ.get("DB_PORT") or None,
        dbname=database,
        user=os.environ["DB_OWNER_USER"],
        password=os.environ.get("DB_OWNER_PASSWORD"),
        autocommit=True,
    )


def variables(
    database: str, *, settings: str = "ticketflower.settings", as_owner: bool = False
) -> dict[str, str]:
    """Return the environment of a process that uses the database, as in production."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "DB_NAME": database,
        "SITE_URL": SITE_URL,
        "BEHIND_HTTPS_PROXY": "true",
        **_SECRETS,
        "EMAIL_HOST": "mail.invalid",
        "DEBUG": "false",
    }
    if as_owner:
        return {**env, "DB_USER": env["DB_OWNER_USER"], "DB_PASSWORD": env.get("DB_OWNER_PASSWORD", "")}
    return env


def prepare(module: str, *, env: Mapping[str, str]) -> dict[str, str]:
    """Run a module that fills the database, and return the JSON that it prints.

    Raise RuntimeError with its error output if it fails.
    """
    result = subprocess.run(
        [sys.executable, "-m", module],
        check=False,
        cwd=environment.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise RuntimeError(result.stderr)
    values: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return values


@contextmanager
def product(name: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Make a database with the company of `bench.product`.

    Yield the environment of processes that use it, and what that module printed.
    """
    with new_database(f"ticketflower_bench_{name}") as database:
        env = variables(database)
        yield env, prepare("bench.product", env=env)


@contextmanager
def server(application: str, *, env: Mapping[str, str], threads: int = THREADS) -> Iterator[int]:
    """Serve a WSGI application (a dotted path) as in production, and yield its port.

    Raise RuntimeError with its output if it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "ticketflower.server", "--application", application),
        *("--port", str(port), "--threads", str(threads)),
    ]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=environment.BASE_DIR, env=env, stdout=log, stderr=log) as process,
    ):
        try:
            if not _becomes_ready(port, process):
                log.seek(0)
                raise RuntimeError(log.read().decode())
            yield port
        finally:
            process.terminate()


def _becomes_ready(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait for the server; return False if it ended or takes too long."""
    give_up = time.monotonic() + _START_SECONDS
    headers = {"Host": SITE_URL.removeprefix("https://"), "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/health/", headers=headers)
    while process.poll() is None and time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310
                return True
        except OSError:
            time.sleep(0.1)
    return False
