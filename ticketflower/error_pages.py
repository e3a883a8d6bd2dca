"""Pages for requests that failed, with a reference to the log. `users/unsent_forms.py` has one more."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import Resolver404, resolve
from structlog.contextvars import get_contextvars

_REFERENCE_LENGTH = 8


def reference() -> str:
    """Return the reference that people can quote: a part of the request's id, which is in its log lines."""
    return str(get_contextvars().get("request_id", ""))[:_REFERENCE_LENGTH]


def error_page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """Return an error page with the reference to the log, with the menu for people who are logged in."""
    context["reference"] = reference()
    if not getattr(request, "user", AnonymousUser()).is_authenticated:
        return render(request, template, context, status=status)
    with transaction.atomic():  # the menu may run a statement, and the view's transaction has ended
        return render(request, template, {**context, "frame": "base.html"}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for status 400."""
    return error_page(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for status 403: a page of the user's company that they may not use."""
    return error_page(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page for status 404, which other companies' rows also get."""
    return error_page(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page for status 500.

    It uses neither the request nor the user nor the database, because any of them may be the cause.
    """
    return HttpResponse(loader.render_to_string("500.html", {"reference": reference()}), status=500)


def wrong_method(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """Redirect a GET of a POST-only URL to the page above it; explain other 405s.

    People get there through a bookmark, or by reloading after they logged in again. Django has no handler for
    status 405, and sends an empty page.
    """
    if request.method in {"GET", "HEAD"}:
        return redirect(_page_above(request.path))
    response.content = error_page(request, "405.html", response.status_code).content
    return response


def _page_above(path: str) -> str:
    """Return the nearest existing URL above `path`: "/design/7/" for "/design/7/check/"."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return path
