"""Forms for a person's roles and for the company's own roles."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.db.models.functions import Lower
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.forms.accounts import name_field
from users.models import CompanyRole, CustomUser
from users.system_roles import SystemRoleName


def _explained_label(name: str, explanation: str) -> str:
    return format_html('{} <span class="form-text">{}</span>', name, explanation) if explanation else name


def _system_roles() -> list[tuple[str, str]]:
    return [(role.value, _explained_label(str(role.label), role.explanation)) for role in SystemRoleName]


class RolesForm(Form):
    """The system roles and company roles of a person."""

    system_roles = forms.MultipleChoiceField(
        label=_("System roles"),
        choices=_system_roles,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What they may do on this site."),
    )
    company_roles = forms.TypedMultipleChoiceField(
        label=_("Company roles"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Your company's own roles. Workflows use them to define who may do what."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = list(CompanyRole.objects.order_by(Lower("name")))
        choices = [(role.pk, _explained_label(role.name, role.description)) for role in self.roles]
        self.fields["company_roles"].choices = choices  # type: ignore[attr-defined]
        if not self.roles:
            self.fields["company_roles"].widget = forms.MultipleHiddenInput()

    def values(self) -> dict[str, Collection[Any]]:
        """Return the roles as keyword arguments."""
        chosen = self.cleaned_data
        return {"system_roles": chosen["system_roles"], "company_role_ids": chosen["company_roles"]}

    def refuse_last_admin(self) -> None:
        """Report that the company needs at least one admin."""
        self.add_error(
            "system_roles",
            _("This is the only company admin. Make another person a company admin first."),
        )


class PersonRolesForm(RolesForm):
    """The roles of a person, and whether they are in the rotation."""

    gets_no_turn = forms.BooleanField(
        label=_("Gets no new tasks by turn"),
        required=False,
        help_text=_("For people who administer: they may take tasks, but are not given any."),
    )

    def __init__(self, *args: Any, person: CustomUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.is_service_account:
            del self.fields["gets_no_turn"]
            choice = cast("forms.MultipleChoiceField", self.fields["system_roles"])
            choice.choices = [each for each in _system_roles() if each[0] != SystemRoleName.ADMIN]
            choice.help_text = _("A service account is no company admin, and gets no tasks by turn.")

    def values(self) -> dict[str, Any]:
        """Return the arguments of `change_roles()`."""
        return {**super().values(), "is_in_rotation": not self.cleaned_data.get("gets_no_turn", True)}


class CompanyRoleForm(Form):
    """A company's own role."""

    name = name_field(
        CompanyRole,
        "name",
        label=_("Name"),
        autocomplete="off",
        help_text=_("Such as “Finance” or “Manager”."),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who has this role, and what it is for."),
    )

    def refuse_name(self) -> None:
        """Report that the name is taken."""
        self.add_error("name", _("Your company already has a role with this name."))


class SelectedPeopleForm(Form):
    """The people selected in a list; ids of other companies are refused."""

    people = forms.ModelMultipleChoiceField(
        CustomUser.objects.none(), error_messages={"required": _("No person is selected.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = CustomUser.objects.all()  # type: ignore[attr-defined]

    def person_ids(self) -> list[int]:
        """Return the ids of the selected people."""
        return [person.pk for person in self.cleaned_data["people"]]
