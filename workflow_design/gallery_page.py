"""What the pages of the gallery show of its templates. Pure but for the addresses of pages."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.engine.plan import plan_of
from workflow_design.picture import picture_of
from workflow_design.template_gallery import Template
from workflow_design.wording.people import doers, submitters
from workflow_design.wording.rules import Vocabulary, join_words


@dataclass(frozen=True, slots=True)
class Card:
    """A template in the list."""

    title: str
    text: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket, task or completion of a template."""

    title: str
    text: str
    who: str = ""


def card_of(template: Template) -> Card:
    """What it is for, and what it has."""
    return Card(
        title=template.file.title,
        text=template.file.description.split("\n", 1)[0],
        note=f"{_tasks(template)}; {join_words(list(template.roles), _('and'))}",
        url=reverse("gallery_template", args=[template.name]),
    )


def _tasks(template: Template) -> str:
    number = len(template.file.tasks)
    return ngettext("%(n)d task", "%(n)d tasks", number) % {"n": number}


def template_page(template: Template) -> dict[str, Any]:
    """All that the page of a template shows."""
    file = template.file
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    return {
        "template": template,
        "picture": picture_of(plan_of(file), vocabulary),
        "tickets": [
            Line(each.title, each.description, submitters(each.submitter_roles)) for each in file.tickets
        ],
        "tasks": [
            Line(
                each.title,
                each.description,
                doers(
                    each.executor_roles,
                    task_type=each.task_type,
                    assignee_field=each.assignee_field,
                    not_submitter=each.not_submitter,
                    vocabulary=vocabulary,
                ),
            )
            for each in file.tasks
        ],
        "completions": [Line(each.title, each.description) for each in file.completions],
    }
