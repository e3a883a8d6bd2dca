"""Submit buttons that change what a form shows and save nothing: "Add a row", "Move up", "Update preview".

Such a button is named `_redisplay`; its value names the field and what to do: `condition:add`. The
field's widget does it as it reads the POST, so a view only has to show the form again:

    if redisplay_asked(request.POST):
        return render(…, {"form": without_errors(form)})
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

BUTTON: Final = "_redisplay"
NOT_SAVED: Final = _("This was shown again, not saved.")

SomeForm = TypeVar("SomeForm", bound=forms.BaseForm)


def redisplay_asked(post: Mapping[str, Any]) -> bool:
    """Whether a button was pressed that saves nothing."""
    return BUTTON in post


def without_errors(form: SomeForm) -> SomeForm:
    """The form as it was filled in, without what a check would say: nobody has asked for it yet."""
    form.errors.clear()
    return form


def action_for(post: Mapping[str, Any], name: str) -> str:
    """What the pressed button asks of the field `name`; "" if nothing."""
    field, _colon, action = str(post.get(BUTTON, "")).partition(":")
    return action if field == name else ""
