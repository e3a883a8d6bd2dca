"""E-mails, from a template each: `templates/emails/<name>.txt`, whose first line is the subject."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string


def site_address(path: str) -> str:
    """The full address of one of the site's own paths, for those who read it elsewhere."""
    return urljoin(settings.SITE_URL + "/", path)


def send_mail_from_template(name: str, *, to: str, context: dict[str, Any]) -> None:
    """Render `emails/<name>.txt` and send it to one address: only from jobs, never in a request.

    Raises what the mail server's connection raises; the job is then tried again.
    """
    text = render_to_string(f"emails/{name}.txt", context)
    subject, _separator, body = text.strip().partition("\n")
    EmailMessage(subject=subject.strip(), body=body.strip() + "\n", to=[to]).send()
