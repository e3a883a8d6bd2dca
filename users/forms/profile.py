"""Forms for a user's own profile and password."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.forms.accounts import NewPasswordForm, PasswordField, email_field, name_field
from users.models import CustomUser
from users.time_zones import time_zone_choices


class ProfileForm(Form):
    """Name and time zone."""

    first_name = name_field(CustomUser, "first_name", label=_("First name"), autocomplete="given-name")
    last_name = name_field(CustomUser, "last_name", label=_("Last name"), autocomplete="family-name")
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Times are shown to you in this zone.")
    )

    def __init__(self, person: CustomUser, *args: Any, **kwargs: Any) -> None:
        values = ("first_name", "last_name", "time_zone")
        kwargs["initial"] = {name: getattr(person, name) for name in values}
        super().__init__(*args, **kwargs)
        unset = str(_("None chosen: UTC"))
        if person.company is not None:
            unset = _("Same as the company: %(zone)s") % {"zone": person.company.time_zone}
        time_zone = cast("forms.ChoiceField", self.fields["time_zone"])
        time_zone.choices = [("", unset), *time_zone_choices(also=person.time_zone)]


class ChangePasswordForm(NewPasswordForm):
    """The current password, and the new one twice."""

    old_password = PasswordField(label=_("Current password"), autocomplete="current-password")

    field_order = ["old_password", "password1", "password2"]

    def __init__(self, person: CustomUser, *args: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("The new password again")

    def password_owner(self) -> CustomUser:
        """Return the authenticated user."""
        return self.person

    def refuse_old_password(self) -> None:
        """Report that the current password is wrong."""
        self.add_error("old_password", _("This is not your current password."))


class PersonEmailForm(Form):
    """The new address of a person, for company admins."""

    email = email_field("off", help_text=_("A link is sent there. The address changes when it is opened."))

    def refuse_address(self) -> None:
        """Report that a person of the company has the address."""
        self.add_error("email", _("A person of your company has this address."))


class OwnEmailForm(PersonEmailForm):
    """One's own new address, and the password."""

    old_password = PasswordField(label=_("Current password"), autocomplete="current-password")
