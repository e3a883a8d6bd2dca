"""Workflow files for tests of stored definitions."""

import json
from typing import Any

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

VACATION: dict[str, Any] = {
    "format": "ticketflower-workflow/1",
    "title": "Vacation",
    "description": "Days off.\nAsked for in time.",
    "ext_ref": [{"Label": "Rules", "Desc": "What holds", "URI": "https://example.com/rules"}],
    "fields_schema": {
        "type": "object",
        "properties": {
            "days": {"type": "integer", "title": "Days", "minimum": 1, "maximum": 60},
            "first_day": {"type": "string", "format": "date", "title": "First day"},
            "employee_note": {"type": "string", "format": "multiline", "maxLength": 1000},
            "decision": {
                "oneOf": [
                    {"const": "approve", "title": "Approve"},
                    {"const": "change", "title": "Ask for a change"},
                    {"const": "reject", "title": "Reject"},
                ],
                "title": "Decision",
            },
            "manager_note": {"type": "string"},
            "booked": {"type": "boolean"},
            "a": {"type": "number", "maximum": 1e15},
        },
        "required": ["days", "first_day", "decision", "booked"],
    },
    "display_layout": [{"section": "Request", "items": [["days", "first_day"], {"text": "Asked."}]}],
    "ticket_admin_roles": ["HR"],
    "tickets": [
        {
            "title": "Vacation request",
            "fields": ["days", "first_day", "employee_note", "a"],
            "submitter_roles": ["Employee"],
            "edit_layout": [["days", "first_day"], "employee_note", "a"],
        }
    ],
    "tasks": [
        {
            "title": "Decide",
            "task_type": "FORM",
            "input_fields": ["days", "first_day", "employee_note"],
            "output_fields": ["decision", "manager_note"],
            "executor_roles": ["Manager", "HR"],
            "not_submitter": True,
        },
        {
            "title": "Change request",
            "task_type": "FORM",
            "input_fields": ["decision", "manager_note"],
            "shown_fields": ["a"],
            "output_fields": ["days", "first_day", "employee_note"],
            "condition": {"==": [{"var": "decision"}, "change"]},
            "assignee_field": "$submitter",
        },
        {
            "title": "Book it",
            "task_type": "SYNC_ACTION",
            "input_fields": ["decision", "days", "first_day"],
            "output_fields": ["booked"],
            "condition": {
                "and": [
                    {"==": [{"var": "decision"}, "approve"]},
                    {"!": {"<": [{"var": "a"}, 1e15]}},
                ]
            },
            "action_url": "https://calendar.example.com/book",
            "input_transform": {"start": {"var": "first_day"}, "days": {"var": "days"}},
            "output_transform": {"booked": {"==": [{"var": "response.status"}, 200]}},
            "timeout_seconds": 20,
            "reset_fields": [],
        },
    ],
    "completions": [
        {
            "title": "Booked",
            "completion_status": "COMPLETED",
            "fields": ["booked"],
            "condition": {"var": "booked"},
        },
        {
            "title": "Rejected",
            "completion_status": "CANCELLED",
            "fields": ["decision"],
            "condition": {"==": [{"var": "decision"}, "reject"]},
        },
    ],
}


MESSAGE: dict[str, Any] = {
    "title": "Tell the team",
    "task_type": "SYNC_ACTION",
    "input_fields": ["decision"],
    "output_fields": ["booked"],
    "action": {
        "email": {
            "to": {"role": "Team leads"},
            "subject": "Vacation from {first_day}",
            "text": "{days} days, {{from} {first_day}.",
        }
    },
}
"""A task that can stand in the vacation workflow."""


SCENARIO: dict[str, Any] = {
    "title": "A manager rejects",
    "people": {"Anna": ["Employee"], "Max": ["Manager"]},
    "moves": [
        {
            "kind": "ticket",
            "title": "Vacation request",
            "by": "Anna",
            "values": {"days": 3, "first_day": "2030-07-01"},
        },
        {"kind": "task", "title": "Decide", "by": "Max", "values": {"decision": "reject"}},
    ],
    "expect": {"status": "CANCELLED", "completion": "Rejected", "values": {"manager_note": None}},
}
"""A scenario of the vacation workflow, which holds."""


def workflow_file(document: dict[str, Any] = VACATION, **changes: Any) -> WorkflowFile:
    """Return the file with some members changed."""
    return parse_workflow_file(json.dumps({**document, **changes}))


def with_message(**action: Any) -> WorkflowFile:
    """Return the vacation file with one more task, which sends a message, or with this `action` of it."""
    message = {**MESSAGE, "action": action or MESSAGE["action"]}
    return workflow_file(tasks=[*VACATION["tasks"], message])


def without_roles(**changes: Any) -> WorkflowFile:
    """Return the vacation file without roles, open to everyone."""
    tickets = [{**ticket, "submitter_roles": []} for ticket in VACATION["tickets"]]
    tasks = [{**task, "executor_roles": []} for task in VACATION["tasks"]]
    return workflow_file(**{"ticket_admin_roles": [], "tickets": tickets, "tasks": tasks, **changes})


def long_file(tasks: int) -> WorkflowFile:
    """Return a workflow of this many parallel tasks, each with its own role."""
    template = VACATION["tasks"][0]
    return workflow_file(
        tasks=[
            {**template, "title": f"Decide {number}", "executor_roles": [f"Role {number}"]}
            for number in range(tasks)
        ]
        + VACATION["tasks"][1:]
    )
