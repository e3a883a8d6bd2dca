"""The form that arranges a form, or a page for reading."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.forms.drafts import DraftForm
from workflow_design.forms.layouts import LayoutField
from workflow_design.models import WorkflowDefinition


class LayoutForm(DraftForm):
    """A layout of the fields `names`: of a form, or else of a page that may show any field."""

    aliases = {"edit_layout": "layout", "display_layout": "layout"}

    def __init__(
        self,
        *,
        workflow: WorkflowDefinition,
        file: WorkflowFile,
        layout: Sequence[Any],
        names: Sequence[str],
        is_form: bool,
        data: Any = None,
    ) -> None:
        super().__init__(workflow=workflow, data=data, initial={"layout": list(layout)})
        validator = data_validator(file.fields_schema)
        self.fields["layout"] = LayoutField(
            names,
            validator.fields,
            exactly_once=is_form,
            validator=validator if is_form else None,
            label=_("Order and sections"),
        )
