"""Controls that are drawn in Python are those of Django's templates."""

from datetime import date
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.test import SimpleTestCase

from ticketflower.form_drawing import Renderer

HOSTILE = "<script>\"'&"
COLOURS = [("", "None"), ("r", HOSTILE), ("More", [(1, "One"), ("2", "Two")])]


class Controls(forms.Form):
    """One field for each kind of control."""

    text = forms.CharField(max_length=9)
    lines = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "data-x": HOSTILE}))
    number = forms.IntegerField(min_value=0, disabled=True)
    email = forms.EmailField()
    day = forms.DateField(widget=forms.DateInput(attrs={"hidden": True, "title": False}))
    password = forms.CharField(widget=forms.PasswordInput)
    agreed = forms.BooleanField()
    token = forms.CharField(widget=forms.HiddenInput)
    colour = forms.ChoiceField(choices=COLOURS)
    colours = forms.MultipleChoiceField(choices=COLOURS, widget=forms.SelectMultiple)
    address = forms.URLField(assume_scheme="https")


class ControlTests(SimpleTestCase):
    def test_same_as_templates(self) -> None:
        filled: dict[str, Any] = {
            "text": HOSTILE,
            "lines": f"\n{HOSTILE}\nb",
            "number": 0,
            "email": "a@b.example",
            "day": date(2030, 1, 31),
            "password": "x",
            "agreed": True,
            "token": "t",
            "colour": "r",
            "colours": ["r", "2"],
            "address": HOSTILE,
        }
        refused = {"text": "", "colour": "unknown", "colours": ["unknown"]}
        for form in (Controls(), Controls(initial=filled), Controls(refused)):
            for field in form:
                with self.subTest(field.name, initial=bool(form.initial), is_bound=form.is_bound):
                    form.renderer = Renderer()
                    drawn = str(field)
                    form.renderer = TemplatesSetting()
                    self.assertHTMLEqual(drawn, str(field))

    def test_text_area_keeps_the_line_break_that_browsers_drop(self) -> None:
        form = Controls(initial={"lines": "\nb"}, renderer=Renderer())
        self.assertIn(">\n\nb</textarea>", str(form["lines"]))
