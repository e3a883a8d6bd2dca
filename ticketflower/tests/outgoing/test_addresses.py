"""Addresses that lead into the network where the site runs, in every spelling: none is reached."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

from django.test import SimpleTestCase, override_settings

from ticketflower.outgoing.addresses import address_problem, is_public
from ticketflower.outgoing.call import CallFailedError, OutgoingRequest
from ticketflower.outgoing.sending import send
from ticketflower.outgoing.transport import is_own_address
from ticketflower.tests.outgoing.receivers import Receiver, answer

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1
    127.0.0.2 127.255.255.255 168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
    192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::7f00:1
    ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::10.0.0.1 100::1 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
    2002:a9fe:a9fe::1 3ffe::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::a9fe:a9fe
    febf::1 fec0::1 feff::1 ff02::1 ff05::1:3 ::5efe:10.0.0.1
""".split()  # noqa: SIM905
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.0.0.1 168.63.129.17 172.15.0.1
    172.32.0.1 192.0.1.1 192.167.0.1 198.17.0.1 198.20.0.1 223.255.255.255 2001:200::1
    2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::1
""".split()  # noqa: SIM905
SPELLINGS = """
    http://127.1:{0} http://127.0.1:{0} http://2130706433:{0} http://0x7f000001:{0} http://0x7f.1:{0}
    http://0x7f.0.0.0x1:{0} http://017700000001:{0} http://0177.0.0.1:{0} http://127.0.0.01:{0}
    http://0:{0} http://127.0.0.1.:{0} http://[::1%25lo]:{0} http://[::1%lo]:{0}
    http://[fe80::1%25eth0]:{0} http://[0:0:0:0:0:0:0:1]:{0} http://[0000::0001]:{0}
    http://[::FFFF:7F00:1]:{0} http://[::ffff:127.1]:{0} http://localhost:{0} http://LOCALHOST:{0}
    http://localhost.:{0} http://x@127.0.0.1:{0} http://example.com@127.0.0.1:{0}
    http://127.0.0.1:{0}@example.com http://127.0.0.1:{0}#@example.com http:127.0.0.1:{0}
    http:/127.0.0.1:{0} ///127.0.0.1:{0} http://[127.0.0.1]:{0} http://127。0。0。1:{0}
    http://①②⑦.⓪.⓪.①:{0} http://ⓛocalhost:{0} http://xn--127-:{0} http://%31%32%37.0.0.1:{0}
    http://127%2e0.0.1:{0} http://127.0.0.1%00.example.com:{0} http://127.0.0.1%0a:{0}
    HTTP://127.0.0.1:{0} http://127.0.0.1:0{0} http://127.0.0.1:+{0} http://127.0.0.1:{0}:80
    http://127.0.0.1,example.com:{0} http://127.0.0.1&@example.com:{0} http://1.1.1.1&@127.0.0.1:{0}
    http://[::]:{0} http://0.0.0.0:{0} https://127.0.0.1:{0} ftp://127.0.0.1:{0}
    gopher://127.0.0.1:{0}/_x file:///etc/passwd unix:///var/run/docker.sock
    http://1.1.1.1[::1]:{0} http://[::1]1.1.1.1:{0} http://[2606:4700::1]localhost:{0} http://[::1][::2]:{0}
    http://[:{0} http://]:{0} http://[]:{0} http://[2606:4700::1]]:{0}
    http+unix://%2Fvar%2Frun%2Fdocker.sock/info
""".split()  # noqa: SIM905
MORE_SPELLINGS = (
    "http://127.0.0.1:{0}\\@example.com",
    "http://example.com\\@127.0.0.1:{0}",
    "http:\\\\127.0.0.1:{0}",
    "http://\uff11\uff12\uff17.0.0.1:{0}",
    "http://127.0.0.1:{0}\t",
    "http://127.0\t.0.1:{0}",
    "http://127.0.0.1\n:{0}",
    " http://127.0.0.1:{0}",
    "http://127.0.0.1 :{0}",
    "http://127.0.0.1\x00.example.com:{0}",
    "http://\u202e127.0.0.1:{0}",
    "",
)
PORTS = """
    1 21 22 23 25 53 79 110 143 389 444 445 587 1023 0 65536 99999
