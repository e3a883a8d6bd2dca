"""Tasks in which people of the company could decide about their own tickets."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.models import CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.system_roles import SystemRoleName
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.self_approval import Decision, find_decisions
from workflow_design.definition.problems import pointer
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile

Rule = tuple[frozenset[str], frozenset[str]]
"""The names of the roles that submit, and of those that decide."""


def find_self_approvals_in_company(file: WorkflowFile) -> Iterator[Finding]:
    """Yield a note for each decision that some who submit the ticket may be given. One query at most."""
    decisions: dict[int, list[Decision]] = {}
    for decision in find_decisions(file, read_fields(file.fields_schema)):
        # Who is named by a field is only known at run time.
        if decision.task.assignee_field is None:
            decisions.setdefault(decision.position, []).append(decision)
    rules = {_rule_of(each) for several in decisions.values() for each in several}
    shared = _rules_with_people(rules) if rules else set()
    for several in decisions.values():
        found = next((each for each in several if _rule_of(each) in shared), None)
        if found is not None:
            yield _build_finding(found)


def _rule_of(decision: Decision) -> Rule:
    submitters, executors = decision.ticket.submitter_roles, decision.task.executor_roles
    return frozenset(map(str.casefold, submitters)), frozenset(map(str.casefold, executors))


def _rules_with_people(rules: Iterable[Rule]) -> set[Rule]:
    """Return the rules of which the same person may do both."""
    names = {f"rule_{number}": rule for number, rule in enumerate(rules)}
    asked = {
        name: Exists(
            CustomUser.objects.in_rotation().filter(
                _has_one_of(submitters, SystemRoleName.USER),
                _has_one_of(executors, SystemRoleName.TASK_WORKER),
            )
        )
        for name, (submitters, executors) in names.items()
    }
    row = CustomUser.objects.values(**asked).first() or {}
    return {rule for name, rule in names.items() if row.get(name)}


def _has_one_of(roles: frozenset[str], or_else: SystemRoleName) -> Q:
    """Return whether a person has one of the roles or, if there are none, the system role."""
    if not roles:
        system = SystemRoleMembership.objects.filter(person=OuterRef("pk"), group__name=or_else)
        return Q(Exists(system))
    named = CompanyRoleMembership.objects.annotate(name=Lower("role__name")).filter(name__in=roles)
    return Q(Exists(named.filter(person=OuterRef("pk"))))


def _build_finding(decision: Decision) -> Finding:
    message = _(
        "Some people who submit “%(ticket)s” may be given “%(task)s”, and decide about their own ticket."
    )
    return Finding(
        "self-approval",
        Severity.NOTE,
        pointer("tasks", decision.position, "not_submitter"),
        message % {"ticket": decision.ticket.title, "task": decision.task.title},
        _("If nobody may do that, exclude the submitter (not_submitter)."),
    )
