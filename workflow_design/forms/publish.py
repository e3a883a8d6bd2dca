"""What a person accepts who publishes a version."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow_design.models import DefinitionCheck
from workflow_design.pages.report import ShownCheck


class PublishForm(forms.Form):
    """Nothing to fill in, unless the check found something that can happen to those who use it."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    has_read = forms.BooleanField(
        label=_("I have read the problems above, and want to publish it as it is."),
        error_messages={"required": _("Read the problems above, and say so here. Or go back and mend them.")},
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, check: ShownCheck, kept: DefinitionCheck | None) -> None:
        digest = "" if kept is None else kept.digest
        super().__init__(data, initial={"seen": digest})
        if not check.has_warnings:
            del self.fields["has_read"]
