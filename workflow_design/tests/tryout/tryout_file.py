"""A workflow with every feature that a try-out supports."""

from typing import Any

REPAIR: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Repair",
    "display_layout": [],
    "fields_schema": {
        "type": "object",
        "required": ["what", "verdict"],
        "properties": {
            "what": {"type": "string", "title": "What is broken", "maxLength": 100},
            "urgent": {"type": "boolean", "title": "Urgent"},
            "photo": {"type": "string", "format": "file", "title": "Photo"},
            "papers": {"type": "array", "items": {"type": "string", "format": "file"}, "title": "Papers"},
            "expert": {"type": "string", "format": "user", "title": "Expert"},
            "verdict": {"enum": ["repair", "wait", "replace", "give up"], "title": "Verdict"},
            "price": {"type": "number", "title": "Price", "minimum": 0},
            "done": {"type": "boolean", "title": "Done"},
        },
    },
    "tickets": [
        {"title": "Something broke", "fields": ["what", "photo", "papers", "expert"]},
        {"title": "Something urgent broke", "fields": ["what", "urgent"]},
    ],
    "tasks": [
        {
            "title": "Look at it",
            "description": "Go there.",
            "task_type": "FORM",
            "input_fields": ["what"],
            "output_fields": ["verdict"],
            "executor_roles": ["Mechanic"],
            "reset_fields": ["verdict"],
        },
        {
            "title": "Ask for the price",
            "task_type": "SYNC_ACTION",
            "input_fields": ["what"],
            "output_fields": ["price"],
            "action_url": "https://prices.example.com/",
        },
        {
            "title": "Repair it",
            "task_type": "FORM",
            "input_fields": ["verdict"],
            "output_fields": ["done", "what"],
            "condition": {"==": [{"var": "verdict"}, "repair"]},
            "assignee_field": "expert",
        },
        {
            "title": "Buy a new one",
            "task_type": "FORM",
            "input_fields": ["verdict"],
            "output_fields": ["done"],
            "condition": {
                "and": [{"==": [{"var": "verdict"}, "replace"]}, {"<": [{"var": "price"}, {"cat": "x"}]}]
            },
        },
    ],
    "completions": [
        {
            "title": "Waits for parts",
            "completion_status": "ON_HOLD",
            "fields": ["verdict"],
            "condition": {"==": [{"var": "verdict"}, "wait"]},
        },
        {
            "title": "Given up",
            "completion_status": "CANCELLED",
            "fields": ["verdict"],
            "condition": {"==": [{"var": "verdict"}, "give up"]},
        },
        {
            "title": "Works again",
            "completion_status": "COMPLETED",
            "fields": ["done"],
            "condition": {"var": "done"},
        },
    ],
}
