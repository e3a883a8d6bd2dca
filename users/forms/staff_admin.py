"""Forms of people in Django admin, for TicketFlower's staff."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from ticketflower.tenant_admin import CompanyRowForm
from users.models import Company, CustomUser, SystemRoleMembership
from users.people import is_last_admin
from users.system_roles import SystemRoleName

if TYPE_CHECKING:  # classes that only the type checker can subscript
    _NewUserForm = AdminUserCreationForm[CustomUser]
    _UserForm = UserChangeForm[CustomUser]
    _RolesFormSet = BaseInlineFormSet[SystemRoleMembership, CustomUser, Any]
else:
    _NewUserForm, _UserForm, _RolesFormSet = AdminUserCreationForm, UserChangeForm, BaseInlineFormSet

LAST_ADMIN = _("This is the last company admin. Make another person an admin first.")


class NewPersonForm(CompanyRowForm, _NewUserForm):
    """A form for a new person of a company or, without a company, of TicketFlower's staff."""

    class Meta:
        model = CustomUser
        fields = ("email", "first_name", "last_name")  # the admin adds the company inside the scope

    def clean(self) -> dict[str, Any]:
        """Make people without a company staff."""
        cleaned = super().clean()
        self.instance.is_staff = self.instance.is_superuser = cleaned.get("company") is None
        return cleaned


def refuse_last_admin(person: CustomUser) -> None:
    """Lock the person's company, as its own pages do. Raise ValidationError for its last admin."""
    list(Company.objects.select_for_update(no_key=True).filter(users=person))
    if is_last_admin(person):
        raise ValidationError(LAST_ADMIN)


class PersonForm(CompanyRowForm, _UserForm):
    """A form for a person; the password has a separate page."""

    class Meta:
        model = CustomUser
        fields = (
            *("email", "first_name", "last_name", "password", "is_active", "time_zone"),
            *("away_from", "away_until"),
        )

    def clean_is_active(self) -> bool:
        """Refuse to deactivate the last admin."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active:
            refuse_last_admin(self.instance)
        return is_active


class SystemRoleFormSet(_RolesFormSet):
    """The system roles of a person; the last admin keeps the role of an admin."""

    def clean(self) -> None:
        """Refuse to take the role from the last admin."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        groups = [row["group"].name for row in rows if row.get("group") and not row.get("DELETE")]
        if SystemRoleName.ADMIN not in groups:
            refuse_last_admin(self.instance)
