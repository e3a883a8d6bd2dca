"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
application = get_wsgi_application()


_TEMPLATES = ("base.html", *(f"workflow_ops/{name}.html" for name in ("ticket_create", "task_detail")))


def _warm_up() -> None:
    """Connect to the database, and load what the first pages need: addresses, views, templates and forms.

    Connecting refuses a role that bypasses the walls. An unreachable database does not stop the
    process; the readiness check reports it.
    """
    from django.db import OperationalError, connection
    from django.template.loader import get_template
    from django.urls import reverse

    reverse("home")  # reads all addresses
    for name in _TEMPLATES:
        get_template(name)
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()


_warm_up()
