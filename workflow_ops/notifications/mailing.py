"""E-mails with notifications: one for those of about five minutes, and one daily.

In one transaction, the notifications are assigned to the row of an e-mail. Then the e-mail is sent, outside
of any transaction, and afterwards `sent_at` is stored. So each e-mail is sent at least once. An interrupted
e-mail is sent again with the same Message-ID: it arrives twice only if a worker was killed between sending
and storing.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import all_companies_scope, company_scope
from users.models import CustomUser
from users.sessions import use_format_of
from workflow_ops.models import Notification, NotificationMail, NotificationWay
from workflow_ops.notifications.mail_content import MailContent, content_of
from workflow_ops.notifications.unsubscribing import unsubscribe_path
from workflow_ops.notifications.wording import tell, with_what_it_says

log = structlog.get_logger(__name__)

GATHERED_FOR: Final = timedelta(minutes=5)
DAILY_HOUR: Final = 7
SENT_WITHIN: Final = timedelta(minutes=5)
"""After this time, an unsent e-mail is tried again, because no worker can still be sending it."""
GIVEN_UP_AFTER: Final = timedelta(days=1)
MOST_IN_ONE: Final = 200
"""Maximum number of notifications in an e-mail; the next e-mail has the others."""
_PEOPLE_AT_ONCE: Final = 100
_REFUSED_FOR_GOOD: Final = 500
_WAITING: Final = Q(mail=None, way__in=[NotificationWay.MAIL, NotificationWay.DAILY])


def mail_soon() -> None:
    """Enqueue a job for each company in which e-mails may be due. Called by a periodic job."""
    with all_companies_scope(), transaction.atomic():
        waiting = Notification.objects.filter(_WAITING, created_at__lte=Now() - GATHERED_FOR)
        companies = set(waiting.order_by().values_list("company_id", flat=True).distinct())
        companies |= set(_unsent().order_by().values_list("company_id", flat=True).distinct())
    for company_id in sorted(companies):
        job = app.configure_task("workflow_ops.jobs.mail_notifications", queueing_lock=f"mail:{company_id}")
        with suppress(AlreadyEnqueued), transaction.atomic():
            job.defer(company_id=company_id)


def _unsent() -> QuerySet[NotificationMail]:
    """Return the unsent e-mails that no worker can be sending."""
    is_left = Q(tried_at__lte=Now() - SENT_WITHIN, created_at__gte=Now() - GIVEN_UP_AFTER)
    return NotificationMail.objects.filter(is_left, sent_at=None)


def send_due(company_id: int) -> None:
    """Send interrupted and due e-mails. Called by the job, outside of a transaction."""
    with company_scope(company_id):
        for mail_id in chain(_take_up_unsent(), _claim_due()):
            if not _send(mail_id):
                return  # the mail server can't be reached: the next job tries again


def _take_up_unsent() -> Iterator[int]:
    """Claim interrupted e-mails one by one, and yield their ids. Only one job gets each."""
    for _each in range(_PEOPLE_AT_ONCE):
        with transaction.atomic():
            row = _unsent().order_by("pk").select_for_update(skip_locked=True).first()
            if row is None:
                return
            NotificationMail.objects.filter(pk=row.pk).update(tried_at=timezone.now())
        yield row.pk


def _claim_due() -> Iterator[int]:
    """Create the e-mails that are due one by one, and yield their ids."""
    with transaction.atomic():
        due = list(islice(_due(), _PEOPLE_AT_ONCE))
    for person_id, way, until in due:
        with transaction.atomic():
            mail_id = _claim(person_id, way, until=until)
        if mail_id is not None:
            yield mail_id


def _due() -> Iterator[tuple[int, str, datetime]]:
    """Yield the person and way of each due e-mail, and the time up to which it includes notifications."""
    zones = ("person__time_zone", "person__company__time_zone")
    waiting = Notification.objects.filter(_WAITING).order_by().values_list("person_id", "way", *zones)
    now = timezone.now()
    for person_id, way, own, companys, oldest in waiting.annotate(oldest=Min("created_at")):
        until = _last_daily_hour(now, ZoneInfo(own or companys)) if way == NotificationWay.DAILY else now
        due_since = until if way == NotificationWay.DAILY else now - GATHERED_FOR
        if oldest <= due_since:
            yield person_id, way, until


def _last_daily_hour(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the last time at which it was seven o'clock in a time zone."""
    local = now.astimezone(zone)
    today = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def _claim(person_id: int, way: str, *, until: datetime) -> int | None:
    """Assign the person's waiting notifications to a new e-mail. Return its id, or None if there are none."""
    waiting = Notification.objects.filter(mail=None, person=person_id, way=way, created_at__lte=until)
    rows = waiting.order_by("pk").select_for_update()[:MOST_IN_ONE]
    ids = [row.pk for row in rows]
    if not ids:
        return None
    mail = NotificationMail.objects.create(
        person_id=person_id, is_daily=way == NotificationWay.DAILY, tried_at=timezone.now()
    )
    Notification.objects.filter(pk__in=ids).update(mail=mail)
    return mail.pk


