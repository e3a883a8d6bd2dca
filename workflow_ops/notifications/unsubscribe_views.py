"""The page behind the unsubscribe link in each e-mail. It needs no log-in, and grants none."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from workflow_ops.notifications.forms import EXPLAINED
from workflow_ops.notifications.unsubscribing import InvalidLinkError, read_link, unsubscribe

ONE_CLICK = "List-Unsubscribe"
"""The field of a mail program's one-click POST (RFC 8058), which unsubscribes from all kinds of the link."""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests  # so that a forged link costs no statement
def notifications_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, because some mail programs open every link themselves, and unsubscribe on POST."""
    context: dict[str, object] = {}
    try:
        link = read_link(token)
        if request.method == "POST":
            chosen = link.kinds if ONE_CLICK in request.POST else request.POST.getlist("kind")
            kinds = [kind for kind in link.kinds if kind in chosen]
            unsubscribe(link, kinds)
            context = {"ended": [kind.label for kind in kinds], "is_refused": not kinds}
    except InvalidLinkError:
        lead = _("The link is not complete. Log in, and choose in your profile what you are told by e-mail.")
        return render(request, "users/link_dead.html", {"lead": lead}, status=404)
    context["kinds"] = [(kind.value, kind.label, EXPLAINED[kind]) for kind in link.kinds]
    context["is_own"] = request.user.pk == link.person_id
    return render(request, "workflow_ops/notifications_unsubscribe.html", context)
