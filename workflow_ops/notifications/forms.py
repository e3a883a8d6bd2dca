"""The form in which people choose how they are notified of each kind of event."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.access import may_manage_company
from users.models import CustomUser
from workflow_design.access import may_administer_something
from workflow_ops.models import NotificationChoice, NotificationKind, NotificationWay
from workflow_ops.notifications.recipients import ways_for, ways_of

EXPLAINED: Final = {
    NotificationKind.TASK: _("A task starts that you have, or one is assigned to you"),
    NotificationKind.TAKEABLE: _("A task starts that nobody has yet, or is given back"),
    NotificationKind.OVERDUE: _("Your tasks, and those of tickets that you are responsible for"),
    NotificationKind.COMMENT: _("Comments on your tickets and tasks, and on tickets that you follow"),
    NotificationKind.MENTION: _("A comment has your name with an @, or you were chosen below its text"),
    NotificationKind.SUBMITTED_FOR_ME: _("A colleague submits a ticket in your name"),
    NotificationKind.RESPONSIBLE: _("A ticket that you are to keep an eye on"),
    NotificationKind.HELD: _("Your tickets, and those that you follow"),
    NotificationKind.ENDED: _("Your tickets, and those that you follow"),
    NotificationKind.ERROR: _("A workflow that you administer can't go on"),
    NotificationKind.WEBHOOK: _("Its deliveries have failed for three days, or it says that it is gone"),
}
"""For each kind, a text that says when one is notified."""


def kinds_for(person: CustomUser) -> list[NotificationKind]:
    """Return the kinds that the person can get; errors and webhooks are for their admins only."""
    left_out = set()
    if not may_administer_something(person):
        left_out.add(NotificationKind.ERROR)
    if not may_manage_company(person):
        left_out.add(NotificationKind.WEBHOOK)
    return [kind for kind in NotificationKind if kind not in left_out]


class ChoicesForm(Form):
    """One choice for each kind: not at all, on the site, also by e-mail, or in a daily one."""

    def __init__(self, person: CustomUser, data: Any = None) -> None:
        super().__init__(data)
        self.person = person
        self.ways, self.kinds = ways_of([person.pk]), kinds_for(person)
        for kind in self.kinds:
            self.fields[kind] = forms.ChoiceField(
                label=kind.label,
                help_text=EXPLAINED[kind],
                choices=[(way.value, way.label) for way in ways_for(kind)],
                initial=self.ways[person.pk, kind],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choose one of these."),
                    "invalid_choice": _("Choose one of these."),
                },
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row of the table for each kind; a way that the kind does not offer is an empty cell."""
        rows = []
        for kind in self.kinds:
            field = self[kind]
            radios = dict(zip(ways_for(kind), field.subwidgets, strict=True))
            rows.append({"field": field, "radios": [(way, radios.get(way)) for way in NotificationWay]})
        return rows


def save_choices(form: ChoicesForm) -> None:
    """Store the choices of a valid form. Effects: one row for each kind that has changed."""
    for kind in form.kinds:
        way = cast("str", form.cleaned_data[kind])
        if way != form.ways[form.person.pk, kind]:
            choose(form.person.pk, kind, NotificationWay(way))


def choose(person_id: int, kind: NotificationKind, way: NotificationWay) -> None:
    """Store how a person wants to be notified of a kind."""
    NotificationChoice.objects.update_or_create(person_id=person_id, kind=kind, defaults={"way": way})
