"""Static files are served as by WhiteNoise itself."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, TestCase, override_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from ticketflower.static_files import StaticFilesMiddleware

_REQUESTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/static/site.css", {}),
    ("/static/site.css", {"Accept-Encoding": "gzip"}),
    ("/static/site.css", {"Range": "bytes=0-3"}),
    ("/static/icons/mark.svg", {}),
    ("/static/site.css.gz", {}),
    ("/static/none.css", {}),
    ("/static/../secret.txt", {}),
    ("/tasks/", {}),
)


def _of_the_site(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


class StaticFilesTests(TestCase):
    """A response that is closed looks at the connection to the database, so this may not be a simple test."""

    def setUp(self) -> None:
        """Collect some files."""
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name) / "static"
        (root / "icons").mkdir(parents=True)
        (root / "site.css").write_text("body { color: black }" * 50)
        (root / "site.css.gz").write_bytes(b"smaller")
        (root / "icons" / "mark.svg").write_text("<svg/>")
        (root.parent / "secret.txt").write_text("secret")
        with override_settings(STATIC_ROOT=root, DEBUG=False):
            self.plain, self.ours = WhiteNoiseMiddleware(_of_the_site), StaticFilesMiddleware(_of_the_site)

    def test_the_same_answers(self) -> None:
        for path, headers in _REQUESTS * 2:  # the second time, headers are there
            with self.subTest(path, **headers):
                expected, found = _answer(self.plain, path, headers), _answer(self.ours, path, headers)
                self.assertEqual(found, expected)
        self.assertEqual(_answer(self.ours, "/static/site.css", {})[0], 200)
        self.assertEqual(_answer(self.ours, "/tasks/", {})[2], b"a page")

    def test_not_modified(self) -> None:
        mark = dict(_answer(self.ours, "/static/site.css", {})[1])["ETag"]
        self.assertEqual(_answer(self.ours, "/static/site.css", {"If-None-Match": mark})[0], 304)


def _answer(middleware: Any, path: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    response = middleware(RequestFactory().get(path, headers=headers))
    try:
        return response.status_code, sorted(response.items()), b"".join(response)
    finally:
        response.close()
