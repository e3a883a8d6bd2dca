"""The form of a comment."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ticketflower.drawn_forms import DrawnForm, draw_once
from ticketflower.file_types import accepted_types
from ticketflower.form_drawing import draw_field
from ticketflower.http import Form
from ticketflower.picker import PickerWidget, draw_choice
from users.filters import NAME_IN_ORDER
from users.models import CustomUser
from workflow_design.workspace.controls import FilesField, LinesField
from workflow_ops.comments.audience import (
    is_internal_at_first,
    may_read_internal,
    offered_people,
    people_who_may_read,
)
from workflow_ops.comments.mentions import meant_by, named_in
from workflow_ops.files import describe_accepted_files, file_summary, known_files, row_ids, store_uploads
from workflow_ops.models import Comment, FileUpload, TicketInstance

MAX_COMMENT_LENGTH: Final = 5000
_AUTO_ID: Final = "comment_%s"
_HIDDEN: Final = '<input type="hidden" name="token" value="{}" id="comment_token">'
PUBLIC, INTERNAL = "public", "internal"


class AudienceWidget(forms.widgets.ChoiceWidget):
    """Who may read a comment: radio buttons, each with its icon."""

    input_type = "radio"
    use_fieldset = True
    template_name = "workflow_ops/includes/audience_widget.html"


class MentionWidget(PickerWidget):
    """People as checkboxes that are always folded."""

    most_unfolded = 0


class CommentForm(Form):
    """A new or edited comment on a ticket. People who may write internal comments can choose who reads it.

    `reads_internal` is the result of `may_read_internal`, if it is already known. Effects: uploaded files of
    a POST are stored at once, even if the form turns out to be invalid.
    """

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = LinesField(
        label=_("Comment"),
        max_length=MAX_COMMENT_LENGTH,
        # The placeholder lets CSS detect an empty text.
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": " ", "data-shortcut": "c", "data-mentions": "mentions"}
        ),
    )
    audience = forms.ChoiceField(
        label=_("Who can read it"),
        choices=[(PUBLIC, _("Everyone who may see the ticket")), (INTERNAL, _("Internal"))],
        widget=AudienceWidget,
    )
    mentions = forms.TypedMultipleChoiceField(
        label=_("Mention"),
        coerce=int,
        required=False,
        widget=MentionWidget(add=_("Mention people")),
        help_text=_("Or type @ and a name in the comment."),
    )
    attached = FilesField(label=_("Files"), several=True, types=accepted_types, required=False)

    def __init__(
        self,
        ticket: TicketInstance,
        *,
        by: CustomUser,
        post: QueryDict | None = None,
        uploads: Any = None,
        comment: Comment | None = None,
        reads_internal: bool | None = None,
    ) -> None:
        self._ticket, self._refused = ticket, dict[str, list[str]]()
        if post is not None and uploads:
            post, self._refused = store_uploads(post, uploads, fields=("attached",), by=by)
        self._post = post
        if reads_internal is None:
            reads_internal = may_read_internal(by, ticket)
        audience = _audience(is_internal=is_internal_at_first(by, ticket, reads_internal=reads_internal))
        initial = {"token": uuid.uuid4(), "audience": audience, **_initial(comment)}
        if post is not None and "audience" not in post:
            self._post = post = post.copy()
            post["audience"] = initial["audience"]  # the choice that the form would have preselected
        super().__init__(post, initial=initial, auto_id=_AUTO_ID)
        if comment is not None:
            del self.fields["token"]
        if not reads_internal:
            del self.fields["audience"]
            self.fields["text"].help_text = _("Everyone who may see the ticket can read it.")
        self._offer_people(by)
        self._know_files(by, comment)

    def _offer_people(self, by: CustomUser) -> None:
        people = offered_people(self._ticket, reader=by)
        if left := set(self.initial.get("mentions", [])) - {person.pk for person in people}:
            others = people_who_may_read(Comment(ticket=self._ticket)).exclude(pk=by.pk)
            people += others.filter(pk__in=left).order_by(NAME_IN_ORDER)
        if not people:
            del self.fields["mentions"]
            return
        self._offer([(person.pk, person.get_full_name()) for person in people])

    def _offer(self, people: list[tuple[int, str]]) -> None:
        mentions = self.fields["mentions"]
        assert isinstance(mentions, forms.TypedMultipleChoiceField)
        mentions.choices = people

    def _know_files(self, by: CustomUser, comment: Comment | None) -> None:
        field, ids = self.fields["attached"], self._post.getlist("attached") if self._post else []
        field.help_text = describe_accepted_files()
        # If the form of a new comment is sent twice, its files already belong to the first comment.
        if not ids and comment is None:
            return
        sent = FileUpload.objects.filter(pk__in=row_ids(ids), **by.as_author("uploaded_by"))
        files = comment.files.all() if comment else sent.filter(comment__ticket=self._ticket)
        own = {str(file.pk): file_summary(file) for file in files}
        field.widget.known = {**own, **known_files(ids, by=by)}

    def clean(self) -> Any:
        """Add the reasons why files were refused."""
        for name, texts in self._refused.items():
            self.add_error(name, texts)
        return super().clean()

    def values(self) -> dict[str, Any]:
        """Return the arguments that `add_comment` and `edit_comment` have in common."""
        cleaned = self.cleaned_data
        return {
            "text": cleaned["text"],
            "is_internal": cleaned.get("audience") == INTERNAL,
            "mentions": cleaned.get("mentions", []),
            "files": cleaned["attached"],
        }

    def form_token(self) -> uuid.UUID | None:
        """Return a token that is the same if the form is sent twice with the same contents.

        If a person goes back and changes something, that is another comment.
        """
        token = self.cleaned_data["token"]
        values = self.values()
        files = [self.fields["attached"].widget.known[key] for key in values.pop("files")]
        contents = [*values.values(), *((file.name, file.size) for file in files)]
        return uuid.uuid5(token, repr(contents)) if token else None

    def names_left_out(self) -> list[str]:
        """Return the names of colleagues who are not mentioned because they may not read the comment."""
        values = self.values()
        if not values["mentions"] and "@" not in values["text"]:
            return []
        comment = Comment(ticket=self._ticket, text=values["text"], is_internal=values["is_internal"])
        readers = meant_by(comment, values["mentions"])
        named = named_in(comment.text, CustomUser.objects.active(), values["mentions"])
        return [person.get_full_name() for person in named if person not in readers]


class _FormForAll(CommentForm):
    """The form of a new comment with a single box, for nobody: it can be rendered once for everybody."""

    def _offer_people(self, by: CustomUser) -> None:
        self._offer([(0, "")])


def new_comment_form(ticket: TicketInstance, *, by: CustomUser, reads_internal: bool) -> DrawnForm:
    """Return the fields of a new comment. All but the boxes of people are rendered once and cached."""
    people = offered_people(ticket, reader=by)

    def draw() -> list[str]:
        form = _FormForAll(ticket, by=by, reads_internal=reads_internal)
        if not people:
            del form.fields["mentions"]
        # This form has one box, which each page replaces by the boxes of its people.
        return "".join(map(draw_field, form.visible_fields())).split(_draw_box(0, 0, ""))

    files = describe_accepted_files(), *accepted_types()
    is_internal = is_internal_at_first(by, ticket, reads_internal=reads_internal)
    parts = draw_once(("comment", reads_internal, is_internal, bool(people), files), draw)
    boxes = "".join(_draw_box(at, person.pk, person.get_full_name()) for at, person in enumerate(people))
    return DrawnForm(SafeString(_HIDDEN.format(uuid.uuid4()) + boxes.join(parts)), is_multipart=True)


def _draw_box(at: int, person_id: int, name: str) -> str:
    return draw_choice("mentions", f"{_AUTO_ID % 'mentions'}_{at}", person_id, name)


def _audience(*, is_internal: bool) -> str:
    return INTERNAL if is_internal else PUBLIC


def _initial(comment: Comment | None) -> dict[str, Any]:
    if comment is None:
        return {}
    return {
        "text": comment.text,
        "audience": _audience(is_internal=comment.is_internal),
        "mentions": [mention.person_id for mention in comment.mentions.all()],
        "attached": [str(file.pk) for file in comment.files.all()],
    }
