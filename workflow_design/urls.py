"""URLs under /design/."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import path

from ticketflower.lazy_views import LazyViews
from workflow_design.persistence.exporting import ALL_KINDS

compare_views = LazyViews("workflow_design.compare.views")
field_views = LazyViews("workflow_design.editor.fields.views")
layout_views = LazyViews("workflow_design.editor.layouts.views")
part_views = LazyViews("workflow_design.editor.parts.views")
scenario_views = LazyViews("workflow_design.editor.scenarios.views")
workflow_views = LazyViews("workflow_design.editor.workflow.views")
gallery_views = LazyViews("workflow_design.gallery.views")
lists = LazyViews("workflow_design.pages.lists")
parts = LazyViews("workflow_design.pages.parts")
report = LazyViews("workflow_design.pages.report")
scenarios = LazyViews("workflow_design.pages.scenarios")
upload = LazyViews("workflow_design.pages.upload")
workflow = LazyViews("workflow_design.pages.workflow")
tryout_views = LazyViews("workflow_design.tryout.views")
version_views = LazyViews("workflow_design.versions.views")

urlpatterns = [
    path("", lists.workflow_definitions_list, name="workflow_definitions_list"),
    path("upload/", upload.workflow_definition_upload, name="workflow_definition_upload"),
    path("format.json", upload.workflow_format, name="workflow_format"),
    path("gallery/", gallery_views.gallery, name="gallery"),
    path("gallery/<slug:name>/", gallery_views.gallery_template, name="gallery_template"),
    path("gallery/<slug:name>/use/", gallery_views.gallery_use, name="gallery_use"),
    path("tasks/", lists.task_definitions_list, name="task_definitions_list"),
    path("tickets/", lists.ticket_definitions_list, name="ticket_definitions_list"),
    path("<int:workflow_id>/", workflow.workflow_definition_detail, name="workflow_definition_detail"),
    path(
        "<int:workflow_id>/download/",
        workflow.workflow_definition_download,
        name="workflow_definition_download",
    ),
    path("<int:workflow_id>/check/", report.workflow_definition_check, name="workflow_definition_check"),
    path(
        "<int:workflow_id>/publish/",
        version_views.workflow_definition_publish,
        name="workflow_definition_publish",
    ),
    path(
        "<int:workflow_id>/archive/",
        version_views.workflow_definition_archive,
        name="workflow_definition_archive",
    ),
    path(
        "<int:workflow_id>/try/", tryout_views.workflow_definition_tryout, name="workflow_definition_tryout"
    ),
    path("<int:workflow_id>/new/", version_views.workflow_version_create, name="workflow_version_create"),
    path(
        "<int:workflow_id>/discard/",
        version_views.workflow_draft_discard,
        name="workflow_draft_discard",
    ),
    path(
        "<int:workflow_id>/difference/",
        compare_views.workflow_difference_choose,
        name="workflow_difference_choose",
    ),
    path(
        "<int:workflow_id>/difference/<int:other_id>/",
        compare_views.workflow_difference,
        name="workflow_difference",
    ),
    path("<int:workflow_id>/versions/", version_views.workflow_versions, name="workflow_versions"),
    path("<int:workflow_id>/scenarios/", scenarios.workflow_scenarios, name="workflow_scenarios"),
    path("<int:workflow_id>/scenarios/<int:number>/", scenarios.scenario_detail, name="scenario_detail"),
    # Pages that change a draft.
    path("<int:workflow_id>/scenarios/new/", scenario_views.scenario_create, name="scenario_create"),
    path(
        "<int:workflow_id>/scenarios/<int:number>/rename/",
        scenario_views.scenario_rename,
        name="scenario_rename",
    ),
    path(
        "<int:workflow_id>/scenarios/<int:number>/delete/",
        scenario_views.scenario_delete,
        name="scenario_delete",
    ),
    path("new/", workflow_views.workflow_create, name="workflow_create"),
    path(
        "<int:workflow_id>/edit/",
        workflow_views.workflow_definition_update,
        name="workflow_definition_update",
    ),
    path(
        "<int:workflow_id>/findings/<str:digest>/accept/",
        workflow_views.finding_accept,
        name="finding_accept",
    ),
    path(
        "<int:workflow_id>/accepted/<str:key>/undo/", workflow_views.acceptance_undo, name="acceptance_undo"
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
    path("task/<int:part_id>/require/", part_views.task_require_answer, name="task_require_answer"),
    path("task/<int:part_id>/sample/", part_views.task_keep_sample, name="task_keep_sample"),
    path("<int:workflow_id>/components/", part_views.workflow_components, name="workflow_components"),
    path(
        "<int:workflow_id>/layout/",
        layout_views.workflow_definition_layout,
        name="workflow_definition_layout",
    ),
]

# The same pages for tickets, tasks and completions, such as task/7/edit/, named task_definition_edit.
_PAGES_OF_PARTS: dict[str, Callable[..., HttpResponse]] = {
    "": parts.part_detail,
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
        name = f"{kind.address}_{end.split('/')[0] or 'detail'}"
        urlpatterns.append(path(f"{kind.key}/<int:part_id>/{end}", view, {"kind": kind}, name=name))
