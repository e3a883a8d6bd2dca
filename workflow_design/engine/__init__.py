"""The meaning of a definition: what a write starts, refreshes, resets and ends, and why.

There are no arrows between tasks. A definition lists the fields that it reads, and a write that modifies
one of them triggers it. `decide` is a pure function of a plan, the workspace, a write and the unfinished
tasks. Real runs, the try-out, the check before publishing and the explanation of past steps all use it. It
is specified in `docs/engine.md`, "Words" and "One write, step by step".
"""

from workflow_design.engine.decide import (
    Decision,
    Evaluation,
    Outcome,
    Refresh,
    Start,
    decide,
    resume,
)
from workflow_design.engine.plan import Plan, Source, Write

__all__ = [
    "Decision",
    "Evaluation",
    "Outcome",
    "Plan",
    "Refresh",
    "Source",
    "Start",
    "Write",
    "decide",
    "resume",
]
