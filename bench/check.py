"""What the check of a definition costs, in processor time: `python3 dev.py bench check`.

Beside it, where that is feasible, all ways tried plainly: every state kept, every move asked of
`decide()`, by the explorer that the tests hold the check to. Needs no server, and asks no database.
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

PLAINLY: Final = 20_000
"""States beyond which nobody waits for trying all ways plainly."""


def main() -> None:
    """Measure, and say what came of it."""
    parser = argparse.ArgumentParser(prog="dev.py bench check", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is checked")
    parser.add_argument("--plainly", type=int, default=PLAINLY, help="states that are tried plainly at most")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    say(f"  {'':<34}{'states':>8}{'ms':>8}{'plain states':>14}{'ms':>9}{'ratio':>8}")
    for name, file in _files():
        say(f"  {name:<34}{_measured(file, rounds=options.rounds, most=options.plainly)}")


def _files() -> list[tuple[str, WorkflowFile]]:
    from workflow_design.tests.gallery_files import NAMES, gallery_file
    from workflow_design.tests.large_files import parallel, staged

    return [
        *((name, gallery_file(name)) for name in NAMES),
        ("20 tasks in 5 stages, 15 choices", staged(3, 3, 3, 3, 3)),
        ("20 tasks in 8 stages, 12 choices", staged(2, 1, 2, 1, 2, 1, 2, 1)),
        *((f"{number} yes/no beside each other", parallel(number)) for number in (4, 6, 10)),
    ]


def _measured(file: WorkflowFile, *, rounds: int, most: int) -> str:
    from workflow_design.check import check_file
    from workflow_design.check.exploration.machine import Machine
    from workflow_design.definition.schema import parse_fields
    from workflow_design.tests.naive_explorer import Naive

    states = check_file(file).states
    ours = median(_seconds(lambda: check_file(file)) for _round in range(rounds))
    plain = Naive(Machine(file, parse_fields(file.fields_schema)), most=most)
    theirs = _seconds(plain.explore)
    told = f"{states:>8}{ours * 1000:>8.1f}"
    if len(plain.states) > most:
        return f"{told}{f'> {most}':>14}"
    return f"{told}{len(plain.states):>14}{theirs * 1000:>9.0f}{theirs / ours:>8.0f}"


def _seconds(work: Callable[[], object]) -> float:
    """The processor time that it takes: other programs on the machine do not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
