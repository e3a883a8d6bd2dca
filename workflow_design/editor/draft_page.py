"""Base classes and functions for the pages and forms that change a draft."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ticketflower.http import Form, PageRequest, company_page
from users.models import CustomUser
from workflow_design.access import find_part, find_workflow, may_change
from workflow_design.compare.difference import Change
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.definition.workflow import PartFile, WorkflowFile
from workflow_design.editor.conflicts import Conflict, describe_conflict
from workflow_design.editor.drafts import EditConflictError, NotADraftError, Seen, current_edition, digests_of
from workflow_design.editor.fields.actions import FieldGoneError
from workflow_design.editor.form_fields import requested_action, requests_redisplay
from workflow_design.editor.parts.actions import PartGoneError
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowCompletion, WorkflowDefinition
from workflow_design.persistence.exporting import (
    PartKind,
    export_workflow,
    kind_for,
    read_once,
    read_workflow,
)


@dataclass(frozen=True, slots=True)
class Section:
    """Form fields that belong together; folded ones are open if they have an error or a value."""

    title: str
    fields: list[BoundField]
    text: str = ""
    is_folded: bool = False

    @property
    def is_open(self) -> bool:
        """True if a folded section must be shown open."""
        return any(field.errors or _is_filled(field) or _was_button_pressed(field) for field in self.fields)


class DraftForm(Form):
    """Form that knows the state of the draft it was shown for, and adds problems to their fields.

    `aliases` maps the first part of a problem's pointer to the form field if that has another name. If a
    button only updates the form (`form_fields.py`), nothing is validated or stored.
    """

    use_required_attribute = False
    aliases: dict[str, str] = {}

    edition = forms.CharField(widget=forms.HiddenInput, required=False)
    digests = forms.CharField(widget=forms.HiddenInput, required=False)
    conflict: Conflict | None = None

    def __init__(
        self,
        *,
        workflow: WorkflowDefinition,
        data: Any = None,
        initial: dict[str, Any],
        part: PartFile | None = None,
    ) -> None:
        state = {
            "edition": current_edition(workflow),
            # A form that is saved does not need them.
            "digests": lambda: _format_digests(digests_of(export_workflow(workflow), part)),
        }
        super().__init__(data, initial={**initial, **state}, label_suffix="")
        self.workflow = workflow
        self.is_redisplay = self.is_bound and requests_redisplay(self.data)

    @property
    def seen(self) -> Seen:
        """The state of the draft for which the form was shown."""
        pairs = (pair.partition("=") for pair in self.cleaned_data["digests"].split())
        digests = {name: digest for name, _sign, digest in pairs}
        return Seen(self.cleaned_data["edition"], digests, self.concerns)

    def concerns(self) -> Collection[str]:
        """Return the digests of what the form changes and uses."""
        return ()

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Yield in what the draft and its part, as they are now, differ from what was entered here."""
        return ()

    def full_clean(self) -> None:
        """Validate as Django does, or not at all if the form is only shown again."""
        if not self.is_redisplay:
            super().full_clean()
            return
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def sections(self) -> Iterable[Section]:
        """Return the fields in the sections of the page."""
        return [Section("", list(self.visible_fields()))]

    def section(self, title: str, *names: str, text: str = "", is_folded: bool = False) -> Section:
        """Return a section of those of the named fields that the form has."""
        return Section(title, [self[name] for name in names if name in self.fields], text, is_folded)

    def refuse(self, problems: Collection[Problem]) -> None:
        """Add each problem to the field that it is about, unless that field already has an error."""
        refused = set(self.errors)
        for problem in problems:
            parts = problem.pointer.split("/")[1:]
            field = self.aliases.get(parts[0], parts[0]) if parts else ""
            known = field if field in self.fields else None
            # The field's own errors come first; those of the check may only follow from them.
            if known in refused or problem.sentence in self.errors.get(known or "__all__", []):
                continue
            self.add_error(known, _format_row_problem(problem, parts))

    def refuse_edition(self, error: EditConflictError) -> None:
        """Add the error that the draft changed; the next submit overwrites the other user's change."""
        file, part = error.draft.file, error.draft.content(error.part)
        # The user's input stays in the form, with the current state, so that they can submit it again.
        data: Any = self.data
        data = data.copy()
        data["edition"] = current_edition(error.draft.row)
        if data.get("digests"):
            data["digests"] = _format_digests(digests_of(file, part))
        self.data = data
        self.conflict = describe_conflict(error, self.differences(file, part))
        self.add_error(None, self.conflict.message)


