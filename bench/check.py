"""Processor time of checking a definition: `python3 dev.py bench check`.

Where feasible, this is compared with a naive exploration, which stores every state and asks
`decide()` for every move. The tests compare the check with the same naive explorer. No server or
database is used. With `--large`, large families and hostile files are checked in full, each in a process of
its own, which tells how much memory it took at most.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
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
    parser.add_argument("--large", action="store_true", help="measure large and hostile files instead")
    parser.add_argument("--one", nargs=2, metavar=("FAMILY", "NUMBER"), help="measure one large file")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    if options.one:
        say(_large_line(options.one[0], int(options.one[1])))
    elif options.large:
        _measure_large()
    else:
        _compare(options)


def _compare(options: argparse.Namespace) -> None:
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


def _measure_large() -> None:
    from workflow_design.tests.check.hostile_files import documents
    from workflow_design.tests.check.large_files import FAMILIES

    names = [(name, number) for name, (_make, numbers) in FAMILIES.items() for number in numbers]
    say(f"  {'':<46}{'states':>8}{'seconds':>9}{'writes':>8}{'complete':>10}{'exact':>7}{'MB':>6}")
    for name, number in [*names, *((name, 0) for name, _document in documents())]:
        command = [sys.executable, "-m", "bench.check", "--one", name, str(number)]
        say(subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip())


def _large_line(name: str, number: int) -> str:
    from workflow_design.check.check_file import check_file
    from workflow_design.definition.file_json import parse_workflow_file
    from workflow_design.tests.check.hostile_files import documents
    from workflow_design.tests.check.large_files import FAMILIES

    if name in FAMILIES:
        file = FAMILIES[name][0](number)
    else:
        file = parse_workflow_file(json.dumps(dict(documents())[name]))
    began = time.process_time()
    report = check_file(file)
    seconds = time.process_time() - began
    # On Linux, this is in kilobytes.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    title = f"{name}: {number}" if number else name
    is_complete, is_exact = ("yes" if each else "no" for each in (report.is_complete, report.is_exact))
    numbers = f"{report.states:>8}{seconds:>9.2f}{report.writes:>8}{is_complete:>10}{is_exact:>7}{memory:>6}"
    return f"  {title:<46}{numbers}"


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, which other programs on the machine don't affect."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
