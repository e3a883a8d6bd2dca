"""Helpers for requests."""

import gzip
from io import BytesIO
from typing import cast

from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.urls import resolve

from ticketflower.development.server_timing import server_timing_middleware
from ticketflower.http import client_place, compression_middleware, policy_middleware

PROXY = "10.0.0.1"


def address(forwarded: str | None, *, proxies: int) -> str:
    """Return the result of `client_place` for a request from PROXY with this X-Forwarded-For."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with override_settings(PROXY_COUNT=proxies):
        return client_place(RequestFactory(REMOTE_ADDR=PROXY).get("/", headers=headers))


class ClientAddress(SimpleTestCase):
    """The client's address, as reported by trusted proxies."""

    def test_header_is_not_trusted_without_a_proxy(self) -> None:
        self.assertEqual(address("192.0.2.7", proxies=0), PROXY)

    def test_counts_back_one_entry_per_proxy(self) -> None:
        self.assertEqual(address("192.0.2.7", proxies=1), "192.0.2.7")
        self.assertEqual(address("192.0.2.66, 192.0.2.7", proxies=1), "192.0.2.7")
        self.assertEqual(address("192.0.2.7, 10.0.0.2", proxies=2), "192.0.2.7")
        self.assertEqual(address("192.0.2.66, 2001:db8::7, 10.0.0.2", proxies=2), "2001:db8::/64")

    def test_zone_is_removed(self) -> None:
        self.assertEqual(address("fe80::1%eth0", proxies=1), "fe80::/64")

    def test_invalid_addresses_are_ignored(self) -> None:
        for forwarded in (None, "", ",", "unknown", "192.0.2.7:80", "\x00", "9" * 5000):
            with self.subTest(forwarded=forwarded):
                self.assertEqual(address(forwarded, proxies=1), PROXY)
        self.assertEqual(address("192.0.2.7", proxies=2), PROXY)

    def test_requests_through_a_socket_have_no_address(self) -> None:
        with override_settings(PROXY_COUNT=0):
            self.assertEqual(client_place(RequestFactory(REMOTE_ADDR="").get("/")), "")

    def test_network_of_one_line_is_one_place(self) -> None:
        for same in ("2001:db8:0:7::1", "2001:DB8:0:7:ffff:ffff:ffff:ffff"):
            self.assertEqual(address(same, proxies=1), "2001:db8:0:7::/64")
        self.assertEqual(address("::ffff:192.0.2.7", proxies=1), "192.0.2.7")


class Icon(SimpleTestCase):
    """The icon of pages that name none."""

    def test_leads_to_the_name_that_the_storage_gives_the_file(self) -> None:
        files = settings.STORAGES["staticfiles"] | {"OPTIONS": {"base_url": "/hashed/"}}
        with override_settings(STORAGES=settings.STORAGES | {"staticfiles": files}):
            response = resolve("/favicon.ico").func(RequestFactory().get("/favicon.ico"))
        self.assertEqual(response.headers["Location"], "/hashed/img/mark.svg")


class Compression(SimpleTestCase):
    """What is sent to a browser that accepts gzip."""

    text = b"<p>The same words again and again.</p>" * 50

    def answer(self, response: HttpResponseBase, accept: str = "gzip, deflate, br") -> HttpResponseBase:
        """Return what becomes of a response."""
        request = RequestFactory().get("/", headers={"Accept-Encoding": accept})
        return compression_middleware(lambda _request: cast("HttpResponse", response))(request)

    def test_texts(self) -> None:
        for kind in ("text/html; charset=utf-8", "text/csv", "application/json", "image/svg+xml"):
            with self.subTest(kind):
                answer = self.answer(HttpResponse(self.text, content_type=kind, headers={"ETag": '"v1"'}))
                content = getattr(answer, "content", b"")
                self.assertEqual(gzip.decompress(content), self.text)
                self.assertLess(len(content), 300)
                self.assertEqual(answer.headers["Content-Encoding"], "gzip")
                self.assertEqual(answer.headers["Content-Length"], str(len(content)))
                self.assertEqual(answer.headers["Vary"], "Accept-Encoding")
                self.assertEqual(answer.headers["ETag"], 'W/"v1"')

    def test_who_does_not_accept_it(self) -> None:
        answer = self.answer(HttpResponse(self.text, headers={"ETag": '"v1"'}), accept="br")
        self.assertEqual(getattr(answer, "content", b""), self.text)
        self.assertEqual(answer.headers["Vary"], "Accept-Encoding")
        self.assertEqual(answer.headers["ETag"], '"v1"')

    def test_what_stays_as_it_is(self) -> None:
        encoded = HttpResponse(self.text, headers={"Content-Encoding": "br"})
        file = FileResponse(BytesIO(self.text), filename="a.txt", as_attachment=True)
        rows = StreamingHttpResponse([self.text], content_type="text/csv")
        for response in (HttpResponse(b"short"), HttpResponse(self.text, content_type="image/png"), encoded):
            self.assertIs(self.answer(response), response)
            self.assertNotEqual(response.headers.get("Content-Encoding"), "gzip")
        for stream in (file, rows):
            self.assertEqual(b"".join(getattr(self.answer(stream), "streaming_content", [])), self.text)
            self.assertNotIn("Content-Encoding", stream.headers)

    def test_length_tells_little_about_the_content(self) -> None:
        lengths = {self.answer(HttpResponse(self.text)).headers["Content-Length"] for _again in range(40)}
        self.assertGreater(len(lengths), 10)


class Policy(SimpleTestCase):
    """The content security policy."""

    def policy(self, response: HttpResponse) -> str | None:
        """Return the policy with which a response is sent."""
        answer = policy_middleware(lambda _request: response)(RequestFactory().get("/"))
        return answer.headers.get("Content-Security-Policy")

    def test_each_page_has_that_of_the_site(self) -> None:
        for status in (200, 404, 500):
            parts = (self.policy(HttpResponse(status=status)) or "").split("; ")
            self.assertIn("default-src 'none'", parts)
            self.assertIn("script-src 'self'", parts)
            self.assertIn("img-src 'self' data:", parts)

    def test_a_page_may_have_its_own(self) -> None:
        own = HttpResponse(headers={"Content-Security-Policy": "sandbox"})
        self.assertEqual(self.policy(own), "sandbox")

    @override_settings(DEBUG=True)
    def test_pages_for_developers_have_their_own_styles(self) -> None:
        for status, has_policy in ((200, True), (403, True), (404, False), (500, False)):
            self.assertEqual(bool(self.policy(HttpResponse(status=status))), has_policy, status)


class Timing(SimpleTestCase):
    """The times that the browser's developer tools show."""

    def test_header(self) -> None:
        answer = server_timing_middleware(lambda _request: HttpResponse())(RequestFactory().get("/"))
        self.assertRegex(
            answer.headers["Server-Timing"], r'^db;desc="0 statements";dur=0\.0, total;dur=\d+\.\d$'
        )
