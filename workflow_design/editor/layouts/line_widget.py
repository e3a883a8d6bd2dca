"""HTML of the lines of a layout, with the controls that move them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import MAX_SECTION_LEVELS, MAX_SECTION_TITLE_LENGTH, MAX_TEXT_LENGTH
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.buttons import SWAP_EDITOR, button, hidden, line_error, swap_attributes
from workflow_design.editor.layouts.lines import FieldLine, HeadingLine, Line, TextLine, line_depths
from workflow_design.editor.layouts.preview import form_preview, reading_preview
from workflow_design.editor.layouts.state import TypedLayout

NOTHING: Final = SafeString("")


@dataclass(frozen=True)
class LayoutContext:
    """Name, id and options of an editor that is being rendered."""

    name: str
    id: str
    fields: Fields
    names: tuple[str, ...]
    allowed: tuple[str, ...]
    exactly_once: bool
    validator: DataValidator | None
    follows: str
    problems: Mapping[int, str]

    @property
    def update(self) -> str:
        """The action of a control that changed."""
        return f"{self.name}:update"

    @property
    def preview_id(self) -> str:
        """The id of the preview element."""
        return f"{self.id}-preview"

    def preview(self, layout: Any) -> SafeString:
        """Return the preview of the layout, or nothing if it can't be rendered."""
        if not self.exactly_once:
            return reading_preview(layout, fields=self.fields, only=self.names, id=self.preview_id)
        if self.validator is None:
            return NOTHING
        return form_preview(layout, names=self.names, validator=self.validator, id=self.preview_id)


def render_lines(typed: TypedLayout, context: LayoutContext) -> SafeString:
    """Return all lines as a list."""
    depths = line_depths(typed.lines)
    lines = (_Line(number, typed, context, depths).render() for number in range(len(typed.lines)))
    return format_html(
        '<ol class="tf-layout-lines">{}</ol>', format_html_join("", "{}", ((line,) for line in lines))
    )


@dataclass(frozen=True)
class _Line:
    """The HTML of one line."""

    number: int
    typed: TypedLayout
    context: LayoutContext
    depths: list[int]

    def render(self) -> SafeString:
        kind, content = self._kind_and_content()
        problem = self.context.problems.get(self.number, "")
        return format_html(
            '<li class="tf-layout-line is-{} tf-depth-{}{}">{}{}<div class="tf-line-what">{}</div>'
            '<div class="tf-line-controls">{}</div></li>',
            kind,
            self.depths[self.number],
            " has-error" if problem else "",
            hidden(f"{self._name}-kind", kind),
            line_error(problem, self._id) if problem else NOTHING,
            content,
            self._controls(),
        )

    @property
    def _line(self) -> Line:
        return self.typed.lines[self.number]

    @property
    def _before(self) -> Line | None:
        return self.typed.lines[self.number - 1] if self.number else None

    @property
    def _name(self) -> str:
        return f"{self.context.name}-{self.number}"

    @property
    def _id(self) -> str:
        return f"{self.context.id}-{self.number}"

    @property
    def _title(self) -> str:
        """The name of the line for screen readers, after the labels of its buttons."""
        match self._line:
            case FieldLine(name):
                return self.context.fields[name].title
            case HeadingLine(title):
                return title or _("heading")
            case TextLine():
                return _("text")
        return _("end of the section")

    def _kind_and_content(self) -> tuple[str, SafeString]:
        match self._line:
            case FieldLine(name, beside):
                return "field", self._field(name, beside=beside)
            case HeadingLine(title, inside):
                return "heading", self._heading(title, inside=inside)
            case TextLine(text):
                return "text", self._text(text)
        return "end", format_html('<span class="tf-muted">{}</span>', _("End of the section"))

    def _field(self, name: str, *, beside: bool) -> SafeString:
        field = self.context.fields[name]
        box = self._box("beside", _("Next to the one above"), is_checked=beside)
        return format_html(
            '{}<span class="tf-line-title">{}</span>{}',
            hidden(f"{self._name}-text", name),
            field.title,
            box if isinstance(self._before, FieldLine) else NOTHING,
        )

    def _heading(self, title: str, *, inside: bool) -> SafeString:
        # The depth that this heading would have inside the section above.
        depth = self.depths[self.number - 1] + isinstance(self._before, HeadingLine) if self.number else 0
        box = self._box("inside", _("Inside the section above"), is_checked=inside)
        return format_html(
            '<input class="form-control{}" type="text" name="{}-text" id="{}-text" value="{}" maxlength="{}" '
            'aria-label="{}" placeholder="{}"{}{}{}>{}',
            self._invalid,
            self._name,
            self._id,
            title,
            MAX_SECTION_TITLE_LENGTH,
            _("Heading, line %(number)d") % {"number": self.number + 1},
            _("Heading"),
            self._focus("text"),
            self._described,
            swap_attributes(self.context.preview_id, action=self.context.update),
            box if 0 < depth < MAX_SECTION_LEVELS else NOTHING,
        )

    def _text(self, text: str) -> SafeString:
        return format_html(
            '<textarea class="form-control{}" name="{}-text" id="{}-text" maxlength="{}" rows="2" '
            'aria-label="{}" placeholder="{}"{}{}{}>\n{}</textarea>',
            self._invalid,
            self._name,
            self._id,
            MAX_TEXT_LENGTH,
            _("Text, line %(number)d") % {"number": self.number + 1},
            _("A text for the readers of the form"),
            self._focus("text"),
            self._described,
            swap_attributes(self.context.preview_id, action=self.context.update),
            text,
        )

    def _box(self, part: str, label: str, *, is_checked: bool) -> SafeString:
        return format_html(
            '<div class="form-check"><input class="form-check-input" type="checkbox" name="{}-{}" id="{}-{}"'
            '{}{}><label class="form-check-label" for="{}-{}">{}</label></div>',
            self._name,
            part,
            self._id,
            part,
            SafeString(" checked") if is_checked else NOTHING,
            swap_attributes(self.context.id, action=self.context.update),
            self._id,
            part,
            label,
        )

    def _controls(self) -> SafeString:
        last = len(self.typed.lines) - 1
        moves = [
            self._button("up", _("Move up"), "↑", is_off=self.number == 0),
            self._button("down", _("Move down"), "↓", is_off=self.number == last),
        ]
        if not (self.context.exactly_once and isinstance(self._line, FieldLine)):
            moves.append(self._button("remove", _("Remove"), "✕"))
        return format_html_join("", "{}", ((move,) for move in moves))

    def _button(self, action: str, label: str, picture: str, *, is_off: bool = False) -> SafeString:
        return button(
            self.context.name,
            f"{action}:{self.number}",
            label,
            about=self._title,
            css="btn-link",
            sign=picture,
            id=f"{self._id}-{action}",
            more=format_html("{}{}", SWAP_EDITOR, self._focus(action)),
            is_icon_only=True,
            is_off=is_off,
        )

    def _focus(self, part: str) -> SafeString:
        """Return the autofocus attribute if the user just moved or added this line with this control."""
        typed = self.typed
        is_here = typed.focus == self.number and typed.focus_part == part
        return SafeString(" autofocus") if is_here else NOTHING

    @property
    def _invalid(self) -> str:
        return " is-invalid" if self.number in self.context.problems else ""

    @property
    def _described(self) -> SafeString:
        if self.number not in self.context.problems:
            return NOTHING
        return format_html(' aria-invalid="true" aria-describedby="{}-error"', self._id)
