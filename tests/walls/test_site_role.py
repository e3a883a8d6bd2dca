"""The site refuses to start as a role that the wall does not hold back."""

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import TransactionTestCase

from ticketflower.tenancy.owner import database_owner
from ticketflower.tenancy.site_role import refuse_role_bypassing_walls


class SiteRole(TransactionTestCase):
    """Asked of a connection as each of the two roles."""

    available_apps: list[str] = []

    def _fixture_teardown(self) -> None:
        """Nothing was written."""

    def test_the_sites_own_role_is_let_in(self) -> None:
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
