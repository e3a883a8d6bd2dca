"""Forms about joining: an admin invites, somebody accepts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from users.forms.accounts import NewPasswordForm, name_field
from users.forms.roles import RolesForm
from users.models import CustomUser, Invitation
from users.signup import FIRST_ROLE
from users.system_roles import SystemRoleName


class InvitationForm(RolesForm):
    """Whom to invite, and the roles that they will have."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["email", "system_roles", "company_roles"]

    # Set by `refuse_invited`, so that the page can offer to send it again.
    pending: Invitation | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system_roles"].initial = [SystemRoleName.USER.value]
        self.fields["company_roles"].initial = [
            role.pk for role in self.roles if role.name.lower() == FIRST_ROLE.lower()
        ]

    def refuse_here(self, person: CustomUser) -> None:
        """Say that a colleague has the address."""
        text = _("%(name)s has this address already.")
        if not person.is_active:
            text = _("%(name)s has this address, and is deactivated. Reactivate them instead.")
        self.add_error("email", text % {"name": person.get_full_name()})

    def refuse_invited(self, invitation: Invitation) -> None:
        """Say that an invitation is under way."""
        self.pending = invitation
        self.add_error("email", _("This address was invited already."))


class AcceptForm(NewPasswordForm):
    """Who somebody is who accepts; everything else was settled by the invitation."""

    # Shown, so that password managers keep it with the password. Never taken from the browser.
    email = forms.EmailField(
        label=_("E-mail address"),
        disabled=True,
        help_text=_("You will log in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    first_name = name_field(CustomUser, "first_name", label=_("First name"), autocomplete="given-name")
    last_name = name_field(CustomUser, "last_name", label=_("Last name"), autocomplete="family-name")

    field_order = ["email", "first_name", "last_name", "password1", "password2"]

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        self.invitation = invitation
        kwargs["initial"] = {"email": invitation.email}
        super().__init__(*args, **kwargs)

    def whose(self) -> CustomUser:
        """The person who is about to be made."""
        known = {name: self.cleaned_data.get(name) or "" for name in ("first_name", "last_name")}
        return CustomUser(email=self.invitation.email, **known)

    def values(self) -> dict[str, str]:
        """What `accept()` takes."""
        chosen = self.cleaned_data
        return {
            "first_name": chosen["first_name"],
            "last_name": chosen["last_name"],
            "password": chosen["password1"],
        }

    def refuse_address(self) -> None:
        """Say that the address can't be used, and nothing about whose it is."""
        self.add_error(
            None,
            _(
                "An account can't be made with the address %(email)s. "
                "Ask the person who invited you to invite another address of yours."
            )
            % {"email": self.invitation.email},
        )
