"""The workflows of the gallery, for tests that play them."""

from dataclasses import replace
from pathlib import Path

from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

FOLDER = Path(__file__).parents[1] / "gallery" / "files"
NAMES = (
    "content_approval",
    "customer_complaint",
    "expense_claim",
    "expense_limit",
    "incident",
    "incident_alert",
    "it_support",
    "leaving_employee",
    "maintenance_request",
    "onboarding",
    "onboarding_account",
    "privacy_request",
    "purchase_approval",
    "supplier_check",
    "supplier_register",
    "vacation_request",
)


def gallery_text(name: str) -> bytes:
    """Return the file of a workflow of the gallery as text."""
    return (FOLDER / f"{name}.json").read_bytes()


def gallery_file(name: str) -> WorkflowFile:
    """Return a workflow of the gallery."""
    return parse_workflow_file(gallery_text(name))


def stalling_vacation() -> WorkflowFile:
    """Return the vacation request of `docs/engine.md`, which stalls if HR answers “Book it” with no."""
    file = gallery_file("vacation_request")
    return replace(file, completions=tuple(each for each in file.completions if each.title != "Not booked"))
