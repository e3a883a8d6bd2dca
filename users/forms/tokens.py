"""Forms of tokens and service accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.forms.accounts import PasswordField, name_field
from users.models import AccessToken, CustomUser, Scope

_DAYS = ((30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (365, _("A year")))


class TokenForm(Form):
    """The name, scopes and end date of a new token, and one's password."""

    name = name_field(
        AccessToken,
        "name",
        label=_("Name"),
        autocomplete="off",
        help_text=_("Which program uses it. The audit log and timelines name it beside the person."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Within the rights of its person, never beyond them."),
    )
    days = forms.TypedChoiceField(label=_("Ends after"), choices=_DAYS, coerce=int, initial=90)
    old_password = PasswordField(label=_("Your password"), autocomplete="current-password")

    def __init__(self, person: CustomUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.is_service_account:
            choices = [(scope.value, scope.label) for scope in Scope if scope != Scope.PUBLISH]
            self.fields["scopes"].choices = choices  # type: ignore[attr-defined]

    def expires_at(self) -> datetime:
        """Return when the token ends. Only call this on valid forms."""
        return timezone.now() + timedelta(days=self.cleaned_data["days"])


class ServiceAccountForm(Form):
    """The name of a service account."""

    first_name = name_field(
        CustomUser,
        "first_name",
        label=_("Name"),
        autocomplete="off",
        help_text=_("Such as “Invoice reader”. It is marked as a service account wherever it is named."),
    )
