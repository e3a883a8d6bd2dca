"""Submit buttons that change what a form shows and save nothing: "Add a row", "Move up", "Update preview".

Such a button is named `_redisplay`; its value names the field and what to do: `condition:add`. The
field's widget does it as it reads the POST, so a form only has to be shown again, without errors
(`drafts.DraftForm` does). A field that sees such a POST is never valid, whatever the form makes of it.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

BUTTON: Final = "_redisplay"
NOT_SAVED: Final = _("This was shown again, not saved.")


def redisplay_asked(post: Mapping[str, Any]) -> bool:
    """Whether a button was pressed that saves nothing."""
    return BUTTON in post


def action_for(post: Mapping[str, Any], name: str) -> str:
    """What the pressed button asks of the field `name`; "" if nothing."""
    field, _colon, action = str(post.get(BUTTON, "")).partition(":")
    return action if field == name else ""
