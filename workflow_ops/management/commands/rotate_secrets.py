"""`manage.py rotate_secrets`: re-encrypts all secrets of companies with the first of ENCRYPTION_KEYS."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ticketflower.encryption import UnreadableSecretError, encrypt_again
from ticketflower.tenancy.context import all_companies_scope
from workflow_design.models import Connection, SigningSecret
from workflow_ops.models import Webhook

Model = type[Connection | SigningSecret | Webhook]
_COLUMNS: Final[dict[Model, str]] = {
    Connection: "secrets",
    SigningSecret: "secret",
    Webhook: "secrets",
}


class Command(BaseCommand):
    """A command that re-encrypts secrets company by company, in batches; it is idempotent."""

    help = (
        "Encrypts the secrets of all companies with the first of ENCRYPTION_KEYS, after which the other "
        "keys can be taken away (docs/operations.md, “Keys of secrets”)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the size of a batch."""
        parser.add_argument("--batch", type=int, default=200, help="how many are locked at once (200)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-encrypt all secrets, and print their number. Raise CommandError naming those without a key."""
        unreadable: list[str] = []
        count = sum(_encrypt_all(model, unreadable, batch=options["batch"]) for model in _COLUMNS)
        self.stdout.write(f"Encrypted again with the first key: {count}.")
        if unreadable:
            lines = "\n".join(f"  {name}" for name in unreadable)
            raise CommandError(f"No key reads these, so they were left as they are:\n{lines}")


def _encrypt_all(model: Model, unreadable: list[str], *, batch: int) -> int:
    """Re-encrypt the rows of a table, and return their number; append unreadable ones to `unreadable`."""
    count, after = 0, 0
    while True:
        with all_companies_scope(), transaction.atomic():
            locked = model._default_manager.select_for_update(of=("self",), no_key=True)
            rows = list(locked.select_related("company").filter(pk__gt=after).order_by("pk")[:batch])
            count += sum(_encrypt(rows, _COLUMNS[model], unreadable))
        if len(rows) < batch:
            return count
        after = rows[-1].pk


def _encrypt(rows: list[Any], column: str, unreadable: list[str]) -> Iterator[bool]:
    """Re-encrypt rows, and yield for each whether it could be decrypted."""
    for row in rows:
        try:
            ciphertext = encrypt_again(getattr(row, column))
        except UnreadableSecretError:
            unreadable.append(f"{row.company} (company {row.company_id}): {row}")
            yield False
        else:
            # Not save(), which would set the time of the last change, from which the audit log and open forms
            # infer a change.
            type(row)._default_manager.filter(pk=row.pk).update(**{column: ciphertext})
            yield True
