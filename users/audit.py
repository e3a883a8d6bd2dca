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

PERSON_NAME = "coalesce(nullif(trim({row}.first_name || ' ' || {row}.last_name), ''), {row}.email)"
THE_PERSON = (
    f"(SELECT {PERSON_NAME.format(row='p')} "  # noqa: S608 - here and below, our own names only
    "FROM users_customuser AS p WHERE p.id = {row}.person_id)"
)
THE_ROLE = "(SELECT name FROM users_companyrole WHERE id = {row}.role_id)"


class AuditKind(models.TextChoices):
    """What an event is about, for the filter of the page."""

    PEOPLE = "PEOPLE", _("People and roles")
    COMPANY = "COMPANY", _("Company and staff's visits")
    WORKFLOW = "WORKFLOW", _("Workflows")
    TICKET = "TICKET", _("Tickets")
    TASK = "TASK", _("Tasks")
    ERROR = "ERROR", _("Errors")
    COMMENT = "COMMENT", _("Comments and files")


# Names are looked up now, because the page must show what everything was called when it changed.
# A transaction without an act (a migration, psql) counts as one act.
_RECORD = """
IF TG_OP = 'DELETE' THEN this := OLD; ELSE this := NEW; END IF;
IF TG_OP = 'UPDATE' AND ROW({new}) IS NOT DISTINCT FROM ROW({old}) THEN RETURN NULL; END IF;
INSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,
    "table", row_id, label, ticket, workflow_id, subject, changes)
SELECT {company}, clock_timestamp(),
    coalesce(nullif(current_setting('app.act', true), '')::bigint,
        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),
    coalesce(nullif(current_setting('app.way', true), ''), 'job'),
    person, impersonator,
    coalesce((SELECT {person_name} FROM users_customuser WHERE id = coalesce(impersonator, person)), ''),
    '{kind}', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce({label}, ''),
    ticket, workflow, coalesce(subject, ''),
    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP
        WHEN 'INSERT' THEN after WHEN 'DELETE' THEN before ELSE jsonb_build_array(before, after) END)
        FROM (VALUES {values}) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), '{{}}')
FROM (SELECT nullif(current_setting('app.person_id', true), '')::bigint AS person,
    nullif(current_setting('app.impersonator_id', true), '')::bigint AS impersonator) AS actor
LEFT JOIN ({about}) AS about(ticket, workflow, subject) ON true;
RETURN NULL;
"""


class AuditTrigger(pgtrigger.Trigger):
    """Record each change of the model's rows as an `AuditEvent`, without the columns in `exclude`.

    The rest is SQL in which `{row}` is the row. `label` is the row's own name, and `subject` that of what it
    belongs to. Instead of `subject`, `about` selects the ticket's number, the id of the workflow's version
    and the subject.
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
        """Return the columns of which the values are recorded."""
        left_out = {*self.exclude, model._meta.pk.name, "company"}
        return [field for field in model._meta.concrete_fields if field.name not in left_out]

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        """Return the variable for the row: the new one, or the deleted one."""
        return [("this", str(model._meta.db_table))]

    def get_func(self, model: Any) -> str:
        """Return the body of the trigger's function."""
        columns = self.columns(model)
        return _RECORD.format(
            **{name: ", ".join(f'{name}."{field.column}"' for field in columns) for name in ("new", "old")},
            company=self.company.format(row="this"),
            person_name=PERSON_NAME.format(row="users_customuser"),
            kind=self.kind,
            label=self.label.format(row="this"),
            about=self.about.format(row="this"),
            values=", ".join(_change(field) for field in columns),
        )


def audit_trigger(model: type[models.Model]) -> AuditTrigger | None:
    """Return the trigger of an audited model, or None."""
    triggers = getattr(model._meta, "triggers", ())
    return next((trigger for trigger in triggers if isinstance(trigger, AuditTrigger)), None)


def _change(field: "Column") -> str:
    """Return a column's name, old and new value; a foreign key's value is the id and name of the row."""
    if field.related_model is None:
        return f"""('{field.column}', to_jsonb(OLD."{field.column}"), to_jsonb(NEW."{field.column}"))"""
    target: type[models.Model] = field.related_model
    trigger = audit_trigger(target)
    label = (trigger.label if trigger else "{row}.name").format(row="item")
    named = [
        f"CASE WHEN OLD.{field.column} IS DISTINCT FROM NEW.{field.column} "  # noqa: S608
        f"THEN (SELECT jsonb_build_object('id', item.id, 'name', {label}) "
        f"FROM {target._meta.db_table} AS item WHERE item.id = {row}.{field.column}) END"
        for row in ("OLD", "NEW")
    ]
    return f"('{field.column}', {', '.join(named)})"
