"""What people read for comparisons, which depends on what is compared: a date is "before", not "less"."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from workflow_design.condition_rows import Comparison
from workflow_design.condition_rows.kinds import is_dated
from workflow_design.definition.fields import Field, FieldKind
from workflow_design.forms.condition_values import TO_FIELD

_WORDS: Final = {
    Comparison.IS: _("is"),
    Comparison.IS_NOT: _("is not"),
    Comparison.ONE_OF: _("is one of"),
    Comparison.NONE_OF: _("is none of"),
    Comparison.LESS: _("is less than"),
    Comparison.AT_MOST: _("is at most"),
    Comparison.AT_LEAST: _("is at least"),
    Comparison.MORE: _("is more than"),
    Comparison.BETWEEN: _("is between (from, to)"),
    Comparison.CONTAINS: _("contains"),
    Comparison.CONTAINS_NOT: _("does not contain"),
    Comparison.YES: _("is yes"),
    Comparison.NO: _("is no"),
    Comparison.NOT_YES: _("is no or empty"),
    Comparison.NOT_NO: _("is yes or empty"),
    Comparison.FILLED: _("is filled in"),
    Comparison.EMPTY: _("is empty"),
}
_DATED_WORDS: Final = {
    Comparison.LESS: _("is before"),
    Comparison.AT_MOST: _("is no later than"),
    Comparison.AT_LEAST: _("is no earlier than"),
    Comparison.MORE: _("is after"),
}
_WORDS_TO_FIELD: Final = {
    Comparison.IS: _("is the same as the field"),
    Comparison.IS_NOT: _("is not the same as the field"),
    Comparison.LESS: _("is less than the field"),
    Comparison.AT_MOST: _("is at most the field"),
    Comparison.AT_LEAST: _("is at least the field"),
    Comparison.MORE: _("is more than the field"),
    Comparison.CONTAINS: _("contains what is in the field"),
    Comparison.CONTAINS_NOT: _("does not contain what is in the field"),
}
_DATED_WORDS_TO_FIELD: Final = {
    Comparison.LESS: _("is before the field"),
    Comparison.AT_MOST: _("is no later than the field"),
    Comparison.AT_LEAST: _("is no earlier than the field"),
    Comparison.MORE: _("is after the field"),
}
_ANSWERED: Final = {Comparison.FILLED: _("is answered"), Comparison.EMPTY: _("is not answered")}


def comparison_label(code: str, field: Field) -> str:
    """The words of a comparison in the list of a field."""
    comparison = Comparison(code.removesuffix(TO_FIELD))
    if code.endswith(TO_FIELD):
        words = _WORDS_TO_FIELD | (_DATED_WORDS_TO_FIELD if is_dated(field) else {})
    else:
        words = _WORDS | (_DATED_WORDS if is_dated(field) else {})
        words |= _ANSWERED if field.kind is FieldKind.YES_NO else {}
    return str(words[comparison])