def _send(mail_id: int) -> bool:
    """Send one e-mail, and store that it was sent. Return False if the mail server can't be reached."""
    with transaction.atomic():
        mail = NotificationMail.objects.select_related("person__company").get(pk=mail_id)
        content = _content(mail)
        if content is None:
            _give_up(mail)  # nothing is left to send
            return True
    try:
        _hand_over(mail, content)
    except (smtplib.SMTPRecipientsRefused, ValueError) as error:
        log.warning("notification_mail_refused", mail=mail_id, exc_info=True)
        if _is_for_good(error):
            with transaction.atomic():
                _give_up(mail)
        return True
    except smtplib.SMTPDataError:  # only this e-mail; its content may be accepted later
        log.warning("notification_mail_refused", mail=mail_id, exc_info=True)
        return True
    except OSError:  # includes smtplib's errors
        log.warning("notification_mail_failed", mail=mail_id, exc_info=True)
        return False
    with transaction.atomic():
        NotificationMail.objects.filter(pk=mail_id).update(sent_at=timezone.now())
    return True


def _give_up(mail: NotificationMail) -> None:
    """Keep the notifications on the site only, so that they no longer wait for an e-mail."""
    mail.notifications.update(way=NotificationWay.SITE)
    mail.delete()


def _is_for_good(error: smtplib.SMTPRecipientsRefused | ValueError) -> bool:
    """Return whether the address is refused permanently; codes below 500 are temporary (RFC 5321)."""
    if isinstance(error, ValueError):  # it can't be encoded in ASCII
        return True
    return all(code >= _REFUSED_FOR_GOOD for code, _text in error.recipients.values())


def _content(mail: NotificationMail) -> MailContent | None:
    """Return the content for notifications that are unread and that the person may see now, or None."""
    person: CustomUser = mail.person
    if not person.is_active or not person.is_email_confirmed:
        return None
    rows = with_what_it_says(mail.notifications.filter(read_at=None).exclude(way=NotificationWay.SITE))
    with use_format_of(person.company, time_zone=person.time_zone_in_use):
        news = [each for each in tell(list(rows.order_by("pk")), person) if each.path]
    return content_of(news, is_daily=mail.is_daily) if news else None


def _hand_over(mail: NotificationMail, content: MailContent) -> None:
    """Send the e-mail to the mail server, in the format of the person's company."""
    stop = site_address(unsubscribe_path(mail.person, content.kinds))
    host = urlsplit(settings.SITE_URL).hostname
    headers = {
        "Message-ID": f"<{mail.token}@{host}>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    context = {
        "content": content,
        "person": mail.person,
        "company": mail.person.company,
        "stop": stop,
        "choices": site_address(reverse("own_notifications")),
        "all": site_address(reverse("notification_list")),
    }
    with use_format_of(mail.person.company):
        send_mail_from_template(
            "notifications",
            to=mail.person.email,
            context=context,
            headers=headers,
            html="emails/notifications.html",
        )
