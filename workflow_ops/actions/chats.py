"""Messages as JSON in the formats of chats: Slack and compatible ones, and Microsoft Teams."""

from html import escape
from typing import Any

from workflow_design.models import ConnectionKind


def post_of(text: str, kind: str) -> dict[str, Any]:
    """Return the JSON that posts a text to a chat of this kind."""
    if kind == ConnectionKind.TEAMS:
        # Teams ignores a single line break.
        block = {"type": "TextBlock", "text": text.replace("\n", "\n\n"), "wrap": True}
        card = {"type": "AdaptiveCard", "version": "1.4", "body": [block]}
        card["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json"
        content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        return {"type": "message", "attachments": [content]}
    # In Slack, &, < and > begin links and mentions.
    return {"text": escape(text, quote=False)}
