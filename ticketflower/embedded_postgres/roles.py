"""The two database roles of TicketFlower, their passwords on the embedded server, and the database.

`ticketflower_owner` owns the tables: migrations and test databases are its work.
`ticketflower_site` is whom the site connects as; the walls between companies hold it
back only because it is no superuser, owns nothing and cannot bypass row-level security.
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

# Everything is said, not left to defaults, so that a role which somebody changed comes back right.
_RIGHTS = {
    OWNER: "LOGIN CREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS",
    SITE: "LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS",
}


@dataclass(frozen=True)
class Passwords:
    """The passwords of one embedded server's three roles."""

    superuser: str
    owner: str
    site: str


def kept_passwords(path: Path) -> Passwords:
    """The passwords in the file at `path`, which is made, with new ones, where there is none.

    Only the file's owner may read it. Raises ValueError for a file that is not ours.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _new_passwords(path)
    try:
        return Passwords(**kept)
    except TypeError:
        raise ValueError(f"{path} does not hold the passwords of the embedded database") from None


def make_roles_and_database(connection: psycopg.Connection, passwords: Passwords) -> None:
    """Make what is missing of the two roles and the database, which the owner role owns.

    `connection` is a superuser's, in autocommit (PostgreSQL makes no database inside a
    transaction). Doing it again changes nothing. Effects: roles and a database on that server.
    """
    _make_role(connection, OWNER, passwords.owner)
    _make_role(connection, SITE, passwords.site)
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role)
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL("ALTER" if known else "CREATE"),
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
