"""The test database, which the owning role creates and migrates, and the tests use as the site's role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import setup_databases, teardown_databases

from ticketflower.tenancy.owner import database_owner


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Override pytest-django's fixture of this name to use the two roles (docs/security.md)."""
    keep = bool(request.config.getvalue("reuse_db")) and not request.config.getvalue("create_db")
    with django_db_blocker.unblock(), database_owner():
        databases = setup_databases(verbosity=0, interactive=False, keepdb=keep, serialized_aliases=[])
    yield
    if not keep:
        with django_db_blocker.unblock(), database_owner():
            teardown_databases(databases, verbosity=0)
