"""Parts that bodies of several operations share: schemas, texts validated by the pages' forms, people."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from django.forms import Form
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, Field

from users.models import CustomUser, PersonQuerySet
from workflow_design.definition.problems import Problem
from workflow_ops.api.calls import RowId
from workflow_ops.api.problems import RequestRefusedError, refuse_form
from workflow_ops.desk.forms import MAX_NOTES_LENGTH, NoteForm, NotesForm
from workflow_ops.work.forms import MAX_REASON_LENGTH, ReasonForm

# The limits are only described here. The pages' forms check them, after normalizing line ends and Unicode.
RequiredText = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": MAX_REASON_LENGTH})]
OptionalText = Annotated[str, Field(json_schema_extra={"maxLength": MAX_REASON_LENGTH})]
LongText = Annotated[str, Field(json_schema_extra={"maxLength": MAX_NOTES_LENGTH})]
VALUES = "Values by field name, as `form` requires (JSON Schema). Null or left out means blank."
"""The description of the values of a whole form."""


def _iso_text(value: Any) -> Any:
    """Return the value. Raise ValueError for values that pydantic would interpret as seconds since 1970."""
    if not (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value)):
        raise ValueError(_("Write it as text, year first: 2026-01-31."))
    return value


Day = Annotated[date, BeforeValidator(_iso_text)]
Moment = Annotated[AwareDatetime, BeforeValidator(_iso_text)]
"""A date with time in a request: only text is accepted, no numbers."""


class Body(Schema, extra="forbid"):
    """A JSON object with these members and no others."""


class Answers(Body):
    """Answers to the form of a task."""

    values: dict[str, Any] = Field(description=VALUES)


class Correction(Body):
    """New values of some fields of a ticket."""

    values: dict[str, Any] = Field(
        description="New values by field name. Null empties a field; fields that are left out do not change."
    )


class Reason(Body):
    """The reason for a change."""

    reason: RequiredText = Field(description="The reason, which everyone who may see the ticket can read.")

    def checked_reason(self) -> str:
        """Return the reason as the pages store it. Raise RequestRefusedError, also for a blank one."""
        return str(checked(ReasonForm({"reason": self.reason}))["reason"])


class Note(Body):
    """An optional note."""

    note: OptionalText = Field("", description="A note for the timeline of the ticket.")

    def checked_note(self) -> str:
        """Return the note as the pages store it. Raise RequestRefusedError."""
        return str(checked(NoteForm({"note": self.note}))["note"])


class Notes(Body):
    """Notes on an error."""

    notes: LongText = Field("", description="What was found out about the error. Replaces earlier notes.")

    def checked_notes(self) -> str:
        """Return the notes as the pages store them. Raise RequestRefusedError."""
        return str(checked(NotesForm({"notes": self.notes}))["notes"])


class GivingBack(Body):
    """Why a task is given back."""

    reason: OptionalText = Field("", description="The reason, which is shown in the timeline of the ticket.")

    def checked_reason(self) -> str:
        """Return the reason as the page stores it, which may be blank. Raise RequestRefusedError."""
        form = ReasonForm({"reason": self.reason})
        form.fields["reason"].required = False
        return str(checked(form)["reason"])


class PersonOrNobody(Note):
    """A person, or null for nobody, with an optional note."""

    person: RowId | None = Field(description="Id of the person, or null for nobody.")


def checked(form: Form) -> dict[str, Any]:
    """Return the values of a page's form, with fields named as in the body. Raise RequestRefusedError."""
    refuse_form(form, {})
    return form.cleaned_data


def person_in_body(people: PersonQuerySet, key: int | None, pointer: str) -> CustomUser | None:
    """Return the person among `people` whom a body names at `pointer`, or None if it names nobody.

    Raise RequestRefusedError if the person is not one of them.
    """
    return people_in_body(people, [key], pointer)[0] if key is not None else None


def people_in_body(people: PersonQuerySet, keys: list[int], pointer: str) -> list[CustomUser]:
    """Return the people whom a body lists at `pointer`. Raise RequestRefusedError if one is not allowed."""
    found = list(people.filter(pk__in=keys))
    if len(found) < len(set(keys)):
        one, several = _("This person can't be chosen."), _("Not all of these people can be chosen.")
        text = one if len(keys) == 1 else several
        problem = Problem(pointer, text, "unknown-reference")
        raise RequestRefusedError(422, _("The request is not valid."), problems=[problem])
    return found
