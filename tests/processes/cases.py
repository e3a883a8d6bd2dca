"""What these tests stand on: the site as a process, its line tapped, and people who post forms."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from tests.processes.wire import Tap
from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.tests.engine_cases import CommittedEngineTestCase

SLOWEST = 20.0  # seconds that anything may take before the test fails
_CSRF = "c" * 32


class SiteProcessTestCase(CommittedEngineTestCase):
    """`start()` a process of the site, `post()` to it, `kill()` it; `self.tap` sees what it asks."""

    tap: ClassVar[Tap]
    _site: ClassVar[subprocess.Popen[str]]
    _port: ClassVar[int]
    _process: int | None = None

    @classmethod
    def setUpClass(cls) -> None:
        """Load the site once for the class."""
        super().setUpClass()
        database = connection.settings_dict
        cls.tap = cls.enterClassContext(Tap(database))
        cls._site = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.site"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
                "DB_HOST": cls.tap.folder,
                "DB_PORT": "",
                "DB_NAME": database["NAME"],
                "DB_USER": database["USER"],
                "DB_PASSWORD": database["PASSWORD"],
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(cls._end)
        cls._port = cls._number()

    def tearDown(self) -> None:
        """Nobody holds on to rows that are about to go."""
        self.kill()
        super().tearDown()

    @classmethod
    def _end(cls) -> None:
        cls._site.kill()
        cls._site.communicate()

    @classmethod
    def _number(cls) -> int:
        assert cls._site.stdout is not None
        return int(cls._site.stdout.readline())

    def start(self) -> None:
        """A new process that answers at the port from now on, and no other."""
        self.kill()
        assert self._site.stdin is not None
        self._site.stdin.write("\n")
        self._site.stdin.flush()
        self._process = self._number()

    def kill(self) -> None:
        """`kill -9`; nothing if there is no process."""
        if self._process is not None:
            os.kill(self._process, signal.SIGKILL)
        self._process = None

    def cookies_of(self, person: CustomUser) -> str:
        """Those of a browser in which the person is logged in."""
        return f"csrftoken={_CSRF}; sessionid={logged_in(person).cookies['sessionid'].value}"

    def begin_post(self, path: str, *, cookies: str, **fields: Any) -> HTTPConnection:
        """A form on its way; its answer is still to be read."""
        line = HTTPConnection("127.0.0.1", self._port, timeout=SLOWEST)
        self.addCleanup(line.close)
        body = urlencode({"csrfmiddlewaretoken": _CSRF, **fields})
        kind = "application/x-www-form-urlencoded"
        line.request("POST", path, body, {"Cookie": cookies, "Content-Type": kind})
        return line

    def post(self, path: str, *, cookies: str, **fields: Any) -> HTTPResponse:
        """The answer to a form."""
        line = self.begin_post(path, cookies=cookies, **fields)
        answer = line.getresponse()
        answer.read()
        return answer

    def assert_no_answer(self, line: HTTPConnection) -> None:
        """The process died before it answered."""
        with self.assertRaises((ConnectionError, RemoteDisconnected)):
            line.getresponse()
