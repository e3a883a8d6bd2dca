"""Processor time of checking a definition: `python3 dev.py bench check`.

Where feasible, this is compared with a naive exploration, which stores every state and asks
`decide()` for every move. The tests compare the check with the same naive explorer. No server or
database is used.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING, Final

import django

from ticketflower.development.console import say

if TYPE_CHECKING:
    from workflow_design.definition.workflow import WorkflowFile

MOST_NAIVE_STATES: Final = 20_000
"""The number of states after which the naive exploration takes too long."""


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench check", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="number of measurements per definition")
    parser.add_argument(
        "--plainly",
        type=int,
        default=MOST_NAIVE_STATES,
        help="maximum number of states for the naive exploration",
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    say(f"  {'':<34}{'states':>8}{'ms':>8}{'naive states':>14}{'ms':>9}{'ratio':>8}")
    for name, file in _files():
        say(f"  {name:<34}{_result_line(file, rounds=options.rounds, most=options.plainly)}")


def _files() -> list[tuple[str, WorkflowFile]]:
    from workflow_design.tests.check.large_files import parallel, staged
    from workflow_design.tests.gallery_files import NAMES, gallery_file

    return [
        *((name, gallery_file(name)) for name in NAMES),
        ("20 tasks in 5 stages, 15 choices", staged(3, 3, 3, 3, 3)),
        ("20 tasks in 8 stages, 12 choices", staged(2, 1, 2, 1, 2, 1, 2, 1)),
        *((f"{number} yes/no in parallel", parallel(number)) for number in (4, 6, 10)),
    ]


def _result_line(file: WorkflowFile, *, rounds: int, most: int) -> str:
    from workflow_design.check.check_file import check_file
    from workflow_design.check.exploration.machine import Machine
    from workflow_design.definition.schema import parse_fields
    from workflow_design.tests.check.naive_explorer import Naive

    states = check_file(file).states
    seconds = median(_seconds(lambda: check_file(file)) for _round in range(rounds))
    naive = Naive(Machine(file, parse_fields(file.fields_schema)), most=most)
    naive_seconds = _seconds(naive.explore)
    line = f"{states:>8}{seconds * 1000:>8.1f}"
    if len(naive.states) > most:
        return f"{line}{f'> {most}':>14}"
    return f"{line}{len(naive.states):>14}{naive_seconds * 1000:>9.0f}{naive_seconds / seconds:>8.0f}"


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, which other programs on the machine don't affect."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
