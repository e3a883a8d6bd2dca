"""Requests made of the OpenAPI document, in thousands: `python3 dev.py bench api_fuzz [--examples 200]`.

schemathesis makes requests as the document describes them, and others that break it: with wrong types, or
without what is needed. Most name rows that there are. No answer may be a server error, or other than the
document says; what breaks the document is refused; and each operation succeeds at least once. What a request
did is undone. People send them, each operation a person who may do it, and then a service account.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.places import PLAIN_ADDRESS, prepare, product
from ticketflower import environment
from ticketflower.development.console import say

if TYPE_CHECKING:
    from users.models import CustomUser
    from workflow_ops.tests.api.world import World

ROWS_IN_TEN = 8
"""How many of ten requests name rows of the company; the others name what the document allows."""
NOTHING_TO_BREAK = {"list_paused_connections", "read_workflow_format", "list_names_for_workflows"}
NOTHING_TO_BREAK |= {"list_templates", "read_template"}
"""Operations that take nothing, or any text."""


class Fuzz:
    """Requests about the rows of a world.

    `answers` counts them by operation and status, and `broken` those that break the document.
    `secret_of` returns the secret of the token with which an operation is called.
    """

    def __init__(self, world: World, secret_of: Callable[[str], str], *, is_robot: bool = False) -> None:
        from workflow_ops.tests.api.each_operation import GoodRequests

        self.answers, self.broken = Counter[tuple[str, int]](), 0
        self._good, self._secret_of, self._is_robot = GoodRequests(world), secret_of, is_robot

    def run(self, examples: int, *, seed: int = 1) -> Iterator[str]:
        """Send so many requests of each operation, and yield what is wrong."""
        from schemathesis.core.failures import FailureGroup

        for found in _schema().get_all_operations():
            operation: Any = found.ok()  # the document is sound
            try:
                self._send(self._good_case(operation))
                self._send_generated(operation, examples - 1, seed)
            except (Exception, FailureGroup) as error:
                yield f"{operation.method.upper()} {operation.path}: {_text(error)}"

    def count_statuses(self) -> Counter[int]:
        """Return how many answers had which status."""
        counted = Counter[int]()
        for (_name, status), count in self.answers.items():
            counted[status] += count
        return counted

    def never_done(self, names: Collection[str]) -> list[str]:
        """Return those of the operations that were never answered with success."""
        done = {name for name, status in self.answers if status < 300}  # noqa: PLR2004
        return sorted(set(names) - done)

    def _good_case(self, operation: Any) -> Any:
        from workflow_ops.tests.api.each_operation import QUERIES

        name = operation.definition.raw["operationId"]
        content = operation.definition.raw.get("requestBody", {}).get("content", {})
        parts: dict[str, Any] = {"headers": self._good.version(name), "query": QUERIES.get(name)}
        if content:
            (parts["media_type"],) = content
            parts["body"] = {"file": b"Words"} if name == "upload_file" else self._good.body(name)
        ids = self._good.ids(name, is_robot=self._is_robot)
        return operation.Case(path_parameters=_parameters(operation, ids), **parts)

    def _send_generated(self, operation: Any, examples: int, seed: int) -> None:
        from hypothesis import HealthCheck, Phase, given, settings
        from hypothesis import seed as with_seed
        from hypothesis.strategies import integers
        from schemathesis import GenerationMode

        def check(case: Any, place: int) -> None:
            if place < ROWS_IN_TEN:
                case.path_parameters.update(_parameters(operation, ids))
                if "If-Match" in (case.headers or {}):
                    case.headers["If-Match"] = '"1"'
            self._send(case)

        name = operation.definition.raw["operationId"]
        ids = self._good.ids(name, is_robot=self._is_robot)
        wrong = 0 if name in NOTHING_TO_BREAK else examples // 3
        modes = {GenerationMode.POSITIVE: examples - wrong, GenerationMode.NEGATIVE: wrong}
        for mode, count in modes.items():
            if not count:
                continue
            quiet = settings(
                max_examples=count,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            with_seed(seed)(quiet(given(operation.as_strategy(mode), integers(0, 9))(check)))()

    def _send(self, case: Any) -> None:
        """Send a request, undo what it did, and raise an error if the answer is wrong."""
        from django.db import connection, transaction

        name = case.operation.definition.raw["operationId"]
        secret = self._secret_of(name)
        with transaction.atomic():
            response = case.call(
                app=_application,
                base_url="http://127.0.0.1",
                headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"},
            )
            connection.check_constraints()  # those that wait for the end of a transaction
            transaction.set_rollback(True)
        self.answers[name, response.status_code] += 1
        self.broken += case.meta is not None and case.meta.generation.mode.is_negative
        case.validate_response(response, checks=_checks())


@cache
def _schema() -> Any:
    """Return the document for schemathesis, without tokens, which other tests spoil."""
    from schemathesis import openapi

    from workflow_ops.api.service import openapi_document

    document = json.loads(json.dumps(openapi_document()))
    del document["components"]["securitySchemes"]
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return openapi.from_dict(document)


def _checks() -> list[Any]:
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as document_checks

    return [
        checks.not_a_server_error,
        document_checks.status_code_conformance,
        document_checks.content_type_conformance,
        document_checks.response_schema_conformance,
        document_checks.negative_data_rejection,
    ]


def _parameters(operation: Any, ids: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the parameters in the address of an operation."""
    return {each.name: ids[each.name] for each in operation.path_parameters}


