"""The bell, the page of notifications, and the choice of how to be notified."""

from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest, company_page, find, show_or_submit
from ticketflower.listing import MAX_NUMBER, Sort, list_page
from workflow_ops.models import Notification, NotificationWay
from workflow_ops.notifications.forms import ChoicesForm, save_choices
from workflow_ops.notifications.reading import MOST_AT_ONCE, mark_all_read, mark_read, notifications_of
from workflow_ops.notifications.wording import tell, with_what_it_says

STOP_POLLING: Final = 286
"""The status that makes htmx stop polling."""
_NEWEST_FIRST: Final = (Sort("newest", gettext_lazy("Newest"), "id", descending=True),)
_NOUNS: Final = (gettext_lazy("notification"), gettext_lazy("notifications"))


@require_safe
@transaction.non_atomic_requests  # the number was loaded with the session
def notification_bell(request: HttpRequest) -> HttpResponse:
    """Return the bell with the number of unread notifications; it polls each minute until the log-in ends.

    The session is not changed, so polling never prolongs it.
    """
    if "HX-Request" not in request.headers:
        return redirect("notification_list")
    status = None if request.user.is_authenticated else STOP_POLLING
    return render(request, "workflow_ops/includes/bell.html", status=status)


@require_safe
@company_page()
def notification_list(request: PageRequest) -> HttpResponse:
    """List the person's notifications, newest first."""
    only_unread = "unread" in request.GET
    mine = notifications_of(request.user)
    rows = mine.filter(read_at=None) if only_unread else mine
    page = list_page(request, with_what_it_says(rows), sorts=_NEWEST_FIRST, nouns=_NOUNS)
    here = reverse("notification_list")
    tabs = [
        {"label": _("All"), "url": here, "is_current": not only_unread, "count": None},
        {"label": _("Unread"), "url": f"{here}?unread", "is_current": only_unread, "count": None},
    ]
    context = {
        "page": page,
        "news": tell(page.rows, request.user),
        "tabs": tabs,
        "only_unread": only_unread,
        "newest": page.rows[0].pk if page.rows and page.newer_url is None else None,
    }
    return render(request, "workflow_ops/notification_list.html", context)


@require_POST
@company_page()
def notification_open(request: PageRequest, notification_id: int) -> HttpResponse:
    """Mark a notification as read and lead to its ticket or task.

    This is a POST because browsers and mail programs prefetch links that nobody has clicked.
    """
    mine = with_what_it_says(notifications_of(request.user))
    row: Notification = find(mine, request.user, lambda _person: True, pk=notification_id)
    mark_read(row)
    (news,) = tell([row], request.user)
    return redirect(news.path or "notification_list")


@require_POST
@company_page()
def notifications_read(request: PageRequest) -> HttpResponse:
    """Mark all notifications as read, except those that came after the list was shown."""
    newest = parse_number(request.POST.get("newest", ""))
    count = mark_all_read(request.user, newest=int(newest)) if newest and 0 < newest <= MAX_NUMBER else 0
    if count == MOST_AT_ONCE:
        text = _("The newest %(count)d have been marked as read. There may be older ones.")
        messages.info(request, text % {"count": count})
    return redirect("notification_list")


@show_or_submit
@company_page()
def own_notifications(request: PageRequest) -> HttpResponse:
    """Choose how to be notified of each kind; staff in a company get no notifications."""
    if request.impersonating:
        return redirect("user_profile")
    form = ChoicesForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        save_choices(form)
        messages.success(request, _("Your choices have been saved."))
        return redirect("own_notifications")
    return render(request, "workflow_ops/own_notifications.html", {"form": form, "ways": NotificationWay})
