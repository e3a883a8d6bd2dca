"""Forms for inviting a person and for accepting an invitation."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from users.forms.accounts import NewPasswordForm, email_field, name_field
from users.forms.roles import RolesForm
from users.models import CustomUser, Invitation
from users.signup import FIRST_ROLE
from users.system_roles import SystemRoleName

MAX_ADDRESSES: Final = 20
MAX_ADDRESS_LENGTH: Final = 254
_BETWEEN: Final = re.compile("[,;]")


class AddressesField(forms.CharField):
    """E-mail addresses, one per line or as in a "To" header; the value is a list without duplicates."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        """Return the addresses. Refuse invalid ones, naming them, and too many addresses."""
        addresses = list(dict.fromkeys(_BETWEEN.sub(" ", super().clean(value)).split()))
        wrong = [address for address in addresses if not _is_address(address)]
        if wrong:
            raise ValidationError(
                _("Not an e-mail address: %(addresses)s."), params={"addresses": ", ".join(wrong)}
            )
        if len(addresses) > MAX_ADDRESSES:
            raise ValidationError(_("At most %(most)d addresses at once."), params={"most": MAX_ADDRESSES})
        return addresses


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= MAX_ADDRESS_LENGTH


class InvitationForm(RolesForm):
    """The addresses of the people to invite, and their future roles."""

    email = AddressesField(
        label=_("E-mail addresses"),
        help_text=_(
            "Up to 20, one on each line or with commas between. "
            "An address can belong to one company on this site only."
        ),
    )

    field_order = ["email", "system_roles", "company_roles"]

    # Set by `refuse_invited`, so that the page can offer to resend it.
    pending: Invitation | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system_roles"].help_text = _(
            "What they may do on this site. A company role is enough for the tasks that name it."
        )
        self.fields["system_roles"].initial = [SystemRoleName.USER.value]
        self.fields["company_roles"].initial = [
            role.pk for role in self.roles if role.name.lower() == FIRST_ROLE.lower()
        ]

    def refuse_colleague(self, person: CustomUser) -> None:
        """Report that a colleague already has the address."""
        text = _("%(name)s already has this address.")
        if not person.is_active:
            text = _("%(name)s has this address and is deactivated. Reactivate them instead.")
        self.add_error("email", text % {"name": person.get_full_name()})

    def refuse_invited(self, invitation: Invitation) -> None:
        """Report that an invitation to the address is pending."""
        self.pending = invitation
        self.add_error("email", _("%(email)s has already been invited.") % {"email": invitation.email})


class AcceptForm(NewPasswordForm):
    """The data of a person who accepts an invitation; the invitation determines everything else."""

    # Displayed so that password managers store it with the password. `disabled` ignores submitted values.
    email = email_field(
        "username",
        disabled=True,
        help_text=_(
            "You will log in with it. If you have an account with this address in another company, "
            "ask to be invited with a different one."
        ),
    )
    first_name = name_field(CustomUser, "first_name", label=_("First name"), autocomplete="given-name")
    last_name = name_field(CustomUser, "last_name", label=_("Last name"), autocomplete="family-name")

    field_order = ["email", "first_name", "last_name", "password1", "password2"]

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        self.invitation = invitation
        kwargs["initial"] = {"email": invitation.email}
        super().__init__(*args, **kwargs)

    def password_owner(self) -> CustomUser:
        """Return the person who is about to be created."""
        known = {name: self.cleaned_data.get(name) or "" for name in ("first_name", "last_name")}
        return CustomUser(email=self.invitation.email, **known)

    def values(self) -> dict[str, str]:
        """Return the arguments of `accept()`."""
        chosen = self.cleaned_data
        return {
            "first_name": chosen["first_name"],
            "last_name": chosen["last_name"],
            "password": chosen["password1"],
        }

    def refuse_address(self) -> None:
        """Report that the address can't be used, without revealing who uses it."""
        self.add_error(
            None,
            _(
                "An account can't be made with the address %(email)s. "
                "Ask the person who invited you to use a different address of yours."
            )
            % {"email": self.invitation.email},
        )
