"""Sessions that load the person, their company and their roles in one statement per request.

The middleware sets these on the request, and opens the company's scope.

This is Django's SESSION_ENGINE. The site's role has no access to the table, except through the
functions `session_read`, `session_write` and `session_delete` (SECURITY DEFINER, created by a
migration), each of which needs the session's key (docs/security.md).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core import signing
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import activate

from ticketflower.fast_sql import RowColumns
from ticketflower.formats import FORMAT, Format
from ticketflower.http import API, UNSENT, keeps_forms
from ticketflower.tenancy.context import PAGE, PROGRAM, current_company_id, one_act
from users import tokens, unsent_forms
from users.models import Company, CustomUser, Waiting

IMPERSONATED_COMPANY_KEY = "impersonated_company_id"
FOUND = 302

_in_use: ContextVar[Company | None] = ContextVar("company", default=None)

_PERSON = RowColumns(CustomUser, of="(row.person)")
_COMPANY = RowColumns(Company, of="(row.company)")
_READ = (
    f"SELECT row.session_data, {_PERSON.sql}, {_COMPANY.sql}, row.system_roles, "  # noqa: S608
    "row.company_role_ids, row.waiting, row.errors, row.unread FROM session_read(%s, %s) AS row"
)
_COUNT = "SELECT waiting, errors, unread FROM session_read(%s, true)"


class SessionStore(SessionBase):
    """A browser's session; after loading, `person` is the authenticated user or None."""

    person: CustomUser | None = None
    counts_at_once = True
    """False if what waits for the person is counted only when something asks for it."""

    def load(self) -> dict[str, Any]:
        """Return the session's values; start an empty session if the key is unknown, expired or malformed."""
        row = _fetch(_READ, [self.session_key, self.counts_at_once]) if self._has_valid_key() else None
        if row is None:
            self._session_key = None
            return {}
        session_data, *values = row
        self.person = _build_person(values)
        if self.person is not None and not self.counts_at_once:
            self.person.waiting = cast(Waiting, SimpleLazyObject(self._count_what_waits))
        return self.decode(session_data)

    def _count_what_waits(self) -> Waiting:
        with transaction.atomic(savepoint=False):  # without one, a scope refuses all statements
            row = _fetch(_COUNT, [self.session_key])
        return Waiting(*row or ())

    def _has_valid_key(self) -> bool:
        # A cookie may contain any character, but the database refuses some of them with an error.
        key = self.session_key or ""
        return key.isascii() and key.isalnum()

    def exists(self, session_key: str) -> bool:
        """Return whether a valid session has this key."""
        return bool(_fetch_value("SELECT count(*) FROM session_read(%s, false)", [session_key]))

    def create(self) -> None:
        """Store the session under a new key."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # not in the stubs
            try:
                self.save(must_create=True)
            except CreateError:  # the random key is already in use
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Store the session's values. Raise CreateError or UpdateError like Django's own stores."""
        if self.session_key is None:
            return self.create()
        values = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        arguments = [
            self.session_key,
            self.encode(values),
            self.get_expiry_date(),
            values.get(SESSION_KEY),
            values.get(IMPERSONATED_COMPANY_KEY),
            must_create,
        ]
        if not _fetch_value("SELECT session_write(%s, %s, %s, %s, %s, %s)", arguments):
            raise CreateError if must_create else UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, by default this one."""
        key = session_key or self.session_key
        if key is not None:
            _fetch_value("SELECT session_delete(%s)", [key])

    @classmethod
    def clear_expired(cls) -> None:
        """Delete all expired sessions."""
        _fetch_value("SELECT session_delete_expired()", [])


def _fetch_value(sql: str, arguments: list[str | int | bool | datetime | None]) -> Any:
    row = _fetch(sql, arguments)
    assert row is not None
    return row[0]


def _fetch(sql: str, arguments: Sequence[str | int | bool | datetime | None]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _build_person(values: list[Any]) -> CustomUser | None:
    """Return the authenticated person with company, roles and the counts for badges, or None."""
    person, company = _PERSON.take(values), _COMPANY.take(values)
    person_id: int | None = person.pk
    if person_id is None:
        return None
    system_roles, company_role_ids, *counts = values
    person.waiting = Waiting(*counts)
    person.system_roles, person.company_role_ids = frozenset(system_roles), frozenset(company_role_ids)
    if person.is_superuser:
        company_id: int | None = company.pk
        person.impersonated_company = None if company_id is None else company
    else:
        person.company = company
    return person


def get_request_person(request: HttpRequest) -> CustomUser | AnonymousUser:
    """Return the authenticated person, using only the session.

    Return AnonymousUser if the person was deactivated or has changed the password since; a changed
    password also ends the session.
    """
    session: Any = request.session
    # Most POSTs redirect, and draw no menu with numbers. One that shows its form again asks for them then.
    session.counts_at_once = request.method != "POST"
    if session.get(BACKEND_SESSION_KEY) is None:  # loads the session and with it the person
        return AnonymousUser()
    person: CustomUser | None = session.person
    if person is None or str(person.pk) != session.get(SESSION_KEY):
        return AnonymousUser()
    stored = session.get(HASH_SESSION_KEY, "")
    if constant_time_compare(stored, person.get_session_auth_hash()):
        return person
    if any(constant_time_compare(stored, old) for old in person.get_session_auth_fallback_hash()):
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        return person
    session.flush()
    return AnonymousUser()


def _remember_person(person: CustomUser, response: HttpResponse) -> None:
    """Set the signed cookie that names the person for whom forms are kept; for staff, delete it."""
    if person.company_id is None:
        response.delete_cookie(unsent_forms.COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            unsent_forms.COOKIE,
            signing.dumps([person.company_id, person.pk], salt=unsent_forms.COOKIE),
            max_age=2 * settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


class PersonMiddleware(AuthenticationMiddleware):
    """Middleware that sets `request.user` from the session's row, without another query."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user` from the session, which this loads, or from the token of a program."""
        is_program = request.path_info.startswith(API)
        request.user = tokens.get_request_person(request) if is_program else get_request_person(request)


