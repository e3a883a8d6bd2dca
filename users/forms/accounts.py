"""Forms of visitors: sign up, log in, and a new password for somebody who forgot theirs."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import CharField, Model
from django.utils.translation import gettext_lazy as _

from users.models import Company, CustomUser

LONGEST_PASSWORD = 1000
_TURNS_TEXT_ROUND = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class LineField(forms.CharField):
    """One line of text, such as a name: white space is tidied, invisible controls are refused."""

    def to_python(self, value: Any) -> str:
        """Each run of white space becomes one space."""
        return " ".join((super().to_python(value) or "").split())

    def validate(self, value: Any) -> None:
        """Raise ValidationError for characters that nobody types and that spoil the page around them."""
        super().validate(value)
        if any(unicodedata.category(mark) == "Cc" or mark in _TURNS_TEXT_ROUND for mark in value or ""):
            raise ValidationError(_("Leave out control characters."), code="control_characters")


class PasswordField(forms.CharField):
    """A password: never shown again, not a character of it changed."""

    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(widget=widget, strip=False, max_length=LONGEST_PASSWORD, **options)


class NewPasswordForm(forms.Form):
    """A new password, typed twice; subclasses say whose, because it must not resemble their name."""

    password1 = PasswordField(
        label=_("Password"),
        autocomplete="new-password",
        help_text=_("At least 8 characters, and not one that is easy to guess."),
    )
    password2 = PasswordField(label=_("The same password again"), autocomplete="new-password")

    def whose(self) -> CustomUser:
        """The person who will have it, as far as the form knows them."""
        return CustomUser()

    def clean(self) -> dict[str, Any]:
        """Both the same, and good enough for AUTH_PASSWORD_VALIDATORS."""
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords are not the same."))
        if first:
            try:
                validate_password(first, self.whose())
            except ValidationError as error:
                self.add_error("password1", error)
        return self.cleaned_data


def name_field(model: type[Model], name: str, *, autocomplete: str, **options: Any) -> LineField:
    """The field for a name, as long as the model's column, which people must fill in."""
    column = model._meta.get_field(name)
    assert isinstance(column, CharField)
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return LineField(max_length=column.max_length, widget=widget, **options)


class SignUpForm(NewPasswordForm):
    """Everything that a new company and its first person need."""

    company_name = name_field(Company, "name", label=_("Company name"), autocomplete="organization")
    first_name = name_field(CustomUser, "first_name", label=_("First name"), autocomplete="given-name")
    last_name = name_field(CustomUser, "last_name", label=_("Last name"), autocomplete="family-name")
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("You will log in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ["company_name", "first_name", "last_name", "email", "password1", "password2"]

    def whose(self) -> CustomUser:
        """The person who is about to be made."""
        known = ("first_name", "last_name", "email")
        return CustomUser(**{name: self.cleaned_data.get(name) or "" for name in known})

    def values(self) -> dict[str, str]:
        """What `users.signup.sign_up` asks for."""
        names = ("company_name", "first_name", "last_name", "email")
        return {name: self.cleaned_data[name] for name in names} | {
            "password": self.cleaned_data["password1"]
        }

    def refuse_address(self) -> None:
        """Say beside the address that it can't be used, and nothing about whose it is."""
        self.add_error(
            "email",
            _(
                "No account can be made with this address. If it is yours, log in with it, "
                "or reset the password."
            ),
        )


class LogInForm(forms.Form):
    """E-mail address and password, under the names that password managers know."""

    username = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")

    def refuse(self) -> None:
        """One answer for an unknown address, a wrong password and a deactivated account."""
        self.add_error(None, _("E-mail address and password do not fit together."))


class AskForResetForm(forms.Form):
    """Where to send the link."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ResetPasswordForm(NewPasswordForm):
    """The new password of somebody who followed the link."""

    def __init__(self, person: CustomUser, *args: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def whose(self) -> CustomUser:
        """The person whom the link is for."""
        return self.person
