"""E-mails where no mail server is configured: into the worker's output, to read and to click."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Prints the text as it was written; Django's own would break long links for transport."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Print each; returns how many."""
        for message in email_messages:
            print(  # noqa: T201 - the console is where this mail goes
                f"\n--- E-mail to {', '.join(message.to)}: {message.subject}\n\n{message.body}\n---",
                flush=True,
            )
        return len(email_messages)
