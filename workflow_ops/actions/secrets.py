"""Secrets of connections that calls need, and the company's signing secret for calls without a connection.

Nothing here is ever shown, logged or stored as plain text (docs/security.md, "Untrusted input"): pass secrets
on, don't format them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ticketflower.encryption import UnreadableSecretError, decrypt, encrypt
from ticketflower.outgoing.signing import new_signing_secret
from ticketflower.tenancy.context import current_company_id
from workflow_design.models import Connection, SigningSecret
from workflow_design.persistence.connections import connection_problem, connections_named
from workflow_ops.engine.errors import storable_text

BLACKED_OUT: Final = "●●●"
_FIND_SIGNER: Final = "SELECT secret FROM workflow_design_signingsecret WHERE company_id = %s"
_BY_NUMBER: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u00((?!22|5[Cc])[2-7][0-9A-Fa-f])")
"""The JSON escape of an ASCII character, except for characters that must always be escaped."""
_SHORTEST_SECRET: Final = 4
"""Shorter texts occur anywhere: blacking them out would make an answer unreadable and hide nothing."""


class ConnectionUnusableError(Exception):
    """A call can't be made over this connection; the text says why and what to do, for people."""


@dataclass(frozen=True, slots=True, repr=False)
class ConnectionSecrets:
    """The address and secrets for calls over a connection. `signing_secret` is "" if calls are not signed.

    For a while, calls are also signed with `former_secrets`, until the other system knows the new one.
    """

    address: str
    headers: Mapping[str, str]
    signing_secret: str = ""
    former_secrets: tuple[str, ...] = ()
    address_is_secret: bool = False
    callback: str = ""

    def url(self, path: str = "") -> str:
        """Return the address of a call: the connection's address, followed by the path of the action."""
        return self.address.rstrip("/") + path if path else self.address

    def black_out(self, text: str) -> str:
        """Return a text, such as a request or response, made storable and with every secret blacked out.

        A secret that is cut off at the end of the text, because no more was read, is blacked out, too.
        """
        # JSON can escape any character by its number, and our pages show the unescaped text.
        text = _BY_NUMBER.sub(lambda match: match[1] + chr(int(match[2], 16)), storable_text(text))
        spellings = {spelling for secret in self._hidden() for spelling in _spellings(secret)}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, BLACKED_OUT)
        for spelling in spellings:
            lengths = range(len(spelling) - 1, _SHORTEST_SECRET - 1, -1)
            cut = next((length for length in lengths if text.endswith(spelling[:length])), 0)
            text = text[: len(text) - cut] + BLACKED_OUT if cut else text
        return text

    @property
    def signing_secrets(self) -> list[str]:
        """All secrets with which calls are signed, the current one first."""
        return [each for each in (self.signing_secret, *self.former_secrets) if each]

    def _hidden(self) -> Iterator[str]:
        values = [self.signing_secret, *self.former_secrets, self.callback, *self.headers.values()]
        # A system that complains about "Bearer abc" often repeats only "abc".
        parts = [part for value in values for part in value.split()]
        if self.address_is_secret:
            values += [self.address, self.address.partition("://")[2].partition("/")[2]]
        yield from (text for text in (*values, *parts) if len(text) >= _SHORTEST_SECRET)


def _spellings(secret: str) -> set[str]:
    """Return the encoded forms of a secret in JSON, URLs and HTML."""
    as_json = json.dumps(secret)[1:-1]
    return {
        secret,
        as_json,
        as_json.replace("/", r"\/"),
        quote(secret),
        quote(secret, safe=""),
        re.sub("%..", lambda match: match[0].lower(), quote(secret, safe="")),
        escape(secret),
        escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;").replace("+", "&#43;"),
    }


def find_connection(name: str, *, for_message: bool) -> Connection:
    """Return the company's connection of this name, ignoring case, for a call or for a message to a chat.

    Raise ConnectionUnusableError.
    """
    connection = connections_named(name).first()
    kind = connection.kind if connection else None
    problem = connection_problem(name, kind, for_message=for_message)
    if connection is None:
        fix = _("A company admin can add it under “Connections”.")
        raise ConnectionUnusableError(f"{problem} {fix}")
    if problem:
        raise ConnectionUnusableError(problem)
    return connection


def secrets_of(connection: Connection) -> ConnectionSecrets:
    """Return the address and the secrets of a connection. Raise ConnectionUnusableError."""
    try:
        stored = decrypt(connection.secrets)
    except UnreadableSecretError:
        text = _(
            "The secrets of the connection “%(name)s” can't be read, because this site does not have the "
            "key that they were encrypted with. A company admin can enter them again under “Connections”."
        )
        raise ConnectionUnusableError(text % {"name": connection.name}) from None
    return ConnectionSecrets(
        address=stored["address"] or connection.base_address,
        headers=stored["headers"],
        signing_secret=stored["signing_secret"],
        address_is_secret=bool(stored["address"]),
    )


def encrypt_secrets(
    *, address: str = "", headers: Iterable[tuple[str, str]] = (), signing_secret: str = ""
) -> bytes:
    """Return the ciphertext for the column `secrets`. Pass `address` only if it is secret, as for a chat."""
    return encrypt({"address": address, "headers": dict(headers), "signing_secret": signing_secret})


def signing_secret_of_company() -> str:
    """Return the signing secret for the company's calls without a connection; create it if there is none.

    Raise ConnectionUnusableError.
    """
    try:
        secret: str = decrypt(_stored_secret())
    except UnreadableSecretError:
        text = _(
            "The company's signing secret can't be read, because this site does not have the key that it "
            "was encrypted with. A company admin can make a new one under “Connections”."
        )
        raise ConnectionUnusableError(text) from None
    return secret


def _stored_secret() -> bytes:
    with connection.cursor() as cursor:  # each call without a connection reads it
        cursor.execute(_FIND_SIGNER, [current_company_id()])
        found = cursor.fetchone()
    if found is not None:
        return bytes(found[0])
    # Two calls may create the first secret at the same time: both get the one that was stored.
    row, _is_new = SigningSecret.objects.get_or_create(defaults={"secret": _new_ciphertext})
    return bytes(row.secret)


def _new_ciphertext() -> bytes:
    return encrypt(new_signing_secret())


def renew_signing_secret() -> str:
    """Replace the signing secret for the company's calls without a connection, and return the new one."""
    secret = new_signing_secret()
    with transaction.atomic():
        SigningSecret.objects.update_or_create(defaults={"secret": encrypt(secret)})
    return secret