def current_currency() -> str:
    """Return the currency of the company in use, or "" outside of `use_format_of`."""
    return FORMAT.get().currency


@contextmanager
def use_format_of(company: Company | None, *, time_zone: tzinfo | None = None) -> Iterator[None]:
    """Use the company's formats of numbers, dates and money, and its time zone: for subjects and e-mails.

    With a person's `time_zone`, it is for pages: names of months are in the language of the pages.
    """
    language, currency = (company.language, company.currency) if company else ("", "")
    zone = time_zone or ZoneInfo(company.time_zone if company else "UTC")
    token = FORMAT.set(Format(language, currency, in_own_words=time_zone is None))
    company_token = _in_use.set(company)
    try:
        with timezone.override(zone):
            yield
    finally:
        FORMAT.reset(token)
        _in_use.reset(company_token)


def company_of_scope() -> Company:
    """Return the company of the scope, which was loaded with the session or, elsewhere, is queried."""
    company = _in_use.get()
    if company is not None and company.pk == current_company_id():
        return company
    return Company.objects.get(pk=current_company_id())


@contextmanager
def use_own_words_of_company() -> Iterator[None]:
    """Write dates, too, in the language of the scope's company, for texts that are stored."""
    current = FORMAT.get()
    if not current.language:
        with use_format_of(company_of_scope()):
            yield
        return
    token = FORMAT.set(replace(current, in_own_words=True))
    try:
        yield
    finally:
        FORMAT.reset(token)


class CompanyMiddleware:
    """Sets `request.company` (or None), `request.impersonating`, the scope, the time zone and the format.

    It relies only on `company_in_use`, `impersonating`, `scope()` and `time_zone_in_use` of `CustomUser`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Process the request as one act, inside the user's scope."""
        activate(settings.LANGUAGE_CODE)  # without one, each translation takes three times as long
        visitor = request.user
        if request.path_info.startswith(API):
            with one_act(PROGRAM):
                return self._respond(request)
        with one_act(PAGE):
            response = self._respond(request)
        # Browsers must revalidate, but may keep typed values for Back (docs/security.md, "The browser").
        response.headers.setdefault("Cache-Control", "private, no-cache")
        person = request.user
        lacks_cookie = unsent_forms.COOKIE not in request.COOKIES
        if person.is_authenticated and (person is not visitor or (lacks_cookie and person.company_id)):
            _remember_person(person, response)
        return response

    def process_view(
        self, request: Any, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Keep a form that was sent without a log-in, or show the form that was kept.

        Django's CSRF check has been made before.
        """
        if not keeps_forms(view):
            return None
        if request.method == "POST" and not request.user.is_authenticated:
            return unsent_forms.ask_to_log_in(request)
        if request.method == "GET" and UNSENT in request.GET and request.company is not None:
            return unsent_forms.redisplay(request, lambda: view(request, *args, **kwargs))
        return None

    def _respond(self, request: Any) -> HttpResponse:
        person = request.user
        request.company = getattr(person, "company_in_use", None)
        request.impersonating = getattr(person, "impersonating", False)
        if not person.is_authenticated:
            return self.get_response(request)
        with person.scope(), use_format_of(request.company, time_zone=person.time_zone_in_use):
            response = self.get_response(request)
            if request.method == "POST" and response.status_code == FOUND and UNSENT in request.POST:
                unsent_forms.forget(person)  # the form was accepted
            return response
