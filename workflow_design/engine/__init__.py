"""The meaning of a definition: what a write starts, refreshes, resets and ends, and why.

There are no arrows between tasks. A definition says which fields it reads, and a write that
modifies one of them is what sets it going. `decide` is a pure function of a plan, the workspace,
a write and the unfinished tasks; the real run, the try-out, the check before publishing and the
explanation of a past step all ask it. The law is `docs/engine.md`, "Words" and "One write, step by
step".
"""

from workflow_design.engine.decide import Decision, Failure, Look, Outcome, Refresh, Start, decide, resume
from workflow_design.engine.plan import CompletionPlan, Plan, Source, TaskPlan, TicketPlan, Write

__all__ = [
    "CompletionPlan",
    "Decision",
    "Failure",
    "Look",
    "Outcome",
    "Plan",
    "Refresh",
    "Source",
    "Start",
    "TaskPlan",
    "TicketPlan",
    "Write",
    "decide",
    "resume",
]
