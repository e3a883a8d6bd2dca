"""Forms of tasks that send a message: an e-mail, a post to a chat. They need no JSON."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import EMAIL, USER, YES_NO
from workflow_design.definition.problems import Problem
from workflow_design.definition.ready_made import (
    MAX_SUBJECT_LENGTH,
    MAX_TEXT_LENGTH,
    TEXTS,
    message_of,
    recipient_field,
    recipient_role,
)
from workflow_design.definition.workflow import MAX_TITLE_LENGTH, PartFile, TaskFile
from workflow_design.editor.draft_page import Section
from workflow_design.editor.fields.settings import derive_name
from workflow_design.editor.parts.actions import with_fields
from workflow_design.editor.parts.due_form import NEW, TimedTaskForm
from workflow_design.editor.parts.forms import FIELD_REQUIRED, FieldsField, result_attributes
from workflow_design.editor.transforms.preview import sample_workspace
from workflow_design.models import TaskType
from workflow_design.persistence.names import nameable_chats, nameable_roles
from workflow_design.workspace.controls import DisplayNames, FileInfo
from workflow_design.workspace.messages import fill_subject, fill_text

_RESULT: Final = "id_text-result"
_ROLE, _FIELD = "role:", "field:"
_NAMES: Final = DisplayNames({"1": "Ada Lovelace"}, {"sample": FileInfo("sample", "offer.pdf", "", 0)})
"""Of the ids in `sample_workspace`."""


class MessageWidget(forms.Textarea):
    """A text with the fields that can be put in, and the whole message with sample values below."""

    template_name = "workflow_design/editor/message_widget.html"
    form: "MessageForm"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        fields = [(each.name, each.title) for each in self.form.workspace_fields.values()]
        context["widget"] |= {"fields": fields, "preview": self.form.preview(), "result_id": _RESULT}
        return context


def _message_field(label: Any, *, most: int, widget: forms.Widget, help_text: Any = "") -> forms.CharField:
    """Return a control for a text with fields, which shows the message again as it changes."""
    widget.attrs |= result_attributes("text", _RESULT)
    return forms.CharField(label=label, max_length=most, widget=widget, help_text=help_text)


class MessageForm(TimedTaskForm):
    """What the forms of both kinds of message have in common."""

    new = TaskFile(title="", task_type=str(TaskType.SYNC_ACTION), input_fields=())
    field_lists = ("input_fields",)
    message: ClassVar[str]
    """The member of `action`."""

    input_fields = FieldsField(
        label=gettext_lazy("Sent when one of these is filled in"),
        help_text=gettext_lazy("Choose at least one. The text can contain others, too."),
        error_messages={"required": FIELD_REQUIRED},
    )
    text = _message_field(
        gettext_lazy("Text"),
        most=MAX_TEXT_LENGTH,
        widget=MessageWidget(attrs={"rows": 6}),
        help_text=gettext_lazy("{name} is replaced by the value of a field. Write {{ for a brace."),
    )
    sent = forms.ChoiceField(
        label=gettext_lazy("Once it is sent, this becomes “yes”"),
        help_text=gettext_lazy("A yes/no field, which what follows can start with."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        assert isinstance(self.current, TaskFile)
        self.task = self.current
        message = message_of(self.task.action)
        self.initial = {**self.initial, **{name: message.get(name, "") for name in TEXTS}}
        self.fields["text"].widget.form = self
        self._offer_sent()

    def clean(self) -> dict[str, Any]:
        """Check the workflow as it would be with this task, and with the field that is made for it."""
        if self.cleaned_data.get("sent") == NEW:
            # People see it on the ticket, where several messages must be told apart.
            title = _("Sent: %(message)s") % {"message": self.cleaned_data.get("title", "")}
            name = derive_name(title, taken=self.file.fields_schema.get("properties", {}))
            self.new_fields = {name: {"type": "boolean", "title": title[:MAX_TITLE_LENGTH]}}
            self.file = with_fields(self.file, self.new_fields)
            self.cleaned_data["sent"] = name
        return super().clean()

    def refuse(self, problems: Collection[Problem]) -> None:
        """Add each problem to the control that it is about."""
        super().refuse([replace(each, pointer=_control(each.pointer)) for each in problems])

    def adapt(self, content: Any) -> PartFile:
        """Return the task with the message of the form, and without what belongs to other types of task."""
        sent = self.cleaned_data.get("sent", "")
        task = TaskFile(
            **{name: getattr(content, name) for name in ("title", "description", "ext_ref")},
            task_type=str(TaskType.SYNC_ACTION),
            input_fields=content.input_fields,
            output_fields=(sent,),
            condition=content.condition,
            reset_fields=tuple(name for name in self.task.reset_fields if name == sent),
            action={self.message: self.written()},
            due_hours=content.due_hours,
            overdue_field=content.overdue_field,
        )
        return super().adapt(task)

    def written(self) -> dict[str, Any]:
        """Return the message that was entered."""
        raise NotImplementedError

    def preview(self) -> dict[str, str]:
        """Return the message as it is entered so far, with sample values."""
        texts = {name: self[name].value() or "" for name in TEXTS if name in self.fields}
        fields = self.workspace_fields
        about = {"email": texts}, sample_workspace(fields), fields, _NAMES
        return {"subject": fill_subject(*about), "text": fill_text(*about)}

    def sections(self) -> Iterable[Section]:
        """Return the sections: title, message, start, what it writes, references."""
        yield self.section("", "title", "description")
        yield self.section(_("The message"), "to", "chat", "subject", "text")
        yield self.section(_("When it is sent"), "input_fields", "condition")
        yield self.section(_("What it fills in"), "sent")
        yield self.due_section()
        yield self.section(_("References"), "ext_ref", is_folded=True)

    def _offer_sent(self) -> None:
        fields = [field for field in self.workspace_fields.values() if field.type is YES_NO]
        control: Any = self.fields["sent"]
        control.choices = [
            (NEW, _("A new field “Sent: …”")),
            *((field.name, field.title) for field in fields),
        ]
        now = self.task.output_fields
        self.initial["sent"] = now[0] if len(now) == 1 and now[0] in dict(control.choices) else NEW


class EmailForm(MessageForm):
    """Form of a task that sends an e-mail."""

    message = "email"

    to = forms.ChoiceField(
        label=gettext_lazy("To"),
        help_text=gettext_lazy("Each person gets an e-mail of their own."),
        error_messages={"required": gettext_lazy("Choose who gets the e-mail.")},
    )
    subject = _message_field(gettext_lazy("Subject"), most=MAX_SUBJECT_LENGTH, widget=forms.TextInput())

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        people, addresses = (
            [
                (f"{_FIELD}{field.name}", field.title)
                for field in self.workspace_fields.values()
                if field.type is kind
            ]
            for kind in (USER, EMAIL)
        )
        groups = {
            _("Everybody with the role"): [(f"{_ROLE}{role.name}", role.name) for role in nameable_roles()],
            _("The person in the field"): people,
            _("The address in the field"): addresses,
        }
        control: Any = self.fields["to"]
        control.choices = [("", _("Choose…")), *((name, each) for name, each in groups.items() if each)]
        role, field = recipient_role(self.task.action), recipient_field(self.task.action)
        self.initial["to"] = f"{_ROLE}{role}" if role else f"{_FIELD}{field}" if field else ""

    def written(self) -> dict[str, Any]:
        """Return the e-mail that was entered."""
        kind, _colon, name = self.cleaned_data.get("to", "").partition(":")
        texts = {text: self.cleaned_data.get(text, "") for text in TEXTS}
        return {"to": {kind: name} if kind else {}, **texts}


class ChatForm(MessageForm):
    """Form of a task that posts to a chat."""

    message = "chat"

    chat = forms.ChoiceField(
        label=gettext_lazy("Chat"),
        error_messages={"required": gettext_lazy("Choose a chat.")},
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        names = nameable_chats()
        chosen = message_of(self.task.action).get("connection", "")
        control: Any = self.fields["chat"]
        if not names:
            text = _('No chat yet. A company admin can add one under <a href="{}">Connections</a>.')
            control.help_text = format_html(text, reverse("connection_list"))
        if chosen and chosen not in names:
            names.append(chosen)
        control.choices = [("", _("Choose…")), *((name, name) for name in names)]
        self.initial["chat"] = chosen

    def written(self) -> dict[str, Any]:
        """Return the post that was entered."""
        return {
            "connection": self.cleaned_data.get("chat", ""),
            "text": self.cleaned_data.get("text", ""),
        }


MESSAGE_FORMS: Final[Mapping[str, type[MessageForm]]] = {form.message: form for form in (EmailForm, ChatForm)}


def _control(pointer: str) -> str:
    """Return a pointer to the control for a part of a message."""
    path = [*pointer.split("/"), "", "", ""]
    controls = {"output_fields": "sent", "executor_roles": "to"}
    if path[1] == "action":
        return f"/{'chat' if path[3] == 'connection' else path[3]}" if path[3] else ""
    return f"/{controls[path[1]]}" if path[1] in controls else pointer
