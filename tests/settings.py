"""Settings of the test run: fast passwords, unhashed static files, and e-mail and files in memory."""

import atexit
import os

from ticketflower.embedded_postgres import use_when_none_is_configured

# This must precede the settings, which read the database from the environment. The processes
# of a parallel run inherit it from their parent process.
_database = use_when_none_is_configured()
_database.__enter__()
atexit.register(_database.__exit__, None, None, None)
os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # Playwright runs an event loop in the tests' thread

os.environ.setdefault("LOG_LEVEL", "WARNING")  # otherwise pytest formats some lines for each request

from ticketflower.settings import *  # noqa: E402, F403

TEST_RUNNER = "tests.runner.TestRunner"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
_LEFT_OUT = ("StaticFiles", "server_timing")  # static files, and what is for the developer's browser
MIDDLEWARE = [name for name in MIDDLEWARE if not any(part in name for part in _LEFT_OUT)]  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405 - an open connection would prevent dropping the test database
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # type: ignore[index]  # noqa: F405 - faster
