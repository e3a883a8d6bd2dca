"""The addresses of Django admin. Whoever imports this registers the models of all apps with it."""

from django.contrib import admin

admin.autodiscover()
urlpatterns, _app_name, _namespace = admin.site.urls
