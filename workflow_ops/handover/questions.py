"""What a page says before somebody leaves, loses a role or is away, and the form that asks what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
from users.system_roles import SystemRoleName
from workflow_design.models import (
    ExecutorRole,
    SubmitterRole,
    TaskDefinition,
    TaskType,
    TicketAdminRole,
    TicketDefinition,
    WorkflowDefinition,
    WorkflowStatus,
)
from workflow_ops.desk.forms import MAX_PEOPLE, describe_person
from workflow_ops.engine.assignment import people_with_a_role_for
from workflow_ops.handover.actions import HandOver, Taker
from workflow_ops.models import TaskInstance

MOST_COUNTED: Final = 1000
MOST_NAMED: Final = 10
MOST_DEFINITIONS: Final = 20
"""The people to choose from are those with a role for one of this many kinds of tasks."""


class HandOverForm(forms.Form):
    """What happens to the open tasks; without any, the form has no fields."""

    taker = forms.ChoiceField(label=gettext_lazy("Their open tasks"), widget=forms.RadioSelect)
    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=gettext_lazy("Person"),
        required=False,
        empty_label=gettext_lazy("Nobody chosen"),
        help_text=gettext_lazy("If you give them to one person. Anyone who may do the others can take them."),
    )

    def __init__(
        self, data: Any = None, *, tasks: QuerySet[TaskInstance], people: Collection[int], may_leave: bool
    ) -> None:
        # Tasks may have come since the page was shown; a form without an answer about them spreads them.
        super().__init__(data if data is not None and "taker" in data else None)
        self.people, self.may_leave = tuple(people), may_leave
        self.count = tasks.order_by()[: MOST_COUNTED + 1].count()
        if not self.count:
            self.fields.clear()
            return
        taker = cast("forms.ChoiceField", self.fields["taker"])
        takers = [each for each in Taker if may_leave or each is not Taker.LEAVE]
        taker.choices = [(each.value, each.label) for each in takers]
        taker.initial = Taker.LEAVE if may_leave else Taker.SPREAD
        self._set_people(tasks)

    def _set_people(self, tasks: QuerySet[TaskInstance]) -> None:
        kinds = tasks.order_by("task_definition").values("task_definition").distinct()[:MOST_DEFINITIONS]
        able = people_with_a_role_for(TaskDefinition.objects.filter(pk__in=kinds)).exclude(pk__in=self.people)
        person = cast("forms.ModelChoiceField[CustomUser]", self.fields["person"])
        person.queryset = able
        listed = [(each.pk, describe_person(each)) for each in able[:MAX_PEOPLE]]
        person.choices = [("", person.empty_label), *listed]

    def clean(self) -> None:
        """Refuse to give tasks to a person who is not chosen."""
        if self.cleaned_data.get("taker") == Taker.PERSON and not self.cleaned_data.get("person"):
            self.add_error("person", _("Choose the person who gets the tasks."))

    def plan(self, *, is_away: bool = False) -> HandOver:
        """Return what to do; without an answer, the tasks are spread."""
        answer = self.cleaned_data if self.is_bound and self.is_valid() else {}
        default = Taker.LEAVE if self.may_leave else Taker.SPREAD
        person = answer.get("person")
        taker = Taker(answer.get("taker") or default)
        return HandOver(self.people, taker, person=person.pk if person else None, is_away=is_away)

    @property
    def sentences(self) -> list[str]:
        """How many open tasks are touched, as a list of at most one sentence."""
        if not self.count:
            return []
        if self.count > MOST_COUNTED:
            return [_("More than %(most)d open tasks are touched.") % {"most": MOST_COUNTED}]
        text = ngettext("%(count)d open task is touched.", "%(count)d open tasks are touched.", self.count)
        return [text % {"count": self.count}]


def roles_nobody_holds(
    role_ids: Collection[int], system_roles: Collection[str], *, without: Collection[int] = ()
) -> list[str]:
    """Return a sentence for each of these roles that active workflows use and nobody holds.

    `without` are people who count as if they were gone.
    """
    present = CustomUser.objects.active().exclude(pk__in=without)
    active = WorkflowDefinition.objects.filter(status=WorkflowStatus.ACTIVE)
    return [
        _("Nobody has the role “%(role)s” then. These workflows use it: %(workflows)s.")
        % {"role": name, "workflows": ", ".join(titles)}
        for name, used_by in (
            *_company_roles(role_ids, present),
            *_system_roles(system_roles, present),
        )
        if (titles := _titles(active.filter(used_by)))
    ]


def _titles(workflows: QuerySet[WorkflowDefinition]) -> list[str]:
    titles = list(workflows.order_by(Lower("title")).values_list("title", flat=True)[: MOST_NAMED + 1])
    return titles if len(titles) <= MOST_NAMED else [*titles[:MOST_NAMED], "…"]


def _company_roles(role_ids: Collection[int], present: QuerySet[CustomUser]) -> Iterator[tuple[str, Q]]:
    """Yield the name of each of the roles without people, and which workflows use it."""
    held = CompanyRoleMembership.objects.filter(role=OuterRef("pk"), person__in=present)
    roles = CompanyRole.objects.filter(~Exists(held), pk__in=role_ids).order_by(Lower("name"))
    for pk, name in roles.values_list("pk", "name")[:MOST_NAMED] if role_ids else ():
        yield (
            name,
            Q(pk__in=TicketAdminRole.objects.filter(role=pk).values("workflow"))
            | Q(pk__in=SubmitterRole.objects.filter(role=pk).values("ticket_definition__workflow"))
            | Q(pk__in=ExecutorRole.objects.filter(role=pk).values("task_definition__workflow")),
        )


def _system_roles(names: Collection[str], present: QuerySet[CustomUser]) -> Iterator[tuple[str, Q]]:
    """Yield the same of system roles: workflows use them where they name no role."""
    forms_without = TaskDefinition.objects.filter(
        task_type=TaskType.FORM, executor_links=None, assignee_field=None
    )
    uses = {
        SystemRoleName.USER: Q(
            pk__in=TicketDefinition.objects.filter(submitter_links=None).values("workflow")
        ),
        SystemRoleName.TASK_WORKER: Q(pk__in=forms_without.values("workflow")),
        SystemRoleName.TICKET_ADMIN: Q(ticket_admin_links=None),
    }
    for role, used_by in uses.items():
        if role in names and not present.filter(system_role_memberships__group__name=role).exists():
            yield str(role.label), used_by
