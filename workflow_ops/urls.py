"""URLs of submitters and workers, at the top of the site, and of the replay report for designers."""

from django.urls import include, path

from ticketflower.lazy_views import LazyViews
from workflow_ops.notifications import views as notifications
from workflow_ops.work import (
    comment_views,
    copy_ticket,
    correction_views,
    dashboard,
    submit_views,
    task_assignment_views,
    task_list,
    task_views,
    ticket_views,
)
from workflow_ops.work.tools import only_tools

api = LazyViews("workflow_ops.api.service")
audit = LazyViews("workflow_ops.audit.views")
callbacks = LazyViews("workflow_ops.actions.callbacks")
company_deletion = LazyViews("workflow_ops.handover.company_deletion")
gallery = LazyViews("workflow_design.gallery.views")
handover = LazyViews("workflow_ops.handover.views")
replay = LazyViews("workflow_ops.history.replay_page")
search = LazyViews("workflow_ops.search.views")

_PAGES = [
    path("tickets/", ticket_views.ticket_list, name="ticket_list"),
    path("tickets/new/", ticket_views.ticket_catalogue, name="ticket_catalogue"),
    path("tickets/new/<int:ticket_definition_id>/", submit_views.ticket_create, name="ticket_create"),
    path("tickets/<int:number>/", ticket_views.ticket_detail, name="ticket_detail"),
    path("tickets/<int:number>/picture/", ticket_views.ticket_picture, name="ticket_picture"),
    path("tickets/<int:number>/comment/", comment_views.ticket_comment, name="ticket_comment"),
    path(
        "tickets/<int:number>/comments/<int:comment_id>/edit/",
        comment_views.comment_edit,
        name="comment_edit",
    ),
    path(
        "tickets/<int:number>/comments/<int:comment_id>/delete/",
        comment_views.comment_delete,
        name="comment_delete",
    ),
    path("tickets/<int:number>/follow/", comment_views.ticket_follow, name="ticket_follow"),
    path("tickets/<int:number>/unfollow/", comment_views.ticket_unfollow, name="ticket_unfollow"),
    path("tickets/<int:number>/correct/", correction_views.ticket_correct, name="ticket_correct"),
    path("tickets/<int:number>/again/", copy_ticket.ticket_again, name="ticket_again"),
    path("tickets/<int:number>/withdraw/", ticket_views.ticket_withdraw, name="ticket_withdraw"),
    path("tasks/", task_list.task_list, name="task_list"),
    path("tasks/<int:task_id>/", task_views.task_detail, name="task_detail"),
    path("tasks/<int:task_id>/comment/", comment_views.task_comment, name="task_comment"),
    path("tasks/<int:task_id>/take/", task_assignment_views.task_take, name="task_take"),
    path("tasks/<int:task_id>/give-back/", task_assignment_views.task_give_back, name="task_give_back"),
    path("tasks/<int:task_id>/send-back/", task_assignment_views.task_send_back, name="task_send_back"),
]
urlpatterns = [
    path("", gallery.home, name="home"),
    path("api/1/<path:path>", api.api_view, name="api"),
    path("users/dashboard/", dashboard.user_dashboard, name="user_dashboard"),
    path("users/audit/", audit.audit_log, name="audit_log"),
    path("users/audit/csv/", audit.audit_download, name="audit_download"),
    path("users/people/<int:person_id>/roles/", handover.person_roles, name="person_roles"),
    path("users/people/<int:person_id>/deactivate/", handover.person_deactivate, name="person_deactivate"),
    path("users/people/<int:person_id>/away/", handover.person_absence, name="person_absence"),
    path("users/profile/away/", handover.own_absence, name="own_absence"),
    path("users/profile/notifications/", notifications.own_notifications, name="own_notifications"),
    path("users/roles/<int:role_id>/take/", handover.role_take, name="role_take"),
    path("users/companies/<int:company_id>/delete/", company_deletion.company_delete, name="company_delete"),
    path("users/connections/", include("workflow_ops.actions.connections.urls")),
    path("users/webhooks/", include("workflow_ops.notifications.webhooks.urls")),
    *only_tools(_PAGES),
    path("callbacks/<str:token>/", callbacks.action_callback, name="action_callback"),
    path("search/", search.search_page, name="search"),
    path("files/<int:file_id>/", ticket_views.file_download, name="file_download"),
    path("design/<int:workflow_id>/replay/", replay.workflow_replay, name="workflow_replay"),
    path("notifications/", include("workflow_ops.notifications.urls")),
    path("manage/reports/", include("workflow_ops.reports.urls")),
    path("manage/", include("workflow_ops.desk.urls")),
]
