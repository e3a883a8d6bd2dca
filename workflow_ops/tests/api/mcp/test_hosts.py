"""The host names to which the server over HTTP answers."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.test import SimpleTestCase, override_settings

from workflow_ops.api.mcp.transports import is_our_host


@override_settings(ALLOWED_HOSTS=[".example.com", "localhost", "[::1]"])
class HostsTests(SimpleTestCase):
    """`ALLOWED_HOSTS` means the same to the server as to the site."""

    def site_answers(self, host: str) -> bool:
        request = HttpRequest()
        request.META["HTTP_HOST"] = host
        try:
            request.get_host()
        except SuspiciousOperation:
            return False
        return True

    def test_as_the_site_reads_them(self) -> None:
        for host, is_ours in (
            ("example.com", True),
            ("tickets.example.com", True),
            ("tickets.example.com:8443", True),
            ("Tickets.Example.com.", True),
            ("localhost:8001", True),
            ("[::1]:8001", True),
            ("badexample.com", False),
            ("example.com.evil.example", False),
            ("tickets.localhost", False),
            ("tickets.example.com:x", False),
            ("tickets.example.com@evil.example", False),
            ("tickets.example.com evil.example", False),
        ):
            with self.subTest(host):
                self.assertIs(is_our_host(host), is_ours)
                self.assertIs(self.site_answers(host), is_ours)

    def test_without_a_host(self) -> None:
        self.assertFalse(is_our_host(""))

    @override_settings(ALLOWED_HOSTS=["*"])
    def test_every_name_but_no_nonsense(self) -> None:
        self.assertTrue(is_our_host("evil.example"))
        self.assertFalse(is_our_host("evil example"))
