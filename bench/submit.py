"""Tickets per second over HTTP, beside bare Django views in the same run: `python3 dev.py bench submit`.

The product and the floor (bench/floor) run at the same time in servers as in production, and are
measured in turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from bench.load import Measured, Target, measure
from bench.places import SITE_URL, new_database, prepared, server, variables
from ticketflower.development.console import say

CLIENTS = (1, 8)
PRODUCT, SAME_ROWS, FIVE_INSERTS = "TicketFlower", "bare view, same rows", "bare view, five inserts"


def main() -> None:
    """Measure, and say what came of it."""
    parser = argparse.ArgumentParser(prog="dev.py bench submit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="how often all are measured in turn")
    parser.add_argument("--posts", type=int, default=80, help="tickets in one round")
    options = parser.parse_args()
    with ExitStack() as stack:
        targets = _targets(stack)
        for target in targets:
            measure(target, clients=8, posts=30)  # every thread of every process has seen one
        for clients in CLIENTS:
            rounds = [_round(targets, number, clients, options.posts) for number in range(options.rounds)]
            _report(clients, targets, rounds)


def _targets(stack: ExitStack) -> list[Target]:
    product_database = stack.enter_context(new_database("ticketflower_bench"))
    floor_database = stack.enter_context(new_database("ticketflower_bench_floor"))
    product_env = variables("ticketflower.settings", product_database, as_owner=False)
    floor_env = variables("bench.floor.settings", floor_database, as_owner=True)
    product = prepared("bench.product", env=product_env)
    floor = prepared("bench.floor.prepare", env=floor_env)
    product_port = stack.enter_context(server("ticketflower.wsgi:application", env=product_env))
    floor_port = stack.enter_context(server("bench.floor.wsgi:application", env=floor_env))
    return [
        Target(PRODUCT, product_port, product["path"], product["session"], SITE_URL),
        Target(SAME_ROWS, floor_port, "/same-rows/", floor["session"], SITE_URL),
        Target(FIVE_INSERTS, floor_port, "/five-inserts/", floor["session"], SITE_URL),
    ]


def _round(targets: Sequence[Target], number: int, clients: int, posts: int) -> dict[str, Measured]:
    """Each once, another one first each time."""
    first = number % len(targets)
    turn = [*targets[first:], *targets[:first]]
    return {target.name: measure(target, clients=clients, posts=posts // clients) for target in turn}


def _report(clients: int, targets: Sequence[Target], rounds: Sequence[dict[str, Measured]]) -> None:
    say(f"\n{clients} client{'s' if clients > 1 else ''}, medians of {len(rounds)} rounds in turn")
    say(f"  {'':<26}{'tickets/s':>10}{'median ms':>11}{'p95 ms':>9}{'  the product takes … times as long'}")
    for target in targets:
        each = [measured[target.name] for measured in rounds]
        ratio = median(measured[PRODUCT].median_ms / measured[target.name].median_ms for measured in rounds)
        say(
            f"  {target.name:<26}{median(one.per_second for one in each):>10.0f}"
            f"{median(one.median_ms for one in each):>11.1f}{median(one.p95_ms for one in each):>9.1f}"
            f"{ratio:>12.2f}"
        )


if __name__ == "__main__":
    main()
