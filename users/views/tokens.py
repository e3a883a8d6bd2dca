"""Pages for tokens and service accounts, for people only: programs can't open them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from ticketflower.filters import FilterSet, SearchFilter
from ticketflower.http import PageRequest, company_page, find, show_or_submit
from ticketflower.listing import Sort, list_page
from ticketflower.unique_names import NameTakenError
from users import access, token_actions
from users.filters import NAME_IN_ORDER, PeopleSearch
from users.forms.tokens import ServiceAccountForm, TokenForm
from users.limits import TOO_MANY_REQUESTS, LimitReachedError
from users.models import AccessToken, CustomUser
from users.profile import WrongPasswordError, check_password
from users.token_actions import TokenRefusedError

TOKEN_SORTS = (
    Sort("made", gettext_lazy("Made"), "id", descending=True),
    Sort("name", gettext_lazy("Name"), "name_in_order"),
)
TOKEN_COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("For")},
    {"label": gettext_lazy("May")},
    {"label": gettext_lazy("Last used")},
    {"label": gettext_lazy("Ends")},
    {"label": gettext_lazy("Delete")},
)
ACCOUNT_SORTS = (Sort("name", gettext_lazy("Name"), "name_in_order"),)
ACCOUNT_COLUMNS = (
    {"label": gettext_lazy("Name"), "key": "name"},
    {"label": gettext_lazy("Tokens"), "is_number": True},
    {"label": gettext_lazy("Made")},
)


class TokenFilter(FilterSet):
    """A search for tokens by their name."""

    q = SearchFilter("name", label=gettext_lazy("Name of the token"))


@require_safe
@company_page()
def token_list(request: PageRequest) -> HttpResponse:
    """List one's own tokens."""
    return _list(request, AccessToken.objects.filter(person=request.user.pk), "token_list")


@require_safe
@company_page(access.may_manage_company)
def company_token_list(request: PageRequest) -> HttpResponse:
    """List the tokens of everybody in the company."""
    return _list(request, AccessToken.objects.all(), "company_token_list")


def _list(request: PageRequest, tokens: QuerySet[AccessToken], current: str) -> HttpResponse:
    rows = tokens.select_related("person", "use").annotate(name_in_order=Lower("name"))
    found = TokenFilter(request.GET, rows)
    may_make = not request.impersonating
    about = {"label": _("What programs can do"), "url": reverse("api", args=["docs/"])}
    make = {"label": _("Make a token"), "url": reverse("token_create"), "icon": "plus"}
    context = {
        "form": found.form,
        "page": list_page(request, found.qs, sorts=TOKEN_SORTS),
        "columns": TOKEN_COLUMNS,
        "tabs": _tabs(request, current),
        "actions": [about, *([make | {"is_primary": True, "is_wide_only": True}] if may_make else [])],
        "may_make": may_make,
    }
    return render(request, "users/token_list.html", context)


def _tabs(request: PageRequest, current: str) -> list[dict[str, object]]:
    tabs = {"token_list": _("Your own")}
    if access.may_manage_company(request.user):
        tabs |= {
            "company_token_list": _("All of the company"),
            "service_account_list": _("Service accounts"),
        }
    return [
        {"label": label, "url": reverse(name), "is_current": name == current} for name, label in tabs.items()
    ]


@show_or_submit
@never_cache
@company_page()
@sensitive_post_parameters()
def token_create(request: PageRequest) -> HttpResponse:
    """Ask for the password, make a token for oneself, and show its secret once."""
    return _make(request, request.user)


@show_or_submit
@never_cache
@company_page()
@sensitive_post_parameters()
def service_token_create(request: PageRequest, person_id: int) -> HttpResponse:
    """Make a token for a service account, as a company admin, and show its secret once."""
    accounts = CustomUser.objects.filter(is_service_account=True)
    return _make(request, find(accounts, request.user, access.may_manage_company, pk=person_id))


def _make(request: PageRequest, person: CustomUser) -> HttpResponse:
    if request.impersonating:
        raise PermissionDenied
    form = TokenForm(person, request.POST if request.method == "POST" else None)
    status = None
    if form.is_valid():
        values = form.cleaned_data
        try:
            check_password(request.user, values["old_password"])
            token, secret = token_actions.make_token(
                person,
                name=values["name"],
                scopes=values["scopes"],
                expires_at=form.expires_at(),
                by=request.user,
            )
        except WrongPasswordError:
            form.add_error("old_password", _("This is not your password."))
        except NameTakenError:
            form.add_error("name", _("There is a token of this name already."))
        except TokenRefusedError as refusal:
            form.add_error("scopes", str(refusal))
        except LimitReachedError as limit:
            form.add_error(None, str(limit))
            status = TOO_MANY_REQUESTS
        else:
            context = {"token": token, "secret": secret, "back": _page_above(person, request.user)}
            return render(request, "users/token_made.html", context)
    context = {
        "form": form,
        "person": person,
        "is_own": person == request.user,
        "back": _page_above(person, request.user),
    }
    return render(request, "users/token_create.html", context, status=status)


def _page_above(person: CustomUser, reader: CustomUser) -> dict[str, str]:
    """Return URL and label of the page above: one's own tokens, or the service account."""
    if person == reader:
        return {"url": reverse("token_list"), "label": _("Tokens")}
    return {"url": reverse("person_detail", args=[person.pk]), "label": str(person)}


@show_or_submit
@company_page()
def token_delete(request: PageRequest, token_id: int) -> HttpResponse:
    """Ask for confirmation, then delete a token, which ends it immediately."""
    token = get_object_or_404(AccessToken.objects.select_related("person"), pk=token_id)
    if not token_actions.may_delete_token(request.user, token):
        raise PermissionDenied
    to = reverse("token_list" if token.person_id == request.user.pk else "company_token_list")
    if request.method == "POST":
        token_actions.delete_token(token, by=request.user)
        messages.success(request, _("The token “%(name)s” has been deleted.") % {"name": token})
        return redirect(to)
    context = {
        "title": _("Delete the token “%(name)s”?") % {"name": token},
        "text": _("Programs that use it are refused from now on. This can't be undone."),
        "submit": _("Delete the token"),
        "cancel_url": to,
    }
    return render(request, "components/confirm.html", context)


# --- Service accounts ----------------------------------------------------------------


@require_safe
@company_page(access.may_manage_company)
def service_account_list(request: PageRequest) -> HttpResponse:
    """List the service accounts of the company with their number of tokens."""
    accounts = token_actions.service_accounts().annotate(name_in_order=NAME_IN_ORDER)
    found = PeopleSearch(request.GET, accounts)
    create = {"label": _("Make a service account"), "url": reverse("service_account_create"), "icon": "plus"}
    context = {
        "form": found.form,
        "page": list_page(request, found.qs, sorts=ACCOUNT_SORTS),
        "columns": ACCOUNT_COLUMNS,
        "tabs": _tabs(request, "service_account_list"),
        "actions": [create | {"is_primary": True, "is_wide_only": True}],
    }
    return render(request, "users/service_account_list.html", context)


@show_or_submit
@company_page(access.may_manage_company)
def service_account_create(request: PageRequest) -> HttpResponse:
    """Make a service account, which then gets roles and tokens."""
    form = ServiceAccountForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            account = token_actions.make_service_account(name=form.cleaned_data["first_name"])
        except NameTakenError:
            form.add_error("first_name", _("There is a service account of this name already."))
        else:
            text = _("The service account “%(name)s” has been made. Now give it roles and a token.")
            messages.success(request, text % {"name": account.first_name})
            return redirect("person_detail", account.pk)
    return render(request, "users/service_account_create.html", {"form": form})
