"""Django admin for companies, people, roles and their audit events, used by TicketFlower's staff."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketflower.tenant_admin import (
    AnyModelAdmin,
    CompanyFilter,
    CompanyRowAdmin,
    ReadOnlyAdmin,
)
from users.forms.staff_admin import LAST_ADMIN, NewPersonForm, PersonForm, SystemRoleFormSet
from users.models import (
    AccessToken,
    AuditEvent,
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    InvitationRole,
    StaffVisit,
    SystemRoleMembership,
)
from users.people import is_last_admin, people_changed
from users.signup import give_first_roles, make_first_role
from users.system_roles import SystemRoleName

if TYPE_CHECKING:  # classes that only the type checker can subscript
    _UserAdmin = UserAdmin[CustomUser]
    _NewUserForm = AdminUserCreationForm[CustomUser]
    _UserForm = UserChangeForm[CustomUser]
    _RolesInline = admin.TabularInline[SystemRoleMembership, CustomUser]
    _CompanyRolesInline = admin.TabularInline[CompanyRoleMembership, CustomUser]
    _RolesFormSet = BaseInlineFormSet[SystemRoleMembership, CustomUser, Any]
else:
    _UserAdmin, _NewUserForm, _UserForm = UserAdmin, AdminUserCreationForm, UserChangeForm
    _RolesInline, _RolesFormSet = admin.TabularInline, BaseInlineFormSet
    _CompanyRolesInline = admin.TabularInline

PERSON_SEARCH = ("person__email", "person__first_name", "person__last_name")


@admin.register(Company)
class CompanyAdmin(AnyModelAdmin):
    """Admin pages of companies."""

    list_display = ("name", "time_zone", "created_at")
    search_fields = ("name",)
    ordering = ("name", "pk")
    readonly_fields = ("created_at",)
    show_full_result_count = False
    change_form_template = "admin/company_form.html"
    may_delete = False  # a separate page asks for the name, and a job deletes the company

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Create what sign-up also creates for a new company."""
        super().save_model(request, obj, form, change)
        if not change:
            make_first_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False."""
        return self.may_delete


class SystemRoleInline(_RolesInline):
    """The system roles of a person."""

    model = SystemRoleMembership
    formset = SystemRoleFormSet
    fields = ("group",)
    extra = 0


class CompanyRoleInline(_CompanyRolesInline):
    """The company roles of a person."""

    model = CompanyRoleMembership
    fields = ("role",)
    extra = 0
    autocomplete_fields = ("role",)


class PeopleRowAdmin(CompanyRowAdmin):
    """Admin pages of people and their roles, which send the signal `people_changed`."""

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Save the row, and send the signal."""
        super().save_model(request, obj, form, change)
        people_changed.send(CustomUser, company_id=obj.company_id)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Log the rows that will be deleted in this transaction, and send the signal."""
        for company_id in {row.company_id for row in queryset}:
            people_changed.send(CustomUser, company_id=company_id)
        return super().log_deletions(request, queryset)


@admin.register(CustomUser)
class PersonAdmin(PeopleRowAdmin, _UserAdmin):
    """Admin pages of the people of all companies, and of staff."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ("email", "first_name", "last_name", "company", "is_active", "is_superuser")
    list_filter = (CompanyFilter, "is_active", "is_superuser")
    search_fields = ("email", "first_name", "last_name", "company__name")
    ordering = ("email", "pk")
    filter_horizontal = ()
    readonly_fields = ("is_staff", "is_superuser", "last_login", "date_joined", "password_changed_at")
    fieldsets = (
        (None, {"fields": ("email", "password", "company")}),
        (_("Person"), {"fields": ("first_name", "last_name", "time_zone", "away_from", "away_until")}),
        (_("Log-in"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("date_joined", "last_login", "password_changed_at")}),
    )
    new_fields = ("company", "email", "first_name", "last_name", "usable_password", "password1", "password2")
    new_description = _("A person without a company is a member of staff and may do everything.")
    add_fieldsets = ((None, {"fields": new_fields, "description": new_description}),)

    def get_inlines(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Show the roles of existing people of a company, because staff have none."""
        has_roles = obj is not None and getattr(obj, "company_id", None) is not None
        return [SystemRoleInline, CompanyRoleInline] if has_roles else []

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Give the first person of a company the roles that signing up gives."""
        colleagues = CustomUser.objects.filter(company=obj.company_id)
        is_first = not change and obj.company_id is not None and not colleagues.exists()
        super().save_model(request, obj, form, change)
        if is_first:
            give_first_roles(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what Django's confirmation lists, with the last admin among what can't be deleted."""
        *listed, protected = super().get_deleted_objects(objs, request)
        people = [person for person in objs if person.company_id is not None]
        last = [f"{person}: {LAST_ADMIN}" for person in people if is_last_admin(person, *people)]
        return *listed, [*protected, *last]


admin.site.unregister(Group)


@admin.register(Group)
class SystemRoleAdmin(ReadOnlyAdmin):
    """Read-only pages of the system roles, which all companies share and code refers to by name."""

    list_filter = ()
    list_select_related = ()


@admin.register(SystemRoleMembership)
class SystemRoleMembershipAdmin(PeopleRowAdmin):
    """Admin pages of system role memberships."""

    list_display = ("person", "group", "company")
    list_filter = (CompanyFilter, "group")
    list_select_related = ("company", "person", "group")
    search_fields = (*PERSON_SEARCH, "group__name")
    autocomplete_fields = ("company", "person")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Make existing rows read-only: a different role needs a new row."""
        return () if obj is None else ("company", "person", "group")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what Django's confirmation lists, with the last admin's row among what can't be deleted."""
        *listed, protected = super().get_deleted_objects(objs, request)
        people = [row.person for row in objs if row.group.name == SystemRoleName.ADMIN]
        last = [f"{person}: {LAST_ADMIN}" for person in people if is_last_admin(person, *people)]
        return *listed, [*protected, *last]


@admin.register(CompanyRole)
class CompanyRoleAdmin(CompanyRowAdmin):
    """Admin pages of the companies' own roles."""

    list_display = ("name", "description", "company")
    search_fields = ("name", "company__name")
    ordering = ("name", "pk")


@admin.register(CompanyRoleMembership)
class CompanyRoleMembershipAdmin(PeopleRowAdmin):
    """Admin pages of company role memberships."""

    list_display = ("person", "role", "company")
    list_select_related = ("company", "person", "role")
    search_fields = (*PERSON_SEARCH, "role__name")
    autocomplete_fields = ("company", "person", "role")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Admin pages of invitations, without the secret of their links."""

    may_delete = True

    list_display = ("email", "company", "created_at", "expires_at", "accepted_at", "withdrawn_at")
    list_select_related = ("company", "created_by", "impersonator", "accepted_by")
    search_fields = ("email",)
    exclude = ("nonce",)


@admin.register(InvitationRole)
class InvitationRoleAdmin(ReadOnlyAdmin):
    """Admin pages of the company roles of invitations, which are deleted with the role."""

    may_delete = True

    list_display = ("invitation", "role", "company")
    list_select_related = ("company", "invitation", "role")
    search_fields = ("invitation__email", "role__name")


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    """Admin pages of tokens, which staff can delete."""

    may_delete = True

    list_display = ("name", "person", "company", "expires_at")
    list_select_related = ("company", "person")
    search_fields = ("name", *PERSON_SEARCH)
    exclude = ("digest",)


@admin.register(StaffVisit)
class StaffVisitAdmin(ReadOnlyAdmin):
    """Admin pages of staff's visits to companies."""

    list_display = ("impersonator", "company", "entered_at", "left_at")
    list_select_related = ("company", "impersonator")
    search_fields = ("impersonator__email", "impersonator__first_name", "impersonator__last_name")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Admin pages of the audit log of all companies, and of the changes of staff."""

    list_display = ("at", "company", "actor", "way", "operation", "table", "row_id", "label", "subject")
    list_filter = (CompanyFilter, "kind", "operation")
    list_select_related = ("company",)
    search_fields = ("=row_id", "=ticket")
    ordering = ("-pk",)
