"""The function that turns a workflow of the gallery into a draft of a company."""

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
    """The company has a workflow of this title, and `as_next_version` is not set."""


def use_template(
    template: Template,
    *,
    title: str,
    roles: Mapping[str, str],
    as_next_version: bool,
    may_make_roles: bool,
    by: CustomUser,
) -> WorkflowDefinition:
    """Create a draft from a template, in the company whose scope is open.

    `roles` maps each role of the template to a role of the company. "" stands for no role: then
    everyone with the matching system role may act. If the company has a workflow of this title and
    `as_next_version` is set, the draft becomes its next version. Effects: with `may_make_roles`,
    missing roles are created.
    Raise TitleTakenError, DraftExistsError, RolesMissingError, CheckFailedError.
    """
    with transaction.atomic():
        lock_company()  # so that the title can't be taken between the query and the import
        if not as_next_version and find_line(title) is not None:
            raise TitleTakenError
        file = template.adapt(title=title, roles=roles)
        return import_workflow(file, by=by, may_make_roles=may_make_roles)


def find_line(title: str) -> WorkflowLine | None:
    """Return the company's workflow of this title, ignoring case, or None."""
    return WorkflowLine.objects.annotate(small=Lower("title")).filter(small=Lower(Value(title))).first()
