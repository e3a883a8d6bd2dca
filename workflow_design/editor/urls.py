"""URLs under /design/ of the pages that edit drafts."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import path

from workflow_design.editor.fields import views as field_views
from workflow_design.editor.layouts import views as layout_views
from workflow_design.editor.parts import views as part_views
from workflow_design.editor.workflow import views as workflow_views
from workflow_design.persistence.exporting import ALL_KINDS

urlpatterns = [
    path("new/", workflow_views.workflow_create, name="workflow_create"),
    path(
        "<int:workflow_id>/edit/",
        workflow_views.workflow_definition_update,
        name="workflow_definition_update",
    ),
    path("<int:workflow_id>/fields/", field_views.workflow_fields, name="workflow_fields"),
    path("<int:workflow_id>/fields/json/", field_views.workflow_schema, name="workflow_schema"),
    path("<int:workflow_id>/fields/new/", field_views.field_create, name="field_create"),
    path("<int:workflow_id>/fields/<str:name>/edit/", field_views.field_edit, name="field_edit"),
    path("<int:workflow_id>/fields/<str:name>/rename/", field_views.field_rename, name="field_rename"),
    path("<int:workflow_id>/fields/<str:name>/remove/", field_views.field_remove, name="field_remove"),
    path("<int:workflow_id>/fields/<str:name>/move/", field_views.field_move, name="field_move"),
    path(
        "<int:workflow_id>/components/json/",
        workflow_views.workflow_components_upload,
        name="workflow_components_upload",
    ),
    path("<int:workflow_id>/components/", part_views.workflow_components, name="workflow_components"),
    path(
        "<int:workflow_id>/layout/",
        layout_views.workflow_definition_layout,
        name="workflow_definition_layout",
    ),
]

# The same pages for tickets, tasks and completions, such as ticket/7/edit/, named ticket_definition_edit.
_PAGES_OF_PARTS: dict[str, Callable[..., HttpResponse]] = {
    "edit/": part_views.part_edit,
    "duplicate/": part_views.part_duplicate,
    "move/": part_views.part_move,
    "delete/": part_views.part_delete,
    "layout/<str:which>/": layout_views.part_layout,
}
for kind in ALL_KINDS:
    create = f"<int:workflow_id>/{kind.members}/new/"
    urlpatterns.append(path(create, part_views.part_create, {"kind": kind}, name=f"{kind.address}_create"))
    for end, view in _PAGES_OF_PARTS.items():
        name = f"{kind.address}_{end.split('/')[0]}"
        urlpatterns.append(path(f"{kind.key}/<int:part_id>/{end}", view, {"kind": kind}, name=name))
