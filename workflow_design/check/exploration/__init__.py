"""Tries all ways through a definition, and says what can go wrong (`engine.md`, "The check").

    report = explore(file, fields, bounds=IN_FULL)

Pure but for the clock that bounds it. The definition has no errors that can be said without trying.
"""

import time
from collections.abc import Callable

from workflow_design.check.exploration.explorer import IN_FULL, QUICK, Bounds, Explorer
from workflow_design.check.exploration.findings import Telling
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.exploration.observer import Watch
from workflow_design.check.exploration.recorder import Recorder
from workflow_design.check.findings import CheckReport, by_severity
from workflow_design.check.hints import hints_of
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import WorkflowFile

__all__ = ["IN_FULL", "QUICK", "Bounds", "explore"]


def explore(
    file: WorkflowFile,
    fields: Fields,
    *,
    bounds: Bounds = IN_FULL,
    now: Callable[[], float] = time.monotonic,
) -> CheckReport:
    """What was found by trying all ways, and how much was tried. `now` gives the time in seconds."""
    machine = Machine(file, fields)
    watch = Watch(machine)
    recorder = Recorder(machine, watch)
    explorer = Explorer(machine, watch, bounds=bounds, see=recorder.see, now=now)
    explorer.explore()
    found = [*Telling(explorer, recorder.record).findings(), *hints_of(file, fields)]
    return CheckReport(by_severity(found), explorer.is_complete, len(explorer.nodes), explorer.writes)
