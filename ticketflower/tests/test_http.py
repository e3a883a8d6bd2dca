"""Small things about requests."""

from django.test import RequestFactory, SimpleTestCase, override_settings

from ticketflower.http import client_address

PROXY = "10.0.0.1"


def address(forwarded: str | None, *, proxies: int) -> str | None:
    """What `client_address` makes of a request that came from PROXY with this X-Forwarded-For."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    with override_settings(PROXY_COUNT=proxies):
        return client_address(RequestFactory(REMOTE_ADDR=PROXY).get("/", headers=headers))


class ClientAddress(SimpleTestCase):
    """Where a request came from, as far as somebody we trust says so."""

    def test_without_a_proxy_anybody_could_have_written_the_header(self) -> None:
        self.assertEqual(address("192.0.2.7", proxies=0), PROXY)

    def test_as_many_steps_back_as_there_are_proxies(self) -> None:
        self.assertEqual(address("192.0.2.7", proxies=1), "192.0.2.7")
        self.assertEqual(address("192.0.2.66, 192.0.2.7", proxies=1), "192.0.2.7")
        self.assertEqual(address("192.0.2.7, 10.0.0.2", proxies=2), "192.0.2.7")
        self.assertEqual(address("192.0.2.66, 2001:db8::7, 10.0.0.2", proxies=2), "2001:db8::7")

    def test_no_network_card(self) -> None:
        self.assertEqual(address("fe80::1%eth0", proxies=1), "fe80::1")

    def test_what_is_no_address_is_passed_over(self) -> None:
        for forwarded in (None, "", ",", "unknown", "192.0.2.7:80", "\x00", "9" * 5000):
            with self.subTest(forwarded=forwarded):
                self.assertEqual(address(forwarded, proxies=1), PROXY)
        self.assertEqual(address("192.0.2.7", proxies=2), PROXY)

    def test_of_a_request_through_a_socket_nothing_is_known(self) -> None:
        with override_settings(PROXY_COUNT=0):
            self.assertIsNone(client_address(RequestFactory(REMOTE_ADDR="").get("/")))