def _format_digests(digests: Mapping[str, str]) -> str:
    return " ".join(f"{name}={digest}" for name, digest in digests.items())


def _format_row_problem(problem: Problem, parts: list[str]) -> str:
    """Return the message, with the row number if the problem is about a row."""
    number = next((part for part in parts[1:] if part.isascii() and part.isdigit()), None)
    if number is None or len(parts) < 2:  # noqa: PLR2004 - a row is below its field
        return problem.sentence
    return _("Row %(number)d: %(message)s") % {"number": int(number) + 1, "message": problem.sentence}


def _is_filled(field: BoundField) -> bool:
    value = field.value()
    if isinstance(value, list | tuple):
        return any(any(row.values()) if isinstance(row, dict) else row for row in value)
    return value not in (None, "", False)


def _was_button_pressed(field: BoundField) -> bool:
    return bool(requested_action(field.form.data, field.html_name))


P = ParamSpec("P")


def draft_page(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorate a page that changes a draft; if it is no longer a draft, redirect to the version.

    The request reads and checks the draft once: its form and what stores it share the result.
    Something that another user deletes during the request gives the same 404 as something that never
    existed.
    """

    @company_page()
    @wraps(view)
    def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            with read_once():
                return view(request, *args, **kwargs)
        except NotADraftError as error:
            text = _("Version %(number)d is published, so it can't be changed. Create a new version instead.")
            messages.info(request, text % {"number": error.workflow.version})
            return redirect("workflow_definition_detail", error.workflow.pk)
        # Deleted by another user after this request found it.
        except (FieldGoneError, PartGoneError, WorkflowDefinition.DoesNotExist):
            raise Http404 from None

    return guarded


def find_draft(person: CustomUser, workflow_id: int) -> WorkflowDefinition:
    """Return the draft with this id. Raise Http404, PermissionDenied, NotADraftError, in this order."""
    workflow = find_workflow(person, workflow_id, may=may_change)
    if not workflow.is_draft:
        raise NotADraftError(workflow)
    return workflow


def try_store(form: DraftForm, store: Callable[[], object]) -> bool:
    """Return whether the form was stored; otherwise, add the problems to it, also those found later."""
    if not form.is_valid():
        return False
    # The form was validated without the lock, so `store` may still find problems.
    try:
        store()
    except EditConflictError as error:
        form.refuse_edition(error)
    except DefinitionError as error:
        form.refuse(error.problems)
    else:
        return True
    return False


AnyPart = TaskDefinition | TicketDefinition | WorkflowCompletion


def find_draft_part(kind: PartKind, request: PageRequest, part_id: int) -> AnyPart:
    """Return the part with this id. Raise Http404, PermissionDenied, NotADraftError, in this order."""
    rows: Any = kind.model._default_manager.all()
    part: AnyPart = find_part(rows, request.user, part_id, may=may_change)
    if not part.workflow.is_draft:
        raise NotADraftError(part.workflow)
    return part


def part_form_options(part: AnyPart) -> dict[str, Any]:
    """Return the options of the part's form: its workflow, the workflow file, the part and its position."""
    members = kind_for(part).members
    stored = read_workflow(part.workflow)
    position = stored.rows[members].index(part)
    current = getattr(stored.file, members)[position]
    return {"workflow": part.workflow, "file": stored.file, "current": current, "position": position}


def form_data(request: PageRequest) -> Any:
    """Return the data that a form is bound to, or None if the page is only shown."""
    return request.POST if request.method == "POST" else None
