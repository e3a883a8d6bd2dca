"""The columns of the desk's lists that a person can choose. The first column, the row's name, is fixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_ops.models import DeskList

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, the sort order that the head offers, and whether it is shown by default."""

    label: "StrPromise"
    sort: str = ""
    is_default: bool = True


FIRST: Final = {
    DeskList.TICKETS: Column(_("Ticket"), "number"),
    DeskList.TASKS: Column(_("Task")),
    DeskList.ERRORS: Column(_("Error")),
}
COLUMNS: Final = {
    DeskList.TICKETS: {
        "status": Column(_("Status")),
        "priority": Column(_("Priority"), "priority"),
        "submitter": Column(_("Submitted by")),
        "waits_for": Column(_("Waits for")),
        "due": Column(_("Due"), "due"),
        "waiting": Column(_("Waiting"), "waiting"),
        "changed": Column(_("Changed"), "changed", is_default=False),
        "submitted": Column(_("Submitted"), is_default=False),
    },
    DeskList.TASKS: {
        "status": Column(_("Status")),
        "ticket": Column(_("Ticket")),
        "priority": Column(_("Priority")),
        "assignee": Column(_("Assigned to")),
        "due": Column(_("Due"), "due"),
        "created": Column(_("Created"), "waiting"),
    },
    DeskList.ERRORS: {
        "status": Column(_("Status")),
        "kind": Column(_("Kind")),
        "reason": Column(_("Reason"), is_default=False),
        "ticket": Column(_("Ticket")),
        "happened": Column(_("Happened"), "happened"),
    },
}
"""The columns of each list, in order. Rows have a cell for each chosen key."""


def known_columns(desk_list: DeskList, chosen: Sequence[str]) -> list[str]:
    """Return the keys of the chosen columns that exist, in the list's order, or else the default ones."""
    columns = COLUMNS[desk_list]
    known = [key for key in columns if key in chosen]
    return known or [key for key, column in columns.items() if column.is_default]


def column_heads(desk_list: DeskList, keys: Sequence[str], rows: Sequence[Any]) -> dict[str, Any]:
    """Return the context of a list's template: `columns` for the heads, and `heads`, the label of each key.

    Many companies use no due times: the column is left out if no row has one. Tickets that have ended don't
    wait, so for a page of them, the time of the last change replaces the waiting time.
    """
    keys = [key for key in keys if key != "due" or any(row.due_at for row in rows)]
    if "waiting" in keys and rows and not any(row.waiting_since for row in rows):
        keys = known_columns(desk_list, [*keys, "changed"])
        keys.remove("waiting")
    columns = [FIRST[desk_list], *(COLUMNS[desk_list][key] for key in keys)]
    return {
        "columns": [{"label": column.label, "key": column.sort} for column in columns],
        "heads": {key: COLUMNS[desk_list][key].label for key in keys},
    }
