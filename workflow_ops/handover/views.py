"""Pages for actions that take work from people: deactivation, removal of roles, and absence."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page, find, show_or_submit
from users import access, company_roles, people
from users.forms.roles import PersonRolesForm, SelectedPeopleForm
from users.models import CompanyRole, CustomUser
from users.people import set_absence
from workflow_ops.desk.responsible import tickets_in_care, tickets_with_ineligible_responsible
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.handover.actions import by_turn, open_forms, schedule_hand_over
from workflow_ops.handover.forms import AbsenceForm, HandOverForm
from workflow_ops.handover.questions import roles_nobody_holds, tasks_not_passed_on

TEMPLATE = "workflow_ops/hand_over.html"
DECIDED = "_decided"


@show_or_submit
@company_page()
def person_deactivate(request: PageRequest, person_id: int) -> HttpResponse:
    """Show the person's open work and ask who gets it, then end the person's access."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    detail = redirect("person_detail", person.pk)
    form = HandOverForm(
        _answer(request),
        tasks=open_forms((person.pk,)),
        tickets=tickets_in_care([person.pk]),
        people=[person.pk],
        may_leave=False,
    )
    if request.method != "POST" or (form.is_bound and not form.is_valid()):
        others = CustomUser.objects.active().exclude(pk=person.pk)
        unheld = roles_nobody_holds(person.company_role_ids, person.system_roles, present=others)
        context = {
            "title": _("Deactivate %(name)s?") % {"name": person},
            "text": _("Its tokens open nothing until you reactivate it.")
            if person.is_service_account
            else _("They are logged out immediately and can't log in until you reactivate them."),
            "consequences": [_("Their roles and their work stay."), *form.sentences, *unheld],
            "form": form,
            "submit": _("Deactivate"),
            "cancel_url": detail.url,
        }
        return render(request, TEMPLATE, context)
    try:
        if people.deactivate(person):
            schedule_hand_over(form.plan())
            messages.success(request, _("%(name)s has been deactivated.") % {"name": person})
            if form.count:
                passed_on = _("Their open tasks are passed on now. One that nobody may do becomes an error.")
                messages.info(request, passed_on)
            if form.ticket_count:
                messages.info(request, _("Their open tickets are passed on now."))
    except people.LastAdminError:
        messages.error(request, _("%(name)s is the only company admin and stays active.") % {"name": person})
    return detail


@show_or_submit
@company_page()
def person_roles(request: PageRequest, person_id: int) -> HttpResponse:
    """Change a person's roles; ask before open tasks or workflows lose their only people."""
    person = find(CustomUser.objects, request.user, access.may_manage_company, pk=person_id)
    present = {
        "system_roles": list(person.system_roles),
        "company_roles": list(person.company_role_ids),
        "gets_no_turn": not person.is_in_rotation,
    }
    form = PersonRolesForm(request.POST if request.method == "POST" else None, initial=present, person=person)
    if form.is_valid():
        wanted = form.values()
        try:
            return _change_or_ask(
                request,
                lambda: people.change_roles(person, **wanted),
                people=[person.pk],
                roles=person.company_role_ids.difference(wanted["company_role_ids"]),
                system_roles=person.system_roles.difference(wanted["system_roles"]),
                title=_("Take roles from %(name)s?") % {"name": person},
                done=lambda _result: _("The roles of %(name)s have been saved.") % {"name": person},
                to=reverse("person_detail", args=[person.pk]),
            )
        except people.LastAdminError:
            form.refuse_last_admin()
    return render(request, "users/person_roles.html", {"person": person, "form": form})


@require_POST
@company_page()
def role_take(request: PageRequest, role_id: int) -> HttpResponse:
    """Take the role from the selected people; ask before open tasks or workflows lose their only people."""
    role = find(CompanyRole.objects, request.user, access.may_manage_company, pk=role_id)
    form = SelectedPeopleForm(request.POST)
    page = reverse("role_edit", args=[role.pk])
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["people"])))
        return redirect(page)
    ids = form.person_ids()

    def done(count: int) -> str:
        lost = ngettext("%(count)d person lost the role.", "%(count)d people lost the role.", count)
        return lost % {"count": count} if count else ""

    return _change_or_ask(
        request,
        lambda: company_roles.take_role(role, ids),
        people=ids,
        roles=[role.pk],
        title=_("Take the role “%(role)s” away?") % {"role": role},
        done=done,
        to=page,
    )


