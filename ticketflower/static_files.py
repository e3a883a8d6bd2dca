"""Static files, as WhiteNoise serves them."""

from os import stat_result

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, except that the headers of a file are created at its first request.

    WhiteNoise creates all of them at the start, half of them for Django admin, which few people use.
    """

    def add_file_to_dictionary(
        self, url: str, path: str, stat_cache: dict[str, stat_result] | None = None
    ) -> None:
        """Store the path of the file, unless it is the compressed form of another."""
        if not self.is_compressed_variant(path, stat_cache=stat_cache):
            self.files[url] = path

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return a static file, or the response of the site."""
        url = request.path_info
        if isinstance(path := self.files.get(url), str):
            self.files[url] = self.get_static_file(path, url)
        response: HttpResponse = super().__call__(request)
        return response
