"""The languages that companies choose from."""

from importlib.util import find_spec

from django.conf import global_settings
from django.db import connection
from django.test import TestCase
from django.utils.translation import to_locale

from users.languages import LANGUAGES, dictionary_of, language_choices


class Languages(TestCase):
    """Which there are, and what each of them decides."""

    def test_are_those_with_formats_or_with_a_dictionary(self) -> None:
        # English is one choice, and the oldest Django of ours does not know Haitian Creole.
        left_out = {"en-au", "en-gb", "ht"}
        with_formats = {
            code
            for code, _name in global_settings.LANGUAGES
            if find_spec(f"django.conf.locale.{to_locale(code)}.formats") and code not in left_out
        }
        with_dictionary = {code for code in LANGUAGES if dictionary_of(code) != "simple"}
        self.assertEqual(set(LANGUAGES), with_formats | with_dictionary)
        self.assertEqual(with_dictionary - with_formats, {"hy", "ne"})

    def test_every_dictionary_exists(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cfgname FROM pg_ts_config")
            known = {name for (name,) in cursor.fetchall()}
        used = {dictionary_of(code) for code in LANGUAGES}
        # The last one is for a language for which Django knows neither name nor formats.
        self.assertEqual(known - used - {"estonian"}, {"yiddish"})
        self.assertEqual(used - known, set())
        self.assertEqual(
            [dictionary_of(code) for code in ("de", "pt-br", "sr-latn", "ja")],
            ["german", "portuguese", "serbian", "simple"],
        )

    def test_are_named_in_themselves(self) -> None:
        names = dict(language_choices())
        self.assertEqual(
            [names[code] for code in ("de", "en", "fr", "ja")], ["Deutsch", "English", "Français", "日本語"]
        )
        self.assertEqual(len(names), len(LANGUAGES))
