"""Invitations: company admins send, resend and withdraw them; the recipient of the link accepts."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, find, show_or_submit
from ticketflower.listing import Sort, list_page
from ticketflower.tenancy.context import company_scope, nobody_scope
from users import access, invitations
from users.authentication import log_in
from users.filters import InvitationFilter
from users.forms.invitations import AcceptForm, InvitationForm
from users.impersonation import leave_company
from users.invitations import DeadLinkError, Link, UnknownLinkError, accept, find_invitation, read_link
from users.limits import TOO_MANY_REQUESTS, LimitReachedError
from users.models import Invitation
from users.signup import AddressTakenError
from users.views.people import invite_action, people_tabs

SORTS = (
    Sort("until", gettext_lazy("Link works until"), "expires_at", descending=True),
    Sort("email", gettext_lazy("E-mail address"), "email"),
)
COLUMNS = (
    {"label": gettext_lazy("E-mail address"), "key": "email"},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Roles")},
    {"label": gettext_lazy("Link works until"), "key": "until"},
    {"label": gettext_lazy("What to do"), "is_hidden": True},
)


@require_safe
@company_page(access.may_manage_company)
def invitation_list(request: PageRequest) -> HttpResponse:
    """List pending invitations."""
    pending = Invitation.objects.pending().select_related("created_by").prefetch_related("company_roles")
    found = InvitationFilter(request.GET, pending)
    page = list_page(request, found.qs, sorts=SORTS)
    context = {
        "form": found.form,
        "page": page,
        "columns": COLUMNS,
        "tabs": people_tabs("invited"),
        "actions": [invite_action()] if page.rows or found.form.is_narrowed else [],
        "now": timezone.now(),
    }
    return render(request, "users/invitation_list.html", context)


@show_or_submit
@company_page(access.may_manage_company)
def invitation_create(request: PageRequest) -> HttpResponse:
    """Invite people by e-mail: all of the addresses, or none if one is refused."""
    form, status = InvitationForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        emails = form.cleaned_data["email"]
        try:
            with transaction.atomic():
                for email in emails:
                    _invite(request, form, email)
                transaction.set_rollback(not form.is_valid())
        except LimitReachedError as limit:
            form.add_error("email", str(limit))
            status = TOO_MANY_REQUESTS
        if form.is_valid():
            messages.success(request, _on_its_way(request, emails))
            return redirect("invitation_list")
    context = {"form": form, "days": settings.INVITATION_DAYS}
    return render(request, "users/invitation_create.html", context, status=status)


def _invite(request: PageRequest, form: InvitationForm, email: str) -> None:
    try:
        invitations.invite(request.user, email=email, **form.values())
    except invitations.AlreadyMemberError as refusal:
        form.refuse_colleague(refusal.person)
    except invitations.AlreadyInvitedError as refusal:
        form.refuse_invited(refusal.invitation)


@require_POST
@company_page()
def invitation_resend(request: PageRequest, invitation_id: int) -> HttpResponse:
    """Send a new link, which makes the old one invalid."""
    invitation = find(Invitation.objects, request.user, access.may_manage_company, pk=invitation_id)
    try:
        invitations.resend(invitation)
    except invitations.NotPendingError:
        _report_answered(request, invitation)
    except LimitReachedError as limit:
        messages.error(request, str(limit))
    else:
        messages.success(request, _on_its_way(request, [invitation.email]))
    return redirect("invitation_list")


@require_safe
@company_page()
def invitation_link(request: PageRequest, invitation_id: int) -> HttpResponse:
    """Show the link of an invitation to an admin who passes it on by other means than e-mail."""
    invitation = find(Invitation.objects, request.user, access.may_manage_company, pk=invitation_id)
    if not Invitation.objects.pending().filter(pk=invitation.pk).exists():
        _report_answered(request, invitation)
        return redirect("invitation_list")
    link = invitations.link_of(invitation)
    return render(request, "users/invitation_link.html", {"invitation": invitation, "link": link})


@show_or_submit
@company_page()
def invitation_withdraw(request: PageRequest, invitation_id: int) -> HttpResponse:
    """Ask for confirmation, then make the link invalid."""
    invitation = find(Invitation.objects, request.user, access.may_manage_company, pk=invitation_id)
    if request.method != "POST":
        context = {
            "title": _("Withdraw the invitation to %(email)s?") % {"email": invitation.email},
            "text": _("The link in the e-mail stops working. You can invite this person again at any time."),
            "submit": _("Withdraw"),
            "cancel_url": reverse("invitation_list"),
        }
        return render(request, "components/confirm.html", context)
    try:
        invitations.withdraw(invitation)
    except invitations.NotPendingError:
        _report_answered(request, invitation)
    else:
        text = _("The invitation to %(email)s has been withdrawn.")
        messages.success(request, text % {"email": invitation.email})
    return redirect("invitation_list")


def _on_its_way(request: PageRequest, emails: list[str]) -> str:
    if request.user.is_email_confirmed:
        text = ngettext(
            "The invitation to %(email)s is on its way.",
            "The invitations to %(email)s are on their way.",
            len(emails),
        )
    else:
        text = ngettext(
            "The invitation to %(email)s waits until you have confirmed your own e-mail address.",
            "The invitations to %(email)s wait until you have confirmed your own e-mail address.",
            len(emails),
        )
    return text % {"email": ", ".join(emails)}


def _report_answered(request: HttpRequest, invitation: Invitation) -> None:
    text = _("The invitation to %(email)s has already been accepted or withdrawn.")
    messages.info(request, text % {"email": invitation.email})


@show_or_submit
@never_cache
@sensitive_post_parameters()
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let the recipient of a link create an account, and log them in.

    The link works regardless of who is logged in in this browser.
    """
    try:
        link = read_link(token)
        with nobody_scope(), company_scope(link.company_id):
            return _accept(request, link)
    except UnknownLinkError:
        return render(request, "users/invitation_unknown.html", status=404)
    except DeadLinkError as dead:
        return render(request, "users/invitation_dead.html", {"why": dead.why}, status=410)


def _accept(request: HttpRequest, link: Link) -> HttpResponse:
    invitation = find_invitation(link)
    form = AcceptForm(invitation, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = accept(link, **form.values())
        except AddressTakenError:
            form.refuse_address()
        else:
            leave_company(request)  # staff may have opened the link while in a company
            log_in(request, person)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "users/invitation_accept.html", {"form": form, "invitation": invitation})
