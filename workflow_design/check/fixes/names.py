"""Names that are written for others: of members, fields, operators, types, formats and statuses."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from workflow_design.engine.conditions.bounds import rule_objects

_MAX_LENGTH: Final = 40
_MAX_KNOWN: Final = 100
_SIMILARITY: Final = 0.7
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHERS: Final = re.compile(r"[^a-z0-9]+")
_PATH: Final = re.compile(r"[.\s{}$/\[\]]+")

_JOINING: Final = frozenset({"and", "or", "!", "!!", "if", "?:"})
_COMPARING: Final = frozenset({"==", "===", "!=", "!==", "<", "<=", ">", ">=", "in"})

Meanings = Mapping[str, str]
"""What names in lower case, without marks, mean; several in a text, separated by spaces."""


def _table(*lines: str) -> Meanings:
    """Return the meaning of each word before a colon; behind it are the possible meanings, best first."""
    pairs = [line.split(": ") for line in lines]
    found: dict[str, str] = {}
    for words, meanings in pairs:
        for word in words.split():
            found[word] = f"{found.get(word, '')} {meanings}".strip()
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEMBERS: Final = _table(
    "name label heading caption: title",
    "summary help details doc documentation: description",
    "links link references refs attachments: ext_ref",
    "schema properties field_schema fieldsschema json_schema data_schema data workspace: fields_schema",
    "steps step activities nodes jobs actions task: tasks",
    "ends end end_events outcomes results endings completion: completions",
    "starts start start_events requests forms triggers ticket: tickets",
    "admin_roles admins ticket_admins owners: ticket_admin_roles",
    "inputs input reads input_field listens_to triggered_by trigger requires: input_fields fields",
    "outputs output writes output_field form form_fields: output_fields fields",
    "field input_fields output_fields: fields",
    "roles role executors executor performers performer groups group candidate_groups assigned_roles"
    " allowed_roles: executor_roles submitter_roles ticket_admin_roles",
    "submitters submitter requester requesters: submitter_roles",
    "assignee assigned_to assign_to assignedto owner responsible user person: assignee_field",
    "four_eyes not_requester not_by_submitter exclude_submitter segregation: not_submitter",
    "approval human_approval human_in_the_loop needs_confirmation needs_review: needs_approval",
    "type kind tasktype: task_type",
    "status state result outcome end_status final_status completiontype type: completion_status",
    "when if rule guard filter expression conditions where only_if: condition",
    "reset resets clear clears empties resetfields: reset_fields",
    "url endpoint webhook address uri action: action_url",
    "request body payload input_mapping send mapping: input_transform",
    "response response_mapping output_mapping answer: output_transform",
    "timeout timeout_s time_limit timeoutseconds: timeout_seconds",
    "due deadline due_in due_after due_time sla sla_hours duehours: due_hours",
    "overdue late escalation overduefield due_field: overdue_field",
    "layout form_layout: edit_layout display_layout",
    "read_layout view_layout: display_layout",
    "version file_format schema_version: format",
    "const: value",
    "items fields children: items",
)
ARROWS: Final = _words(
    "next next_task next_tasks goto to then transitions edges flows sequence previous depends_on after before"
    " follows on_complete on_success on_approve on_reject source target order parallel gateways"
)
"""Members that other systems draw arrows with; here fields connect the parts."""
IDENTITIES: Final = _words("id key code uuid slug ref $schema $id author created created_at")
"""Members that the format does not need: a title is the identity."""

OPERATORS: Final = _table(
    "= eq equals equal is ===: ==",
    "<> ≠ ne neq notequals isnot xor !==: !=",
    "gt greaterthan after: >",
    "gte ge ≥ => atleast: >=",
    "lt lessthan before: <",
    "lte le ≤ =< atmost between: <=",
    "&& & allof: and",
    "|| | anyof: or",
    "not empty isempty isnull blank: !",
    "exists isset notempty notnull filled: !!",
    "contains includes has oneof isin like: in",
    "startswith endswith mid: substr",
    "sum add plus: +",
    "subtract minus: -",
    "multiply times: *",
    "divide: /",
    "mod modulo: %",
    "concat join: cat",
    "any: some",
    "every: all",
    "ifelse ternary case: if",
    "field get value variable: var",
)
TASK_TYPES: Final = _table(
    "user_task usertask user human human_task manual manual_task approval task review: FORM",
    "service service_task http http_request webhook api call action rest script sync email: SYNC_ACTION",
    "async asynchronous callback: ASYNC_ACTION",
)
STATUSES: Final = _table(
    "done complete success succeeded finished approved closed resolved accepted ok end: COMPLETED",
    "rejected canceled cancel declined denied failed aborted withdrawn refused terminated: CANCELLED",
    "hold paused pause waiting suspended pending: ON_HOLD",
)
KEYWORDS: Final = _table(
    "options choices values allowed_values enums: enum",
    "any_of anyof: oneOf",
    "label name caption: title",
    "help help_text helptext hint tooltip info: description",
    "placeholder example sample: examples",
    "initial value prefill default_value defaultvalue: default",
    "min min_value minvalue at_least: minimum minLength minItems",
    "max max_value maxvalue at_most: maximum maxLength maxItems",
    "step: multipleOf",
    "regex regexp match: pattern",
    "size length: maxLength",
    "unique: uniqueItems",
)
FORMATS: Final = _table(
    "datetime timestamp datetime_local date_and_time moment iso8601: date-time",
    "textarea longtext long_text text markdown html richtext rich_text multi_line: multiline",
    "phone telephone mobile phone_number fax: tel",
    "url link website http https web: uri",
    "mail e_mail email_address idn_email: email",
    "person employee people user_id userid assignee: user",
    "attachment binary upload document image base64 data_url: file",
    "currency amount price decimal eur usd: money",
    "day iso_date: date",
    "clock hour: time",
)
TYPES: Final = _table(
    "int long whole count bigint short: integer",
    "float double decimal numeric: number",
    "bool yesno yes_no checkbox flag: boolean",
    "str text varchar char line shorttext: string",
    "list multiselect set multichoice multi_select: array",
)


def plain_name(written: str) -> str:
    """Return a name in lower case, its words separated by “_”: "firstDay" is "first_day"."""
    return _OTHERS.sub("_", _CAPITAL.sub("_", written).casefold()).strip("_")


def find_meant(written: str, known: Collection[str], meanings: Meanings | None = None) -> str:
    """Return the known name that was probably meant, or "" if none is near."""
    if len(written) > _MAX_LENGTH:
        return ""
    plain = plain_name(written)
    for key in (written.casefold(), plain, plain.replace("_", "")):
        found = [name for name in ((meanings or {}).get(key, "")).split() if name in known]
        if found:
            return found[0]
    by_plain = {plain_name(name): name for name in known if len(name) <= _MAX_LENGTH}
    if plain in by_plain:
        return by_plain[plain]
    # Comparing all letters with all letters takes time.
    if len(by_plain) > _MAX_KNOWN:
        return ""
    close = get_close_matches(plain, by_plain, n=1, cutoff=_SIMILARITY)
    return by_plain[close[0]] if close else ""


def find_forgotten_field(rule: Any, declared: Collection[str]) -> str:
    """Return the field whose name stands as a text where {"var": …} was meant, or ""."""
    for found in rule_objects(rule):
        is_read = found.operator in _JOINING or not any(isinstance(each, dict) for each in found.arguments)
        if is_read and found.operator in _JOINING | _COMPARING:
            texts = [each for each in found.arguments if isinstance(each, str) and each in declared]
            if texts:
                return texts[0]
    return ""


def find_meant_field(path: str, declared: Collection[str]) -> str:
    """Return the field that a dotted path probably means: "workspace.days" and "$.days" mean days."""
    steps = [step for step in _PATH.split(path) if step]
    exact = next((step for step in reversed(steps) if step in declared), "")
    return exact or next(filter(None, (find_meant(step, declared) for step in steps[::-1][:2])), "")
