"""Rate limits for e-mails, sign-ups, guessed passwords etc. (`docs/security.md`, "Limits").

The database checks and counts in one statement, so that simultaneous requests can't exceed a limit together.
"""

import math
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

TOO_MANY_REQUESTS: Final = 429

_MINUTE, _QUARTER, _HOUR, _DAY = 60, 15 * 60, 60 * 60, 24 * 60 * 60  # in seconds
_LIMITS: Final = {
    "LINKS_TO_ADDRESS": (_HOUR, _("Several links were sent to this address. The newest one works.")),
    "RESET_MAILS_FROM_PLACE": (_HOUR, _("Too many links were asked for from your network.")),
    "INVITATIONS_OF_COMPANY": (_DAY, _("Your company has sent as many invitations as it may in a day.")),
    "INVITATIONS_OF_SMALL_COMPANY": (
        _DAY,
        _("Your company has sent as many invitations as it may in a day."),
    ),
    "ADDRESS_CHANGES_OF_COMPANY": (
        _DAY,
        _("Your company has asked for as many changes of addresses as it may in a day."),
    ),
    "MESSAGES_OF_COMPANY": (_DAY, _("Your workflows have sent as many e-mails as they may in a day.")),
    "INVITATIONS_TO_ADDRESS": (_DAY, _("Several invitations were sent to this address.")),
    "SIGN_UPS_FROM_PLACE": (_HOUR, _("Too many companies were signed up from your network.")),
    "FAILED_LOG_INS_OF_ACCOUNT": (
        _QUARTER,
        _("There were too many failed attempts with this address. A new password works at once: reset it."),
    ),
    "LOG_INS_AT_ONCE": (_MINUTE, _("Many people are logging in at this moment.")),
    "FAILED_LOG_INS_FROM_PLACE": (_QUARTER, _("Too many attempts to log in failed from your network.")),
    "CALLBACKS_OF_TASK": (_HOUR, _("Too many answers were posted for this task.")),
    "WRONG_OLD_PASSWORDS": (_QUARTER, _("There were too many wrong passwords.")),
}
"""For each limit of `settings.LIMITS`: its period in seconds, and the message when it is reached."""


class LimitReachedError(Exception):
    """A limit was reached. The text says which, and when to try again.

    `seconds` is the time to wait.
    """

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(f"{_LIMITS[name][1]} {_when(seconds)}")
        self.seconds = math.ceil(seconds)


def count(name: str, subject: object) -> None:
    """Count one use of the limit `name` of `settings.LIMITS` by the subject, for example an address.

    Raise LimitReachedError if the limit is reached; such a use is not counted.
    """
    seconds, _text = _LIMITS[name]
    wait = _call("limit_count(%s, %s, %s)", f"{name}:{subject}", settings.LIMITS[name], seconds)
    if wait is not None:
        raise LimitReachedError(name, wait)


def take_back(name: str, subject: object) -> None:
    """Uncount the last use, which turned out not to count."""
    _call("limit_take_back(%s)", f"{name}:{subject}")


def forget(name: str, subject: object) -> None:
    """Forget all uses."""
    _call("limit_forget(%s)", f"{name}:{subject}")


def forget_expired() -> None:
    """Forget all uses that no longer count. This is called by a job."""
    _call("limit_forget_expired()")


def _call(function: str, *arguments: str | int) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", arguments)
        result: float | None = cursor.fetchone()[0]
    return result


def _when(seconds: float) -> str:
    n = math.ceil(seconds / _MINUTE)
    if seconds < _HOUR:
        return ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", n) % {"n": n}
    n = math.ceil(seconds / _HOUR)
    return ngettext("Try again in %(n)d hour.", "Try again in %(n)d hours.", n) % {"n": n}
