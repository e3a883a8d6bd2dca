"""The progress of a draft towards its first ticket, and the next step of its author."""

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.workflow import WorkflowFile
from workflow_design.pages.report import CheckSummary

_CONTENT: Final = (
    (
        gettext_lazy("Fields"),
        gettext_lazy("Next: the fields."),
        gettext_lazy(
            "Add everything that people will be asked or will decide: a date, an amount, a decision."
        ),
        (gettext_lazy("Add fields"), "workflow_fields"),
    ),
    (
        gettext_lazy("Ticket"),
        gettext_lazy("Next: the ticket."),
        gettext_lazy("Which fields does a person fill in to start the workflow?"),
        (gettext_lazy("Add a ticket"), "ticket_definition_create"),
    ),
    (
        gettext_lazy("Tasks"),
        gettext_lazy("Next: the first task."),
        gettext_lazy("What happens after a ticket is submitted, and which fields are filled in then?"),
        (gettext_lazy("Add a task"), "task_definition_create"),
    ),
    (
        gettext_lazy("Completion"),
        gettext_lazy("Next: a completion."),
        gettext_lazy("When is the workflow done? Without a completion it would stay open forever."),
        (gettext_lazy("Add a completion"), "completion_create"),
    ),
)
"""What a draft needs: the step, and the heading, text and link while it is the next one."""


def build_progress(workflow_id: int, file: WorkflowFile, check: CheckSummary) -> dict[str, Any]:
    """Return the progress of a draft; the first step that is not done is the next one.

    `steps` are for templates/components/steps.html; `head`, `text` and `links` are about the next step.
    """
    has_end = any(each.is_final for each in file.completions)
    has_content = map(bool, (file.fields_schema.get("properties"), file.tickets, file.tasks, has_end))
    # "Publish" is never done for a draft, so there is always a next step.
    done = [*has_content, not (check.is_unfinished or check.has_errors or check.has_warnings), False]
    current = done.index(False)
    labels = [*(label for label, *_words in _CONTENT), _("Check"), _("Publish")]
    steps = [
        {"label": label, "is_done": is_done, "is_current": number == current}
        for number, (label, is_done) in enumerate(zip(labels, done, strict=True))
    ]
    if current < len(_CONTENT):
        _label, head, text, *links = _CONTENT[current]
    else:
        head, text, *links = _after_content(check)
    return {"steps": steps, "head": head, "text": text, "links": list(_addresses(links, workflow_id))}


def _after_content(check: CheckSummary) -> tuple[Any, ...]:
    """Return the heading, text and links of a draft that has all it needs."""
    see, try_out = (_("See the findings"), "#check"), (_("Try it out"), "workflow_definition_tryout")
    publish = (_("Publish"), "workflow_definition_publish")
    if check.is_unfinished:
        return _("The check is running."), _("Look again in a few seconds."), see
    if check.has_errors:
        return _("It can't be published yet."), _("See below what is wrong or missing, and fix that."), see
    if check.has_warnings:
        text = _("Some paths are probably not what you intended. Fix them, or publish it as it is.")
        return _("The check found something."), text, see, publish, try_out
    text = _("The check found no error and no problem. Play it through once, then publish it.")
    if check.accepted:
        text = _("The check found nothing that is not meant so. Play it through once, then publish it.")
    return _("It is complete."), text, publish, try_out


def _addresses(links: Iterable[tuple[Any, str]], workflow_id: int) -> Iterable[dict[str, Any]]:
    for label, name in links:
        # A link to a section of the same page ("#check") is not the name of a URL.
        url = name if name.startswith("#") else reverse(name, args=[workflow_id])
        yield {"label": label, "url": url}
