"""Helpers for requests and responses that all apps share."""

import gzip
import re
import secrets
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit
from uuid import uuid4

from csp.constants import HEADER as POLICY
from csp.utils import build_policy
from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Manager, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

from ticketflower.error_pages import wrong_method

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

_TEXTS = ("text/", "application/json", "image/svg+xml")
_SHORT = 200
_LEVEL = 3
"""The gzip level: 6 would take two to four times as long, for pages that are a tenth smaller."""
_MOST_PADDING = 100

P = ParamSpec("P")
RowT = TypeVar("RowT", bound=Model)


class PageRequest(HttpRequest):
    """A request of an authenticated user who works in `company`.

    `user` and `company` are a `users.models.CustomUser` and a `Company`. This module can't import
    them, because that app depends on this one.
    """

    user: Any
    company: Any
    impersonating: bool
    htmx: "HtmxDetails"
    menu_path: str
    """The page's position in the menu, set by views whose own URL is elsewhere."""


REDISPLAY = "_redisplay"
"""The name of controls that request that the form is only shown again."""
UNSENT = "_unsent"
"""As URL parameter: show the kept form. As form field: this is the kept form (`users/unsent_forms.py`)."""


API = "/api/"
"""The prefix of URLs at which programs act with a token, and cookies are ignored."""

NEVER_KEPT = "secret."
"""The prefix for names of controls whose values are never shown again, not even after a log-in."""


class Form(forms.Form):
    """A form that is never valid if its data only requests to be shown again."""

    def is_valid(self) -> bool:
        """Return whether the data is valid and was really submitted."""
        return REDISPLAY not in self.data and super().is_valid()


AnyView = TypeVar("AnyView", bound=Callable[..., Any])


def show_or_submit(view: AnyView) -> AnyView:
    """Restrict a view to GET, HEAD and POST. The view shows a form, and shows it again if it is invalid."""
    return _shows_form(require_http_methods(["GET", "HEAD", "POST"])(view))


def submit_form(view: AnyView) -> AnyView:
    """Restrict a view to POST. Another page shows the form; this view shows it again if it is invalid."""
    return _shows_form(require_POST(view))


def _shows_form(view: AnyView) -> AnyView:
    view.shows_form = True  # type: ignore[attr-defined]
    return view


def keeps_forms(view: Callable[..., Any]) -> bool:
    """Return whether the view shows a form to people who are logged in."""
    return getattr(view, "shows_form", False) and getattr(view, "needs_log_in", False)


View = Callable[Concatenate[PageRequest, P], HttpResponse]
GuardedView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def company_page(
    may: Callable[[Any], bool] | None = None,
) -> Callable[[View[P]], GuardedView[P]]:
    """Restrict a view to users who work in a company and for whom `may(person)` is true.

    Anonymous users are sent to the log-in page and back, and staff who have not entered a company
    to the list of companies. Others get a 403.
    """

    def decorate(view: View[P]) -> GuardedView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            page_request = cast(PageRequest, request)
            if not page_request.user.is_authenticated:
                return redirect_to_log_in(request)
            if page_request.company is None:
                return redirect("company_list")
            if may is not None and not may(page_request.user):
                raise PermissionDenied
            return view(page_request, *args, **kwargs)

        guarded.needs_log_in = True  # type: ignore[attr-defined]
        return guarded

    return decorate


def person_page(view: View[P]) -> GuardedView[P]:
    """Restrict a view to people who are logged in, including staff who have not entered a company."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_log_in(request)
        return view(cast(PageRequest, request), *args, **kwargs)

    guarded.needs_log_in = True  # type: ignore[attr-defined]
    return guarded


def find(
    rows: "QuerySet[RowT] | Manager[RowT]", person: Any, may: Callable[[Any], bool], **lookup: Any
) -> RowT:
    """Return the row of the company that matches `lookup`, if `may(person)` is true.

    Raise Http404 first, so that another company's row looks the same as one that never existed, and
    only then PermissionDenied (`docs/access.md`, "404 before 403").
    """
    row = get_object_or_404(rows, **lookup)
    if not may(person):
        raise PermissionDenied
    return row


def staff_page(view: View[P]) -> GuardedView[P]:
    """Restrict a view to TicketFlower's staff; all others get a 404."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        page_request = cast(PageRequest, request)
        if not page_request.user.is_authenticated:
            return redirect_to_log_in(request)
        if not page_request.user.is_superuser:
            raise Http404
        return view(page_request, *args, **kwargs)

    return guarded


