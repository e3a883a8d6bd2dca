"""Broken workflow files, and a program that applies the fixes which the check proposes, as a model would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

SOUND: Json = {
    "format": "ticketflower-workflow/1",
    "title": "Key request",
    "fields_schema": {
        "type": "object",
        "required": ["door", "days", "decision", "handed_out"],
        "properties": {
            "door": {"type": "string", "title": "Door", "maxLength": 80},
            "days": {"type": "integer", "title": "Days", "minimum": 1, "maximum": 365},
            "decision": {"type": "string", "title": "Decision", "enum": ["approve", "reject"]},
            "handed_out": {"type": "string", "title": "Handed out", "enum": ["Handed out"]},
        },
    },
    "tickets": [{"title": "Key request", "fields": ["door", "days"]}],
    "tasks": [
        {
            "title": "Decide",
            "task_type": "FORM",
            "input_fields": ["door", "days"],
            "output_fields": ["decision"],
        },
        {
            "title": "Hand out the key",
            "task_type": "FORM",
            "input_fields": ["decision"],
            "shown_fields": ["door", "days"],
            "output_fields": ["handed_out"],
            "condition": {"==": [{"var": "decision"}, "approve"]},
        },
    ],
    "completions": [
        {"title": "Handed out", "completion_status": "COMPLETED", "fields": ["handed_out"]},
        {
            "title": "Rejected",
            "completion_status": "CANCELLED",
            "fields": ["decision"],
            "condition": {"==": [{"var": "decision"}, "reject"]},
        },
    ],
}


def broken_files() -> dict[str, Json]:
    """Return five copies of the sound file with usual mistakes, each with a title of its own."""
    return {name: {**make(deepcopy(SOUND)), "title": f"Keys: {name}"} for name, make in _MISTAKES.items()}


def _names(file: Json) -> Json:
    decide = file["tasks"][0]
    decide["type"], decide["inputs"] = decide.pop("task_type"), decide.pop("input_fields")
    file["completions"][0]["completion_status"] = "DONE"
    return file


def _conditions(file: Json) -> Json:
    file["completions"][1]["condition"] = "decision == 'reject'"
    file["tasks"][1]["condition"] = {"eq": [{"var": "$.decision"}, "approve"]}
    return file


def _fields(file: Json) -> Json:
    fields = file["fields_schema"]["properties"]
    fields["handedOut"] = fields.pop("handed_out")
    file["tasks"][1]["output_fields"] = ["handedOut"]
    fields["door"]["format"], fields["days"]["default"] = "textarea", "3"
    return file


def _values(file: Json) -> Json:
    file["completions"][1]["condition"] = {"==": [{"var": "decision"}, "Reject"]}
    file["tasks"][1]["executor_roles"] = "Employee"
    del file["format"]
    return {**file, "id": "key"}


def _joining(file: Json) -> Json:
    """Let a second task run beside the first, whose answer the end asks for but does not read."""
    file["fields_schema"]["properties"]["fits"] = {"type": "string", "title": "Fits", "enum": ["Fits"]}
    file["fields_schema"]["required"].append("fits")
    file["tasks"].append(
        {"title": "Try the key", "task_type": "FORM", "input_fields": ["door"], "output_fields": ["fits"]}
    )
    file["completions"][0]["condition"] = {"and": [{"var": "fits"}, {"var": "handed_out"}]}
    return file


_MISTAKES: dict[str, Callable[[Json], Json]] = {
    "names": _names,
    "conditions": _conditions,
    "fields": _fields,
    "values": _values,
    "joining": _joining,
}


# --- Fixing --------------------------------------------------------------------------


def apply_fix(file: Json, finding: Json) -> bool:
    """Change the file as the finding's fix says; return False for one that leaves a choice."""
    for pattern, change in _CHANGES:
        if found := re.fullmatch(pattern, finding["fix"]):
            change(file, finding, *found.groups())
            return True
    return False


def _resolve(file: Json, pointer: str) -> tuple[Any, Any]:
    """Return what the value at a pointer is in, and its name or position there."""
    *path, last = pointer.split("/")[1:]
    place: Any = file
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place, int(last) if isinstance(place, list) else last


def _rename(file: Json, finding: Json, old: str, new: str) -> None:
    place, last = _resolve(file, finding["pointer"])
    place[last][new] = place[last].pop(old)


def _write(file: Json, finding: Json, text: str) -> None:
    pointer = finding["pointer"]
    if finding["code"] == "unknown-operator":  # what is to be written is the rule, not what it has
        pointer = pointer.rpartition("/")[0]
    place, last = _resolve(file, pointer)
    place[last] = json.loads(text)


def _add_member(file: Json, finding: Json, text: str) -> None:
    assert finding["pointer"] == ""
    file.update(json.loads(f"{{{text}}}"))


def _say_yes(file: Json, finding: Json) -> None:
    place, last = _resolve(file, finding["pointer"])
    place[last] = True


def _remove(file: Json, finding: Json) -> None:
    place, last = _resolve(file, finding["pointer"])
    del place[last]


def _take_meant(file: Json, finding: Json, meant: str) -> None:
    place, last = _resolve(file, finding["pointer"])
    if finding["code"] in ("unknown-member", "bad-name"):
        place[meant] = place.pop(last)
    elif last == "condition":
        known = file["fields_schema"]["properties"]
        place[last] = _replaced(place[last], lambda name: meant if name not in known else name)
    else:
        place[last] = meant


def _replaced(rule: Any, name: Callable[[str], str]) -> Any:
    """Return the rule with other names of fields."""
    if isinstance(rule, dict):
        return {key: name(each) if key == "var" else _replaced(each, name) for key, each in rule.items()}
    return [_replaced(each, name) for each in rule] if isinstance(rule, list) else rule


def _take_meant_value(file: Json, finding: Json, meant: str) -> None:
    place, last = _resolve(file, finding["pointer"])
    wrong = re.findall(r"can't be (\".*?\")", finding["message"])[0]
    place[last] = json.loads(json.dumps(place[last]).replace(wrong, meant))


def _read_field(file: Json, finding: Json, field: str, part: str) -> None:
    fields = file["fields_schema"]["properties"]
    (name,) = [name for name, each in fields.items() if each.get("title", name) == field]
    for each in file["completions"]:
        if each["title"] == part:
            each["fields"].append(name)


_CHANGES: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"Rename “(.+)” to “(.+)”\.", _rename),
    (r"Write (.+)\.", _write),
    (r"Add (\".+\": .+)\.", _add_member),
    (r"Remove it: .+", _remove),
    (r"To rule that out, choose .+", _say_yes),
    (r"Did you mean “(.+)”\?", _take_meant),
    (r"Did you mean (\".+\")\?", _take_meant_value),
    (r"Add “(.+)” to the fields that “(.+)” reads\.", _read_field),
)
