"""The workflows of the gallery, for tests that play them."""

from pathlib import Path

from workflow_design.workflow_file import parse_workflow_file
from workflow_design.workflow_file_format import WorkflowFile

FOLDER = Path(__file__).parents[1] / "gallery"
NAMES = (
    "content_approval",
    "expense_claim",
    "it_support",
    "onboarding",
    "purchase_approval",
    "vacation_request",
)


def gallery_text(name: str) -> bytes:
    """The file of one workflow of the gallery."""
    return (FOLDER / f"{name}.json").read_bytes()


def gallery_file(name: str) -> WorkflowFile:
    """One workflow of the gallery."""
    return parse_workflow_file(gallery_text(name))
