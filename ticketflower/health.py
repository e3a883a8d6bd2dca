"""The check that a process of the site responds, `/health/` (docs/operations.md)."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
@transaction.non_atomic_requests
def process(request: HttpRequest) -> HttpResponse:
    """Return 200 as long as this process responds, without using any other service."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
