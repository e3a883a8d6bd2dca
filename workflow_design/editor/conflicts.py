"""Says who changed what in a draft while a form was open, and shows both values of what differs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from ticketflower.relative_times import relative_and_exact
from ticketflower.tenancy.context import current_actor
from users.models import AuditEvent
from workflow_design.compare.difference import Change, compare_fields
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import (
    FIELD,
    OWN_MEMBERS,
    PART,
    SCHEMA,
    WORKFLOW,
    EditConflictError,
    digests_of,
)
from workflow_design.models import TicketAdminRole, WorkflowDefinition
from workflow_design.persistence.exporting import kind_for
from workflow_design.wording.rules import Vocabulary, join_words

_MAX_EVENTS: Final = 50


@dataclass(frozen=True, slots=True)
class Conflict:
    """What to tell a person whose form is about something that has changed since it was shown."""

    message: str
    changes: Sequence[Change]
    """`old` is in the draft now, `new` is on the person's page."""


def describe_conflict(error: EditConflictError, differences: Iterable[Change]) -> Conflict:
    """Return who changed what and when, and in what it differs from the form and from what the form uses."""
    changed = error.changed or [""]
    events = {name: _last_event(error, name) for name in changed}
    newest = max(filter(None, events.values()), key=lambda event: (event.act, event.pk), default=None)
    what = join_words([_name(error, name) for name in changed], _("and"))
    keep = _(
        "Nothing is saved yet, and what you entered is still below. Save again to replace what is now in the "
        "draft."
    )
    used = (change for name, event in events.items() for change in _changes_of_field(error, name, event))
    return Conflict(f"{_sentence(newest, what)} {keep}", list(dict.fromkeys([*differences, *used])))


def _sentence(event: AuditEvent | None, what: str) -> str:
    if event is None:
        return _("After you opened this page, another user changed %(what)s.") % {"what": what}
    words = {"who": event.actor, "what": what, "when": relative_and_exact(event.at, None)[0]}
    actor = current_actor()
    if (event.person_id, event.impersonator_id) == (actor.person_id, actor.impersonator_id):
        return _("In another window, you yourself changed %(what)s (%(when)s).") % words
    return _("After you opened this page, %(who)s changed %(what)s (%(when)s).") % words


def _name(error: EditConflictError, name: str) -> str:
    """Return what has changed, in words."""
    if name.startswith(FIELD):
        title = Vocabulary.of_schema(error.draft.file.fields_schema).title(name.removeprefix(FIELD))
        return _("the field “%(title)s”") % {"title": title}
    if name == PART:
        return f"“{error.part}”"
    return _("the fields") if name == SCHEMA else _("this workflow")


def _last_event(error: EditConflictError, name: str) -> AuditEvent | None:
    """Return the newest change of something in the audit log."""
    events = AuditEvent.objects.filter(workflow_id=error.draft.row.pk).filter(_about(error, name))
    newest = events.order_by("-act", "-pk")[:_MAX_EVENTS]
    return next((event for event in newest if _is_about(event, name, error.draft.file)), None)


def _about(error: EditConflictError, name: str) -> Q:
    of_workflow = Q(table=WorkflowDefinition._meta.db_table)
    if name == PART and error.part is not None:
        links = kind_for(error.part).links
        of_part = Q(table=error.part._meta.db_table, row_id=error.part.pk)
        if links is None:
            return of_part
        of_link = {f"changes__{links.part}_id__id": error.part.pk}
        return of_part | Q(table=links._meta.db_table, **of_link)
    if name == WORKFLOW:
        own = of_workflow & Q(changes__has_any_keys=OWN_MEMBERS)
        return own | Q(table=TicketAdminRole._meta.db_table)
    if name == SCHEMA or name.startswith(FIELD):
        return of_workflow & Q(changes__has_key="fields_schema")
    return Q()


def _is_about(event: AuditEvent, name: str, file: WorkflowFile) -> bool:
    if not name.startswith(FIELD):
        return True
    before, after = (digests_of(replace(file, fields_schema=schema)).get(name) for schema in _schemas(event))
    return before != after


def _schemas(event: AuditEvent) -> list[dict[str, Any]]:
    """Return the schema of the fields before and after a change of a version."""
    # The column keeps the order of an object's members, so its value in the audit log is a text.
    return [json.loads(text) if text else {} for text in event.values("fields_schema")]


def _changes_of_field(error: EditConflictError, name: str, event: AuditEvent | None) -> Iterator[Change]:
    """Yield the changes of a field that a part uses, from what it was when the part's form was shown."""
    if not name.startswith(FIELD) or error.part is None or event is None:
        return
    before, now = _schemas(event)[0], error.draft.file.fields_schema
    old, new = (read_fields(schema).get(name.removeprefix(FIELD)) for schema in (before, now))
    if old is not None and new is not None:
        words = Vocabulary.of_schema(now), Vocabulary.of_schema(before)
        for change in compare_fields(new, old, words):
            yield replace(change, what=f"{new.title}: {change.what}")