def redirect_to_log_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the log-in page, and from there back to the requested page.

    After a POST without typed values, the user returns to the page that sent it, because the URL of the POST
    often has no page.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    sender = request.headers.get("Referer", "")
    if not is_on_this_site(request, sender):
        return redirect(settings.LOGIN_URL)
    # Not urlunsplit: Python's releases differ in how they write a path that begins with "//".
    parts = urlsplit(sender)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return redirect_to_login(page) if is_on_this_site(request, page) else redirect(settings.LOGIN_URL)


def client_place(request: HttpRequest) -> str:
    """Return the origin of a request: its IPv4 address or its IPv6 network of 64 bits.

    Each of the PROXY_COUNT proxies appends the address that it serves to X-Forwarded-For, so the
    client is that many entries from the right. Entries further to the left could be forged. Return ""
    if the server does not know the address.
    """
    forwarded_for = request.headers.get("X-Forwarded-For", "").split(",")
    count: int = settings.PROXY_COUNT
    if 0 < count <= len(forwarded_for) and (place := _read_place(forwarded_for[-count])):
        return place
    return _read_place(request.META.get("REMOTE_ADDR") or "")


def _read_place(text: str) -> str:
    try:
        address = ip_address(text.strip().partition("%")[0])  # without a zone such as in "fe80::1%eth0"
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the path in the parameter `next` if it belongs to this site, else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    # Without a slash, Django's redirect would interpret it as the name of a URL.
    return target if target.startswith("/") and is_on_this_site(request, target) else default


def is_on_this_site(request: HttpRequest, address: str) -> bool:
    """Return whether the address is one of this site."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


Respond = Callable[[HttpRequest], HttpResponse]


def policy_middleware(get_response: Respond) -> Respond:
    """Send the site's content security policy with each page that does not have its own.

    Unlike in the package's middleware, the policy is built once, not for each page.
    """
    policy = build_policy()
    # Django's pages for developers need their own styles.
    without = {404, 500} if settings.DEBUG else set[int]()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code not in without:
            response.headers.setdefault(POLICY, policy)
        return response

    return middleware


class LogMiddleware(RequestMiddleware):
    """Gives a request its id, and logs how it ended. Unlike the package, it logs nothing at the beginning."""

    def prepare(self, request: HttpRequest) -> None:
        """Add an id, and the request's origin as counted by the limits, to each log line."""
        bind_contextvars(request_id=str(uuid4()), ip=client_place(request))


def compression_middleware(get_response: Respond) -> Respond:
    """Compress text for browsers that accept gzip (docs/security.md, "Compressed pages").

    Streaming responses are not compressed: most files already are, and tables are sent row by row.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_text = response.headers.get("Content-Type", "").startswith(_TEXTS)
        if response.streaming or not is_text or response.has_header("Content-Encoding"):
            return response
        if len(response.content) < _SHORT:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if re.search(r"\bgzip\b", request.headers.get("Accept-Encoding", "")):
            response.content = _compress(response.content)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
            if response.headers.get("ETag", "").startswith('"'):
                response.headers["ETag"] = f"W/{response.headers['ETag']}"  # weak, because the bytes differ
        return response

    return middleware


def _compress(content: bytes) -> bytes:
    """Return the content as gzip, with a name of random length in its header, which browsers ignore."""
    compressed = gzip.compress(content, _LEVEL, mtime=0)
    head = bytearray(compressed[:10])
    head[3] |= gzip.FNAME
    return bytes(head) + b"a" * secrets.randbelow(_MOST_PADDING) + b"\0" + compressed[10:]


def wrong_method_middleware(get_response: Respond) -> Respond:
    """Replace the empty page that Django sends for a wrong method."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return wrong_method(request, response)
        return response

    return middleware
