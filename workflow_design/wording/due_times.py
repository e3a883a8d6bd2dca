"""Due times of tasks in words. Pure."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.definition.workflow import PartFile
from workflow_design.wording.rules import Vocabulary


def hours_in_words(hours: float) -> str:
    """Return a number of working hours in words, such as "8 working hours"."""
    words = ngettext("%(hours)s working hour", "%(hours)s working hours", 1 if hours == 1 else 2)
    return words % {"hours": f"{hours:g}"}


def describe_due(part: PartFile, vocabulary: Vocabulary) -> str:
    """Return when a task is due and what happens when it is overdue; "" if it is never due."""
    hours, name = getattr(part, "due_hours", None), getattr(part, "overdue_field", None)
    if hours is None:
        return ""
    due = _("Due after %(time)s.") % {"time": hours_in_words(hours)}
    if name is None:
        return due
    overdue = _("When it is overdue, “%(field)s” becomes yes.") % {"field": vocabulary.title(name)}
    return f"{due} {overdue}"
