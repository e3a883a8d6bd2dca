"""All URLs. Error pages are plain and show a reference (`ticketflower.http`)."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from health_check.views import HealthCheckView

from ticketflower import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="user_dashboard"), name="home"),
    path("", include("workflow_ops.urls")),
    path("users/", include("users.urls")),
    path("design/", include("workflow_design.urls")),
    path("admin/", admin.site.urls),
    path("health/", health.process, name="health"),
    path(
        "health/ready/",
        HealthCheckView.as_view(checks=["health_check.checks.Database", health.Migrations, health.Worker]),
        name="health_ready",
    ),
]

handler400 = "ticketflower.http.bad_request"
handler403 = "ticketflower.http.permission_denied"
handler404 = "ticketflower.http.page_not_found"
handler500 = "ticketflower.http.server_error"
