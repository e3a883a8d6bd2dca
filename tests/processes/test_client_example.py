"""The client of examples/, with a real site, also behind a connection that breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from threading import Thread

from examples.client import Client, RefusedError, main, submit
from tests.processes.cases import SiteProcessTestCase
from users.models import CustomUser, Scope
from workflow_ops.models import TicketInstance
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import NUMBER, form, workflow


class _BreakingProxy(ThreadingHTTPServer):
    """Forwards requests to a site. The first answers are lost, after the site has done its work."""

    def __init__(self, port: int, *, loses: int) -> None:
        self.port, self.left = port, loses
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _BreakingProxy

    def do_POST(self) -> None:
        """Forward a request, and lose or return its answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        content = response.read()
        connection.close()
        self.server.left -= 1
        if self.server.left >= 0:
            self.close_connection = True
            return
        self.send_response(response.status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_of_theirs: object) -> None:
        """Print nothing."""


class ClientExampleTests(SiteProcessTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.engine.call(
            lambda: CustomUser.objects.exclude(pk=self.ours.worker.pk).update(is_in_rotation=False)
        )
        self.workflow = self.engine.load(workflow(form("Check", "a", "out n"), n=NUMBER))
        self.kind = self.engine.call(self.workflow.tickets.get)
        self.submitter = make_secret(self.ours.submitter, Scope.READ, Scope.SUBMIT)
        self.start()
        self.address = f"http://127.0.0.1:{self.site.port}"

    @contextmanager
    def breaking(self, *, loses: int) -> Iterator[str]:
        """Yield the address of a proxy that loses so many answers."""
        with _BreakingProxy(self.site.port, loses=loses) as proxy:
            Thread(target=proxy.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{proxy.server_port}"
            proxy.shutdown()

    def tickets(self) -> int:
        number: int = self.engine.call(TicketInstance.objects.count)
        return number

    def command(self, token: str, *arguments: str) -> str:
        """Return what the command prints."""
        with redirect_stdout(StringIO()) as printed:
            main([*arguments], {"TICKETFLOWER_SITE": self.address, "TICKETFLOWER_TOKEN": token})
        return printed.getvalue().strip()

    def test_from_the_ticket_to_its_task(self) -> None:
        self.assertIn(self.kind.title, self.command(self.submitter, "kinds").splitlines())
        number = self.command(self.submitter, "submit", self.kind.title, "a=Paper").split()[0]
        worker = make_secret(self.ours.worker, Scope.READ, Scope.WORK)
        (line,) = self.command(worker, "tasks").splitlines()
        self.assertIn("Check", line)
        task = line.split()[0]
        self.assertEqual(self.command(worker, "complete", task, "out=Fine", "n=3"), f"{task}: COMPLETED")
        self.assertEqual(self.command(worker, "tasks"), "")
        ticket = self.engine.call(lambda: TicketInstance.objects.get(number=number.removeprefix("#")))
        self.assertEqual(self.engine.call(lambda: ticket.workflow_instance.data["n"]), 3)

    def test_an_answer_that_is_lost(self) -> None:
        with self.breaking(loses=2) as address:
            body = {"ticket_type": self.kind.pk, "values": {"a": "Paper"}}
            ticket = Client(address, self.submitter, pause=0).post("tickets", body)
        self.assertEqual(set(ticket), {"number", "status"})
        self.assertEqual(self.tickets(), 1)

    def test_it_gives_up(self) -> None:
        with self.breaking(loses=9) as address, self.assertRaises(OSError):
            Client(address, self.submitter, pause=0).post(
                "tickets", {"ticket_type": self.kind.pk, "values": {}}
            )

    def test_what_is_refused_names_its_place(self) -> None:
        client = Client(self.address, self.submitter)
        with self.assertRaises(RefusedError) as refused:
            submit(client, self.kind.title, {"a": 3})
        self.assertEqual(refused.exception.status, 422)
        self.assertIn("/values/a", str(refused.exception))
        with self.assertRaises(LookupError):
            submit(client, "Nothing like it", {})
        with self.assertRaises(SystemExit) as ended:
            self.command("tf_nothing", "tasks")
        self.assertTrue(str(ended.exception).startswith("401"), ended.exception)
        self.assertEqual(self.tickets(), 0)

    def test_the_token_goes_to_no_other_site(self) -> None:
        with self.assertRaises(ValueError):
            Client(self.address, self.submitter).get("https://elsewhere.example/api/1/tickets")
        self.assertEqual(json.dumps(Client(self.address, self.submitter).get("tickets")["items"]), "[]")
