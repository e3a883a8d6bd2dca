"""Tokens of programs, read from requests (`docs/programs.md`, "Tokens")."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest

from ticketflower.fast_sql import RowColumns
from users.models import Company, CustomUser, TokenInUse

PREFIX: Final = "tf_"
"""The prefix by which scanners for leaked secrets recognize a token."""
WINDOW: Final = 60
"""Seconds in which a token may make `settings.LIMITS["REQUESTS_OF_TOKEN"]` requests."""
_LONGEST = 200

_PERSON = RowColumns(CustomUser, of="(row.person)")
_COMPANY = RowColumns(Company, of="(row.company)")
_READ = (
    "SELECT (row.token).id, (row.token).name, (row.token).scopes, row.requests, row.window_began_at, "  # noqa: S608
    f"{_PERSON.sql}, {_COMPANY.sql}, row.system_roles, row.company_role_ids "
    "FROM token_read(%s, %s, %s) AS row"
)


def get_request_person(request: HttpRequest) -> CustomUser | AnonymousUser:
    """Return the person for whom the request's token acts, or AnonymousUser. Cookies are ignored.

    Effects: the use of the token is counted.
    """
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return read_token(secret.strip()) if kind.lower() == "bearer" else AnonymousUser()


def read_token(secret: str) -> CustomUser | AnonymousUser:
    """Return the person for whom the token with this secret acts, or AnonymousUser if there is none.

    Effects: the use of the token is counted.
    """
    if not secret.startswith(PREFIX) or len(secret) > _LONGEST or not secret.isascii():
        return AnonymousUser()
    with connection.cursor() as cursor:
        cursor.execute(_READ, [digest_of(secret), WINDOW, connection.get_autocommit()])
        row = cursor.fetchone()
    if row is None:
        return AnonymousUser()
    token_id, name, scopes, requests, window_began_at, *values = row
    person, company = _PERSON.take(values), _COMPANY.take(values)
    system_roles, company_role_ids = values
    person.company = company
    person.system_roles, person.company_role_ids = frozenset(system_roles), frozenset(company_role_ids)
    person.token = TokenInUse(
        id=token_id,
        name=name,
        scopes=frozenset(scopes),
        requests=requests,
        allowed=settings.LIMITS["REQUESTS_OF_TOKEN"],
        window_ends_at=window_began_at + timedelta(seconds=WINDOW),
    )
    return person


def digest_of(secret: str) -> bytes:
    """Return the digest of a token's secret, which is stored."""
    return hashlib.sha256(secret.encode()).digest()
