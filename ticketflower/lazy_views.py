"""Views and URLs that are imported when they are needed (docs/architecture.md, "What is loaded by whom").

To reverse URLs, Django needs the name and the path of every view, and so imports all URL modules at the first
request. With these classes, it does not import the views themselves.
"""

from collections.abc import Callable
from functools import cached_property, reduce
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.module_loading import import_string

Decorator = Callable[[Any], Any]


class LazyView:
    """A view that is imported when it is first called."""

    def __init__(self, path: str, *decorators: Decorator) -> None:
        """Store the dotted path of the view, and its decorators, the innermost first."""
        self._path, self._decorators = path, decorators
        self.__module__, _dot, self.__name__ = path.rpartition(".")
        self.__qualname__ = self.__name__

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the response of the view."""
        response: HttpResponse = self._view(request, *args, **kwargs)
        return response

    def decorated(self, decorator: Decorator) -> "LazyView":
        """Return the decorated view. Applying a decorator directly to this object would import the view."""
        return LazyView(self._path, *self._decorators, decorator)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that a decorator has set on the view, which Django reads before calling it."""
        if name == "view_class":  # read for reversing URLs; an attribute of class-based views
            raise AttributeError(name)
        return getattr(self._view, name)

    @cached_property
    def _view(self) -> Any:
        return reduce(lambda view, decorator: decorator(view), self._decorators, import_string(self._path))


class LazyViews:
    """The views of a module, as its attributes."""

    def __init__(self, module: str) -> None:
        """Store the dotted path of the module."""
        self._module = module

    def __getattr__(self, name: str) -> LazyView:
        """Return the view with this name. Its first call fails if there is none."""
        return LazyView(f"{self._module}.{name}")


class LazyNamespace(URLResolver):
    """A module with URLs in a namespace, imported when one of them is visited or linked to.

    It can't contain other namespaces.
    """

    def __init__(self, route: str, module: str, *, name: str) -> None:
        """Store the route prefix, the dotted path of the module, and the namespace."""
        super().__init__(RoutePattern(route), module, app_name=name, namespace=name)

    def _populate(self) -> None:
        """Do nothing: Django calls this to reverse any URL, but then needs only the name of a namespace."""
