"""`manage.py test`: Django's own runner on a database that the owner of the tables makes."""

import logging
from typing import Any

from django.db import connection
from django.test.runner import DiscoverRunner

from tests.database import make_everybody
from ticketflower.tenancy.owner import database_owner


class TestRunner(DiscoverRunner):
    """Named by TEST_RUNNER in `tests/settings.py`."""

    def setup_test_environment(self, **options: Any) -> None:
        """Set up as Django does, without the log of requests, which would bury the results."""
        super().setup_test_environment(**options)
        logging.getLogger().handlers.clear()

    def setup_databases(self, **options: Any) -> Any:
        """Make the test database with the people in it, and copies of it for `--parallel`."""
        processes, self.parallel = self.parallel, 1
        with database_owner():
            made = super().setup_databases(**options)
        self.parallel = processes
        if not made:  # no test needs one
            return made
        make_everybody()
        if processes > 1:
            with database_owner():
                for number in range(1, processes + 1):
                    connection.creation.clone_test_db(
                        suffix=str(number), verbosity=self.verbosity, keepdb=self.keepdb
                    )
        return made

    def teardown_databases(self, old_config: Any, **options: Any) -> None:
        """Drop the test database and its copies."""
        with database_owner():
            super().teardown_databases(old_config, **options)
