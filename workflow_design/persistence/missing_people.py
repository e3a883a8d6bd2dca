"""Tasks of active workflows that nobody could be given today, told to the workflows' admins once."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from ticketflower.mail import send_mail_from_template, site_address
from ticketflower.tenancy.context import current_company_id
from users.models import CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.access import admins_of
from workflow_design.models import DefinitionCheck, ExecutorRole, TaskDefinition, TaskType, WorkflowStatus

MOST_TOLD: Final = 20
"""How many admins of a workflow get an e-mail."""


def tell_missing_people() -> None:
    """E-mail the admins of each active workflow with a task that nobody could be given, unless they know.

    Effects: remembers these tasks, and enqueues one job for each admin. Opens a transaction.
    """
    with transaction.atomic():
        found = _tasks_without_people()
        checks = DefinitionCheck.objects.filter(workflow__status=WorkflowStatus.ACTIVE)
        recipients: dict[int, list[JSONValue]] = defaultdict(list)
        for check in checks.select_related("workflow").select_for_update(of=("self",)):
            titles = found.get(check.workflow_id, [])
            if set(titles) - set(check.without_people):
                for admin in admins_of(check.workflow)[:MOST_TOLD]:
                    recipients[admin.pk].append(check.workflow_id)
            if titles != check.without_people:
                DefinitionCheck.objects.filter(pk=check.pk).update(without_people=titles)
        job = app.configure_task("workflow_design.jobs.send_missing_people")
        for person_id, workflow_ids in recipients.items():
            job.defer(company_id=current_company_id(), person_id=person_id, workflow_ids=workflow_ids)


def _tasks_without_people() -> dict[int, list[str]]:
    """Return the titles of tasks that nobody could be given today, by active version. Two statements."""
    people = CustomUser.objects.in_rotation()
    named = ExecutorRole.objects.filter(task_definition=OuterRef("pk"))
    members = CompanyRoleMembership.objects.filter(person__in=people)
    held = named.filter(role__in=members.values("role"))
    has_workers = people.with_system_role(SystemRoleName.TASK_WORKER).exists()
    nobody = Q(Exists(named)) & ~Q(Exists(held))
    if not has_workers:
        nobody |= ~Q(Exists(named))
    tasks = TaskDefinition.objects.filter(
        nobody, workflow__status=WorkflowStatus.ACTIVE, task_type=TaskType.FORM, assignee_field=None
    )
    found: dict[int, list[str]] = defaultdict(list)
    for workflow_id, title in tasks.order_by("pk").values_list("workflow_id", "title"):
        found[workflow_id].append(title)
    return found


def send_missing_people(person_id: int, workflow_ids: list[int]) -> None:
    """E-mail a person which tasks of these workflows nobody could be given. Called by the job."""
    with transaction.atomic():
        person = CustomUser.objects.active().filter(pk=person_id).first()
        checks = DefinitionCheck.objects.filter(workflow__in=workflow_ids).select_related("workflow")
        workflows = [
            {
                "title": check.workflow.title,
                "tasks": check.without_people,
                "link": site_address(reverse("workflow_definition_detail", args=[check.workflow_id])),
            }
            for check in checks.order_by("workflow__title")
            if check.without_people
        ]
    if person is not None and workflows:
        context = {"person": person, "workflows": workflows}
        send_mail_from_template("missing_people", to=person.email, context=context)
