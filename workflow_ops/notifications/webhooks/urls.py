"""URLs under /users/webhooks/."""

from django.urls import path

from ticketflower.lazy_views import LazyViews

views = LazyViews("workflow_ops.notifications.webhooks.views")
_ONE = "<int:webhook_id>/"
_DELIVERY = f"{_ONE}deliveries/<int:delivery_id>/"

urlpatterns = [
    path("", views.webhook_list, name="webhook_list"),
    path("new/", views.webhook_create, name="webhook_create"),
    path(_ONE, views.webhook_detail, name="webhook_detail"),
    path(f"{_ONE}edit/", views.webhook_edit, name="webhook_edit"),
    path(f"{_ONE}secret/", views.webhook_secret_renew, name="webhook_secret_renew"),
    path(f"{_ONE}pause/", views.webhook_pause, name="webhook_pause"),
    path(f"{_ONE}resume/", views.webhook_resume, name="webhook_resume"),
    path(f"{_ONE}test/", views.webhook_test, name="webhook_test"),
    path(f"{_ONE}delete/", views.webhook_delete, name="webhook_delete"),
    path(_DELIVERY, views.webhook_delivery, name="webhook_delivery"),
    path(f"{_DELIVERY}again/", views.webhook_delivery_again, name="webhook_delivery_again"),
]
