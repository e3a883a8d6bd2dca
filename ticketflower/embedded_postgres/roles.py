"""The embedded server's database, its two roles and their passwords.

`ticketflower_owner` owns the tables; migrations and test databases use it. `ticketflower_site` is
the role of the site. Row-level security restricts it only because it is not a superuser, owns
nothing and does not have BYPASSRLS.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

DATABASE = "ticketflower"
SUPERUSER = "postgres"
OWNER = "ticketflower_owner"
SITE = "ticketflower_site"

# Every attribute is listed, so that ALTER ROLE also repairs a role that was changed by hand.
_RIGHTS = {
    OWNER: "LOGIN CREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS",
    SITE: "LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS",
}


@dataclass(frozen=True)
class Passwords:
    """The passwords of the three roles of an embedded server."""

    superuser: str
    owner: str
    site: str


def load_or_create_passwords(path: Path) -> Passwords:
    """Return the passwords stored in the file at `path`, creating it with new passwords if it is missing.

    Only the file's owner may read it. Raise ValueError if the file has other content.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _new_passwords(path)
    try:
        return Passwords(**stored)
    except TypeError:
        raise ValueError(f"{path} does not hold the passwords of the embedded database") from None


def make_roles_and_database(connection: psycopg.Connection, passwords: Passwords) -> None:
    """Create the two roles and the database, which the owner role owns, if they are missing.

    `connection` belongs to a superuser and is in autocommit mode, because CREATE DATABASE can't run
    inside a transaction. Repeated calls change nothing.
    """
    _make_role(connection, OWNER, passwords.owner)
    _make_role(connection, SITE, passwords.site)
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    exists = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role)
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL("ALTER" if exists else "CREATE"),
            sql.Identifier(role),
            sql.SQL(_RIGHTS[role]),
            sql.Literal(password),
        )
    )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None


def _new_passwords(path: Path) -> Passwords:
    passwords = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(passwords)), encoding="utf-8")
    unfinished.replace(path)
    return passwords
