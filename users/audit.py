"""The triggers that write the audit log (`docs/data-model.md`, "The audit log").

A model is audited if its `Meta.triggers` has an `AuditTrigger`. Triggers also catch `.update()`, bulk
operations and raw SQL. They run as the tables' owner, and the site may only read what they write
(`ticketflower/tenancy/privileges.py`).
"""

from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    Column = models.Field[Any, Any]

PERSON_NAME = (
    "coalesce(nullif(trim({row}.first_name || ' ' || {row}.last_name), ''), {row}.email) "
    "|| CASE WHEN {row}.is_service_account THEN ' (service account)' ELSE '' END"
)
THE_PERSON = (
    f"(SELECT {PERSON_NAME.format(row='p')} "  # noqa: S608 - here and below, our own names only
    "FROM users_customuser AS p WHERE p.id = {row}.person_id)"
)
THE_ROLE = "(SELECT name FROM users_companyrole WHERE id = {row}.role_id)"


class AuditKind(models.TextChoices):
    """Kinds of audited objects, for the filter of the page."""

    PEOPLE = "PEOPLE", _("People and roles")
    COMPANY = "COMPANY", _("Company and staff's visits")
    WORKFLOW = "WORKFLOW", _("Workflows")
    TICKET = "TICKET", _("Tickets")
    TASK = "TASK", _("Tasks")
    ERROR = "ERROR", _("Errors")
    COMMENT = "COMMENT", _("Comments and files")


# Names are looked up when the change happens, because the page must show what everything was called at that
# time. The statements are small, because PostgreSQL would plan a large one again for each change. A
# transaction without an act (a migration, psql) counts as one act.
_RECORD = """
IF TG_OP = 'DELETE' THEN this := OLD; ELSE this := NEW; END IF;
{changes}
IF TG_OP = 'UPDATE' AND audit_changes = '{{}}' THEN RETURN NULL; END IF;
{about} INTO audit_ticket, audit_workflow, audit_subject;
INSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,
    operation, "table", row_id, label, ticket, workflow_id, subject, changes)
VALUES ({company}, clock_timestamp(),
    coalesce(nullif(current_setting('app.act', true), '')::bigint,
        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),
    coalesce(nullif(current_setting('app.way', true), ''), 'job'),
    coalesce(current_setting('app.token', true), ''),
    audit_person, audit_impersonator,
    coalesce((SELECT {person_name} FROM users_customuser AS p
        WHERE p.id = coalesce(audit_impersonator, audit_person)), ''),
    '{kind}', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce({label}, ''),
    audit_ticket, audit_workflow, coalesce(audit_subject, ''), audit_changes);
RETURN NULL;
"""
_CHANGE = """
IF OLD."{column}" IS DISTINCT FROM NEW."{column}" THEN
    audit_changes := audit_changes || jsonb_build_object('{column}', CASE TG_OP
        WHEN 'INSERT' THEN {new} WHEN 'DELETE' THEN {old} ELSE jsonb_build_array({old}, {new}) END);
END IF;"""
_SETTING = "bigint := nullif(current_setting('app.{}', true), '')::bigint"


class AuditTrigger(pgtrigger.Trigger):
    """Record each change of the model's rows as an `AuditEvent`, without the columns in `exclude`.

    The other arguments are SQL in which `{row}` is the row. `label` is the name of the row, and `subject` the
    name of the object to which it belongs. Instead of `subject`, `about` selects the ticket's number, the id
    of the workflow's version and the subject.
    """

    name = "audit"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(
        self,
        kind: AuditKind,
        *,
        label: str = "''",
        subject: str = "''",
        about: str = "SELECT NULL::bigint, NULL::bigint, {subject}",
        exclude: str = "",
        company: str = "{row}.company_id",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.kind, self.label, self.company = kind, label, company
        self.about = about.replace("{subject}", subject)
        self.exclude = set(exclude.split())

    def columns(self, model: type[models.Model]) -> "list[Column]":
        """Return the columns whose values are recorded."""
        left_out = {*self.exclude, model._meta.pk.name, "company"}
        return [field for field in model._meta.concrete_fields if field.name not in left_out]

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        """Return the variables of the function; `this` is the new row or, for a DELETE, the old one."""
        return [
            ("this", str(model._meta.db_table)),
            ("audit_changes", "jsonb := '{}'"),
            ("audit_ticket", "bigint"),
            ("audit_workflow", "bigint"),
            ("audit_subject", "text"),
            *((f"audit_{name}", _SETTING.format(f"{name}_id")) for name in ("person", "impersonator")),
        ]

    def get_func(self, model: Any) -> str:
        """Return the body of the trigger's function."""
        return _RECORD.format(
            changes="".join(_change(field) for field in self.columns(model)),
            company=self.company.format(row="this"),
            person_name=PERSON_NAME.format(row="p"),
            kind=self.kind,
            label=self.label.format(row="this"),
            about=self.about.format(row="this"),
        )


def audit_trigger(model: type[models.Model]) -> AuditTrigger | None:
    """Return the trigger of an audited model, or None."""
    triggers = getattr(model._meta, "triggers", ())
    return next((trigger for trigger in triggers if isinstance(trigger, AuditTrigger)), None)


def _change(field: "Column") -> str:
    """Return SQL that records a changed column; a foreign key's value is the id and name of the row."""
    if field.related_model is None:
        values = {row: f'to_jsonb({row}."{field.column}")' for row in ("old", "new")}
    else:
        trigger = audit_trigger(field.related_model)
        label = (trigger.label if trigger else "{row}.name").format(row="item")
        values = {
            row: f"(SELECT jsonb_build_object('id', item.id, 'name', {label}) "  # noqa: S608
            f"FROM {field.related_model._meta.db_table} AS item WHERE item.id = {row}.{field.column})"
            for row in ("old", "new")
        }
    return _CHANGE.format(column=field.column, **values)
