"""The URLs of Django admin. Importing this module registers the models of all apps."""

from django.contrib import admin

admin.autodiscover()
urlpatterns, _app_name, _namespace = admin.site.urls
