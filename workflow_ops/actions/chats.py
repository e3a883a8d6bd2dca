"""Messages as the JSON that chats take: Slack and those that copy it, and Microsoft Teams."""

from html import escape
from typing import Any

from workflow_design.models import ConnectionKind


def post_of(text: str, kind: str) -> dict[str, Any]:
    """Return the JSON that posts a text to a chat of this kind."""
    if kind == ConnectionKind.TEAMS:
        # Teams begins a new line only after an empty one.
        block = {"type": "TextBlock", "text": text.replace("\n", "\n\n"), "wrap": True}
        card = {"type": "AdaptiveCard", "version": "1.4", "body": [block]}
        card["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json"
        content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [content]}
    # Slack reads &, < and > as the beginnings of links and mentions.
    return {"text": escape(text, quote=False)}
