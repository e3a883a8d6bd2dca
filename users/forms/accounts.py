"""Forms for visitors: sign-up, log-in and password reset."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import CharField, Model
from django.utils.translation import gettext_lazy as _

from users.models import Company, CustomUser

MAX_PASSWORD_LENGTH = 1000
_BIDI_CONTROLS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LineField(forms.CharField):
    """A single line of text, such as a name, that normalizes white space and refuses control characters."""

    def to_python(self, value: Any) -> str:
        """Replace each run of white space by one space."""
        return " ".join((super().to_python(value) or "").split())

    def validate(self, value: Any) -> None:
        """Raise ValidationError for control characters, which could garble the surrounding page."""
        super().validate(value)
        if any(unicodedata.category(mark) == "Cc" or mark in _BIDI_CONTROLS for mark in value or ""):
            raise ValidationError(_("Remove control characters."), code="control_characters")


class PasswordField(forms.CharField):
    """A password, which is never redisplayed and never modified."""

    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(widget=widget, strip=False, max_length=MAX_PASSWORD_LENGTH, **options)


class NewPasswordForm(forms.Form):
    """A new password, entered twice, which must not resemble the name of its `password_owner()`."""

    password1 = PasswordField(
        label=_("Password"),
        autocomplete="new-password",
        help_text=_("At least 8 characters, and not easy to guess."),
    )
    password2 = PasswordField(label=_("The same password again"), autocomplete="new-password")

    def password_owner(self) -> CustomUser:
        """Return the person who will have the password, as far as the form knows them."""
        return CustomUser()

    def clean(self) -> dict[str, Any]:
        """Check that both passwords are equal and pass AUTH_PASSWORD_VALIDATORS."""
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        if first:
            try:
                validate_password(first, self.password_owner())
            except ValidationError as error:
                self.add_error("password1", error)
        return self.cleaned_data


def name_field(model: type[Model], name: str, *, autocomplete: str, **options: Any) -> LineField:
    """Return a required field for a name, with the length of the model's column."""
    column = model._meta.get_field(name)
    assert isinstance(column, CharField)
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return LineField(max_length=column.max_length, widget=widget, **options)


def email_field(autocomplete: str, **options: Any) -> forms.EmailField:
    """Return a field for an e-mail address."""
    widget = forms.EmailInput(attrs={"autocomplete": autocomplete})
    return forms.EmailField(label=_("E-mail address"), max_length=254, widget=widget, **options)


class SignUpForm(NewPasswordForm):
    """The data of a new company and its first person."""

    company_name = name_field(Company, "name", label=_("Company name"), autocomplete="organization")
    first_name = name_field(CustomUser, "first_name", label=_("First name"), autocomplete="given-name")
    last_name = name_field(CustomUser, "last_name", label=_("Last name"), autocomplete="family-name")
    email = email_field("email", help_text=_("You will log in with it."))

    field_order = ["company_name", "first_name", "last_name", "email", "password1", "password2"]

    def password_owner(self) -> CustomUser:
        """Return the person who is about to be created."""
        known = ("first_name", "last_name", "email")
        return CustomUser(**{name: self.cleaned_data.get(name) or "" for name in known})

    def values(self) -> dict[str, str]:
        """Return the arguments of `users.signup.sign_up`."""
        names = ("company_name", "first_name", "last_name", "email")
        return {name: self.cleaned_data[name] for name in names} | {
            "password": self.cleaned_data["password1"]
        }

    def refuse_address(self) -> None:
        """Report that the address can't be used, without revealing who uses it."""
        self.add_error(
            "email",
            _(
                "An account can't be created with this address. If it is yours, log in with it "
                "or reset the password."
            ),
        )


class LogInForm(forms.Form):
    """E-mail address and password, under the names that password managers expect."""

    username = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")

    def refuse(self) -> None:
        """Report the same error for an unknown address, a wrong password and a deactivated account."""
        self.add_error(None, _("The e-mail address or the password is wrong."))


class AskForResetForm(forms.Form):
    """The address to which the password reset link is sent."""

    email = email_field("email")


class ResetPasswordForm(NewPasswordForm):
    """The new password of a person who followed a password reset link."""

    def __init__(self, person: CustomUser, *args: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def password_owner(self) -> CustomUser:
        """Return the person to whom the link belongs."""
        return self.person
