"""URLs under /manage/reports/."""

from django.urls import path

from ticketflower.lazy_views import LazyViews
from workflow_ops.work.tools import only_tools

views = LazyViews("workflow_ops.reports.views")

urlpatterns = only_tools(
    [
        path("", views.report_list, name="report_list"),
        path("new/", views.report_create, name="report_create"),
        path("<int:report_id>/", views.report_detail, name="report_detail"),
        path("<int:report_id>/csv/<str:table>/", views.report_csv, name="report_csv"),
    ]
)
