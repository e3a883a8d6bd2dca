"""Forms that were sent after the session had ended: kept for their person, and shown again after log-in.

A browser that was logged in sends a signed cookie that names its last person. The form and its files are
stored for that person. Without the cookie, the texts become hidden fields of the log-in page. A form that is
shown again has no effect until the person submits it (docs/security.md, "Forms that are kept").
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from ticketflower.error_pages import error_page
from ticketflower.http import (
    NEVER_KEPT,
    REDISPLAY,
    UNSENT,
    is_on_this_site,
    keeps_forms,
    redirect_to_log_in,
)
from ticketflower.read_only import forbid_writes
from ticketflower.tenancy.context import company_scope
from users.models import CustomUser, UnsentForm

MAX_AGE = timedelta(hours=1)
COOKIE = "last_person"
HIDDEN_PREFIX = "unsent."
"""The prefix of the log-in page's hidden fields that carry a form along."""
_HIDDEN_ADDRESS = "unsent_address"
_NOT_TYPED = {"csrfmiddlewaretoken", UNSENT}
_FORM_STATUSES = {200, 409}


def _last_person(request: HttpRequest) -> tuple[int, int] | None:
    try:
        company_id, person_id = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE)
    except signing.BadSignature:
        return None
    return company_id, person_id


def store_form(request: HttpRequest, *, company_id: int, person_id: int) -> str | None:
    """Keep the form of the request, replacing an earlier one of the person.

    Return the address at which it is shown again, or None if there is no such person.
    """
    files: list[tuple[str, Any]] = [
        (name, file) for name in request.FILES for file in request.FILES.getlist(name)
    ]
    # Files beyond the size limit of a form were not stored completely.
    is_small = sum(file.size for _name, file in files) <= settings.LIMITS["FILES_OF_FORM_MB"] * 1024 * 1024
    return _store(
        company_id,
        person_id,
        address=_form_address(request.get_full_path()),
        fields=urlencode(list(_typed(request.POST))),
        file_names=urlencode([(name, file.name) for name, file in files]),
        contents=[file.read() for _name, file in files] if is_small else [],
    )


def _store(company_id: int, person_id: int, **row: Any) -> str | None:
    with company_scope(company_id, person_id=person_id), transaction.atomic():
        if not CustomUser.objects.active().filter(pk=person_id).exists():
            return None
        UnsentForm.objects.update_or_create(person_id=person_id, defaults=row)
    address: str = row["address"]
    return f"{address}{'&' if '?' in address else '?'}{UNSENT}=1"


def _form_address(address: str) -> str:
    """Return the URL of the form without the parameter that shows the kept form."""
    return address.replace(f"?{UNSENT}=1", "").replace(f"&{UNSENT}=1", "")


def _typed(post: QueryDict) -> Iterable[tuple[str, str]]:
    """Yield the fields of a form, without CSRF tokens, passwords and other secrets."""
    for name, texts in post.lists():
        if name not in _NOT_TYPED and "password" not in name and not name.startswith(NEVER_KEPT):
            for text in texts:
                yield name, str(text)


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Keep a form that was sent without a log-in, and redirect to the log-in page."""
    typed = list(_typed(request.POST))
    if not typed and not request.FILES:
        return redirect_to_log_in(request)
    last = _last_person(request)
    address = store_form(request, company_id=last[0], person_id=last[1]) if last else None
    is_partial = bool(request.headers.get("HX-Request"))
    if address is None:
        if is_partial:  # htmx leaves the page, with the typed values, as it is
            return HttpResponse(status=401)
        fields = [(f"{HIDDEN_PREFIX}{name}", text) for name, text in typed]
        query = urlencode([(_HIDDEN_ADDRESS, request.get_full_path()), *fields])
        request.method, request.POST = "GET", QueryDict(query)
        log_in_page: HttpResponse = resolve(reverse(settings.LOGIN_URL)).func(request)
        return log_in_page
    text = _(
        "You were logged out before this was sent. Nothing has been sent yet, but what you typed is kept "
        "for an hour: log in to see it again and send it."
    )
    messages.warning(request, text)
    answer = redirect_to_login(address)
    return HttpResponseClientRedirect(answer["Location"]) if is_partial else answer


def hidden_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the hidden fields that the log-in page has to carry along."""
    return [
        (name, str(text))
        for name, texts in request.POST.lists()
        for text in texts
        if name == _HIDDEN_ADDRESS or name.startswith(HIDDEN_PREFIX)
    ]


