"""Pages for visitors: sign-up, log-in, log-out and password reset."""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, client_place, company_page, safe_next, show_or_submit
from users import limits
from users.authentication import authenticate_within_limits, log_in
from users.confirmation import (
    InvalidConfirmationError,
    ask_for_confirmation,
    confirm_email,
    read_token,
)
from users.forms.accounts import AskForResetForm, LogInForm, ResetPasswordForm, SignUpForm
from users.impersonation import leave_company
from users.limits import TOO_MANY_REQUESTS, LimitReachedError
from users.password_reset import InvalidResetLinkError, ask_for_reset, person_by_token, reset_password
from users.signup import AddressTakenError, sign_up
from users.unsent_forms import COOKIE, hidden_fields, store_hidden_fields


@show_or_submit
@never_cache
@sensitive_post_parameters()
def company_signup(request: HttpRequest) -> HttpResponse:
    """Create a company and its first person, and log them in."""
    if request.user.is_authenticated:
        return redirect("user_dashboard")
    form, status = SignUpForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            limits.count("SIGN_UPS_FROM_PLACE", client_place(request))
            person = sign_up(**form.values(), is_email_confirmed=False)
        except AddressTakenError:
            form.refuse_address()
        except LimitReachedError as limit:
            form.add_error(None, str(limit))
            status = TOO_MANY_REQUESTS
        else:
            with suppress(LimitReachedError):  # the page offers to send it again
                ask_for_confirmation(person)
            log_in(request, person)
            return redirect("user_dashboard")
    return render(request, "users/company_signup.html", {"form": form}, status=status)


@transaction.non_atomic_requests
@show_or_submit
@never_cache
@sensitive_post_parameters()
def login_page(request: HttpRequest) -> HttpResponse:
    """Log in, then redirect to the requested page."""
    redirect_response = HttpResponseRedirect(safe_next(request, reverse(settings.LOGIN_REDIRECT_URL)))
    if request.user.is_authenticated:
        return redirect_response
    form, status = LogInForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            person = authenticate_within_limits(request, **form.cleaned_data)
        except LimitReachedError as limit:
            form.add_error(None, str(limit))
            status = TOO_MANY_REQUESTS
        else:
            if person is not None:
                log_in(request, person)
                return store_hidden_fields(request, person) or redirect_response
            form.refuse()
    context = {"form": form, "hidden_fields": hidden_fields(request)}
    return render(request, "users/login.html", context, status=status)


@show_or_submit
@never_cache
def logout_page(request: HttpRequest) -> HttpResponse:
    """Log out on POST; on GET, ask for confirmation."""
    if request.method != "POST" and request.user.is_authenticated:
        return render(request, "users/logout.html")
    leave_company(request)
    logout(request)
    answer = HttpResponseRedirect(safe_next(request, reverse(settings.LOGOUT_REDIRECT_URL)))
    answer.headers["Clear-Site-Data"] = '"cache"'  # so that Back shows nothing to the next user
    answer.delete_cookie(COOKIE, samesite="Lax")  # the browser's next user may be another person
    return answer


@show_or_submit
def password_reset(request: HttpRequest) -> HttpResponse:
    """Request a password reset link; the response is the same for unknown addresses."""
    form, status = AskForResetForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            ask_for_reset(form.cleaned_data["email"], place=client_place(request))
        except LimitReachedError as limit:
            form.add_error(None, str(limit))
            status = TOO_MANY_REQUESTS
        else:
            return render(request, "users/password_reset_sent.html")
    return render(request, "users/password_reset.html", {"form": form}, status=status)


@show_or_submit
@never_cache
@sensitive_post_parameters()
def password_reset_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password through a link, then redirect to the log-in page."""
    if request.user.is_authenticated:
        return render(request, "users/password_reset_logged_in.html")
    try:
        person = person_by_token(token)
        form = ResetPasswordForm(person, request.POST if request.method == "POST" else None)
        if form.is_valid():
            reset_password(token, password=form.cleaned_data["password1"])
            messages.success(request, _("Your password has been changed. Log in with the new one."))
            return redirect("login")
    except InvalidResetLinkError:
        return render(request, "users/password_reset_dead.html", status=404)
    return render(request, "users/password_reset_confirm.html", {"form": form, "email": person.email})


@require_POST
@company_page()
def confirmation_send(request: PageRequest) -> HttpResponse:
    """Send the link to confirm the user's address again."""
    try:
        ask_for_confirmation(request.user)
    except LimitReachedError as limit:
        messages.error(request, str(limit))
    else:
        messages.success(request, _("A link to %(email)s is on its way.") % {"email": request.user.email})
    return redirect(safe_next(request, reverse("user_dashboard")))


@show_or_submit
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm an address with a button, because some mail programs open every link themselves."""
    try:
        _company_id, _person_id, email = read_token(token)
        if request.method == "POST":
            confirm_email(token)
            messages.success(request, _("Your e-mail address is confirmed."))
            return redirect("user_dashboard")
    except InvalidConfirmationError:
        lead = _("Log in, and have a new one sent by the line at the top of each page.")
        return render(request, "users/link_dead.html", {"lead": lead}, status=404)
    return render(request, "users/email_confirm.html", {"email": email})
