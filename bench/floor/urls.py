"""URLs of the baseline."""

from django.urls import path

from bench.floor import views

urlpatterns = [
    path("same-rows/", views.same_rows),
    path("five-inserts/", views.five_inserts),
    path("health/", views.health),
]
