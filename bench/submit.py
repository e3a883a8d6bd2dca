"""Tickets per second over HTTP, compared with bare Django views: `python3 dev.py bench submit`.

The product and the baseline (bench/floor) run at the same time, in servers configured as in
production, and are measured alternately, so that other load on the machine affects both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from bench.load import Measurement, Target, measure
from bench.places import SITE_URL, new_database, prepare, product, server, variables
from ticketflower.development.console import say

CLIENTS = (1, 8)
PRODUCT, SAME_ROWS, FIVE_INSERTS = "TicketFlower", "bare view, same rows", "bare view, five inserts"


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench submit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="number of rounds")
    parser.add_argument("--posts", type=int, default=80, help="tickets in one round")
    options = parser.parse_args()
    with ExitStack() as stack:
        targets = _targets(stack)
        for target in targets:
            measure(target, clients=8, posts=30)  # warm up every thread of every process
        for clients in CLIENTS:
            rounds = [_round(targets, number, clients, options.posts) for number in range(options.rounds)]
            _report(clients, targets, rounds)


def _targets(stack: ExitStack) -> list[Target]:
    env, made = stack.enter_context(product("submit"))
    floor_database = stack.enter_context(new_database("ticketflower_bench_floor"))
    floor_env = variables(floor_database, settings="bench.floor.settings", as_owner=True)
    floor = prepare("bench.floor.prepare", env=floor_env)
    product_port = stack.enter_context(server("ticketflower.wsgi.application", env=env))
    floor_port = stack.enter_context(server("bench.floor.wsgi.application", env=floor_env))
    return [
        Target(PRODUCT, product_port, made["path"], made["session"], SITE_URL),
        Target(SAME_ROWS, floor_port, "/same-rows/", floor["session"], SITE_URL),
        Target(FIVE_INSERTS, floor_port, "/five-inserts/", floor["session"], SITE_URL),
    ]


def _round(targets: Sequence[Target], number: int, clients: int, posts: int) -> dict[str, Measurement]:
    """Measure each target once, starting with a different one in every round."""
    first = number % len(targets)
    order = [*targets[first:], *targets[:first]]
    return {target.name: measure(target, clients=clients, posts=posts // clients) for target in order}


def _report(clients: int, targets: Sequence[Target], rounds: Sequence[dict[str, Measurement]]) -> None:
    say(f"\n{clients} client{'s' if clients > 1 else ''}, medians of {len(rounds)} alternating rounds")
    say(f"  {'':<26}{'tickets/s':>10}{'median ms':>11}{'p95 ms':>9}{'  times as long in the product'}")
    for target in targets:
        results = [measured[target.name] for measured in rounds]
        ratio = median(measured[PRODUCT].median_ms / measured[target.name].median_ms for measured in rounds)
        say(
            f"  {target.name:<26}{median(one.per_second for one in results):>10.0f}"
            f"{median(one.median_ms for one in results):>11.1f}{median(one.p95_ms for one in results):>9.1f}"
            f"{ratio:>12.2f}"
        )


if __name__ == "__main__":
    main()
