"""Small things about requests and responses that all apps share."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_ipv46_address
from django.db.models import Manager, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader
from structlog.contextvars import get_contextvars

P = ParamSpec("P")
RowT = TypeVar("RowT", bound=Model)


class PageRequest(HttpRequest):
    """A request as our views see it: somebody is logged in, and works in `company`.

    `user` and `company` are a `users.models.CustomUser` and `Company`; this module, which
    stands below that app, can't name them.
    """

    user: Any
    company: Any
    impersonating: bool
    htmx: "HtmxDetails"


View = Callable[Concatenate[PageRequest, P], HttpResponse]
GuardedView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def company_page(
    may: Callable[[Any], bool] | None = None,
) -> Callable[[View[P]], GuardedView[P]]:
    """Decorator of a view for people who work in a company, and of whom `may(person)` holds.

    Nobody logged in: to the log-in page and back. Staff who have entered no company: to
    their list of companies. May not: 403.
    """

    def decorate(view: View[P]) -> GuardedView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            page_request = cast(PageRequest, request)
            if not page_request.user.is_authenticated:
                return log_in_first(request)
            if page_request.company is None:
                return redirect("company_list")
            if may is not None and not may(page_request.user):
                raise PermissionDenied
            return view(page_request, *args, **kwargs)

        return guarded

    return decorate


def find(
    rows: "QuerySet[RowT] | Manager[RowT]", person: Any, may: Callable[[Any], bool], **lookup: Any
) -> RowT:
    """The one row of the company that `lookup` names, for a `person` of whom `may(person)` holds.

    Raises Http404 first, so that another company's row is no different from one that never
    was, and PermissionDenied after it (`product.md`, "Who may do what").
    """
    row = get_object_or_404(rows, **lookup)
    if not may(person):
        raise PermissionDenied
    return row


def staff_page(view: View[P]) -> GuardedView[P]:
    """Decorator of a view for TicketFlower's staff; for everybody else it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        page_request = cast(PageRequest, request)
        if not page_request.user.is_authenticated:
            return log_in_first(request)
        if not page_request.user.is_superuser:
            raise Http404
        return view(page_request, *args, **kwargs)

    return guarded


def log_in_first(request: HttpRequest) -> HttpResponse:
    """To the log-in page, and from there on to where they were going.

    What was to be changed by a POST is not, so from there it is back to the page that sent it:
    the address of the POST itself often shows nothing.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    sender = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(sender, {request.get_host()}, require_https=request.is_secure()):
        return redirect_to_login(urlunsplit(("", "", *urlsplit(sender)[2:4], "")))
    return redirect(settings.LOGIN_URL)


def client_address(request: HttpRequest) -> str | None:
    """The address that the request came from, or None where the server knows none.

    Behind PROXY_COUNT proxies, each of which writes down whom it speaks for, it stands so
    many places from the right of X-Forwarded-For. Further left anybody could have written.
    """
    named = request.headers.get("X-Forwarded-For", "").split(",")
    count: int = settings.PROXY_COUNT
    if 0 < count <= len(named):
        forwarded = _without_zone(named[-count])
        try:
            validate_ipv46_address(forwarded)
        except ValidationError:
            pass
        else:
            return forwarded
    return _without_zone(request.META.get("REMOTE_ADDR") or "") or None


def _without_zone(address: str) -> str:
    # "fe80::1%eth0" names a network card, too, which the database takes for no address.
    return address.strip().partition("%")[0]


def safe_next(request: HttpRequest, default: str) -> str:
    """The page named by `next` in the request if it is one of ours, else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return default


def wrong_method_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Fill empty 405 responses with a page; Django has no handler for them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = error_page(request, "405.html", response.status_code).content
        return response

    return middleware


def request_id() -> str:
    """Return the id of the current request, which is in every line of its log."""
    return str(get_contextvars().get("request_id", ""))


def error_page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """Return a plain error page, with the reference that is in the log."""
    return render(request, template, {"request_id": request_id()}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return error_page(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a page of the own company that the person may not use."""
    return error_page(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what is another company's."""
    return error_page(request, "404.html", 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that was open for too long, or came from elsewhere."""
    return error_page(request, "403_csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the request, its person and the database, any of which may be the fault."""
    context: dict[str, Any] = {"request_id": request_id()}
    return HttpResponse(loader.render_to_string("500.html", context), status=500)
