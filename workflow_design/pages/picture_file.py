"""The picture of a workflow as an SVG file of its own, for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from workflow_design.picture.model import Picture

_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
_VALUE = re.compile(r"(--[\w-]+): ([^;]+);")
_DRAWN = re.compile(r"^\.\S.*(?:fill|stroke|font-\w+):.*}$", re.MULTILINE)
_TONE = re.compile(r"^(\.tf-tone-\w+) {(.*)}$", re.MULTILINE)


def picture_file(picture: Picture, *, title: str) -> str:
    """Return a picture as an SVG file, in the light colours of the site."""
    styles = mark_safe(_styles())  # noqa: S308 - from our own style sheets
    context = {"picture": picture, "title": title, "styles": styles}
    return render_to_string("workflow_design/picture_file.svg", context)


@cache
def _styles() -> str:
    """Return the rules of css/picture.css that say how a picture is drawn, with values for variables.

    Few programs that draw SVG know variables.
    """
    css = {name: _read(name) for name in ("tokens", "components", "picture")}
    values = {name: _light(value) for name, value in _VALUE.findall(css["tokens"])}
    tones = {name: dict(_VALUE.findall(content)) for name, content in _TONE.findall(css["components"])}
    return "\n".join(
        _with_values(rule, values) for rule in _rules(css["picture"], tones) if ":hover" not in rule
    )


def _with_values(rule: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), rule)


def _read(name: str) -> str:
    return (settings.BASE_DIR / f"static/css/{name}.css").read_text("utf-8")


def _light(value: str) -> str:
    found = re.fullmatch(r"light-dark\((.+), [^,]+\)", value)
    return found[1] if found else value


def _rules(css: str, tones: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yield the rules that draw; one that asks for the tone of a part, once for each tone."""
    for rule in _DRAWN.findall(css):
        if "var(--tone" not in rule:
            yield rule
            continue
        for tone, values in tones.items():
            in_tone = _with_values(rule, values)
            # The class of the tone stands at the part itself, as that of a mark does.
            yield f"{tone}{in_tone}" if in_tone.startswith(".is-marked") else f"{tone} {in_tone}"
