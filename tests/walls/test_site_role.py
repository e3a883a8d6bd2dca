"""The site refuses to start with a role that row-level security does not restrict."""

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import TransactionTestCase

from ticketflower.tenancy.owner import database_owner
from ticketflower.tenancy.postgresql.base import refuse_role_bypassing_walls


class SiteRole(TransactionTestCase):
    """A check of connections as each of the two roles."""

    available_apps: list[str] = []

    def _fixture_teardown(self) -> None:
        """Do nothing, because no rows were written."""

    def test_the_role_of_the_site_is_accepted(self) -> None:
        connection.ensure_connection()
        refuse_role_bypassing_walls(connection.connection)

    def test_the_owner_of_the_tables_is_refused(self) -> None:
        with database_owner():
            parameters = connection.get_connection_params()
            for name in ("cursor_factory", "context", "prepare_threshold"):
                parameters.pop(name, None)
        with psycopg.connect(**parameters) as owner, self.assertRaises(ImproperlyConfigured) as refusal:
            refuse_role_bypassing_walls(owner)
        self.assertIn("owns the tables", str(refusal.exception))
