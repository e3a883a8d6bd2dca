"""The languages of companies: their formats of numbers and dates, and their search dictionaries.

These are the languages for which Django has formats, or PostgreSQL has a dictionary.
"""

from typing import Final

from django.utils.translation import get_language_info

_CODES: Final = """
ar ar-dz az bg bn bs ca ckb cs cy da de el en eo es es-ar es-co es-mx es-ni et eu fa fi fr fy ga gd gl he hi
hr hu hy id ig is it ja ka km kn ko ky lt lv mk ml mn ms nb ne nl nn pl pt pt-br ro ru sk sl sq sr sr-latn
sv ta te tg th tk tr ug uk uz vi zh-hans zh-hant
"""
LANGUAGES: Final = tuple(_CODES.split())
_DICTIONARIES: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


def language_choices() -> list[tuple[str, str]]:
    """Return the code of each language and its name in that language."""
    named = [(code, str(get_language_info(code)["name_local"]).capitalize()) for code in LANGUAGES]
    return sorted(named, key=lambda each: each[1])


def dictionary_of(language: str) -> str:
    """Return the name of PostgreSQL's dictionary for a language, or "simple" if it has none."""
    return _DICTIONARIES.get(language.partition("-")[0], "simple")
