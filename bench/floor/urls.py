"""URLs of the baseline."""

from django.urls import path

from bench.floor import views

urlpatterns = [
    path("tickets/", views.tickets, name="tickets"),
    path("tickets/new/", views.new, name="new"),
    path("tickets/<int:number>/", views.ticket, name="ticket"),
    path("same-rows/", views.same_rows),
    path("five-inserts/", views.five_inserts),
    path("health/", views.health),
]
