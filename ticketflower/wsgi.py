"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
application = get_wsgi_application()


def _warm_up() -> None:
    """Connect (which refuses a role that passes the wall) and load what a first page needs.

    A database that can't be reached yet is no reason to stop: the readiness address says so.
    """
    from django.db import OperationalError, connection
    from django.template.loader import get_template

    get_template("base.html")
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()


_warm_up()
