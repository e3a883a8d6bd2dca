"""Helpers for requests."""

from django.conf import settings
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.urls import resolve

from ticketflower.http import client_place

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
