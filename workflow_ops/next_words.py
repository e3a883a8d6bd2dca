"""What will happen next, in one sentence beside the button. Pure."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.engine import Plan, TaskPlan
from workflow_design.wording.rules import join_words

MOST_NAMED = 3


def what_happens_next(plan: Plan, fields: Collection[str]) -> str:
    """The sentence about writing these fields: which tasks start, or may start."""
    met = [task for task in plan.tasks if not set(fields).isdisjoint(task.input_fields)]
    certain = [task for task in met if task.condition is None]
    if certain:
        text = ngettext("Next, %(tasks)s starts.", "Next, %(tasks)s start.", len(certain))
        return text % {"tasks": _named(certain, _("and"))}
    if met:
        return _("What you enter decides what comes next: %(tasks)s.") % {"tasks": _named(met, _("or"))}
    return _("You can follow on the ticket's page what happens next.")


def _named(tasks: Sequence[TaskPlan], word: str) -> str:
    names = [_("“%(title)s”") % {"title": task.title} for task in tasks[:MOST_NAMED]]
    more = len(tasks) - MOST_NAMED
    if more > 0:
        names.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    return join_words(names, word)
