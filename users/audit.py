"""The audit log: triggers that write down every change of a row (`product.md`, last lines).

`@audited()` on a model is all that a model needs. Triggers catch `.update()`, bulk
operations and raw SQL too; they run as the tables' owner, and the site may only read
what they wrote (`ticketflower/tenancy/privileges.py`).
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


def _who(setting: str) -> Cast:
    """The id that `company_scope()` told the database, read as the trigger inserts."""
    value = models.Func(models.Value(setting), models.Value(True), function="current_setting")
    return Cast(NullIf(value, models.Value("")), models.BigIntegerField())


class AuditEvent(Event):
    """What one change left: the row after it (before it, for a deletion), when and by whom."""

    site_privileges = READ_ONLY

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_person_id = models.BigIntegerField(null=True, db_default=_who("app.person_id"))
    pgh_impersonator_id = models.BigIntegerField(null=True, db_default=_who("app.impersonator_id"))

    class Meta:
        abstract = True


def audited(
    *, exclude: Iterable[str] = (), company_column: str = "company_id"
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Decorator: every insert, update and delete of the model's rows goes into its event table.

    Fields in `exclude` are neither stored nor reason enough for an event.
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
            context_field=None,  # type: ignore[arg-type]  # None means none; its annotation forgot
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
