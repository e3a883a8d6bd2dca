"""E-mails made from templates: `templates/emails/<name>.txt`, whose first line is the subject."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def site_address(path: str) -> str:
    """Return the absolute URL of one of the site's paths."""
    return urljoin(settings.SITE_URL + "/", path)


def mail_server() -> Any:
    """Return the mail connection, a context manager that sends several e-mails over one connection."""
    mailers: Any = getattr(mail, "mailers", None)  # Django 6.1 has this, and deprecates the other one
    return mailers.default if mailers else mail.get_connection()


def send_mail_from_template(
    name: str,
    *,
    to: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
    html: str = "",
) -> None:
    """Render `emails/<name>.txt`, and the template `html` if there is one, and send it to one address.

    Call this only from jobs, never in a request. Exceptions of the mail connection are not caught,
    so that the job is retried.
    """
    text = render_to_string(f"emails/{name}.txt", context)
    subject, _separator, body = text.strip().partition("\n")
    message = EmailMultiAlternatives(subject.strip(), body.strip() + "\n", to=[to], headers=headers)
    if html:
        message.attach_alternative(render_to_string(html, context), "text/html")
    message.send()
