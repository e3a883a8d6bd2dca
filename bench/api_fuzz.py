"""Requests made of the OpenAPI document, in thousands: `python3 dev.py bench api_fuzz [--examples 200]`.

schemathesis makes requests as the document describes them; most name rows that there are. No answer may be a
server error, or other than the document says. What a request did is undone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from bench.places import PLAIN_ADDRESS, prepare, product
from ticketflower import environment
from ticketflower.development.console import say

if TYPE_CHECKING:
    from workflow_ops.tests.api.world import World

ROWS_IN_TEN = 8
"""How many of ten requests name rows of the company; the others name what the document allows."""


def fuzz(world: World, secret: str, *, examples: int, statuses: Counter[int], seed: int = 1) -> Iterator[str]:
    """Send so many requests of each operation with a token, and yield what is wrong; count the statuses."""
    from django.db import transaction
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as with_seed
    from hypothesis.strategies import integers
    from schemathesis import checks, openapi
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks as document_checks

    from workflow_ops.api.service import openapi_document

    wanted = [
        checks.not_a_server_error,
        document_checks.status_code_conformance,
        document_checks.content_type_conformance,
        document_checks.response_schema_conformance,
    ]
    schema = openapi.from_dict(json.loads(json.dumps(openapi_document())))
    ids = world.ids()
    quiet = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def check(case: Any, place: int) -> None:
        if place < ROWS_IN_TEN:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = ids[name]
            if "If-Match" in (case.headers or {}):
                case.headers["If-Match"] = '"1"'
        with transaction.atomic():
            response = case.call(
                app=_application,
                base_url="http://127.0.0.1",
                headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"},
            )
            transaction.set_rollback(True)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=wanted)

    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the document is sound
        try:
            with_seed(seed)(quiet(given(operation.as_strategy(), integers(0, 9))(check)))()
        except (Exception, FailureGroup) as error:
            yield f"{operation.method.upper()} {operation.path}: {_text(error)}"


def _application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer as the site does, but leave the session in the database open, as Django's test client does."""
    from django.test.client import ClientHandler

    response = ClientHandler()(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [b"".join(response)]


def _text(error: BaseException) -> str:
    parts = getattr(error, "exceptions", (error,))
    return "; ".join(" ".join(str(part).split())[:700] for part in parts)


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench api_fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="requests of each operation")
    options = parser.parse_args()
    with product("api_fuzz") as (env, _made):
        own = {**PLAIN_ADDRESS, "LOG_LEVEL": "CRITICAL", "BENCH_EXAMPLES": str(options.examples)}
        outcome: dict[str, Any] = prepare("bench.api_fuzz", env={**env, **own})
    say(f"{sum(outcome['statuses'].values())} requests, answers: {outcome['statuses']}")
    for problem in outcome["wrong"]:
        say(f"  {problem}")
    say(f"wrong: {len(outcome['wrong'])}")
    sys.exit(bool(outcome["wrong"]))


def _fuzz_a_new_company(examples: int) -> None:
    import django

    django.setup()

    from users.tests.cases import People
    from workflow_ops.tests.api.cases import make_secret
    from workflow_ops.tests.api.world import World

    people, statuses = People("Fuzzed"), Counter[int]()
    world = World(people, lambda function: function())
    wrong = list(fuzz(world, make_secret(people.admin), examples=examples, statuses=statuses))
    json.dump({"wrong": wrong, "statuses": dict(sorted(statuses.items()))}, sys.stdout)


if __name__ == "__main__":
    if number := environment.text("BENCH_EXAMPLES"):
        _fuzz_a_new_company(int(number))
    else:
        main()
