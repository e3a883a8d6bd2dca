"""`migrate` on tables that another version made, such as those of a folder var/ from before."""

from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ticketflower.tenancy.owner import database_owner
from users.tests.cases import CommittedTestCase

OTHER = ("users", "0002_session_and_login_functions")


class OtherVersion(CommittedTestCase):
    """A database whose applied migrations are not those of this version."""

    def setUp(self) -> None:
        super().setUp()
        with database_owner():
            MigrationRecorder(connection).record_applied(*OTHER)
        self.addCleanup(self.forget)

    def forget(self) -> None:
        """Remove the other version's migration."""
        with database_owner():
            MigrationRecorder(connection).record_unapplied(*OTHER)

    def test_says_what_to_do_and_changes_nothing(self) -> None:
        tables = connection.introspection.table_names()
        with self.assertRaises(CommandError) as refusal:
            call_command("migrate", verbosity=0)
        self.assertIn("users.0002_session_and_login_functions", str(refusal.exception))
        self.assertIn("delete the folder var/postgres", str(refusal.exception))
        self.assertEqual(connection.introspection.table_names(), tables)
        self.forget()
        call_command("migrate", verbosity=0)
