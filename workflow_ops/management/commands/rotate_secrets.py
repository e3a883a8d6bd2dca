"""`manage.py rotate_secrets`: all secrets of companies under the first of ENCRYPTION_KEYS."""

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
    """Encrypts again, company by company in batches; running it twice does no harm."""

    help = (
        "Encrypts the secrets of all companies with the first of ENCRYPTION_KEYS, after which the other "
        "keys can be taken away (docs/operations.md, “Keys of secrets”)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the size of a batch."""
        parser.add_argument("--batch", type=int, default=200, help="how many are locked at once (200)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt all secrets again, and say how many. Raise CommandError naming those that no key reads."""
        unreadable: list[str] = []
        count = sum(_encrypt_all(model, unreadable, batch=options["batch"]) for model in _COLUMNS)
        self.stdout.write(f"Encrypted again with the first key: {count}.")
        if unreadable:
            lines = "\n".join(f"  {name}" for name in unreadable)
            raise CommandError(f"No key reads these, so they were left as they are:\n{lines}")


def _encrypt_all(model: Model, unreadable: list[str], *, batch: int) -> int:
    """Encrypt the rows of a table again, and return their number; append the others to `unreadable`."""
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
    """Encrypt rows again, and yield whether each could be read."""
    for row in rows:
        try:
            ciphertext = encrypt_again(getattr(row, column))
        except UnreadableSecretError:
            unreadable.append(f"{row.company} (company {row.company_id}): {row}")
            yield False
        else:
            # Not save(): the time of the last change is what the audit log and open forms have of a secret.
            type(row)._default_manager.filter(pk=row.pk).update(**{column: ciphertext})
            yield True
