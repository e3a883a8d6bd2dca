"""Reports over a million tickets: database time and plan of each table. `python3 dev.py bench reports`."""

from __future__ import annotations

import argparse
import json

from bench.places import new_database, prepare, variables
from ticketflower.development.console import say


def main() -> None:
    """Make reports of all workflows and of one, over a year and a month, and print their times and plans."""
    parser = argparse.ArgumentParser(prog="dev.py bench reports", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="number of tickets")
    parser.add_argument("--plans", action="store_true", help="print the plans of the longest report, too")
    parser.add_argument(
        "--keep", action="store_true", help="keep the database, and use the one that is there"
    )
    options = parser.parse_args()
    with new_database(f"ticketflower_bench_reports_{options.rows}", keep=options.keep) as database:
        env = variables(database)
        rows = {"BENCH_TICKETS": str(options.rows), "BENCH_ONLY": "no page"}
        prepare("bench.many_tickets", env={**env, **rows})
        made = prepare("bench.many_reports", env=env)
    reports = json.loads(made["reports"])
    tables = list(reports[0]["seconds"])
    say("".join(f"{head:>10}" for head in (*tables, "together")))
    for report in reports:
        numbers = [*report["seconds"].values(), sum(report["seconds"].values())]
        say("".join(f"{number:>10.2f}" for number in numbers) + f"  {report['name']}")
    if options.plans:
        for table, plan in reports[0]["plans"].items():
            say(f"\n{table}\n{plan}")


if __name__ == "__main__":
    main()
