"""The second wall as model constraints, so that `makemigrations` generates it.

`CompanyWall` and `RowPolicy` are row-level security. `SameCompany` is a foreign key that includes
the company: the database checks foreign keys without applying policies, so a plain foreign key
could reference a row of another company.
"""

from typing import Any

from django.db import models

_IN_COMPANY = "{column} = (SELECT nullif(current_setting('app.company_id', true), '')::bigint)"
_ALL_COMPANIES = "(SELECT current_setting('app.all_companies', true)) = 'on'"


class DatabaseRule(models.BaseConstraint):
    """A constraint that only the database enforces."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Defer the rule to the end of the migration; it is not part of CREATE TABLE."""
        schema_editor.deferred_sql.append(self.rule_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Return the SQL that creates the rule."""
        return self.rule_sql(model, schema_editor)

    def rule_sql(self, model: Any, schema_editor: Any) -> str:
        """Return the SQL that creates the rule, whether it is deferred or run immediately."""
        raise NotImplementedError

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing; the database enforces the rule and raises an IntegrityError."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.deconstruct() == other.deconstruct()

    __hash__ = models.BaseConstraint.__hash__


class RowPolicy(DatabaseRule):
    """An additional row-level security policy for rows for which the SQL expression `using` is true.

    A row is visible if any policy of its table allows it. The table also needs a `CompanyWall`,
    which enables row-level security.
    """

    def __init__(self, *, name: str, using: str, command: str = "ALL") -> None:
        super().__init__(name=name)
        self.using = using
        self.command = command

    def rule_sql(self, model: Any, schema_editor: Any) -> str:
        """Return CREATE POLICY."""
        table = schema_editor.quote_name(model._meta.db_table)
        name = schema_editor.quote_name(self.name)
        return f"CREATE POLICY {name} ON {table} FOR {self.command} USING ({self.using})"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        """Return DROP POLICY."""
        table = schema_editor.quote_name(model._meta.db_table)
        return f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table}"

    def deconstruct(self) -> Any:
        """Return the arguments for migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "using": self.using, "command": self.command}


class CompanyWall(DatabaseRule):
    """Row-level security that allows only rows of the company set for the transaction.

    `column` contains the company's id. A second policy allows all rows in `all_companies_scope()`.
    """

    def __init__(self, *, name: str, column: str = "company_id") -> None:
        super().__init__(name=name)
        self.column = column

    def rule_sql(self, model: Any, schema_editor: Any) -> str:
        """Return ENABLE ROW LEVEL SECURITY and the two policies."""
        table = schema_editor.quote_name(model._meta.db_table)
        in_company = _IN_COMPANY.format(column=schema_editor.quote_name(self.column))
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; "
            f"CREATE POLICY company_wall ON {table} USING ({in_company}) WITH CHECK ({in_company}); "
            f"CREATE POLICY all_companies ON {table} USING ({_ALL_COMPANIES}) WITH CHECK ({_ALL_COMPANIES})"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        """Return the reverse of `rule_sql`."""
        table = schema_editor.quote_name(model._meta.db_table)
        return (
            f"DROP POLICY company_wall ON {table}; DROP POLICY all_companies ON {table}; "
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )

    def deconstruct(self) -> Any:
        """Return the arguments for migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column}


class SameCompany(DatabaseRule):
    """A foreign key (company_id, x_id) → (company_id, id) for the ForeignKey named `field`.

    Declare the ForeignKey with `db_constraint=False`, because this constraint replaces its own. The
    referenced model needs a UniqueConstraint on company and id.
    """

    def __init__(self, *, field: str, name: str = "") -> None:
        super().__init__(name=name or f"%(class)s_{field}_same_company")
        self.field = field

    @classmethod
    def each(cls, *fields: str) -> "list[SameCompany]":
        """Return the constraints of several foreign keys."""
        return [cls(field=field) for field in fields]

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Defer the constraint to the end of the migration, when the referenced table is complete."""
        self.constraint_sql(model, schema_editor)

    def rule_sql(self, model: Any, schema_editor: Any) -> str:
        """Return ADD CONSTRAINT … FOREIGN KEY, checked at the end of the transaction like Django's."""
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        target = field.remote_field.model._meta
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (company_id, {quote(field.column)}) "
            f"REFERENCES {quote(target.db_table)} (company_id, {quote(target.pk.column)}) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        """Return DROP CONSTRAINT."""
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def deconstruct(self) -> Any:
        """Return the arguments for migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}