def _answer(request: PageRequest) -> Any:
    """Return the data that was sent about tasks and tickets, or None if the form did not ask."""
    return request.POST if {"distribution", "responsible"} & request.POST.keys() else None


@show_or_submit
@company_page()
def own_absence(request: PageRequest) -> HttpResponse:
    """Set when the user is away; staff in a company are never away."""
    if request.impersonating:
        return redirect("user_profile")
    return _absence(request, request.user, to=reverse("user_profile"))


@show_or_submit
@company_page()
def person_absence(request: PageRequest, person_id: int) -> HttpResponse:
    """Set when a person of the company is away."""
    person = find(CustomUser.objects.exclude(email=""), request.user, access.may_manage_company, pk=person_id)
    return _absence(request, person, to=reverse("person_detail", args=[person.pk]))


def _absence(request: PageRequest, person: CustomUser, *, to: str) -> HttpResponse:
    tasks = by_turn(open_forms((person.pk,)))
    form = AbsenceForm(request.POST if request.method == "POST" else None, person=person, tasks=tasks)
    if form.is_valid():
        fresh = set_absence(person, **form.absence())
        if fresh.away_from:
            schedule_hand_over(form.plan(is_away=True), at=fresh.away_begins_at)
        messages.success(request, _("The absence has been saved."))
        for sentence in tasks_not_passed_on(person, fresh.stand_in) if fresh.stand_in else []:
            messages.warning(request, sentence)
        return redirect(to)
    others = CustomUser.objects.present().exclude(pk=person.pk)
    is_own = person == request.user
    own = _("New tasks go to others on these days; those for you only stay.")
    context = {
        "title": _("When you are away") if is_own else _("Away: %(name)s") % {"name": person},
        "text": own
        if is_own
        else _("New tasks go to others on these days; those for this person only stay."),
        "consequences": [
            *form.sentences,
            *roles_nobody_holds(person.company_role_ids, person.system_roles, present=others),
            *(tasks_not_passed_on(person, person.stand_in) if person.stand_in else ()),
        ],
        "form": form,
        "cancel_url": to,
        "is_harmless": True,
    }
    return render(request, "components/confirm.html", context)


def _change_or_ask(
    request: PageRequest,
    change: Callable[[], object],
    *,
    people: Collection[int],
    roles: Collection[int],
    system_roles: Collection[str] = (),
    title: str,
    done: Callable[[Any], str],
    to: str,
) -> HttpResponse:
    """Make the change, but roll back and ask first if it takes work from people or empties a role."""
    with transaction.atomic():
        result = change()
        tasks = tasks_with_ineligible_assignee(open_forms(tuple(people)))
        tickets = tickets_with_ineligible_responsible(tickets_in_care(people))
        form = HandOverForm(_answer(request), tasks=tasks, tickets=tickets, people=people, may_leave=True)
        consequences = [
            *form.sentences,
            *roles_nobody_holds(roles, system_roles, present=CustomUser.objects.active()),
        ]
        is_decided = DECIDED in request.POST and (not form.is_bound or form.is_valid())
        if consequences and not is_decided:
            question = {"title": title, "consequences": consequences, "form": form, "cancel_url": to}
            question |= {"submit": _("Take away"), "repeated": _sent_before(request, without=form)}
            answer = render(request, TEMPLATE, question)
            transaction.set_rollback(True)
            return answer
        schedule_hand_over(form.plan())
    if message := done(result):
        messages.success(request, message)
    return redirect(to)


def _sent_before(request: PageRequest, *, without: HandOverForm) -> list[tuple[str, str]]:
    """Return the data of the change's form, which the question repeats beside its own fields."""
    own = (*without.fields, "csrfmiddlewaretoken", DECIDED)
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in own]
