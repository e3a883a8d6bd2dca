"""Pages for visitors: sign-up, log-in, log-out and password reset."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from ticketflower.http import safe_next, show_or_submit
from users.authentication import log_in
from users.forms.accounts import AskForResetForm, LogInForm, ResetPasswordForm, SignUpForm
from users.impersonation import leave_company
from users.password_reset import InvalidResetLinkError, ask_for_reset, person_by_token, reset_password
from users.signup import AddressTakenError, sign_up


@show_or_submit
@never_cache
@sensitive_post_parameters()
def company_signup(request: HttpRequest) -> HttpResponse:
    """Create a company and its first person, and log them in."""
    if request.user.is_authenticated:
        return redirect("user_dashboard")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = sign_up(**form.values())
        except AddressTakenError:
            form.refuse_address()
        else:
            log_in(request, person)
            return redirect("user_dashboard")
    return render(request, "users/company_signup.html", {"form": form})


@show_or_submit
@never_cache
@sensitive_post_parameters()
def login_page(request: HttpRequest) -> HttpResponse:
    """Log in, then redirect to the requested page."""
    redirect_response = HttpResponseRedirect(safe_next(request, reverse(settings.LOGIN_REDIRECT_URL)))
    if request.user.is_authenticated:
        return redirect_response
    form = LogInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = authenticate(request, **form.cleaned_data)
        if person is not None:
            log_in(request, person)
            return redirect_response
        form.refuse()
    return render(request, "users/login.html", {"form": form})


@show_or_submit
@never_cache
def logout_page(request: HttpRequest) -> HttpResponse:
    """Log out on POST; on GET, ask for confirmation."""
    if request.method != "POST" and request.user.is_authenticated:
        return render(request, "users/logout.html")
    leave_company(request)
    logout(request)
    return HttpResponseRedirect(safe_next(request, reverse(settings.LOGOUT_REDIRECT_URL)))


@show_or_submit
def password_reset(request: HttpRequest) -> HttpResponse:
    """Request a password reset link; the response is the same for unknown addresses."""
    form = AskForResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask_for_reset(form.cleaned_data["email"])
        return render(request, "users/password_reset_sent.html")
    return render(request, "users/password_reset.html", {"form": form})


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
