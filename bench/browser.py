"""Simulated browsers that visit pages at once and measure how long each takes."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from bench.places import SITE_URL

_TIMEOUT = 600.0
"""Seconds. Processor time is measured on machines that have much else to do, too."""
_CSRF = "c" * 32
_LOADED_BY_ITSELF = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="(?:load|revealed)')

_FOR_NEXT_PAGE = "messages"
"""A cookie that the page after a form shows and deletes. Only the form is sent here, so nobody gets it."""
_cookies: defaultdict[str, dict[str, str]] = defaultdict(dict)
"""What a browser has been given by a site, for each session."""


class Visit(NamedTuple):
    """A page to get as whoever has the session, or the fields of a form to post to it.

    A program has a token for a session, and posts JSON.
    """

    session: str
    path: str
    fields: Mapping[str, Any] | None = None

    @property
    def is_of_program(self) -> bool:
        """True if a program sends it."""
        return self.session.startswith("tf_")


def visit_at_once(ports: Sequence[int], visits: Sequence[Iterable[Visit]]) -> list[float]:
    """Let a browser for each of `visits` make them one after the other, and return the seconds of each.

    The browsers share the site's processes, which listen on `ports`.
    Raise RuntimeError if a page is not answered with 200, or a form not with a redirect.
    """
    with ThreadPoolExecutor(len(visits)) as pool:
        found = [pool.submit(_visit, ports[number % len(ports)], each) for number, each in enumerate(visits)]
        return [seconds for each in found for seconds in each.result()]


def _visit(port: int, visits: Iterable[Visit]) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        return [_seconds(connection, visit) for visit in visits]
    finally:
        connection.close()


def _seconds(connection: HTTPConnection, visit: Visit) -> float:
    began = time.perf_counter()
    text = _send(connection, visit)
    for path in _LOADED_BY_ITSELF.findall(text):
        _send(connection, visit._replace(path=path))
    return time.perf_counter() - began


def _send(connection: HTTPConnection, visit: Visit) -> str:
    headers = {
        "Host": urlsplit(SITE_URL).netloc,
        "X-Forwarded-Proto": "https",
        "Referer": f"{SITE_URL}/",
        "Accept-Encoding": "gzip",
    }
    if visit.is_of_program:
        headers |= {"Authorization": f"Bearer {visit.session}", "Content-Type": "application/json"}
    else:
        cookies = {**_cookies[visit.session], "csrftoken": _CSRF, "sessionid": visit.session}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if visit.is_of_program and visit.fields is not None:
        headers["Idempotency-Key"] = token_hex(8)
        connection.request("POST", visit.path, json.dumps(visit.fields).encode(), headers)
    elif visit.fields is None:
        connection.request("GET", visit.path, headers=headers)
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({**visit.fields, "csrfmiddlewaretoken": _CSRF})
        connection.request("POST", visit.path, body, headers)
    response = connection.getresponse()
    content = response.read()
    _take_cookies(visit.session, response)
    if response.getheader("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    text = content.decode()
    done = HTTPStatus.CREATED if visit.is_of_program else HTTPStatus.FOUND
    if response.status != (HTTPStatus.OK if visit.fields is None else done):
        raise RuntimeError(f"{visit.path}: {response.status} {response.getheader('Location')} {text[:2000]}")
    return text


def _take_cookies(session: str, response: HTTPResponse) -> None:
    """Store what the site gives the browser, which sends it back with the next request."""
    for header in response.headers.get_all("Set-Cookie", []):
        for name, cookie in SimpleCookie(header).items():
            if name != _FOR_NEXT_PAGE:
                _cookies[session][name] = cookie.coded_value
