"""A workflow of the gallery becomes a draft of a company."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.gallery.templates import Template
from workflow_design.models import WorkflowDefinition, WorkflowLine
from workflow_design.persistence.importing import import_workflow


class TitleTakenError(Exception):
    """The company has a workflow of this title, and nobody said that it should get a next version."""


def use_template(
    template: Template,
    *,
    title: str,
    roles: Mapping[str, str],
    as_next_version: bool,
    may_make_roles: bool,
    by: CustomUser,
) -> WorkflowDefinition:
    """Make a draft of a template, in the company whose scope is open.

    `roles` gives for each role of the template the company's, "" for none: then whoever does that
    kind of work may. If the company has a workflow of this title, the draft is its next version,
    where `as_next_version` says so. Effects: roles that the company lacks are made if `may_make_roles`.
    Raises TitleTakenError, DraftExistsError, RolesMissingError, CheckFailedError.
    """
    with transaction.atomic():
        lock_company()
        if not as_next_version and find_line(title) is not None:
            raise TitleTakenError
        file = template.adapt(title=title, roles=roles)
        return import_workflow(file, by=by, may_make_roles=may_make_roles)


def find_line(title: str) -> WorkflowLine | None:
    """The company's workflow of this title, without regard to case."""
    return WorkflowLine.objects.annotate(small=Lower("title")).filter(small=Lower(Value(title))).first()
