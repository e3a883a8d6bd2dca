"""The audit log: database triggers that record every change of a row (`docs/data-model.md`).

Decorate a model with `@audited()` to record it. Triggers also catch `.update()`, bulk operations
and raw SQL. They run as the tables' owner, and the site may only read their records
(`ticketflower/tenancy/privileges.py`).
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pghistory
from django.db import models
from django.db.models.functions import Cast, NullIf
from django_scopes import ScopedManager
from pghistory.models import Event, EventQuerySet

from ticketflower.tenancy.constraints import CompanyWall
from ticketflower.tenancy.privileges import READ_ONLY

ModelT = TypeVar("ModelT", bound=models.Model)


def _actor_id(setting: str) -> Cast:
    """Return an expression for an id that `company_scope()` set, evaluated when the trigger inserts."""
    value = models.Func(models.Value(setting), models.Value(True), function="current_setting")
    return Cast(NullIf(value, models.Value("")), models.BigIntegerField())


class AuditEvent(Event):
    """A recorded change: the row after it (for a deletion, before it), the time and the actor."""

    site_privileges = READ_ONLY

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_person_id = models.BigIntegerField(null=True, db_default=_actor_id("app.person_id"))
    pgh_impersonator_id = models.BigIntegerField(null=True, db_default=_actor_id("app.impersonator_id"))

    class Meta:
        abstract = True


def audited(
    *, exclude: Iterable[str] = (), company_column: str = "company_id"
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Record every insert, update and delete of the model's rows in its event table. This is a decorator.

    Fields in `exclude` are not stored, and a change of only these fields is not recorded.
    """

    def decorate(model: type[ModelT]) -> type[ModelT]:
        name = model._meta.model_name
        manager = ScopedManager(
            company=company_column, _manager_class=models.Manager.from_queryset(EventQuerySet)
        )
        track = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(exclude),
            context_field=None,  # type: ignore[arg-type]  # None is allowed; the annotation is incomplete
            model_name=f"{model.__name__}Event",
            attrs={"objects": manager},
            meta={
                "constraints": [CompanyWall(name=f"{name}event_company_wall", column=company_column)],
                "indexes": [
                    models.Index(
                        fields=[company_column.removesuffix("_id"), "-pgh_created_at", "-pgh_id"],
                        name=f"{name}_audit"[:30],
                    ),
                    models.Index(fields=["pgh_obj", "-pgh_id"], name=f"{name}_audit_row"[:30]),
                ],
            },
        )
        tracked: type[ModelT] = track(model)
        return tracked

    return decorate
