"""Detection of repeated submissions: the same values for the same kind of ticket or task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from workflow_design.models import TicketDefinition
from workflow_ops.engine.new_tickets import REPEATED_MINUTES
from workflow_ops.files import row_ids
from workflow_ops.models import FileUpload, TicketInstance


def find_repeated(
    definition: TicketDefinition,
    values: Mapping[str, Any],
    *,
    file_fields: Collection[str],
    authors: Mapping[str, int | None],
) -> TicketInstance | None:
    """Return a ticket of the same requester that was just submitted with the same values, or None."""
    since = timezone.now() - timedelta(minutes=REPEATED_MINUTES)
    tickets = TicketInstance.objects.filter(ticket_definition=definition, created_at__gt=since)
    of_the_same = {name: authors[name] for name in ("created_by_id", "impersonator_id")}
    recent = tickets.filter(**of_the_same).order_by("-number")
    return next((ticket for ticket in recent if is_same(ticket.ticket_data, values, file_fields)), None)


def is_same(one: Mapping[str, Any], other: Mapping[str, Any], file_fields: Collection[str]) -> bool:
    """Return whether both have the same values. Two uploads of the same file are the same value."""
    if one == other or not file_fields:
        return one == other

    def ids(values: Mapping[str, Any], name: str) -> list[int]:
        value = values.get(name) or []
        return row_ids(value if isinstance(value, list) else [value])

    every = [key for values in (one, other) for name in file_fields for key in ids(values, name)]
    files = {file.pk: (file.filename, file.checksum) for file in FileUpload.objects.filter(pk__in=every)}

    def contents(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, **{name: [files.get(key) for key in ids(values, name)] for name in file_fields}}

    return contents(one) == contents(other)
