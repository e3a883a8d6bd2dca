"""All URLs. Error pages are plain and show a reference (`ticketflower.http`)."""

from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from ticketflower import health
from ticketflower.lazy_views import LazyNamespace, LazyView

# Lazy, because its name contains a hash that is known only after collecting the static files.
_ICON = lazy(static, str)("img/mark.svg")

urlpatterns = [
    path("", include("workflow_ops.urls")),
    path("users/", include("users.urls")),
    path("design/", include("workflow_design.urls")),
    LazyNamespace("admin/", "ticketflower.staff_admin_urls", name="admin"),
    # Browsers request this for pages that name no icon, such as those of Django admin.
    path("favicon.ico", require_safe(RedirectView.as_view(url=_ICON)), name="favicon"),
    path("health/", health.process, name="health"),
    path("health/ready/", LazyView("ticketflower.readiness.ready"), name="health_ready"),
]

handler400 = "ticketflower.error_pages.bad_request"
handler403 = "ticketflower.error_pages.permission_denied"
handler404 = "ticketflower.error_pages.page_not_found"
handler500 = "ticketflower.error_pages.server_error"
