"""A page with only the editors of conditions, layouts and transforms, for tests."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import TaskFile
from workflow_design.editor.conditions.field import ConditionField
from workflow_design.editor.form_fields import requests_redisplay
from workflow_design.editor.layouts.field import LayoutField
from workflow_design.editor.transforms.field import TransformField
from workflow_design.editor.transforms.preview import preview_written
from workflow_design.tests.editor.row_strategies import FIELDS, SCHEMA

STORED: dict[str, Any] = {
    "chosen": ["days", "from", "decision"],
    "condition": {"==": [{"var": "decision"}, "yes"]},
    "form": [["days", "from"], "decision"],
    "reading": [],
    "answer": {"note": {"var": "response.body.text"}},
}
SAMPLE = {"status": 201, "body": {"text": "Sent", "number": 12}}
ACTION = TaskFile(
    title="Call", task_type="SYNC_ACTION", input_fields=("note",), output_fields=("note", "days")
)
PAGE = """{% extends "base.html" %}{% load static %}{% block title %}Editor{% endblock %}
{% block extra_head %}<link rel="stylesheet" href="{% static 'css/design.css' %}">
<link rel="stylesheet" href="{% static 'css/editors.css' %}">{% endblock %}
{% block content %}{% include "components/page_head.html" with title="Editor" %}
{% include "components/form.html" %}{% endblock %}"""


class EditorForm(forms.Form):
    """A form with all editors, a text and a choice of fields."""

    title = forms.CharField()
    chosen = forms.MultipleChoiceField(
        choices=[(field.name, field.title) for field in FIELDS.values()],
        widget=forms.CheckboxSelectMultiple(),
    )
    condition = ConditionField(FIELDS)
    answer = TransformField(of_answer=True)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial=STORED | {"title": "Task"})
        names = data.getlist("chosen") if data is not None else STORED["chosen"]
        self.fields["form"] = LayoutField(names, FIELDS, exactly_once=True, validator=data_validator(SCHEMA))
        self.fields["reading"] = LayoutField(names, FIELDS, exactly_once=False)
        answer: Any = self.fields["answer"]
        answer.use_fields(FIELDS, preview=self.written, outputs=lambda: ACTION.output_fields)

    def written(self, transform: Any) -> dict[str, Any]:
        """Return what is written of the sample."""
        return preview_written(replace(ACTION, output_transform=transform), data_validator(SCHEMA), SAMPLE)


def editor_page(request: HttpRequest) -> HttpResponse:
    """Return the form or, once it is valid, its cleaned data as JSON."""
    form = EditorForm(request.POST if request.method == "POST" else None)
    if requests_redisplay(request.POST):
        form.errors.clear()
    elif form.is_valid():
        return JsonResponse(form.cleaned_data)
    page = engines["django"].from_string(PAGE).render({"form": form}, request)
    return HttpResponse(page)


urlpatterns = [path("editor/", editor_page), path("", include("ticketflower.urls"))]
