"""Settings of the site's processes: those of the tests, with persistent connections as in production."""

from tests.settings import *  # noqa: F403

ALLOWED_HOSTS += [".tickets.example"]  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = 600  # noqa: F405
