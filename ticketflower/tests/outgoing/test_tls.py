"""Requests over TLS: certificates are verified, and the deadline holds here, too."""

import socket
import ssl
import tempfile
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from unittest.mock import patch

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import SimpleTestCase, override_settings

from ticketflower.outgoing.call import CallFailedError, OutgoingRequest
from ticketflower.outgoing.sending import send
from ticketflower.outgoing.transport import tls_context
from ticketflower.tests.outgoing.receivers import Receiver, answer, taking

WELL_KNOWN = certifi.where()
INVALID = "The certificate of the system is not valid, so nothing was sent."


def certificate(folder: Path, *, days: int = 1) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1 and right.example; return the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wrong.example")])
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("right.example")]
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(9)).not_valid_after(now + timedelta(days))
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = builder.sign(key, hashes.SHA256())
    path = folder / f"{days}.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@override_settings(ACTIONS_ALLOW_LOOPBACK=True)
class TLSTests(SimpleTestCase):
    tls: ssl.SSLContext
    expired: ssl.SSLContext

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.tls, cls.expired = certificate(folder), certificate(folder, days=-1)
        authorities = folder / "authorities.pem"
        authorities.write_bytes((folder / "1.pem").read_bytes() + (folder / "-1.pem").read_bytes())
        cls.enterClassContext(patch("certifi.where", lambda: str(authorities)))
        tls_context.cache_clear()
        cls.addClassCleanup(tls_context.cache_clear)

    def failed(self, url: str, *, timeout: float = 10, body: bytes = b"{}") -> CallFailedError:
        """Send a request that must fail, and return how."""
        with self.assertRaises(CallFailedError) as raised:
            send(OutgoingRequest(url, body, timeout=timeout))
        return raised.exception

    def test_certificate_of_the_system(self) -> None:
        real = socket.getaddrinfo
        with (
            Receiver(answer(), answer("307 X", Location="/"), answer(), tls=self.tls) as receiver,
            patch("socket.getaddrinfo", lambda _name, *args, **options: real("127.0.0.1", *args, **options)),
        ):
            for host in ("127.0.0.1", "right.example"):
                sent = send(OutgoingRequest(f"https://{host}:{receiver.port}/", b"{}"))
                self.assertEqual((sent.status, sent.body), (200, b"{}"))
            for host in ("wrong.example", "127.0.0.2", "other.right.example"):
                error = self.failed(f"https://{host}:{receiver.port}/")
                self.assertEqual((error.message, error.is_temporary), (INVALID, False))
        self.assertEqual(len(receiver.received), 3)

    def test_certificates_that_prove_nothing(self) -> None:
        with Receiver(answer(), tls=self.expired) as expired, Receiver(answer(), tls=self.tls) as unknown:
            error = self.failed(expired.url + "/hush")
            self.assertEqual(error.message, INVALID)
            self.assertNotIn("hush", "".join(traceback.format_exception(error)))
            tls_context.cache_clear()
            with patch("certifi.where", lambda: WELL_KNOWN):
                self.assertEqual(self.failed(unknown.url).message, INVALID)
            tls_context.cache_clear()
        self.assertEqual(expired.received + unknown.received, [])

    def test_no_tls_at_all(self) -> None:
        with Receiver() as receiver, patch.object(Receiver, "_read", lambda *_args: b""):
            receiver.answers = [b"HTTP/1.1 400 Bad Request\r\n\r\n"]
            error = self.failed(receiver.url.replace("http", "https"))
        self.assertEqual(error.message, "No secure connection to the system could be made.")
        self.assertTrue(error.is_temporary)

    def test_slow_answers(self) -> None:
        with Receiver(tls=self.tls) as body, Receiver(tls=self.tls) as header, Receiver() as handshake:
            body.answers = [body.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x")]
            header.answers = [header.drip(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n")]
            with patch.object(Receiver, "_read", lambda *_args: b""), taking(at_most=1.3):
                handshake.answers = [handshake.drip(b"\x16\x03\x03\x40\x00", b"\x02")]
                errors = [self.failed(handshake.url.replace("http", "https"), timeout=0.3)]
            for url in (body.url, header.url):
                with taking(at_most=1.3):
                    errors.append(self.failed(url, timeout=0.3))
        self.assertEqual({error.message for error in errors}, {"No answer within 0.3 seconds."})

    def test_request_that_is_read_slowly(self) -> None:
        def read(receiver: Receiver, connection: socket.socket) -> bytes:
            while not receiver.stopped.wait(0.01):
                for _part in range(8):
                    connection.recv(16_384)
            return b""

        with patch.object(Receiver, "_read", read), Receiver(tls=self.tls) as receiver, taking(at_most=1.4):
            error = self.failed(receiver.url, timeout=0.4, body=b"x" * 20_000_000)
        self.assertEqual(error.message, "No answer within 0.4 seconds.")

    def test_large_answer(self) -> None:
        large = answer(body=b"x" * 1_048_576)
        with Receiver(large, large.replace(b"1048576", b"9999999") + b"x", tls=self.tls) as receiver:
            self.assertEqual(len(send(OutgoingRequest(receiver.url, b"{}")).body), 1_048_576)
            self.assertEqual(
                self.failed(receiver.url).message, "The answer is too large: at most 1 MiB is read."
            )
