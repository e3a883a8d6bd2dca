"""The forms of the gallery: the search, and the settings of a new draft."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.filters import MAX_SEARCH_LENGTH, FilterForm
from ticketflower.http import Form
from users.models import CompanyRole
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file, to_json
from workflow_design.definition.ready_made import recipient_role
from workflow_design.definition.workflow import MAX_TITLE_LENGTH
from workflow_design.gallery.actions import find_line
from workflow_design.gallery.templates import Template
from workflow_design.models import WorkflowLine

NOBODY: Final = "-"
NEW: Final = "+"
_MAX_NUMBER: Final = 100


class GalleryFilter(FilterForm):
    """A search for templates by their words."""

    q = forms.CharField(
        label=gettext_lazy("What it is about"),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=forms.SearchInput,
    )

    def templates(self, templates: Iterable[Template]) -> list[Template]:
        """Return the templates that match the search."""
        self.full_clean()
        text = self.cleaned_data.get("q", "")
        return [template for template in templates if template.matches(text)]


class UseTemplateForm(Form):
    """The title of the draft, and a role of the company for each role of the template."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=MAX_TITLE_LENGTH)
    as_next_version = forms.BooleanField(
        label=gettext_lazy("Make it the next version of the workflow that has this title"), required=False
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, template: Template, may_make_roles: bool) -> None:
        super().__init__(data)
        self.template = template
        self.taken = find_line(template.file.title)
        self._explain_title()
        self._present = list(CompanyRole.objects.order_by("name"))
        for number, name in enumerate(template.roles):
            self.fields[f"role_{number}"] = self._role_field(name, may_make=may_make_roles)

    def _explain_title(self) -> None:
        if self.taken is None:
            self.initial["title"] = self.template.file.title
            # A bound form keeps the checkbox, because the person may have entered a title that is taken.
            if not self.is_bound:
                del self.fields["as_next_version"]
            return
        self.initial["title"] = _free_title(self.template.file.title)
        self.fields["title"].help_text = _(
            "You already have “%(title)s”. With another title this becomes a separate workflow; with the "
            "same title it becomes the next version of yours, as a draft."
        ) % {"title": self.taken.title}

    def _role_field(self, name: str, *, may_make: bool) -> forms.ChoiceField:
        present = {role.name.casefold(): role for role in self._present}
        choices = [(str(role.pk), role.name) for role in self._present]
        # Preselect the role of the same name, which is most often the right one.
        same = present.get(name.casefold())
        if same is None and may_make:
            choices.insert(0, (NEW, _("Create the role “%(name)s”") % {"name": name}))
        # An e-mail needs somebody who gets it.
        if name.casefold() not in {recipient_role(t.action).casefold() for t in self.template.file.tasks}:
            choices.append((NOBODY, _("No role: everyone who does this kind of work")))
        if same is None and not may_make:
            choices.insert(0, ("", _("Choose…")))
        initial = str(same.pk) if same is not None else NEW if may_make else ""
        help_text = "; ".join(_uses(self.template, name))
        return forms.ChoiceField(label=name, choices=choices, initial=initial, help_text=help_text)

    def clean_title(self) -> str:
        """Refuse a title that a workflow file may not have."""
        title: str = self.cleaned_data["title"]
        try:
            parse_workflow_file(json.dumps(to_json(replace(self.template.file, title=title))))
        except WorkflowFileError as error:
            raise forms.ValidationError([problem.message for problem in error.problems]) from None
        return title

    def clean(self) -> dict[str, Any]:
        """Refuse a taken title, unless the draft is to become the next version of that workflow."""
        values: dict[str, Any] = super().clean() or {}
        title = values.get("title")
        line = find_line(title) if title else None
        if line is None:
            return values
        # A workflow has at most one draft.
        if line.versions.drafts().exists():
            text = _("“%(title)s” already has a draft. Choose another title, or finish that draft first.")
            self.add_error("title", text % {"title": line.title})
        elif not values.get("as_next_version"):
            text = _(
                "You already have a workflow with this title. Choose another title, or tick the box below."
            )
            self.add_error("title", text)
        return values

    def roles(self) -> dict[str, str]:
        """Map each role of the template to the name of the company's role, or to "" for none."""
        names = {str(role.pk): role.name for role in self._present}
        chosen = {name: self.cleaned_data[f"role_{n}"] for n, name in enumerate(self.template.roles)}
        return {name: {NEW: name, NOBODY: ""}.get(key) or names.get(key, "") for name, key in chosen.items()}


def _uses(template: Template, role: str) -> Sequence[str]:
    """Return what a role does in a template, in words."""
    small, file = role.casefold(), template.file
    tasks = [f"“{t.title}”" for t in file.tasks if small in map(str.casefold, t.executor_roles)]
    mails = [f"“{t.title}”" for t in file.tasks if small == recipient_role(t.action).casefold()]
    tickets = [f"“{t.title}”" for t in file.tickets if small in map(str.casefold, t.submitter_roles)]
    uses = []
    if tickets:
        uses.append(_("Submits %(titles)s") % {"titles": ", ".join(tickets)})
    if tasks:
        uses.append(_("Does %(titles)s") % {"titles": ", ".join(tasks)})
    if mails:
        uses.append(_("Gets the e-mail of %(titles)s") % {"titles": ", ".join(mails)})
    if small in map(str.casefold, file.ticket_admin_roles):
        uses.append(_("Administers its tickets"))
    return uses


def _free_title(title: str) -> str:
    """Return the title with the first number that makes it unused in the company."""
    taken = {each.casefold() for each in WorkflowLine.objects.values_list("title", flat=True)}
    for number in range(2, _MAX_NUMBER):
        # Titles are unique in a company regardless of case.
        numbered = f"{title} {number}"
        if numbered.casefold() not in taken:
            return numbered
    return title
