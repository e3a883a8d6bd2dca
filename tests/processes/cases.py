"""Base class of these tests: a site process with a proxied database connection, and people who post forms."""

from __future__ import annotations

import os
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import connection

from tests.processes.killable import LOG_IN, KillableSite
from tests.processes.wire import Tap
from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.tests.engine_cases import CommittedEngineTestCase

TIMEOUT = 20.0  # seconds
_CSRF = "c" * 32


def environment() -> dict[str, str]:
    """Return the environment of processes that work on the test database."""
    database = connection.settings_dict
    keys = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
        **{f"DB_{key}": str(database[key]) for key in keys},
    }


class SiteProcessTestCase(CommittedEngineTestCase):
    """A test case that can `start()`, `post()` to and `kill()` a site; `self.tap` records its statements."""

    first_page = LOG_IN
    site: ClassVar[KillableSite]
    tap: ClassVar[Tap]

    @classmethod
    def setUpClass(cls) -> None:
        """Load the site once per class."""
        super().setUpClass()
        site = KillableSite(connection.settings_dict, environment(), first=cls.first_page)
        cls.site = cls.enterClassContext(site)
        cls.tap = cls.site.tap

    def tearDown(self) -> None:
        """Kill the process, so that it holds no locks on rows that are about to be deleted."""
        self.kill()
        super().tearDown()

    def start(self) -> None:
        """Start a new process that serves the port, replacing any other."""
        self.site.start()

    def kill(self) -> None:
        """Kill the process with SIGKILL, if there is one."""
        self.site.kill()

    def cookies_of(self, person: CustomUser) -> str:
        """Return the cookies of a browser in which the person is logged in."""
        return f"csrftoken={_CSRF}; sessionid={logged_in(person).cookies['sessionid'].value}"

    def begin_post(self, path: str, *, cookies: str, **fields: Any) -> HTTPConnection:
        """Send a form without reading the response."""
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=TIMEOUT)
        self.addCleanup(connection.close)
        body = urlencode({"csrfmiddlewaretoken": _CSRF, **fields})
        content_type = "application/x-www-form-urlencoded"
        connection.request("POST", path, body, {"Cookie": cookies, "Content-Type": content_type})
        return connection

    def post(self, path: str, *, cookies: str, **fields: Any) -> HTTPResponse:
        """Send a form and return the response."""
        connection = self.begin_post(path, cookies=cookies, **fields)
        response = connection.getresponse()
        response.read()
        return response

    def assert_no_response(self, connection: HTTPConnection) -> None:
        """Assert that the process died before it responded."""
        with self.assertRaises((ConnectionError, RemoteDisconnected)):
            connection.getresponse()
