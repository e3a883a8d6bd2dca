"""URLs under /design/."""

from django.urls import path

from workflow_design.compare import views as compare_views
from workflow_design.editor.urls import urlpatterns as draft_pages
from workflow_design.gallery import views as gallery_views
from workflow_design.pages import lists, parts, report, upload, workflow
from workflow_design.tryout import views as tryout_views
from workflow_design.versions import views as version_views

urlpatterns = [
    path("", lists.workflow_definitions_list, name="workflow_definitions_list"),
    path("upload/", upload.workflow_definition_upload, name="workflow_definition_upload"),
    path("format.json", upload.workflow_format, name="workflow_format"),
    path("gallery/", gallery_views.gallery, name="gallery"),
    path("gallery/<slug:name>/", gallery_views.gallery_template, name="gallery_template"),
    path("gallery/<slug:name>/use/", gallery_views.gallery_use, name="gallery_use"),
    path("tasks/", lists.task_definitions_list, name="task_definitions_list"),
    path("task/<int:task_id>/", parts.task_definition_detail, name="task_definition_detail"),
    path("tickets/", lists.ticket_definitions_list, name="ticket_definitions_list"),
    path("ticket/<int:ticket_id>/", parts.ticket_definition_detail, name="ticket_definition_detail"),
    path("completion/<int:completion_id>/", parts.completion_detail, name="completion_detail"),
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
    *draft_pages,
]
