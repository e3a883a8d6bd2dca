"""URLs under /users/connections/."""

from django.urls import path

from ticketflower.lazy_views import LazyViews

views = LazyViews("workflow_ops.actions.connections.views")

urlpatterns = [
    path("", views.connection_list, name="connection_list"),
    path("new/", views.connection_create, {"is_chat": False}, name="connection_create"),
    path("new-chat/", views.connection_create, {"is_chat": True}, name="chat_create"),
    path("signing-secret/", views.signing_secret_renew, name="signing_secret_renew"),
    path("<int:connection_id>/", views.connection_detail, name="connection_detail"),
    path("<int:connection_id>/edit/", views.connection_edit, name="connection_edit"),
    path("<int:connection_id>/delete/", views.connection_delete, name="connection_delete"),
    path("<int:connection_id>/test/", views.connection_test, name="connection_test"),
]
