"""What a draft should say is written into its rows; rows that say it already are left alone."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Part, RoleLink, WorkflowDefinition
from workflow_design.persistence.importing import PartFile, RolesMissingError, columns_of, present_roles
from workflow_design.persistence.part_kinds import ALL_KINDS, kind_of


class RefusedError(DefinitionError):
    """What a draft should become is not allowed; `problems` says where, seen from what was changed."""


def rows_of(draft: WorkflowDefinition, members: str) -> list[Part]:
    """The tickets, tasks or completions of a draft, in the order in which its file lists them."""
    rows: Collection[Part] = getattr(draft, members).order_by("position", "pk")
    return list(rows)


def store_order(rows: Collection[Part]) -> None:
    """Give the parts of one kind the places in which they stand here."""
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position", "updated_at"])


def store_part(row: Part, content: PartFile) -> None:
    """Make a part say what `content` says, its roles included. Raises RefusedError, RolesMissingError."""
    for name, value in columns_of(content).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "_title" not in str(error):
            raise
        # The database knows of capitals that the check of titles does not.
        message = _("Another one of this workflow has this title already.")
        raise RefusedError([Problem("/title", message, "title-twice")]) from None
    kind = kind_of(row)
    if kind.links is not None:
        store_roles(kind.links, row, getattr(content, kind.roles), where=pointer(kind.roles))


def store_roles(links: type[RoleLink], owner: Any, names: Collection[str], *, where: str) -> None:
    """Make a definition name exactly these roles. Raises RolesMissingError, with pointers below `where`."""
    roles = present_roles()
    text = _("Your company has no role “%(name)s”.")
    missing = [
        Problem(f"{where}/{number}", text % {"name": name}, "unknown-role")
        for number, name in enumerate(names)
        if name.casefold() not in roles
    ]
    if missing:
        raise RolesMissingError(missing)
    wanted = [roles[name.casefold()].pk for name in names]
    rows = links._default_manager.filter(**{links.part: owner})
    rows.exclude(role_id__in=wanted).delete()
    present = set(rows.values_list("role_id", flat=True))
    links._default_manager.bulk_create(
        links(role_id=role_id, **{links.part: owner}) for role_id in wanted if role_id not in present
    )


def store_names(draft: WorkflowDefinition, before: WorkflowFile, after: WorkflowFile) -> None:
    """Write what the draft's fields are called by now into whatever names them."""
    draft.fields_schema = dict(after.fields_schema)
    draft.display_layout = list(after.display_layout)
    for kind in ALL_KINDS:
        old, new = getattr(before, kind.members), getattr(after, kind.members)
        changed = [number for number, content in enumerate(new) if content != old[number]]
        rows = rows_of(draft, kind.members) if changed else []
        for number in changed:
            for name, value in columns_of(new[number]).items():
                setattr(rows[number], name, value)
            rows[number].save()
