"""Two versions of a workflow, chosen to be compared: a form that GETs."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.models import WorkflowDefinition


class VersionsForm(forms.Form):
    """Two of these versions, by their ids."""

    old = forms.TypedChoiceField(label=gettext_lazy("From"), coerce=int)
    new = forms.TypedChoiceField(label=gettext_lazy("To"), coerce=int)

    def __init__(self, versions: Iterable[WorkflowDefinition], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.pk, _name(each)) for each in versions]
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


def _name(version: WorkflowDefinition) -> str:
    words = {"number": version.version, "status": version.get_status_display()}
    return _("Version %(number)d (%(status)s)") % words
