"""URLs under /manage/: the ticket admins' pages."""

from django.urls import path

from ticketflower.lazy_views import LazyViews
from workflow_ops.models import DeskList
from workflow_ops.work.tools import only_tools

bulk_views = LazyViews("workflow_ops.desk.bulk.views")
call_views = LazyViews("workflow_ops.desk.calls.views")
edit_views = LazyViews("workflow_ops.desk.edits.views")
error_views = LazyViews("workflow_ops.desk.errors.views")
files = LazyViews("workflow_ops.desk.list_files.views")
history_views = LazyViews("workflow_ops.desk.history_views")
list_views = LazyViews("workflow_ops.desk.lists.views")
saved_view_pages = LazyViews("workflow_ops.desk.lists.saved_view_pages")
scenario_views = LazyViews("workflow_ops.desk.scenario_views")
task_views = LazyViews("workflow_ops.desk.task_views")
ticket_views = LazyViews("workflow_ops.desk.ticket_views")
tool_views = LazyViews("workflow_ops.desk.tool_views")

_PAGES = [
    path("tickets/", list_views.manage_tickets, name="manage_tickets"),
    path("tickets/bulk/", bulk_views.manage_rows_bulk, {"of": "tickets"}, name="manage_tickets_bulk"),
    path("tickets/csv/", files.manage_rows_csv, {"desk_list": DeskList.TICKETS}, name="manage_tickets_csv"),
    path("tickets/<int:number>/", ticket_views.manage_ticket, name="manage_ticket"),
    path("tickets/<int:number>/edit/", edit_views.manage_ticket_edit, name="manage_ticket_edit"),
    path("tickets/<int:number>/hold/", ticket_views.manage_ticket_hold, name="manage_ticket_hold"),
    path("tickets/<int:number>/resume/", ticket_views.manage_ticket_resume, name="manage_ticket_resume"),
    path("tickets/<int:number>/cancel/", ticket_views.manage_ticket_cancel, name="manage_ticket_cancel"),
    path("tickets/<int:number>/history/", history_views.manage_ticket_history, name="manage_ticket_history"),
    path(
        "tickets/<int:number>/history/<int:step>/",
        history_views.manage_ticket_step,
        name="manage_ticket_step",
    ),
    path(
        "tickets/<int:number>/history/<int:step>/<str:kind>/<str:key>/",
        history_views.manage_ticket_why,
        name="manage_ticket_why",
    ),
    path(
        "tickets/<int:number>/scenario/",
        scenario_views.manage_ticket_scenario,
        name="manage_ticket_scenario",
    ),
    path(
        "tickets/<int:number>/responsible/",
        tool_views.manage_ticket_responsible,
        name="manage_ticket_responsible",
    ),
    path("tickets/<int:number>/link/", tool_views.manage_ticket_link, name="manage_ticket_link"),
    path(
        "tickets/<int:number>/unlink/<int:link_id>/",
        tool_views.manage_ticket_unlink,
        name="manage_ticket_unlink",
    ),
    path("tickets/<int:number>/comment/", ticket_views.manage_ticket_comment, name="manage_ticket_comment"),
    path("<str:desk_list>/views/new/", saved_view_pages.saved_view_create, name="saved_view_create"),
    path("<str:desk_list>/csv/new/", files.list_file_create, name="list_file_create"),
    path("csv/", files.list_files, name="list_files"),
    path("csv/<int:file_id>/", files.list_file_download, name="list_file_download"),
    path("<str:desk_list>/columns/", saved_view_pages.list_columns, name="list_columns"),
    path("views/<int:view_id>/", saved_view_pages.saved_view_edit, name="saved_view_edit"),
    path("views/<int:view_id>/delete/", saved_view_pages.saved_view_delete, name="saved_view_delete"),
    path("tasks/", list_views.manage_tasks, name="manage_tasks"),
    path("tasks/csv/", files.manage_rows_csv, {"desk_list": DeskList.TASKS}, name="manage_tasks_csv"),
    path("tasks/bulk/", bulk_views.manage_rows_bulk, {"of": "tasks"}, name="manage_tasks_bulk"),
    path("tasks/<int:task_id>/", task_views.manage_task, name="manage_task"),
    path("tasks/<int:task_id>/assign/", task_views.manage_task_assign, name="manage_task_assign"),
    path("tasks/<int:task_id>/restrict/", task_views.manage_task_restrict, name="manage_task_restrict"),
    path("tasks/<int:task_id>/cancel/", task_views.manage_task_cancel, name="manage_task_cancel"),
    path("tasks/<int:task_id>/retry/", call_views.manage_task_retry, name="manage_task_retry"),
    path("tasks/<int:task_id>/fill-in/", call_views.manage_task_fill_in, name="manage_task_fill_in"),
    path("bulk/", bulk_views.manage_bulk_actions, name="manage_bulk_actions"),
    path("bulk/<int:bulk_id>/", bulk_views.manage_bulk_action, name="manage_bulk_action"),
    path("calls/", call_views.manage_calls, name="manage_calls"),
    path("calls/<int:call_id>/", call_views.manage_call, name="manage_call"),
    path("errors/", list_views.manage_errors, name="manage_errors"),
    path("errors/csv/", files.manage_rows_csv, {"desk_list": DeskList.ERRORS}, name="manage_errors_csv"),
    path("errors/bulk/", bulk_views.manage_rows_bulk, {"of": "errors"}, name="manage_errors_bulk"),
    path(
        "errors/connections/<int:connection_id>/resume/",
        error_views.manage_connection_resume,
        name="manage_connection_resume",
    ),
    path("errors/<int:error_id>/", error_views.manage_error, name="manage_error"),
    path("errors/<int:error_id>/retry/", error_views.manage_error_retry, name="manage_error_retry"),
    path("errors/<int:error_id>/review/", error_views.manage_error_review, name="manage_error_review"),
    path("errors/<int:error_id>/resolve/", error_views.manage_error_resolve, name="manage_error_resolve"),
]
urlpatterns = only_tools(_PAGES)
