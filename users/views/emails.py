"""Pages that change an e-mail address: one's own, a colleague's, and the link that confirms it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from ticketflower.http import PageRequest, company_page, find, show_or_submit
from users import access
from users.email_change import InvalidEmailLinkError, ask_for_change, change_email, read_token
from users.forms.profile import OwnEmailForm, PersonEmailForm
from users.limits import TOO_MANY_REQUESTS, LimitReachedError
from users.models import CustomUser
from users.profile import WrongPasswordError, check_password
from users.signup import AddressTakenError


@show_or_submit
@company_page()
@sensitive_post_parameters()
def own_email(request: PageRequest) -> HttpResponse:
    """Ask for the user's new address and password. Staff change theirs in Django admin."""
    if request.impersonating:
        return redirect("user_profile")
    form = OwnEmailForm(request.POST if request.method == "POST" else None)
    return _ask(request, request.user, form, to=reverse("user_profile"))


@show_or_submit
@company_page()
def person_email(request: PageRequest, person_id: int) -> HttpResponse:
    """Ask for a new address of a person of the company."""
    person = find(CustomUser.objects.exclude(email=""), request.user, access.may_manage_company, pk=person_id)
    form = PersonEmailForm(request.POST if request.method == "POST" else None)
    return _ask(request, person, form, to=reverse("person_detail", args=[person.pk]))


def _ask(request: PageRequest, person: CustomUser, form: PersonEmailForm, *, to: str) -> HttpResponse:
    status = None
    if form.is_valid():
        try:
            if isinstance(form, OwnEmailForm):
                check_password(person, form.cleaned_data["old_password"])
            ask_for_change(person, email=form.cleaned_data["email"])
        except WrongPasswordError:
            form.add_error("old_password", _("This is not your current password."))
        except AddressTakenError:
            form.refuse_address()
        except LimitReachedError as limit:
            form.add_error(None, str(limit))
            status = TOO_MANY_REQUESTS
        else:
            text = _("A link to %(email)s is on its way. The address changes when it is opened.")
            messages.success(request, text % {"email": form.cleaned_data["email"]})
            return redirect(to)
    context = {
        "title": _("Change the e-mail address"),
        "text": _("%(name)s logs in with %(email)s now.") % {"name": person, "email": person.email},
        "consequences": [
            _("The old address is told about the change."),
            _("All sessions end: log in with the new address then."),
        ],
        "form": form,
        "submit": _("Send the link"),
        "cancel_url": to,
        "is_harmless": True,
    }
    return render(request, "components/confirm.html", context, status=status)


@show_or_submit
def email_change_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Change the address with a button, because some mail programs open every link themselves."""
    is_taken = False
    try:
        change = read_token(token)
        if request.method == "POST":
            change_email(token)
            messages.success(request, _("Your e-mail address has been changed. Log in with the new one."))
            return redirect("login")
    except InvalidEmailLinkError:
        lead = _("It was used or has expired. Log in, and have a new one sent from your profile.")
        return render(request, "users/link_dead.html", {"lead": lead}, status=404)
    except AddressTakenError:
        is_taken = True
    return render(request, "users/email_change_confirm.html", {"change": change, "is_taken": is_taken})
