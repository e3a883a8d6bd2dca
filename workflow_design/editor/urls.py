"""URLs under /design/ of the pages that edit drafts."""

from django.urls import path

from workflow_design.editor.fields import views as field_views
from workflow_design.editor.layouts import views as layout_views
from workflow_design.editor.parts import views as part_views
from workflow_design.editor.workflow import views as workflow_views

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
        "<int:workflow_id>/tickets/new/",
        part_views.ticket_definition_create,
        name="ticket_definition_create",
    ),
    path("<int:workflow_id>/tasks/new/", part_views.task_definition_create, name="task_definition_create"),
    path("<int:workflow_id>/completions/new/", part_views.completion_create, name="completion_create"),
    path("ticket/<int:ticket_id>/edit/", part_views.ticket_definition_edit, name="ticket_definition_edit"),
    path(
        "ticket/<int:ticket_id>/duplicate/",
        part_views.ticket_definition_duplicate,
        name="ticket_definition_duplicate",
    ),
    path("ticket/<int:ticket_id>/move/", part_views.ticket_definition_move, name="ticket_definition_move"),
    path(
        "ticket/<int:ticket_id>/delete/",
        part_views.ticket_definition_delete,
        name="ticket_definition_delete",
    ),
    path("task/<int:task_id>/edit/", part_views.task_definition_edit, name="task_definition_edit"),
    path(
        "task/<int:task_id>/duplicate/",
        part_views.task_definition_duplicate,
        name="task_definition_duplicate",
    ),
    path("task/<int:task_id>/move/", part_views.task_definition_move, name="task_definition_move"),
    path("task/<int:task_id>/delete/", part_views.task_definition_delete, name="task_definition_delete"),
    path("completion/<int:completion_id>/edit/", part_views.completion_edit, name="completion_edit"),
    path(
        "completion/<int:completion_id>/duplicate/",
        part_views.completion_duplicate,
        name="completion_duplicate",
    ),
    path("completion/<int:completion_id>/move/", part_views.completion_move, name="completion_move"),
    path("completion/<int:completion_id>/delete/", part_views.completion_delete, name="completion_delete"),
    path(
        "ticket/<int:ticket_id>/layout/<str:which>/",
        layout_views.ticket_definition_layout,
        name="ticket_definition_layout",
    ),
    path(
        "task/<int:task_id>/layout/<str:which>/",
        layout_views.task_definition_layout,
        name="task_definition_layout",
    ),
    path(
        "completion/<int:completion_id>/layout/<str:which>/",
        layout_views.completion_layout,
        name="completion_layout",
    ),
    path(
        "<int:workflow_id>/layout/",
        layout_views.workflow_definition_layout,
        name="workflow_definition_layout",
    ),
]
