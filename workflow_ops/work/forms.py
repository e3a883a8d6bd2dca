"""Forms of submitters and workers: searches, comments, reasons, and those of tickets and tasks."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from users.models import CustomUser
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.models import TicketDefinition
from workflow_design.workspace.controls import Sources
from workflow_design.workspace.forms import FILE_KINDS, WorkspaceForm
from workflow_design.workspace.people import people_to_choose
from workflow_ops.files import known_files, take_uploads
from workflow_ops.models import TaskInstance, TicketInstance

LONGEST_SEARCH = 200
LONGEST_COMMENT = 5000
LONGEST_NUMBER = 18

# Our own controls in forms whose fields bear the names of workspace fields: none of those begins like this.
FORM_TOKEN = "_form_token"  # noqa: S105 - the name of a control
INPUT_VERSION = "_input_version"
SAVE_DRAFT = "_save_draft"


class SearchForm(forms.Form):
    """A search box; what in the address makes no sense is passed over."""

    q = forms.CharField(required=False, max_length=LONGEST_SEARCH, widget=forms.SearchInput)

    def __init__(self, data: Any, *, label: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["q"].label = label

    @property
    def text(self) -> str:
        """What is searched for."""
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""

    def kinds(self, found: QuerySet[TicketDefinition]) -> QuerySet[TicketDefinition]:
        """The kinds of tickets whose title or description holds it."""
        return found.filter(Q(title__icontains=self.text) | Q(description__icontains=self.text))

    def tickets(self, found: QuerySet[TicketInstance]) -> QuerySet[TicketInstance]:
        """The tickets of that number, or whose kind's title holds it."""
        number = self.text.removeprefix("#")
        fits = Q(ticket_definition__title__icontains=self.text)
        if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
            fits |= Q(number=int(number))
        return found.filter(fits) if self.text else found

    def tasks(self, found: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
        """The tasks whose title holds it, or of the ticket with that number."""
        number = self.text.removeprefix("#")
        fits = Q(task_definition__title__icontains=self.text)
        if number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
            fits |= Q(workflow_instance__ticket__number=int(number))
        return found.filter(fits) if self.text else found


class CommentForm(forms.Form):
    """What somebody says about a ticket."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who may see the ticket reads it."),
    )


class ReasonForm(forms.Form):
    """Why somebody withdraws a ticket."""

    reason = forms.CharField(
        label=_("Why do you withdraw it?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the timeline of the ticket."),
    )


def sources(person: CustomUser, *, ticket: TicketInstance | None = None) -> Sources:
    """Where the forms of `person` get people and files; with a ticket, also that ticket's files."""
    return Sources(people=people_to_choose, files=lambda ids: known_files(ids, by=person, ticket=ticket))


def ticket_form(
    definition: TicketDefinition,
    *,
    by: CustomUser,
    post: QueryDict | None = None,
    uploads: Any = None,
    only: list[str] | None = None,
) -> WorkspaceForm:
    """The form that submits a ticket, or the part of it with `only` these fields.

    Files of the POST are kept at once.
    """
    validator = data_validator(definition.workflow.fields_schema)
    names = definition.fields if only is None else only
    data, refused = _taken(validator.fields, names, post, uploads, by=by)
    return WorkspaceForm(
        validator=validator,
        names=names,
        layout=definition.edit_layout if only is None else [],
        sources=sources(by),
        data=data,
        refused=refused,
    )


def typed_fields(definition: TicketDefinition, post: QueryDict, *, without: Collection[str]) -> list[str]:
    """The fields of a ticket for which the POST brings anything, but those in `without`."""
    names = [name for name in definition.fields if name not in without]
    return [name for name in names if any(text.strip() for text in post.getlist(name))]


def task_form(
    task: TaskInstance,
    *,
    by: CustomUser,
    post: QueryDict | None = None,
    uploads: Any = None,
    is_draft: bool = False,
) -> WorkspaceForm:
    """The form that completes a task or, as a draft, keeps what is filled in so far."""
    definition, run = task.task_definition, task.workflow_instance
    validator = data_validator(definition.workflow.fields_schema)
    names = definition.output_fields
    data, refused = _taken(validator.fields, names, post, uploads, by=by, ticket=run.ticket)
    return WorkspaceForm(
        validator=validator,
        names=names,
        layout=definition.edit_layout,
        sources=sources(by, ticket=run.ticket),
        data=data,
        workspace=run.data,
        draft=task.draft,
        is_draft=is_draft,
        refused=refused,
    )


def form_token(post: Mapping[str, Any] | None) -> uuid.UUID:
    """The token that came with the form, or a new one for a form that is about to be shown."""
    try:
        return uuid.UUID(str(post.get(FORM_TOKEN, ""))) if post is not None else uuid.uuid4()
    except ValueError:
        return uuid.uuid4()


def input_version(post: Mapping[str, Any], task: TaskInstance) -> int:
    """Which version of the task's input the form was shown with."""
    text = str(post.get(INPUT_VERSION, ""))
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else task.input_version


def _taken(
    fields: Fields,
    names: list[str],
    post: QueryDict | None,
    uploads: Any,
    *,
    by: CustomUser,
    ticket: TicketInstance | None = None,
) -> tuple[QueryDict | None, dict[str, list[str]]]:
    takes_files = [name for name in names if name in fields and fields[name].kind in FILE_KINDS]
    if post is None or not takes_files or not uploads:
        return post, {}
    return take_uploads(post, uploads, fields=takes_files, by=by, ticket=ticket)
