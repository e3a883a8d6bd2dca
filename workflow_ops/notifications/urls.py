"""URLs under /notifications/."""

from django.urls import path

from workflow_ops.notifications import unsubscribe_views, views

urlpatterns = [
    path("", views.notification_list, name="notification_list"),
    path("bell/", views.notification_bell, name="notification_bell"),
    path(
        "unsubscribe/<str:token>/",
        unsubscribe_views.notifications_unsubscribe,
        name="notifications_unsubscribe",
    ),
    path("read/", views.notifications_read, name="notifications_read"),
    path("<int:notification_id>/open/", views.notification_open, name="notification_open"),
]
