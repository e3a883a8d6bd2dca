"""How a person chooses to be told of each kind."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ticketflower.http import Form
from users.models import CustomUser
from workflow_ops.models import NotificationChoice, NotificationKind, NotificationWay
from workflow_ops.notifications.who_is_told import ways_for, ways_of


class ChoicesForm(Form):
    """One choice for each kind: not at all, on the site, also by e-mail, or in a daily one."""

    def __init__(self, person: CustomUser, data: Any = None) -> None:
        super().__init__(data)
        self.person = person
        self.ways = ways_of([person.pk])
        for kind in NotificationKind:
            self.fields[kind] = forms.ChoiceField(
                label=kind.label,
                choices=[(way.value, way.label) for way in ways_for(kind)],
                initial=self.ways[person.pk, kind],
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choose one of these."),
                    "invalid_choice": _("Choose one of these."),
                },
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row of the table for each kind; a way that it can't have is an empty cell."""
        rows = []
        for kind in NotificationKind:
            field = self[kind]
            radios = dict(zip(ways_for(kind), field.subwidgets, strict=True))
            rows.append({"field": field, "radios": [(way, radios.get(way)) for way in NotificationWay]})
        return rows


def save_choices(form: ChoicesForm) -> None:
    """Store what was chosen in a valid form. Effects: one row for each kind that has changed."""
    for kind in NotificationKind:
        way = cast("str", form.cleaned_data[kind])
        if way != form.ways[form.person.pk, kind]:
            choose(form.person.pk, kind, NotificationWay(way))


def choose(person_id: int, kind: NotificationKind, way: NotificationWay) -> None:
    """Store how a person wants to be told of a kind."""
    NotificationChoice.objects.update_or_create(person_id=person_id, kind=kind, defaults={"way": way})
