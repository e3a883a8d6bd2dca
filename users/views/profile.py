"""A user's own profile and password, also for staff, and preferences of a browser: theme and shortcuts."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from ticketflower import shortcuts
from ticketflower.http import PageRequest, person_page, safe_next, show_or_submit
from ticketflower.navigation import THEMES
from users.forms.profile import ChangePasswordForm, ProfileForm
from users.limits import TOO_MANY_REQUESTS, LimitReachedError
from users.profile import WrongPasswordError, change_password, update_profile

COOKIE_AGE = 60 * 60 * 24 * 365


@show_or_submit
@person_page
def user_profile(request: PageRequest) -> HttpResponse:
    """Show and change the user's name, time zone and absence."""
    form = ProfileForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        update_profile(request.user, **form.cleaned_data)
        messages.success(request, _("Your profile has been saved."))
        return redirect("user_profile")
    return render(request, "users/profile.html", {"form": form})


@show_or_submit
@login_required
@never_cache
@sensitive_post_parameters()
def password_change(request: PageRequest) -> HttpResponse:
    """Change the password of a user who knows the old one; their other sessions end."""
    form, status = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None), None
    if form.is_valid():
        old, new = form.cleaned_data["old_password"], form.cleaned_data["password1"]
        try:
            person = change_password(request.user, old_password=old, new_password=new)
        except WrongPasswordError:
            form.refuse_old_password()
        except LimitReachedError as limit:
            form.add_error("old_password", str(limit))
            status = TOO_MANY_REQUESTS
        else:
            update_session_auth_hash(request, person)
            messages.success(
                request, _("Your password has been changed, and you have been logged out everywhere else.")
            )
            return redirect("user_profile")
    return render(request, "users/password_change.html", {"form": form}, status=status)


@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Store the theme (light, dark or automatic) in a cookie of this browser."""
    theme = request.POST.get("theme", "")
    if theme not in THEMES:
        raise BadRequest("no such theme")
    return _remember(request, "theme", theme, to=reverse("home"))


@require_POST
def shortcuts_set(request: HttpRequest) -> HttpResponse:
    """Turn keyboard shortcuts off or on in this browser."""
    value = request.POST.get("shortcuts", "")
    if value not in {"on", shortcuts.OFF}:
        raise BadRequest("neither on nor off")
    return _remember(request, shortcuts.COOKIE, value, to=reverse("shortcuts"))


@require_safe
@person_page
def shortcuts_page(request: PageRequest) -> HttpResponse:
    """List the keyboard shortcuts."""
    return render(request, "users/shortcuts.html", {"shortcuts": shortcuts.SHORTCUTS})


def _remember(request: HttpRequest, name: str, value: str, *, to: str) -> HttpResponse:
    """Store a choice in a cookie of this browser, and redirect back."""
    response = HttpResponseRedirect(safe_next(request, to))
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