def _application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer as the site does, but leave the session in the database open, as Django's test client does."""
    from django.test.client import ClientHandler

    response = ClientHandler()(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [b"".join(response)]


def _text(error: BaseException) -> str:
    parts = getattr(error, "exceptions", (error,))
    return "; ".join(" ".join(str(part).split())[:700] for part in parts)


def fuzz_as_people(world: World, people: dict[str, CustomUser]) -> tuple[Fuzz, Collection[str]]:
    """Return requests of people, each operation by one who may do it, and the names of the operations.

    `people` are those of the world by letters, as in the table of `test_rights`. The admin comes first.
    """
    from workflow_ops.tests.api.cases import make_secret
    from workflow_ops.tests.api.test_rights import read_table

    secrets = {letter: make_secret(people[letter]) for letter in "ATWSD"}
    table = read_table()

    def secret_of(name: str) -> str:
        return secrets[next(letter for letter in secrets if letter in table[name].may)]

    return Fuzz(world, secret_of), table


def _fuzz_as_robot(world: World, admin: CustomUser) -> tuple[Fuzz, Collection[str]]:
    """Return requests of the service account of a world, and the names of what it may do."""
    from users.models import Scope
    from workflow_ops.api.service import openapi_document
    from workflow_ops.tests.api.cases import make_secret
    from workflow_ops.tests.api.test_rights import read_table

    scopes = (Scope.READ, Scope.SUBMIT, Scope.WORK)
    secret = make_secret(world.robo, *scopes, by=admin)
    described = [each for path in openapi_document()["paths"].values() for each in path.values()]
    may = [each["operationId"] for each in described if set(each["x-scope"].split()) <= set(scopes)]
    table = read_table()
    return Fuzz(world, lambda _name: secret, is_robot=True), [name for name in may if "B" in table[name].may]


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench api_fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="requests of each operation")
    options = parser.parse_args()
    with product("api_fuzz") as (env, _made):
        own = {**PLAIN_ADDRESS, "LOG_LEVEL": "CRITICAL", "BENCH_EXAMPLES": str(options.examples)}
        outcome: dict[str, Any] = prepare("bench.api_fuzz", env={**env, **own})
    wrong = 0
    for who, found in outcome.items():
        say(f"{who}: {sum(found['statuses'].values())} requests, answers: {found['statuses']}")
        for problem in (*found["wrong"], *(f"never a success: {name}" for name in found["never"])):
            say(f"  {problem}")
            wrong += 1
    say(f"wrong: {wrong}")
    sys.exit(bool(wrong))


def _fuzz_a_new_company(examples: int) -> None:
    import django

    django.setup()

    from users.tests.cases import People
    from workflow_ops.tests.api.each_operation import kinds_of_people
    from workflow_ops.tests.api.world import World

    people = People("Fuzzed")
    world = World(people, lambda function: function())
    runs = {
        "people": fuzz_as_people(world, kinds_of_people(people, world.robo)),
        "service account": _fuzz_as_robot(world, people.admin),
    }
    outcome = {}
    for who, (fuzz, names) in runs.items():
        wrong = list(fuzz.run(examples))
        statuses = dict(sorted(fuzz.count_statuses().items()))
        outcome[who] = {"wrong": wrong, "statuses": statuses, "never": fuzz.never_done(names)}
    json.dump(outcome, sys.stdout)


if __name__ == "__main__":
    if number := environment.text("BENCH_EXAMPLES"):
        _fuzz_a_new_company(int(number))
    else:
        main()
