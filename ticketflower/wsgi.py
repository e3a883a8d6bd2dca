"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
application = get_wsgi_application()


_PAGES = (
    *("ticket_create", "ticket_detail", "ticket_list", "ticket_row"),
    *("task_detail", "task_list", "task_row"),
)
_TEMPLATES = ("base.html", *(f"workflow_ops/{name}.html" for name in _PAGES))


def _warm_up() -> None:
    """Connect to the database, and import what the first pages need.

    These are all URLs, with the views that are not lazy, and the templates for submitters and workers: frame,
    forms, ticket, lists with their rows. Their components, and all pages of the desk, the designer and the
    administration, are loaded when they are first requested: a process may never need them.

    Connecting refuses a role that bypasses the walls. An unreachable database does not stop the
    process; the readiness check reports it.
    """
    from django.db import OperationalError, connection
    from django.template.loader import get_template
    from django.urls import reverse

    reverse("home")  # loads all URLs
    for name in _TEMPLATES:
        get_template(name)
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()


_warm_up()
