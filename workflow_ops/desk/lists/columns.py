"""The columns of the desk's lists, from which a person chooses. The first column names the row and stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_ops.models import DeskList

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, the order that the head offers, and whether it is there if nobody chose."""

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
"""The columns of each list, in their order. Rows draw a cell for each key that is chosen."""


def known_columns(desk_list: DeskList, chosen: Sequence[str]) -> list[str]:
    """Return the keys of the chosen columns that exist, in the order of the list; if none, the default."""
    columns = COLUMNS[desk_list]
    known = [key for key in columns if key in chosen]
    return known or [key for key, column in columns.items() if column.is_default]


def column_heads(desk_list: DeskList, keys: Sequence[str], rows: Sequence[Any]) -> dict[str, Any]:
    """Return the context of a list's template: `columns` for the heads, and `heads`, a label for each key.

    Many companies have no due times: if none of the rows has one, their column is left out. Of tickets that
    have ended, none waits: when they changed last takes the place of that.
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
