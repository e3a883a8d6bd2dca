"""Tests that hostile input in the forms of a draft never causes an internal error."""

from typing import ClassVar

from django.db import transaction
from django.urls import reverse

from users.tests.hostile import post_raw
from workflow_design.editor.drafts import current_edition
from workflow_design.tests.editor.draft_pages import NO_CONDITION, DraftPageTestCase

TEXTS = ("\x00", "<script>alert(1)</script>{{ 7*7 }}", "x" * 10_000, "\ud800", "9" * 5_000, "1e400")
JSON = ('{"!": ' * 2_000 + "1" + "}" * 2_000, "[" * 100_000, '{"a": NaN}', '"\\ud800"')
IN_WALLS = ("title", "asks", "input_fields", "output_fields", "reads", "completion_status", "condition-view")
"""Tried by `tests/walls` in these forms, as is the edition."""
OF_JSON = ("schema", "text", "input_transform", "output_transform", "condition-json")


class HostileForms(DraftPageTestCase):
    forms: ClassVar[dict[str, dict[str, str]]] = {
        "field_create": {
            "title": "T",
            "name": "t",
            "help_text": "",
            "options_label": "A",
            "options_value": "a",
            "default": "a",
        },
        "ticket_definition_create": {
            "title": "T",
            "description": "",
            "asks": "days",
            "submitter_roles": "",
            "ext_ref_Label": "L",
            "ext_ref_Desc": "",
            "ext_ref_URI": "https://example.com/",
        },
        "task_definition_create": {
            "title": "T",
            "input_fields": "days",
            "output_fields": "booked",
            "reset_fields": "",
            "action_url": "https://example.com/",
            "input_transform": "",
            "output_transform": "",
            "timeout_seconds": "",
            **NO_CONDITION,
        },
        "completion_create": {
            "title": "T",
            "completion_status": "COMPLETED",
            "reads": "days",
            **NO_CONDITION,
        },
        "workflow_definition_update": {"title": "T", "ext_ref_URI": "https://example.com/"},
        "workflow_schema": {"schema": ""},
        "workflow_components_upload": {"text": ""},
    }
    kinds: ClassVar[dict[str, str]] = {
        "field_create": "?kind=choice",
        "task_definition_create": "?kind=SYNC_ACTION",
    }

    def test_every_field_of_every_form(self) -> None:
        edition = current_edition(self.stored(self.draft))
        for name, valid in self.forms.items():
            path = f"{reverse(name, args=[self.draft.pk])}{self.kinds.get(name, '')}"
            elsewhere = () if name == "field_create" else IN_WALLS
            for field in (each for each in (*valid, "_redisplay") if each not in elsewhere):
                for text in (*TEXTS, *(JSON if field in OF_JSON else ())):
                    with transaction.atomic():
                        response = post_raw(self.client, path, {"edition": edition, **valid, field: text})
                        transaction.set_rollback(True)
                    self.assertIn(response.status_code, (200, 302), (name, field, text[:40]))
                    self.assert_harmless(response.content.decode())

    def test_stored_texts_are_escaped(self) -> None:
        for name, valid in self.forms.items():
            text = f"<script>alert(1)</script>{{{{ 7*7 }}}} {name}"
            path = f"{reverse(name, args=[self.draft.pk])}{self.kinds.get(name, '')}"
            self.post(path, **{**valid, "title": text, "description": text, "help_text": text})
        for page in ("workflow_fields", "workflow_components", "workflow_definition_detail"):
            response = self.client.get(reverse(page, args=[self.draft.pk]))
            self.assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}")
            self.assert_harmless(response.content.decode())

    def assert_harmless(self, html: str) -> None:
        """Assert that no input became a tag or was evaluated as a template."""
        self.assertNotIn("<script>alert", html)
        self.assertNotIn("<img src=x", html)
        self.assertNotIn("&lt;/script&gt;49", html)
