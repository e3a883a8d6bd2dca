"""Forms that ask who gets a person's open tasks and tickets, and when a person is away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ticketflower.formats import write_count
from ticketflower.http import Form
from users.filters import NAME_IN_ORDER
from users.models import CustomUser
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.forms import offer_admins, offer_new_assignees
from workflow_ops.handover.actions import Distribution, HandOver, planned_for_absence
from workflow_ops.models import TaskInstance, TicketInstance

MOST_COUNTED: Final = 1000


class HandOverForm(Form):
    """Asks who gets open tasks and tickets; if there are none, the form has no fields."""

    distribution = forms.ChoiceField(label=gettext_lazy("Open tasks"), widget=forms.RadioSelect)
    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=gettext_lazy("Person"),
        required=False,
        empty_label=gettext_lazy("Nobody chosen"),
        help_text=gettext_lazy("If you give them to one person. Anyone who may do the others can take them."),
    )

    responsible = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=gettext_lazy("Responsible for the tickets"),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Nobody becomes responsible for those that this person may not administer."),
    )

    default = Distribution.SPREAD
    """The default if there is no answer, because tasks may have been assigned since the page was shown."""

    def __init__(
        self,
        data: Any = None,
        *,
        tasks: QuerySet[TaskInstance],
        people: Collection[int],
        may_leave: bool,
        tickets: QuerySet[TicketInstance] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.people = tuple(people)
        self.count = tasks.order_by()[: MOST_COUNTED + 1].count()
        self.ticket_count = 0 if tickets is None else tickets.order_by()[: MOST_COUNTED + 1].count()
        if self.ticket_count and tickets is not None:
            offer_admins(self.fields["responsible"], tickets, without=self.people)
        else:
            del self.fields["responsible"]
        if not self.count:
            del self.fields["distribution"], self.fields["person"]
            return
        field = cast("forms.ChoiceField", self.fields["distribution"])
        offered = [each for each in Distribution if may_leave or each is not Distribution.LEAVE]
        field.choices = [(each.value, each.label) for each in offered]
        field.initial = self.default
        # A choice is preselected, so only a page that was shown without tasks sends no answer.
        field.required = data is None or "distribution" in data
        offer_new_assignees(self.fields["person"], tasks, without=self.people)

    def clean(self) -> dict[str, Any]:
        """Require a person if the tasks are given to one."""
        super().clean()
        is_to_one_person = self.cleaned_data.get("distribution") == Distribution.PERSON
        if is_to_one_person and not self.cleaned_data.get("person"):
            self.add_error("person", _("Choose the person who gets the tasks."))
        return self.cleaned_data

    def plan(self, *, is_away: bool = False) -> HandOver:
        """Return what to do with the tasks and tickets."""
        answer = self.cleaned_data if self.is_bound and self.is_valid() else {}
        person, responsible = answer.get("person"), answer.get("responsible")
        return HandOver(
            self.people,
            Distribution(answer.get("distribution") or self.initial.get("distribution") or self.default),
            person=person.pk if person else None,
            is_away=is_away,
            responsible=responsible.pk if responsible else None,
        )

    @property
    def sentences(self) -> list[str]:
        """Sentences with the numbers of open tasks and tickets."""
        tasks = ngettext(
            "This concerns %(count)s open task.", "This concerns %(count)s open tasks.", self.count
        )
        tickets = ngettext(
            "Another person, or nobody, becomes responsible for %(count)s ticket.",
            "Another person, or nobody, becomes responsible for %(count)s tickets.",
            self.ticket_count,
        )
        more = _("more than %(most)s") % {"most": write_count(MOST_COUNTED)}
        counted = ((tasks, self.count), (tickets, self.ticket_count))
        return [
            text % {"count": write_count(count) if count <= MOST_COUNTED else more}
            for text, count in counted
            if count
        ]


class AbsenceForm(HandOverForm):
    """Asks when a person is away, who stands in, and who gets the open tasks."""

    default = Distribution.LEAVE

    away_from = DayField(
        label=gettext_lazy("Away from"),
        required=False,
        help_text=gettext_lazy("Such as 2026-01-31 or 31 January 2026. Empty: not away."),
    )
    away_until = DayField(
        label=gettext_lazy("Last day away"),
        required=False,
        help_text=gettext_lazy("Empty: until further notice."),
    )
    stand_in = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=gettext_lazy("Stand-in"),
        required=False,
        empty_label=gettext_lazy("Nobody in particular"),
        help_text=gettext_lazy(
            "Gets the new tasks that they may do, and is told what happens. Without one, all share them."
        ),
    )
    field_order = ("away_from", "away_until", "stand_in", "distribution", "person")

    def __init__(self, data: Any = None, *, person: CustomUser, tasks: QuerySet[TaskInstance]) -> None:
        initial: dict[str, Any] = {
            "away_from": person.away_from,
            "away_until": person.away_until,
            "stand_in": person.stand_in_id,
        }
        if planned := planned_for_absence(person):
            initial |= {"distribution": planned.distribution, "person": planned.person}
        super().__init__(data, tasks=tasks, people=[person.pk], may_leave=True, initial=initial)
        colleagues = CustomUser.objects.active().without_programs().exclude(pk=person.pk)
        # The present stand-in remains a choice, even if deactivated.
        stand_ins = CustomUser.objects.filter(
            Q(pk__in=colleagues.values("pk")) | Q(pk=person.stand_in_id or 0)
        )
        stand_in = cast("forms.ModelChoiceField[CustomUser]", self.fields["stand_in"])
        stand_in.queryset = stand_ins.order_by(NAME_IN_ORDER, "pk")
        names = [(each.pk, each.get_name_and_state()) for each in stand_in.queryset]
        stand_in.choices = [("", stand_in.empty_label), *names]

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, and an end or a stand-in without a beginning."""
        values = super().clean()
        begin, end = values.get("away_from"), values.get("away_until")
        if begin and end and end < begin:
            self.add_error("away_until", _("The last day is before the first day."))
        if not begin and "away_from" not in self.errors and (end or values.get("stand_in")):
            self.add_error("away_from", _("Say from which day."))
        return values

    def absence(self) -> dict[str, Any]:
        """Return the arguments of `set_absence()`."""
        return {name: self.cleaned_data[name] for name in ("away_from", "away_until", "stand_in")}
