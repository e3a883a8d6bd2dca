"""The check of a workflow file: everything that can be proved about a definition (`docs/check.md`).

    report = check_file(file)

`static` finds the errors that do not require exploring the workflow. If there are none, `exploration` tries
all paths through the definition. Everything is pure, except for the clock that guards the exploration.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from workflow_design.check.acceptance import accept, identify
from workflow_design.check.actions import find_lacking_outputs
from workflow_design.check.constant_conditions import find_always_true
from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.exploration.recorder import Recorder
from workflow_design.check.exploration.walks import walk
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.findings import (
    CheckReport,
    Finding,
    Severity,
    problems_to_errors,
    sort_by_severity,
)
from workflow_design.check.reporting.findings import FindingBuilder
from workflow_design.check.reporting.graph import find_states_without_end
from workflow_design.check.scenarios import build_not_played, find_failed_scenarios
from workflow_design.check.self_approval import find_self_approvals
from workflow_design.check.static import check_definition
from workflow_design.check.work import IN_FULL, QUICK, Bounds, Branches, OutOfWorkError, Work
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import parse_layout
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.ready_made import fields_of_message
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine.conditions.validation import fields_read, fields_read_by_transform

__all__ = ["IN_FULL", "QUICK", "Bounds", "check_file", "explore"]


_EXPLORED_ANYWAY: Final = frozenset({"wrong-constant", "never-true", "submitter-excluded"})
"""Errors with which a definition still has a meaning, so that it is worth trying all paths."""
_SHARE: Final = 10
"""One part in so many of the work is for random walks if not all paths are explored, and two to shorten."""


def check_file(
    file: WorkflowFile,
    *,
    problems: Sequence[Problem] | None = None,
    bounds: Bounds = IN_FULL,
    now: Callable[[], float] = time.thread_time,
) -> CheckReport:
    """Return the findings of a definition, except those that depend on its company.

    A definition with most static errors is not explored, because paths through unknown fields mean nothing.
    Its report is not complete. A faulty definition never raises an exception. `problems` are the static
    errors, if the caller has already looked for them. `now` returns seconds.
    """
    if problems is None:
        problems = check_definition(file)
    if any(problem.code not in _EXPLORED_ANYWAY for problem in problems):
        # Errors need no trying, so they are proved.
        report = CheckReport(
            problems_to_errors(problems), is_complete=False, states=0, writes=0, is_exact=True
        )
    else:
        report = explore(file, data_validator(file.fields_schema).fields, bounds=bounds, now=now)
        report = _with_errors(report, problems_to_errors(problems)) if problems else report
        report = _with_scenarios(report, file, bounds, now) if file.scenarios and not problems else report
    return accept(replace(report, findings=identify(file, report.findings)), file.accepted)


def _with_errors(report: CheckReport, errors: Sequence[Finding]) -> CheckReport:
    """Return the report with static errors, which also explain why a part never happens."""
    faulty = {_part_of(error.pointer) for error in errors}
    findings = [
        finding
        for finding in report.findings
        if finding.code not in ("never-happens", "not-seen") or _part_of(finding.pointer) not in faulty
    ]
    return replace(report, findings=sort_by_severity([*errors, *findings]))


def _part_of(where: str) -> str:
    """Return the pointer of the task or completion that a pointer leads into."""
    return "/".join(where.split("/")[:3])


def _with_scenarios(
    report: CheckReport, file: WorkflowFile, bounds: Bounds, now: Callable[[], float]
) -> CheckReport:
    """Return the report with the scenarios that fail, which are played within bounds of their own."""
    found: list[Finding] = []
    is_complete = True
    try:
        found += find_failed_scenarios(file, Work(bounds.work // 4, seconds=bounds.seconds, now=now))
    except OutOfWorkError:
        is_complete = False
        # While a person waits for the page, the job that follows plays them all.
        if bounds.work >= IN_FULL.work:
            found.append(build_not_played())
    findings = sort_by_severity([*found, *report.findings])
    is_complete &= report.is_complete
    return replace(
        report, findings=findings, is_complete=is_complete, is_exact=is_complete and report.is_exact
    )


def explore(
    file: WorkflowFile,
    fields: Fields,
    *,
    bounds: Bounds = IN_FULL,
    now: Callable[[], float] = time.thread_time,
) -> CheckReport:
    """Explore all paths through a definition without static errors. `now` returns seconds."""
    share = bounds.work // _SHARE
    work = Work(bounds.work - 3 * share, seconds=bounds.seconds, now=now)
    found = [
        *find_self_approvals(file, fields),
        *find_always_true(file, fields),
        *find_lacking_outputs(file, fields),
        *find_hints(file, fields),
        *find_open_approvals(file),
    ]
    try:
        machine = Machine(file, fields, work)
        watch = Watch(machine)
        explorer, recorder = _explore_machine(machine, watch, bounds)
    except OutOfWorkError:
        return CheckReport(tuple(found), is_complete=False, states=0, writes=0)
    # The shortest path into a circle may pass through several branches before they have finished.
    if explorer.branches and explorer.is_complete and find_states_without_end(explorer.nodes):
        whole = _explore_machine(machine, watch, replace(bounds, branches=Branches.NEVER))
        if whole[0].is_complete:
            explorer, recorder = whole
    states = len(explorer.nodes)
    if not explorer.is_complete:
        walk(explorer, recorder.record, work=share)
    found += _find_unknown_values(fields, machine)
    found += _find_cut_forms(file, explorer.possible_writes.cut)
    # What was found is told in any case, within bounds of its own.
    work.left = bounds.work // 4
    is_complete = explorer.is_complete
    try:
        for finding in FindingBuilder(explorer, recorder.record).findings():
            found.append(finding)
            work.spend(10 + sum(4 + len(move.values) for move in finding.counterexample))
    except OutOfWorkError:
        is_complete = False
    is_exact = is_complete and not machine.inexact
    return CheckReport(sort_by_severity(found), is_complete, states, explorer.writes, is_exact)


def _explore_machine(machine: Machine, watch: Watch, bounds: Bounds) -> tuple[Explorer, Recorder]:
    recorder = Recorder(machine, watch)
    explorer = Explorer(machine, watch, bounds=bounds, on_transition=recorder.on_transition)
    explorer.explore()
    return explorer, recorder


def _find_unknown_values(fields: Fields, machine: Machine) -> Iterator[Finding]:
    """Yield a hint for each field of which not all values that matter are known."""
    for name, field in fields.items():
        where, words = pointer("fields_schema", "properties", name), {"title": field.title}
        fix = _("Give the field a default or examples that fit: the check tries them, too.")
        if name in machine.guessed:
            message = _("No value is known that “%(title)s” can hold, so what follows it was not tried.")
            yield Finding("no-example", Severity.HINT, where, message % words, fix)
        elif name in machine.inexact:
            message = _(
                "“%(title)s” may hold other values that make a difference: not all of them were tried."
            )
            yield Finding("not-all-values", Severity.HINT, where, message % words, fix)


def _find_cut_forms(file: WorkflowFile, cut: Collection[frozenset[str]]) -> Iterator[Finding]:
    """Yield a hint for each form and action with more answers than were tried."""
    message = _("“%(title)s” has more possible answers than can be tried: not every combination was.")
    fix = _("Ask for fewer fields that conditions read at once, or for some of them in another task.")
    for kind, parts in (("tickets", file.tickets), ("tasks", file.tasks)):
        for place, part in enumerate(parts):
            if frozenset(part.writes) in cut:
                words = {"title": part.title}
                yield Finding("too-many-answers", Severity.HINT, pointer(kind, place), message % words, fix)


def find_hints(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """Yield a hint for each field that nothing writes, or that nothing reads or displays."""
    read = _find_read_fields(file, fields)
    written = {name for ticket in file.tickets for name in ticket.fields}
    written |= {name for task in file.tasks for name in task.may_write}
    for name, field in fields.items():
        where = pointer("fields_schema", "properties", name)
        if name not in written:
            message = _("Nothing writes “%(title)s”: no ticket and no task asks for it.")
            fix = _("Let a ticket or a task ask for it, or remove it.")
            yield Finding("field-unwritten", Severity.HINT, where, message % {"title": field.title}, fix)
        elif name not in read:
            message = _("Nothing reads or displays “%(title)s”.")
            fix = _("Display it in a layout, let a task read it, or don't ask for it.")
            yield Finding("field-unread", Severity.HINT, where, message % {"title": field.title}, fix)


def find_open_approvals(file: WorkflowFile) -> Iterator[Finding]:
    """Yield a hint for each task that a field gives to somebody, and any task worker may confirm."""
    for position, task in enumerate(file.tasks):
        if not task.needs_approval or task.assignee_field is None or task.executor_roles:
            continue
        message = _(
            "A field says who gets “%(task)s”, but any task worker may confirm what a program answers."
        )
        fix = _("Name the roles that confirm it (executor_roles).")
        where = pointer("tasks", position, "needs_approval")
        yield Finding("anyone-confirms", Severity.HINT, where, message % {"task": task.title}, fix)


def _find_read_fields(file: WorkflowFile, fields: Fields) -> set[str]:
    found = set(_displayed_fields(file.display_layout, fields))
    for ticket in file.tickets:
        found.update(
            _displayed_fields(ticket.display_layout, fields) if ticket.display_layout else ticket.fields
        )
    listening: list[TaskFile | CompletionFile] = [*file.tasks, *file.completions]
    for part in listening:
        found.update(part.reads, _displayed_fields(part.display_layout, fields))
        if part.condition is not None:
            found.update(fields_read(part.condition))
    for task in file.tasks:
        found.update(task.shown_fields, _find_fields_read_by(task))
    # Without a layout, the page of a ticket displays all fields.
    return found if file.display_layout else set(fields)


def _find_fields_read_by(task: TaskFile) -> set[str]:
    # The engine reads this field to find the assignee.
    found = {task.assignee_field or "", *(fields_of_message(task.action) if task.action else ())}
    if task.input_transform:
        found |= fields_read_by_transform(task.input_transform)
    if task.output_transform:
        found |= fields_read_by_transform(task.output_transform, of_answer=True)
    return found


def _displayed_fields(layout: object, fields: Fields) -> tuple[str, ...]:
    """Return the fields that a display layout shows."""
    items = list(layout) if isinstance(layout, list | tuple) else []
    return parse_layout(items, fields=tuple(fields), exactly_once=False).fields_in_order if items else ()
