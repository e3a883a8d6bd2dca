"""E-mail backend for sites without a mail server: prints messages to the worker's output."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Backend that prints the plain text; Django's console backend would break long links."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print each message and return their number."""
        for message in email_messages:
            print(  # noqa: T201 - printing is this backend's purpose
                f"\n--- E-mail to {', '.join(message.to)}: {message.subject}\n\n{message.body}\n---",
                flush=True,
            )
        return len(email_messages)
