"""What a hostile workflow file costs a request: `python3 dev.py bench hostile [--in-full]`.

Each file is legal and made to be expensive for one part of the product. Printed is the processor time of
everything that requests do with it, which tenants must not be able to raise. No server or database is used.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import time
from typing import TYPE_CHECKING, Any

import django

from ticketflower.development.console import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from workflow_design.definition.workflow import WorkflowFile

Document = dict[str, Any]
STEPS = ("read", "static", "quick", "picture", "wording", "compare", "layouts", "plan")


def main() -> None:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(prog="dev.py bench hostile", description=__doc__)
    parser.add_argument("--in-full", action="store_true", help="measure the check of a job, too")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    say(f"  {'seconds of processor time':<28}{''.join(f'{step:>9}' for step in STEPS)}")
    from workflow_design.tests.check.hostile_files import documents

    for name, document in documents():
        if not options.names or name in options.names:
            _measure(name, document, in_full=options.in_full)


def _measure(name: str, document: Document, *, in_full: bool) -> None:
    import json

    from workflow_design.check.check_file import IN_FULL, QUICK, check_file
    from workflow_design.check.static import check_definition
    from workflow_design.definition.file_json import parse_workflow_file
    from workflow_design.definition.problems import DefinitionError

    text = json.dumps(document)
    took: list[float] = []

    def timed(work: Callable[[], Any]) -> Any:
        gc.collect()
        began = time.process_time()
        result = work()
        took.append(time.process_time() - began)
        return result

    def read() -> WorkflowFile | None:
        try:
            return parse_workflow_file(text)
        except DefinitionError as error:
            say(f"  {name}: {len(text) // 1000} kB, refused: {error.problems[0].message}")
            return None

    file = timed(read)
    if file is None:
        say(f"  {name:<28}{took[0]:>9.2f}")
        return
    problems = timed(lambda: check_definition(file))
    report = timed(lambda: check_file(file, bounds=QUICK, problems=problems))
    others = _other_work(file)
    for work in others:
        timed(work)
    note = f"{problems[0].code} at {problems[0].pointer}" if problems else f"{report.states} states"
    say(f"  {name:<28}{''.join(f'{each:>9.2f}' for each in took)}  {len(text) // 1000} kB, {note}")
    if in_full:
        full = timed(lambda: check_file(file, bounds=IN_FULL, problems=problems))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        say(f"  {'':<28}in full {took[-1]:.1f} s, {full.states} states, {memory} MB so far")


def _other_work(file: WorkflowFile) -> Iterator[Callable[[], Any]]:
    from workflow_design.compare.difference import difference
    from workflow_design.definition.layouts import parse_layout
    from workflow_design.definition.schema import read_fields
    from workflow_design.engine.plan import build_plan
    from workflow_design.picture.drawing import draw_picture
    from workflow_design.wording.rules import Vocabulary, describe_rule

    fields = read_fields(file.fields_schema)
    plan = build_plan(file)
    vocabulary = Vocabulary(fields)
    yield lambda: draw_picture(plan, vocabulary)
    parts: list[Any] = [*file.tasks, *file.completions]
    conditions = [part.condition for part in parts if part.condition is not None]
    yield lambda: [describe_rule(rule, vocabulary) for rule in conditions]
    yield lambda: difference(file, file)
    layouts = [part.display_layout for part in (*parts, *file.tickets)]
    yield lambda: [parse_layout(list(each), fields=tuple(fields), exactly_once=False) for each in layouts]
    yield lambda: build_plan(file)


if __name__ == "__main__":
    main()
