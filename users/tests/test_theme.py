"""The theme: light, dark or automatic."""

from django.test import Client, TestCase, override_settings

from users.tests.hostile import HOSTILE_TEXTS, hostile_posts

PATH = "/users/theme/"


class Theme(TestCase):
    """The theme cookie, also for visitors."""

    def test_page_comes_in_it(self) -> None:
        client = Client()
        self.assertContains(client.get("/users/login/"), 'data-bs-theme="auto"')
        for theme in ("dark", "light", "auto"):
            response = client.post(PATH, {"theme": theme, "next": "/users/login/"})
            self.assertRedirects(response, "/users/login/")
            self.assertContains(client.get("/users/login/"), f'data-bs-theme="{theme}"')

    def test_cookie(self) -> None:
        for secure in (True, False):
            with override_settings(SESSION_COOKIE_SECURE=secure):
                cookie = Client().post(PATH, {"theme": "dark"}).cookies["theme"]
            self.assertEqual(cookie["max-age"], 60 * 60 * 24 * 365)
            self.assertEqual(cookie["samesite"], "Lax")
            self.assertEqual(bool(cookie["httponly"]), True)
            self.assertEqual(bool(cookie["secure"]), secure)

    def test_back_to_a_page_of_ours_only(self) -> None:
        for target in ("https://evil.example/", "//evil.example/", ""):
            response = Client().post(PATH, {"theme": "dark", "next": target})
            self.assertRedirects(response, "/", fetch_redirect_response=False)

    def test_other_values_are_refused(self) -> None:
        for field, text, response in hostile_posts(PATH, {"theme": "dark"}):
            with self.subTest(field=field, text=text[:20]):
                self.assertEqual(response.status_code, 400 if field == "theme" else 302)

    def test_only_by_post_with_a_form_of_ours(self) -> None:
        self.assertRedirects(Client().get(PATH), "/", fetch_redirect_response=False)
        self.assertEqual(Client(enforce_csrf_checks=True).post(PATH, {"theme": "dark"}).status_code, 403)


class HostileCookie(TestCase):
    """A cookie can contain any text."""

    def test_is_ignored(self) -> None:
        for text in HOSTILE_TEXTS:
            client = Client()
            client.cookies["theme"] = text.encode("utf-8", "replace").decode("latin-1")
            self.assertContains(
                client.get("/users/password-reset/x/"), 'data-bs-theme="auto"', status_code=404
            )
