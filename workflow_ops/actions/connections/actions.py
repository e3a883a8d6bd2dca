"""Functions with which company admins manage connections.

Each takes the lock under which definitions change, so that no workflow can name a connection while it is
being renamed or deleted.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from ticketflower.tenancy.context import current_actor
from ticketflower.unique_names import refuse_taken_name
from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.models import Connection, ConnectionKind
from workflow_design.persistence.connections import workflows_over
from workflow_ops.actions.conflicts import refuse_changed
from workflow_ops.actions.connections.pausing import call_waiting_soon, resume
from workflow_ops.actions.secrets import ConnectionUnusableError, encrypt_secrets, secrets_of
from workflow_ops.models import ActionCall

BATCH: Final = 5_000
"""How many calls are detached from their connection in one transaction; this takes about 150 ms."""
MAX_NAMED: Final = 10
_COLUMNS: Final = ("name", "kind", "base_address", "secrets", "secrets_changed_at", "updated_at")


class ConnectionInUseError(Exception):
    """The connection can't be deleted or renamed because workflows name it. The message lists them."""

    def __init__(self, titles: list[str]) -> None:
        named = ", ".join(f"“{title}”" for title in titles[:MAX_NAMED])
        text = ngettext(
            "The workflow %(workflows)s uses this connection.",
            "The workflows %(workflows)s use this connection.",
            len(titles),
        )
        if len(titles) > MAX_NAMED:
            text = _("The workflows %(workflows)s and others use this connection.")
        super().__init__(text % {"workflows": named})


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """The values of a connection's form. `address` is the address of a chat, which is secret."""

    name: str
    kind: ConnectionKind
    headers: Mapping[str, str]
    base_address: str = ""
    address: str = ""
    signing_secret: str = ""

    def encrypted(self) -> bytes:
        """Return the secrets as they are stored."""
        return encrypt_secrets(
            address=self.address, headers=self.headers.items(), signing_secret=self.signing_secret
        )

    def has_secrets_of(self, connection: Connection) -> bool:
        """Return whether the secrets equal the stored ones."""
        try:
            stored = secrets_of(connection)
        except ConnectionUnusableError:
            return False
        same = (dict(stored.headers), stored.signing_secret) == (dict(self.headers), self.signing_secret)
        return same and (not self.address or stored.address == self.address)


def create_connection(content: Content, *, by: CustomUser) -> Connection:
    """Store a new connection. Raise NameTakenError."""
    connection = Connection(**by.as_author())
    with transaction.atomic():
        lock_company()
        _save(connection, content)
    return connection


def change_connection(connection: Connection, content: Content, *, seen: str) -> None:
    """Store the values of a form. `seen` is the `edition` of the connection with which the form was shown.

    Effects: if the address or a secret changes, a paused connection is resumed.
    Raise ChangedMeanwhileError, NameTakenError, or ConnectionInUseError for a rename while workflows use it.
    A connection that was deleted in the meantime stays deleted: raise Connection.DoesNotExist.
    """
    with transaction.atomic():
        lock_company()
        current = Connection.objects.get(pk=connection.pk)
        refuse_changed(current, seen=seen)
        old_name, leads_elsewhere = current.name, current.base_address != content.base_address
        # Not casefold(): to PostgreSQL, which compares the names, “Straße” is not “Strasse”.
        is_renamed = content.name.lower() != old_name.lower()
        if is_renamed:
            refuse_if_used(current)
        has_new_secrets = not content.has_secrets_of(current)
        _save(current, content, has_new_secrets=has_new_secrets)
        if leads_elsewhere or has_new_secrets:
            resume(current)
        if is_renamed:
            # Tasks of archived versions use the old name: let them fail with an error instead of waiting.
            call_waiting_soon(old_name)


def delete_connection(connection: Connection, *, batch: int = BATCH) -> bool:
    """Delete a connection with its secrets; the log of its calls stays. Raise ConnectionInUseError.

    Return False if a job has to continue because there are too many calls. Effects: tasks of archived
    versions that wait for the connection are called, which fails with an error.
    """
    with transaction.atomic():
        lock_company()
        refuse_if_used(connection)
        # Django's cascade would do this in one statement for all calls of 90 days.
        some = ActionCall.objects.filter(pk__in=connection.calls.order_by("pk").values("pk")[:batch])
        is_last = some.update(connection=None) < batch
        if is_last:
            Connection.objects.filter(pk=connection.pk).delete()
            call_waiting_soon(connection.name)
        else:
            who = current_actor()
            actor = {"person_id": who.person_id, "impersonator_id": who.impersonator_id}
            job = app.configure_task("workflow_ops.jobs.go_on_deleting_connection")
            job.defer(company_id=who.company_id, **actor, connection_id=connection.pk)
    return is_last


def continue_deletion(connection_id: int) -> None:
    """Continue a deletion, unless a workflow has named the connection in the meantime. Called by the job."""
    with transaction.atomic():
        connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        with suppress(ConnectionInUseError):
            delete_connection(connection)


def refuse_if_used(connection: Connection) -> None:
    """Raise ConnectionInUseError if an active version or a draft names the connection."""
    if titles := workflows_over(connection.name):
        raise ConnectionInUseError(titles)


def _save(connection: Connection, content: Content, *, has_new_secrets: bool = True) -> None:
    connection.name, connection.kind = content.name, content.kind
    connection.base_address = content.base_address
    if has_new_secrets:
        connection.secrets, connection.secrets_changed_at = content.encrypted(), timezone.now()
    # A call that fails at the same time may pause the connection.
    columns = None if connection.pk is None else _COLUMNS
    refuse_taken_name(lambda: connection.save(update_fields=columns), constraint="connection_name")
