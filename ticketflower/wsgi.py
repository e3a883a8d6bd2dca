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
    """Connect to the database, and load what the first pages need.

    That is all addresses, with the views that they name at once, and the templates of the pages of submitters
    and workers: frame, forms, ticket, lists with their rows. Their components, and all pages of the desk, the
    designer and the administration, are loaded as they are first asked for: a process may never need them.

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
