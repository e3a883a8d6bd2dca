"""Sites that are killed in the middle of a program's request: `python3 dev.py bench api_kills`.

Each POST of the API is sent with an Idempotency-Key. The site is killed (SIGKILL) at a random statement
between the claim of the key and the commit. Then the same request is sent twice more: all in all, it must
have the effects that one request has, which is sent to the same rows of another company.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from bench.killed_workers import Outcome, chance, main

if TYPE_CHECKING:
    from tests.processes.killable import KillableSite
    from users.tests.cases import People
    from workflow_ops.tests.api.world import World

CLAIM = "INSERT INTO workflow_ops_idempotentcall"
MOST_STATEMENTS = 15
"""How many statements a request may go on for after the claim, if its commit does not come first."""
TIMEOUT = 20.0
FIRST = "/api/1/openapi.json"
"""What the site is asked for before it is forked, so that no fork has to load the API."""
BOUNDARY = "a-part-of-the-form"
_DONE = range(200, 300)


@dataclass(frozen=True, slots=True)
class Call:
    """A POST: `path` may name attributes of the world, and `body` is made of it."""

    operation: str
    path: str
    body: Callable[[World], Any] = lambda _world: {}
    who: str = "admin"
    version: int | None = None


def _why(_world: World) -> Any:
    return {"reason": "Since it has to be"}


def _file(title: str) -> Callable[[World], Any]:
    return lambda world: json.loads(world.file_text) | {"title": title}


TICKET, TASK, DESK = "tickets/{ticket.number}", "desk/tasks/{book.pk}", "desk/tickets/{other.number}"
CALLS: Sequence[Call] = (
    Call("submit_ticket", "tickets", lambda world: {"ticket_type": world.kind, "values": {"a": "Ink"}}),
    Call(
        "correct_ticket",
        "tickets/{fresh.number}/correct",
        lambda _world: {"values": {"a": "Ink"}},
        who="submitter",
        version=1,
    ),
    Call("follow_ticket", f"{TICKET}/follow"),
    Call("unfollow_ticket", f"{TICKET}/unfollow"),
    Call("add_comment", f"{TICKET}/comments", lambda _world: {"text": "Well"}),
    Call(
        "edit_comment",
        f"{TICKET}/comments/{{comment.pk}}/edit",
        lambda _world: {"text": "Better", "edited_at": None},
        who="submitter",
    ),
    Call("delete_comment", f"{TICKET}/comments/{{comment.pk}}/delete", who="submitter"),
    Call("upload_file", "files", lambda _world: None),
    Call("take_task", "tasks/{spare.pk}/take"),
    Call("complete_task", "tasks/{spare.pk}/complete", lambda _world: {"values": {}}, version=1),
    Call("give_back_task", "tasks/{check.pk}/give-back", _why, who="worker"),
    Call("assign_task", "desk/tasks/{check.pk}/assign", lambda world: {"person": world.people.worker.pk}),
    Call(
        "restrict_task", "desk/tasks/{check.pk}/restrict", lambda world: {"people": [world.people.worker.pk]}
    ),
    Call("retry_task", f"{TASK}/retry"),
    Call("fill_in_task", f"{TASK}/fill-in", lambda _world: {"values": {"booked": "Yes"}}, version=1),
    Call("resume_connection", "desk/connections/{connection.pk}/resume"),
    Call("cancel_task", "desk/tasks/{scan.pk}/cancel", _why),
    Call("review_failed", "desk/errors/{error.pk}/review", lambda _world: {"notes": "Seen"}),
    Call("retry_failed", "desk/errors/{error.pk}/retry"),
    Call("resolve_failed", "desk/errors/{error.pk}/resolve", lambda _world: {"notes": "Done"}),
    Call("hold_ticket", "desk/tickets/{linked.number}/hold", _why),
    Call("resume_ticket", "desk/tickets/{held.number}/resume"),
    Call("edit_ticket", f"{DESK}/edit", lambda _world: {"values": {"a": "Ink"}}, version=1),
    Call("set_responsible_person", f"{DESK}/responsible", lambda world: {"person": world.people.admin.pk}),
    Call("link_ticket", f"{DESK}/links", lambda world: {"other": world.ticket.number, "kind": "RELATES"}),
    Call("unlink_ticket", "desk/tickets/{ticket.number}/unlink/{linked.number}"),
    Call("publish_workflow", "workflows/{draft.pk}/publish", lambda world: {"read": world.digest()}),
    Call("create_version", "workflows/{draft.pk}/new-version"),
    Call("make_scenario", f"{DESK}/scenario", lambda _world: {"title": "As it came"}),
    Call(
        "start_bulk",
        "desk/bulk-actions",
        lambda world: {"operation": "hold", "rows": [world.fresh.number], "reason": "Wait"},
    ),
    Call(
        "create_report",
        "desk/reports",
        lambda _world: {"first_day": "2020-01-01", "last_day": "2020-01-31"},
    ),
    Call("create_draft", "workflows", _file("Another")),
    Call("archive_workflow", "workflows/{draft.pk}/archive"),
    Call("discard_draft", "workflows/{small_draft.pk}/discard"),
    Call("cancel_ticket", f"{DESK}/cancel", _why),
    Call("withdraw_ticket", f"{TICKET}/withdraw", _why, who="submitter"),
)
WITHOUT_EFFECT = {"check_workflow", "play_workflow"}


class Programs:
    """The world of a company, and programs that act in it with tokens."""

    def __init__(self, people: People) -> None:
        from workflow_ops.tests.api.cases import make_secret
        from workflow_ops.tests.api.world import World

        self.world = World(people, lambda function: function())
        self._secrets = {who: make_secret(getattr(people, who)) for who in ("admin", "submitter", "worker")}

    def begin(self, site: KillableSite, call: Call, key: str) -> HTTPConnection:
        """Send the request without reading the answer."""
        connection = HTTPConnection("127.0.0.1", site.port, timeout=TIMEOUT)
        content = call.body(self.world)
        body, kind = json.dumps(content).encode(), "application/json"
        if content is None:
            body, kind = _upload(), f"multipart/form-data; boundary={BOUNDARY}"
        headers = {
            "Authorization": f"Bearer {self._secrets[call.who]}",
            "Content-Type": kind,
            "Idempotency-Key": key,
        }
        if call.version is not None:
            headers["If-Match"] = f'"{call.version}"'
        path = call.path.format_map(_Attributes(self.world))
        connection.request("POST", f"/api/1/{path}", body, headers)
        return connection

    def send(self, site: KillableSite, call: Call, key: str) -> int:
        """Send the request, and return the status of the answer."""
        connection = self.begin(site, call, key)
        try:
            response = connection.getresponse()
            response.read()
        finally:
            connection.close()
        return response.status

    def effects(self) -> Counter[tuple[str, str]]:
        """Count what has happened in the company: rows, changes in the audit log, entries of timelines."""
        count: Counter[tuple[str, str]] = self.world.engine.call(lambda: Counter(_effects()))
        return count


def _upload() -> bytes:
    lines = (
        f"--{BOUNDARY}",
        'Content-Disposition: form-data; name="file"; filename="note.txt"',
        "Content-Type: text/plain",
        "",
        "Some words",
        f"--{BOUNDARY}--",
        "",
    )
    return "\r\n".join(lines).encode()


class _Attributes(Mapping[str, Any]):
    """The attributes of an object, for a format."""

    def __init__(self, thing: object) -> None:
        self._thing = thing

    def __getitem__(self, name: str) -> Any:
        return getattr(self._thing, name)

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self._thing))

    def __len__(self) -> int:
        return len(vars(self._thing))


def _effects() -> Iterator[tuple[str, str]]:
    from users.models import AuditEvent
    from workflow_ops import models

    yield from AuditEvent.objects.values_list("table", "operation")
    for kind in models.TimelineEvent.objects.values_list("kind", flat=True):
        yield "timeline", kind
    for name in ("WorkflowWrite", "WorkflowData", "FileUpload", "BulkAction", "Report", "IdempotentCall"):
        for _row in range(getattr(models, name).objects.count()):
            yield "row", name


def kill_each(
    site: KillableSite, killed: Programs, whole: Programs, calls: Sequence[Call] = CALLS
) -> Iterator[str]:
    """Kill the site in each call of a company, repeat it, and yield what differs from one call in another."""
    for call in calls:
        before = killed.effects(), whole.effects()
        key = token_hex(8)
        site.start()
        site.tap.listen(hold_after=(CLAIM, chance.randrange(MOST_STATEMENTS)))
        connection = killed.begin(site, call, key)
        if not site.tap.wait_until_held(connection):
            yield f"{call.operation}: not held, answer {connection.getresponse().status}"
            continue
        site.kill()
        connection.close()
        between = killed.effects()
        if between != before[0]:
            yield f"{call.operation}: effects before the commit: {dict(between - before[0])}"
        site.start()
        site.tap.listen()
        statuses = [killed.send(site, call, key), killed.send(site, call, key), whole.send(site, call, key)]
        if any(status not in _DONE for status in statuses):
            yield f"{call.operation}: answers {statuses}"
        repeated, once = killed.effects() - before[0], whole.effects() - before[1]
        if repeated != once:
            yield f"{call.operation}: {dict(repeated - once)} more, {dict(once - repeated)} less than once"


@dataclass
class ApiOutcome(Outcome):
    """What became of the requests."""

    requests: int = 0
    verbs: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{len(self.verbs)} verbs, {self.requests} requests killed"


class KilledPrograms:
    """Kills sites until each verb was killed as often as asked."""

    def __init__(self, companies: Sequence[People], env: dict[str, str]) -> None:
        self._env = env

    def run(self, kills: int) -> ApiOutcome:
        """Kill the site so many times in each verb, and return what became of the requests."""
        from django.db import connection

        from tests.processes.killable import KillableSite
        from users.tests.cases import People

        outcome = ApiOutcome()
        env = {**os.environ, **self._env}
        with KillableSite(connection.settings_dict, env, first=FIRST) as site:
            for number in range(kills):
                killed, whole = (Programs(People(f"{name} {number}")) for name in ("Killed", "Whole"))
                outcome.wrong += kill_each(site, killed, whole)
                outcome.requests += len(CALLS)
                outcome.verbs |= {call.operation for call in CALLS}
        return outcome


if __name__ == "__main__":
    main("api_kills", __doc__, KilledPrograms)
