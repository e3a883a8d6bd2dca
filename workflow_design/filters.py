"""What the lists of definitions are searched and narrowed by: a form that GETs."""

from typing import Final, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from users.filters import SearchForm
from workflow_design.models import WorkflowStatus

RowT = TypeVar("RowT", bound=Model)

ALL: Final = "ALL"
_CURRENT: Final = (WorkflowStatus.ACTIVE, WorkflowStatus.DRAFT)


class DefinitionFilter(SearchForm):
    """Definitions by title and by the status of their workflow; archived ones only where asked for."""

    search_label = _("Title")

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not archived")), *WorkflowStatus.choices, (ALL, _("All"))],
    )

    def definitions(self, rows: "QuerySet[RowT]", *, workflow: str = "") -> "QuerySet[RowT]":
        """Those of `rows` that fit; `workflow` leads from a row to its workflow ("workflow__")."""
        found = rows.filter(title__icontains=self.chosen("q"))
        status = self.chosen("status")
        if status == ALL:
            return found
        return found.filter(**{f"{workflow}status__in": [status] if status else _CURRENT})