""".split()  # noqa: SIM905


@contextmanager
def names(*answers: list[str]) -> Iterator[list[str]]:
    """Let each look-up of a name find the next of these lists of addresses; yield the names looked up."""
    real, asked, left = socket.getaddrinfo, [], list(answers)

    def look_up(host: str, port: int, *args: Any, **options: Any) -> Any:
        try:
            ip_address(host)
        except ValueError:
            asked.append(host)
            return [real(address, port, *args, **options)[0] for address in left.pop(0)]
        return real(host, port, *args, **options)

    with patch("socket.getaddrinfo", look_up):
        yield asked


@contextmanager
def connections() -> Iterator[list[Any]]:
    """Yield a list of what a TCP connection is tried to. Only those to this machine are made."""
    real, tried = socket.socket.connect, []

    def connect(sock: socket.socket, address: Any) -> None:
        if sock.type == socket.SOCK_STREAM and sock.family in {socket.AF_INET, socket.AF_INET6}:
            tried.append(address[:2])
            if not ip_address(address[0]).is_loopback:
                raise ConnectionRefusedError
        real(sock, address)

    with patch.object(socket.socket, "connect", connect):
        yield tried


class HostileAddressTests(SimpleTestCase):
    def refuse(self, url: str) -> None:
        """Send to an address that must be refused for good, with a sentence that says why."""
        with self.subTest(url), self.assertRaises(CallFailedError) as raised:
            send(OutgoingRequest(url, b"{}", timeout=5))
        self.assertFalse(raised.exception.is_temporary, raised.exception.message)
        self.assertRegex(raised.exception.message, r"^[A-Z].*\.$")

    def test_none_is_reached(self) -> None:
        with Receiver(host="0.0.0.0") as receiver, connections() as tried:  # noqa: S104
            for address in NOT_PUBLIC:
                host = f"[{address}]" if ":" in address else address
                self.refuse(f"http://{host}:{receiver.port}/")
                self.refuse(f"https://{host}/latest/meta-data/")
            for url in (*SPELLINGS, *MORE_SPELLINGS):
                self.refuse(url.format(receiver.port))
            for port in PORTS:
                self.refuse(f"http://1.1.1.1:{port}/")
            self.assertEqual((tried, receiver.connections), ([], 0))

    def test_names_that_lead_there(self) -> None:
        for address in NOT_PUBLIC:
            with names([address], [address, "1.1.1.1"]), connections() as tried:
                self.refuse("http://metadata.google.internal:8000/")
                self.refuse("https://example.com/")
                self.assertEqual(tried, [], address)

    def test_name_that_changes_its_address(self) -> None:
        later = [["127.0.0.1"]] * 5
        for address in ("1.1.1.1", "2606:4700::1111"):
            with (
                names([address, "127.0.0.1"], *later) as asked,
                connections() as tried,
                self.assertRaises(CallFailedError) as raised,
            ):
                send(OutgoingRequest("http://rebind.example:8000/", b"{}"))
            self.assertEqual((asked, tried), (["rebind.example"], [(address, 8000)]))
            self.assertEqual(raised.exception.message, "The system can't be reached.")
            self.assertTrue(raised.exception.is_temporary)

    @override_settings(ACTIONS_ALLOW_LOOPBACK=True)
    def test_name_that_changes_its_address_between_redirects(self) -> None:
        changing = names(["127.0.0.1"], ["169.254.169.254"])
        with changing, Receiver(answer("307 X", Location="/b")) as receiver, connections() as tried:
            self.refuse(f"http://rebind.example:{receiver.port}/")
        self.assertEqual(tried, [("127.0.0.1", receiver.port)])

    @override_settings(ACTIONS_ALLOW_LOOPBACK=True)
    def test_only_loopback_is_allowed_in_development(self) -> None:
        with Receiver(answer(), answer(), answer()) as receiver, connections() as tried:
            for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
                send(OutgoingRequest(f"http://{host}:{receiver.port}/", b"{}"))
            reached = len(tried)
            for address in NOT_PUBLIC:
                if not address.startswith("127.") and address not in {
                    "::1",
                    "::ffff:127.0.0.1",
                    "::ffff:7f00:1",
                }:
                    self.refuse(f"http://{f'[{address}]' if ':' in address else address}:{receiver.port}/")
            self.refuse("http://127.0.0.1:22/")
            self.assertEqual((len(tried), receiver.connections), (reached, 3))

    def test_public_address_of_this_machine(self) -> None:
        tried: list[Any] = []

        def connect(sock: socket.socket, address: Any) -> None:
            if sock.type == socket.SOCK_STREAM:
                tried.append(address)
                raise ConnectionRefusedError

        with (
            patch.object(socket.socket, "connect", connect),
            patch.object(socket.socket, "getsockname", lambda _sock: ("1.1.1.1", 9)),
        ):
            self.refuse("http://1.1.1.1:9200/")
            for url in ("https://1.1.1.1/", "http://1.1.1.2:9200/"):
                with self.assertRaises(CallFailedError):
                    send(OutgoingRequest(url, b"{}"))
        self.assertEqual(tried, [("1.1.1.1", 443), ("1.1.1.2", 9200)])

    def test_unknown_name(self) -> None:
        for problem in (socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")):
            with (
                patch("socket.getaddrinfo", side_effect=problem),
                self.assertRaises(CallFailedError) as raised,
            ):
                send(OutgoingRequest("http://nowhere.example/", b"{}"))
            self.assertEqual(raised.exception.message, "The name in the address is unknown.")
            self.assertTrue(raised.exception.is_temporary)


class PublicAddressTests(SimpleTestCase):
    def test_public_addresses(self) -> None:
        for address in PUBLIC:
            with self.subTest(address):
                self.assertTrue(is_public(ip_address(address)))

    def test_public_addresses_are_connected_to(self) -> None:
        for address in PUBLIC:
            host = f"[{address}]" if ":" in address else address
            with connections() as tried, self.assertRaises(CallFailedError):
                send(OutgoingRequest(f"https://{host}/", b"{}"))
            self.assertEqual(tried, [(address, 443)])

    def test_addresses_of_this_machine(self) -> None:
        self.assertEqual(
            [is_own_address(ip_address(address)) for address in ("127.0.0.1", "1.1.1.1", "192.0.2.1")],
            [True, False, False],
        )

    def test_last_part_of_a_name_that_is_a_number(self) -> None:
        for host in ("1.2.3", "example.1", "0x1", "a.0x", "256.1.1.1"):
            self.assertIn("not an address", address_problem(f"https://{host}/"))
        for host in ("1.2.3.4", "1.example", "4chan.example", "0x1.example"):
            self.assertEqual(address_problem(f"https://{host}/"), "")
