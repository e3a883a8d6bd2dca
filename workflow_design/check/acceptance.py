"""Findings that are meant so (`docs/check.md`, "Accepted findings"). Pure.

A file accepts a finding by its code and place. The digest makes that void as soon as the place changes, or
something else leads to the finding.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from hashlib import sha256
from typing import Any, Final

from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.file_json import part_to_json
from workflow_design.definition.workflow import Kind, PartFile, WorkflowFile

Entry = Mapping[str, str]
"""An object of the member `accepted` of a workflow file."""

_OF_COMPANY: Final = frozenset({"unknown-role", "unknown-connection", "nobody-to-assign"})
"""The codes of findings that only a company can have."""
CHANGED, GONE, IS_ERROR = "changed", "gone", "error"
"""Why an entry is out of date: its place or cause changed; nothing is found any more; it is an error."""
DIGEST_LENGTH: Final = 12
_PART: Final = re.compile(rf"/({'|'.join(kind.members for kind in Kind)})/(\d+)(/.*)?")
_FIELD: Final = re.compile(r"/fields_schema/properties/([^/]+).*")


def identify(file: WorkflowFile, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with the titles and digests of their places."""
    return tuple(_identify(file, finding) for finding in findings)


def _identify(file: WorkflowFile, finding: Finding) -> Finding:
    title, content = _find_place(file, finding.pointer)
    others = [_find_place(file, pointer)[0] for pointer in finding.likewise]
    what = [finding.code, _without_position(finding.pointer), content, finding.cause, sorted(others)]
    digest = sha256(json.dumps(what).encode()).hexdigest()[:DIGEST_LENGTH]
    return replace(finding, title=title, digest=digest)


def _find_place(file: WorkflowFile, pointer: str) -> tuple[str, Any]:
    """Return the title and the content of the part or field that a pointer leads into."""
    if match := _PART.fullmatch(pointer):
        parts: Sequence[PartFile] = getattr(file, match[1])
        if int(match[2]) < len(parts):
            part = parts[int(match[2])]
            return part.title, _without_defaults(part)
    if match := _FIELD.fullmatch(pointer):
        schema = file.fields_schema
        keywords = schema.get("properties", {}).get(match[1], {})
        return str(keywords.get("title", match[1])), [keywords, match[1] in schema.get("required", ())]
    return "", None


def _without_defaults(part: PartFile) -> dict[str, Any]:
    """Return the members of a part that say something, so that a new member of the format changes nothing."""
    defaults = {each.name: each.default for each in fields(type(part)) if each.default is not MISSING}
    content = part_to_json(part)
    return {
        name: value
        for name, value in content.items()
        if name not in defaults or getattr(part, name) != defaults[name]
    }


def accept(report: CheckReport, accepted: Sequence[Entry], *, knows_company: bool = False) -> CheckReport:
    """Return the report with the reasons of accepted findings, and the entries that are out of date.

    `knows_company` tells whether the report has the findings that only a company can have.
    """
    findings = tuple(replace(each, accepted=_find_reason(each, accepted)) for each in report.findings)
    outdated = []
    for entry in accepted:
        about = [each for each in findings if _is_about(entry, each)]
        is_known = knows_company if _is_of_company(entry) else report.is_complete
        if any(_accepts(entry, each) for each in about) or not (about or is_known):
            continue
        why = (
            IS_ERROR if any(each.severity is Severity.ERROR for each in about) else CHANGED if about else GONE
        )
        outdated.append({**entry, "why": why})
    return replace(report, findings=findings, outdated=tuple(outdated))


def _is_of_company(entry: Entry) -> bool:
    """Return whether only a company can have the finding: of self-approvals, those by role."""
    is_by_role = entry["code"] == "self-approval" and entry["pointer"].endswith("/not_submitter")
    return is_by_role or entry["code"] in _OF_COMPANY


def find_accepted(entry: Entry, findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that an entry accepts."""
    return next((each for each in findings if _accepts(entry, each)), None)


def _find_reason(finding: Finding, accepted: Sequence[Entry]) -> str | None:
    return next((entry["reason"] for entry in accepted if _accepts(entry, finding)), None)


def _accepts(entry: Entry, finding: Finding) -> bool:
    is_same = entry.get("digest", "") in ("", finding.digest)
    return finding.severity is not Severity.ERROR and is_same and _is_about(entry, finding)


def _is_about(entry: Entry, finding: Finding) -> bool:
    """Return whether an entry has the code and the place of a finding; a part may have moved in its list."""
    if entry["code"] != finding.code:
        return False
    is_part = bool(_PART.fullmatch(finding.pointer) and entry.get("title"))
    if is_part and _without_position(entry["pointer"]) == _without_position(finding.pointer):
        return entry["title"] == finding.title
    return not is_part and entry["pointer"] == finding.pointer


def _without_position(pointer: str) -> str:
    match = _PART.fullmatch(pointer)
    return f"/{match[1]}{match[3] or ''}" if match else pointer


def entry_for(finding: Finding, *, reason: str) -> dict[str, str]:
    """Return the entry that accepts a finding."""
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "title": finding.title,
        "digest": finding.digest,
        "reason": reason,
    }


def key_of(entry: Entry) -> str:
    """Return a key that identifies an entry among those of a file."""
    return sha256(json.dumps(dict(entry), sort_keys=True).encode()).hexdigest()[:DIGEST_LENGTH]