def store_hidden_fields(request: HttpRequest, person: CustomUser) -> HttpResponse | None:
    """Keep the form that the log-in page carried along for the logged-in person, and redirect to it."""
    address = request.POST.get(_HIDDEN_ADDRESS, "")
    if person.company_id is None or not is_on_this_site(request, address):
        return None
    fields = [
        (name.removeprefix(HIDDEN_PREFIX), text)
        for name, text in hidden_fields(request)
        if name != _HIDDEN_ADDRESS
    ]
    row = {"address": address, "fields": urlencode(fields), "file_names": "", "contents": []}
    onward = _store(person.company_id, person.pk, **row)
    return redirect(onward) if onward else None


def redisplay(request: Any, show: Callable[[], HttpResponse]) -> HttpResponse:
    """Show the form that was kept for the person, as if it had been refused.

    If its page no longer shows a form, show the typed values for copying.
    """
    with transaction.atomic():
        rows = UnsentForm.objects.filter(person_id=request.user.pk, stored_at__gt=timezone.now() - MAX_AGE)
        row = rows.first()
    address = _form_address(request.get_full_path())
    if row is None or row.address != address:
        return redirect(address)
    post = QueryDict(row.fields, mutable=True)
    typed = [(name, text) for name, text in _typed(post) if not name.startswith("_")]
    post.setdefault(REDISPLAY, "")
    request.method, request.POST, request._files = "POST", post, _files(row)
    request.shows_unsent_form = True
    messages.warning(request, _("You were logged out before this was sent. Please check it and send it."))
    if row.file_names and not row.contents:
        messages.warning(request, _("Your files were too large to be kept. Please attach them again."))
    with suppress(DatabaseError, Http404, PermissionDenied), transaction.atomic():
        if not row.contents:  # with files, the view must be able to store and attach them
            forbid_writes()
        response = show()
        if response.status_code in _FORM_STATUSES:
            return response
        transaction.set_rollback(True)
    return render(request, "users/unsent_form.html", {"typed": typed}, status=409)


def _files(row: UnsentForm) -> MultiValueDict[str, SimpleUploadedFile]:
    files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
    for (field, name), content in zip(parse_qsl(row.file_names), row.contents, strict=False):
        files.appendlist(field, SimpleUploadedFile(name, bytes(content)))
    return files


def forget(person: CustomUser) -> None:
    """Delete the form that was kept for the person."""
    with transaction.atomic():
        UnsentForm.objects.filter(person_id=person.pk).delete()


def delete_expired() -> None:
    """Delete forms of all companies that were kept for longer than an hour."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unsent_form_delete_expired()")


def csrf_failure(request: Any, reason: str = "") -> HttpResponse:
    """Render the page for status 403 after a failed CSRF check: an outdated form, or one from another site.

    A form that provably comes from this site is kept or carried along.
    """
    view = getattr(request.resolver_match, "func", None)
    unsent_url = None
    if view is not None and keeps_forms(view) and not _came_from_elsewhere(request):
        if not request.user.is_authenticated:
            if _last_person(request) or _came_from_here(request):
                return ask_to_log_in(request)
        elif request.user.company_id is not None:
            unsent_url = store_form(request, company_id=request.user.company_id, person_id=request.user.pk)
    return error_page(request, "403_csrf.html", 403, unsent_url=unsent_url)


def _came_from_here(request: HttpRequest) -> bool:
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    origins = (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
    return any(f"{sender}/".startswith(f"{origin}/") for origin in origins)


def _came_from_elsewhere(request: HttpRequest) -> bool:
    return "Origin" in request.headers and not _came_from_here(request)
