"""Late steps of a long workflow beside early ones: `python3 dev.py bench steps`.

Tickets with few and with many steps behind them are taken on in turns, in a workspace of twelve fields. What
a step costs must not grow with the history. Measured is the processor time of the site and of its database.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from statistics import median
from typing import Any

from bench.browser import Visit, visit_at_once
from bench.places import new_database, owner_session, prepare, server, variables
from bench.processor_time import site_seconds
from ticketflower.development.console import say

STEPS = 100
NOTES = 11
PLACES = {"early": 3, "late": 93}
"""How many steps the tickets have behind them."""
TICKETS = 6
"""How many tickets there are at each of these places."""
_FURTHER = 5
"""How many steps each ticket is taken further. The first of them warms up, and does not count."""
_OPEN = "SELECT id FROM workflow_ops_taskinstance WHERE workflow_instance_id = %s AND status = 'OPEN'"


def answers(step: int) -> dict[str, Any]:
    """Return what is entered to complete the task of a step, which starts the next one."""
    return {"step": step + 1, f"note{step % NOTES}": f"Done in step {step}"}


def main() -> None:
    """Run the benchmark and print the results."""
    argparse.ArgumentParser(prog="dev.py bench steps", description=__doc__).parse_args()
    with new_database("ticketflower_bench_steps") as database:
        env = variables(database)
        made = prepare("bench.long_workflows", env=env)
        with server("ticketflower.wsgi.application", env=env) as port:
            costs = _measure(port, database, made)
    for place, found in costs.items():
        steps = f"steps {PLACES[place] + 2} to {PLACES[place] + _FURTHER}"
        say(f"  {steps:<18}{median(found) * 1000:>8.1f} ms of processor time")
    say(f"RATIO steps={median(costs['late']) / median(costs['early']):.2f}")


def _measure(port: int, database: str, made: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the seconds that steps took, by the place at which the tickets began."""
    costs: dict[str, list[float]] = {place: [] for place in PLACES}
    with owner_session() as owner, owner_session(database) as reader:
        reader.autocommit = True
        for further in range(1, _FURTHER + 1):
            for number in range(TICKETS):
                for place, runs in made["runs"].items():
                    [(task,)] = reader.execute(_OPEN, [runs[number]]).fetchall()
                    entered = {name: str(value) for name, value in answers(PLACES[place] + further).items()}
                    visit = Visit(made["session"], f"/tasks/{task}/", {"_input_version": "1", **entered})
                    before = site_seconds([port], database, owner)
                    visit_at_once([port], [[visit]])
                    if further > 1:
                        costs[place].append(site_seconds([port], database, owner) - before)
    return costs


if __name__ == "__main__":
    main()
