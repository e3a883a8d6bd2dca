"""The site refuses every connection as a role that row-level security does not restrict."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, TransactionTestCase

from ticketflower.tenancy.owner import database_owner
from users.models import CustomUser


@contextmanager
def misconfigured() -> Iterator[None]:
    """Let new connections use the role that owns the tables, as if it were given as DB_USER."""
    site = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(site)


class SiteRole(TransactionTestCase):
    """A check of connections as each of the two roles."""

    def _fixture_teardown(self) -> None:
        """Do nothing, because no rows were written."""

    def test_the_role_of_the_site_is_accepted(self) -> None:
        connection.ensure_connection()
        self.assertIsNotNone(connection.connection)

    def test_the_owner_of_the_tables_is_refused_each_time(self) -> None:
        with misconfigured():
            for _attempt in range(3):
                with self.assertRaisesMessage(ImproperlyConfigured, "owns the tables"):
                    connection.ensure_connection()
                self.assertIsNone(connection.connection)

    def test_a_role_that_becomes_one_is_refused_by_the_next_connection(self) -> None:
        connection.ensure_connection()
        with misconfigured(), self.assertRaises(ImproperlyConfigured):
            connection.ensure_connection()

    def test_every_request_is_refused(self) -> None:
        client = Client(raise_request_exception=False)
        with misconfigured():
            statuses = [client.get("/users/password-reset/").status_code for _request in range(4)]
        self.assertEqual(statuses, [500] * 4)
        self.assertEqual(client.get("/users/password-reset/").status_code, 200)

    def test_createsuperuser_says_what_is_wrong(self) -> None:
        with misconfigured(), self.assertRaisesMessage(CommandError, "Set DB_USER to a plain role"):
            call_command("createsuperuser", interactive=False, email="root@ticketflower.example")
        with self.assertRaises(CustomUser.DoesNotExist):
            CustomUser.objects.get_by_natural_key("root@ticketflower.example")

    def test_the_owner_may_migrate(self) -> None:
        with database_owner():
            connection.ensure_connection()
            self.assertEqual(connection.settings_dict["USER"], settings.DATABASE_OWNER["USER"])
