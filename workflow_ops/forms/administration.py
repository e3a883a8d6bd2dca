"""What ticket admins fill in beside a ticket's own data: reasons, notes and people."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from users.filters import NAME_IN_ORDER
from users.models import CustomUser
from workflow_ops.assignment import candidates
from workflow_ops.models import TaskInstance

LONGEST_REASON = 500
LONGEST_NOTES = 5000


class ReasonForm(forms.Form):
    """Why something is done; everybody who sees the ticket reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who sees the ticket can read it."),
    )


class NotesForm(forms.Form):
    """What was found out about an error, or done about it."""

    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you found out or did about it. Ticket admins see this."),
    )


class AssignForm(forms.Form):
    """Who is to do a task; left empty, nobody."""

    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=_("Person"),
        required=False,
        empty_label=_("Nobody: whoever may do it can take it"),
        help_text=_("Those who may do this task and are not away."),
    )

    def __init__(self, data: Any = None, *, task: TaskInstance) -> None:
        super().__init__(data, initial={"person": task.assigned_to_id})
        choice = cast("forms.ModelChoiceField[CustomUser]", self.fields["person"])
        choice.queryset = candidates(task).order_by(NAME_IN_ORDER, "pk")


class RestrictForm(forms.Form):
    """To whom a task is narrowed down; left empty, it is open to all who may execute it."""

    people = forms.ModelMultipleChoiceField(
        CustomUser.objects.none(),
        label=_("People"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only those who are ticked may do it. With nobody ticked, all whose roles allow it may."),
    )

    def __init__(self, data: Any = None, *, task: TaskInstance) -> None:
        allowed = [link.person_id for link in task.allowed_links.all()]
        super().__init__(data, initial={"people": allowed})
        choice = cast("forms.ModelMultipleChoiceField[CustomUser]", self.fields["people"])
        choice.queryset = CustomUser.objects.active().order_by(NAME_IN_ORDER, "pk")
