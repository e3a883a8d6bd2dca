"""Edit conflicts: what a person is shown who changes a connection or webhook with an outdated form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ticketflower.http import Form
from ticketflower.relative_times import relative_and_exact
from users.audit import AuditKind
from users.models import AuditEvent
from workflow_design.compare.difference import Change
from workflow_design.models import Connection
from workflow_ops.models import Webhook

Row = Connection | Webhook


class ChangedMeanwhileError(Exception):
    """Another person has changed the row since a form was shown; `current` is the row now."""

    def __init__(self, current: Row) -> None:
        super().__init__(current.name)
        self.current: Any = current


def edition(row: Row) -> str:
    """Return an identifier of the row's current state, which forms carry to detect edit conflicts."""
    return row.updated_at.isoformat()


def refuse_changed(current: Row, *, seen: str) -> None:
    """Raise ChangedMeanwhileError unless `seen` is the edition of the row."""
    if edition(current) != seen:
        raise ChangedMeanwhileError(current)


class EditionForm(Form):
    """A form that carries the edition of the row with which it was shown."""

    edition = forms.CharField(required=False, widget=forms.HiddenInput)

    def continue_from(self, current: Row) -> None:
        """Continue from the current row, so that the next submit overwrites it."""
        data: Any = self.data
        self.data = data = data.copy()
        data["edition"] = edition(current)


def describe_conflict(form: EditionForm, current: Row, differences: Iterable[Change]) -> dict[str, Any]:
    """Let a refused form continue from the current row. Return the context that lists their differences."""
    changes = [change for change in differences if change.old != change.new]
    form.continue_from(current)
    events = AuditEvent.objects.filter(kind=AuditKind.COMPANY, table=current._meta.db_table)
    event = events.filter(row_id=current.pk).order_by("-act", "-pk").first()
    words = {"who": event.actor if event else "", "name": current.name}
    words["when"] = relative_and_exact(current.updated_at, None)[0]
    text = _(
        "After you opened this page, %(who)s changed “%(name)s” (%(when)s). Nothing is saved yet. "
        "Save again to replace what is stored now."
    )
    form.add_error(None, text % words)
    return {"changes": changes}
