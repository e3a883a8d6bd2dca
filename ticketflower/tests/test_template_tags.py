"""The template tags that every template uses, and the field templates that they render."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory, SimpleTestCase
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from ticketflower import form_drawing, form_tags
from ticketflower import template_tags as tags
from ticketflower.markup import fill
from ticketflower.relative_times import relative_and_exact

NOW = datetime(2026, 7, 8, 12, 0, tzinfo=UTC)  # a Wednesday


def render(source: str, path: str = "/tickets/", **context: Any) -> str:
    """Render template source as a page at `path` would."""
    return Template(source).render(Context({"request": RequestFactory().get(path), **context}))


class LeaveForm(forms.Form):
    """A form with one field for every way of rendering."""

    days = forms.IntegerField(label="Days", help_text="Up to <b>30</b>")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    decision = forms.ChoiceField(
        label="Decision", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    team = forms.ChoiceField(label="Team", choices=[("a", "Sales"), ("b", "Workshop")])
    agreed = forms.BooleanField(label="Agreed")
    offer = forms.FileField(label="Offer", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class IconTests(SimpleTestCase):
    """Icons, badges and states."""

    def test_an_icon_is_cached_and_hidden_from_screen_readers(self) -> None:
        """The second call returns the cached result."""
        first = tags.icon("ticket")
        self.assertIn('aria-hidden="true"', first)
        self.assertIs(first, tags.icon("ticket"))

    def test_every_state_has_an_icon_and_a_word(self) -> None:
        """An unknown icon name would raise here."""
        for value, (tone, _icon, word) in tags.STATES.items():
            if tone:
                with self.subTest(value):
                    html = tags.status(value)
                    self.assertIn(f"tf-tone-{tone}", html)
                    self.assertIn(f"<span>{word}</span>", html)

    def test_what_is_normal_is_plain_text(self) -> None:
        """A badge on every row would say nothing."""
        for value, word in (("OPEN", "Open"), ("IN_PROGRESS", "In progress")):
            with self.subTest(value):
                self.assertEqual(tags.status(value), f'<span class="tf-muted">{word}</span>')

    def test_an_unknown_status_is_shown_as_it_is(self) -> None:
        """A missing entry in the table of states must not break a page."""
        self.assertIn("&lt;odd&gt;", tags.status("<odd>"))

    def test_a_badge_escapes_its_label(self) -> None:
        """Labels may come from users."""
        self.assertIn("&lt;b&gt;", tags.badge("<b>", tone="danger"))

    def test_messages_of_django_have_a_tone(self) -> None:
        """Django's message levels and our tones differ in one word."""
        self.assertEqual(tags.tone_class("error"), "danger")
        self.assertEqual(tags.tone_word("error"), "Problem")
        self.assertEqual(tags.tone_icon("nonsense"), "minus-circle")


class InitialsTests(SimpleTestCase):
    """Initials of people."""

    def test_names_of_all_shapes(self) -> None:
        """The first and last word are used; an e-mail address works too."""
        for name, wanted in {
            "Hanna Berg": "HB",
            "Hanna van der Berg": "HB",
            "hanna": "H",
            "hanna@example.com": "HE",
            "": "?",
            "(Ali) Demir": "D",
            "Łukasz Żak": "ŁŻ",
        }.items():
            with self.subTest(name):
                self.assertEqual(tags.initials(name), wanted)
        self.assertEqual(tags.initials(None), "?")


class TimeTests(SimpleTestCase):
    """Relative and exact times."""

    def test_relative_times(self) -> None:
        """A distance within a day, the weekday within a week, then the date."""
        for ago, wanted in {
            timedelta(seconds=20): "just now",
            timedelta(seconds=-4): "just now",
            timedelta(seconds=-20): "in a moment",
            timedelta(minutes=1): "1 minute ago",
            timedelta(minutes=59, seconds=59): "59 minutes ago",
            timedelta(hours=23, minutes=59): "23 hours ago",
            timedelta(days=1): "Tuesday, 12:00",
            timedelta(days=6): "Thursday, 12:00",
            timedelta(days=6, hours=23): "1 July",  # also a Wednesday
            timedelta(days=30): "8 June",
            timedelta(days=400): "3 June 2025",
            timedelta(minutes=-90): "in 1 hour",
            timedelta(days=-2): "in 2 days",
            timedelta(days=-30): "7 August",
        }.items():
            with self.subTest(ago):
                self.assertEqual(relative_and_exact(NOW - ago, NOW)[0], wanted)

    def test_due_times_of_a_column(self) -> None:
        """The distance alone, in its largest unit; days are counted by their dates."""
        for ahead, wanted in {
            timedelta(days=-30): "30 days over",
            timedelta(hours=-25): "1 day over",
            timedelta(hours=-3): "3 h over",
            timedelta(0): "0 min over",
            timedelta(minutes=40): "Due in 40 min",
            timedelta(hours=23, minutes=59): "Due in 23 h",
            timedelta(hours=47): "Due in 2 days",
            timedelta(days=400): "Due in 400 days",
        }.items():
            with self.subTest(ahead):
                drawn = tags.due(NOW + ahead, NOW, is_short=True)
                self.assertEqual(strip_tags(drawn).strip(), wanted)
                self.assertEqual("tf-card-word" in drawn, wanted.startswith("Due"))
                self.assertIn(f'title="{tags.exact_time(NOW + ahead)}"', drawn)

    def test_due_times(self) -> None:
        """A time of day today and tomorrow, the weekday within a week, then the date; NOON is a Wednesday."""
        for ahead, wanted in {
            timedelta(minutes=-1): "Overdue since 11:59",
            timedelta(0): "Overdue since 12:00",
            timedelta(hours=-13): "Overdue since yesterday",
            timedelta(days=-2): "Overdue since Monday",
            timedelta(days=-30): "Overdue since 8 June",
            timedelta(minutes=1): "Due today at 12:01",
            timedelta(hours=26): "Due tomorrow at 14:00",
            timedelta(days=3): "Due Saturday at 12:00",
            timedelta(days=7): "Due 15 July",
            timedelta(days=400): "Due 12 August 2027",
        }.items():
            with self.subTest(ahead):
                drawn = tags.due(NOW + ahead, NOW)
                self.assertEqual(strip_tags(drawn), wanted)
                self.assertEqual("tf-tone-danger" in drawn, ahead <= timedelta(0))
                self.assertIn("<svg", drawn)
        self.assertIn('title="9 July 2026, 14:00"', tags.due(NOW + timedelta(hours=26), NOW))
        self.assertEqual(tags.due(None), "")

    def test_a_date_without_a_time_stays_a_date(self) -> None:
        """A day has no hours, so it is never "14 hours ago"."""
        self.assertEqual(relative_and_exact(date(2026, 7, 8), NOW)[0], "8 July")
        self.assertEqual(tags.exact_time(date(2026, 7, 8)), "8 July 2026")

    def test_nothing_gives_nothing(self) -> None:
        """An open task has no completion time."""
        self.assertEqual((tags.exact_time(None), tags.time(None)), ("", ""))

    def test_the_exact_time_is_the_persons(self) -> None:
        """The markup contains UTC, and the tooltip the user's local time."""
        with timezone.override("Europe/Berlin"):
            html = tags.time(NOW, NOW + timedelta(hours=2))
        self.assertHTMLEqual(
            html,
            '<time datetime="2026-07-08T12:00:00+00:00" title="8 July 2026, 14:00">2 hours ago</time>',
        )

    def test_a_naive_time_is_taken_as_local(self) -> None:
        """Forms may return naive times."""
        self.assertEqual(tags.exact_time(datetime(2026, 7, 8, 9, 5)), "8 July 2026, 09:05")


class AddressTests(SimpleTestCase):
    """Query strings, marked links and sortable columns."""

    def test_query_with_changes_and_drops(self) -> None:
        """None and an empty string both remove a key."""
        html = render('{% query_with sort="title" after=None q="" %}', "/t/?q=a&after=x&kind=1&kind=2")
        self.assertEqual(html, "?kind=1&amp;kind=2&amp;sort=title")

    def test_query_with_works_without_a_request(self) -> None:
        """E-mails and error pages have no request."""
        self.assertEqual(Template('{% query_with sort="a" %}').render(Context()), "?sort=a")

    def test_active(self) -> None:
        """Links to the page itself and to pages above it are marked, except the top."""
        for path, exact, here in [("/tickets/", "", True), ("/tick/", "", False), ("/", "", False)]:
            with self.subTest(path):
                html = render(f'{{% active "{path}" {exact} %}}', "/tickets/41/")
                self.assertEqual(html, 'aria-current="page"' if here else "")
        self.assertEqual(render('{% active "/tickets/" exact=True %}', "/tickets/41/"), "")

    def test_a_head_sorts_and_reverses(self) -> None:
        """A new order starts on the first page."""
        source = '{% sort_head "Number" "number" numeric=True %}'
        html = render(source, "/t/?after=x&q=a")
        self.assertIn('href="?q=a&amp;sort=number"', html)
        self.assertNotIn("aria-sort", html)
        html = render(source, "/t/?sort=number")
        self.assertIn('aria-sort="ascending"', html)
        self.assertIn('href="?sort=-number"', html)
        self.assertIn('aria-sort="descending"', render(source, "/t/?sort=-number"))

    def test_a_head_marks_the_order_of_the_page(self) -> None:
        """This applies if the URL does not set an order."""
        page = SimpleNamespace(sort=SimpleNamespace(name="number"), descending=True)
        html = render('{% sort_head "Number" "number" descending=True %}', page=page)
        self.assertIn('aria-sort="descending"', html)
        self.assertIn('href="?sort=number"', html)
        html = render('{% sort_head "Title" "title" descending=True %}', page=page)
        self.assertIn('href="?sort=-title"', html)

    def test_chips_name_what_is_set_and_remove_it(self) -> None:
        """Chips show the label of a choice, and ignore hidden and empty fields."""
        chips = tags.filter_chips(
            Context({"request": RequestFactory().get("/t/?team=b&note=&token=x&after=y&sort=days")}),
            LeaveForm(),
        )
        self.assertEqual([(chip["label"], chip["value"]) for chip in chips], [("Team", "Workshop")])
        self.assertEqual(chips[0]["remove_url"], "?note=&token=x&sort=days")

    def test_a_chip_shows_a_day_as_people_write_it(self) -> None:
        class SinceForm(forms.Form):
            since = forms.DateField(label="From")

        for typed, wording in (("2026-03-04", "4 March 2026"), ("2026-13-04", "2026-13-04")):
            request = RequestFactory().get("/t/", {"since": typed})
            form = SinceForm(request.GET)
            form.is_valid()
            self.assertEqual(tags.filter_chips(Context({"request": request}), form)[0]["value"], wording)

    def test_list_without_its_filters(self) -> None:
        """Hidden fields, such as the tab, stay."""
        request = RequestFactory().get("/t/?team=b&token=x")
        context = Context({"request": request})
        self.assertEqual(tags.without_filters(context, LeaveForm(request.GET)), "?token=x")
        self.assertEqual(tags.without_filters(context, LeaveForm({"team": "b"})), "/t/")

    def test_block_of_a_page_is_drawn_a_second_time(self) -> None:
        """The head of a public page is its title, and a lead if there is one."""
        source = "{% extends 'base_public.html' %}{% block title %}Tea &amp; more{% endblock %}"
        page = Template(source).render(Context())
        self.assertIn("<title>Tea &amp; more", page)
        self.assertIn("<h1>Tea &amp; more</h1>", page)
        self.assertNotIn("tf-lead", page)
        page = Template(source + "{% block lead %}At four{% endblock %}").render(Context())
        self.assertIn('<p class="tf-lead">At four</p>', page)


class FormTests(SimpleTestCase):
    """Rendered form fields."""

    def setUp(self) -> None:
        """Render a form with errors."""
        self.form = LeaveForm({"note": "<script>"})
        self.html = render("{% form_fields form %}", form=self.form)

    def test_help_is_escaped_unless_code_marked_it_safe(self) -> None:
        """Designers write help texts, but Django's password rules are a safe list."""
        self.assertIn("Up to &lt;b&gt;30&lt;/b&gt;", self.html)
        form = LeaveForm()
        form.fields["days"].help_text = mark_safe("<b>30</b>")
        self.assertIn("<b>30</b>", render("{% form_fields form %}", form=form))

    def test_errors_belong_to_their_control(self) -> None:
        """The control is invalid and references its help and error, which exist."""
        control = str(form_tags.widget(self.form["days"]))
        self.assertIn('aria-invalid="true"', control)
        self.assertIn('aria-describedby="id_days_helptext id_days_error"', control)
        self.assertIn('id="id_days_error"', self.html)
        self.assertIn("form-control is-invalid", control)

    def test_choices_stand_in_a_fieldset_that_names_its_error(self) -> None:
        """A group has a legend, not a label."""
        self.assertRegex(self.html, r'<fieldset\s+id="div_id_decision"')
        self.assertIn('aria-describedby="id_decision_error"', self.html)
        self.assertRegex(self.html, r'<legend class="form-label">\s*Decision\s*</legend>')

    def test_what_may_stay_empty_says_so(self) -> None:
        """Optional fields are marked with a word, not with an asterisk."""
        self.assertEqual(self.html.count("(optional)"), 2)
        self.assertNotIn("*", self.html)

    def test_a_choice_that_names_nothing_is_not_called_optional(self) -> None:
        """ "Nobody" says it; dashes do not, and neither do boxes to tick."""

        class ChoiceForm(forms.Form):
            named = forms.ChoiceField(choices=[("", "Nobody"), ("1", "Ada")], required=False)
            dashes = forms.ChoiceField(choices=[("", "---------"), ("1", "Ada")], required=False)
            boxes = forms.MultipleChoiceField(
                choices=[("", "Nobody")], required=False, widget=forms.CheckboxSelectMultiple
            )
            text = forms.CharField(required=False)

        form = ChoiceForm()
        found = [field.name for field in form if form_drawing.says_optional(field)]
        self.assertEqual(found, ["dashes", "boxes", "text"])
        form.marks_optional = False  # type: ignore[attr-defined]
        self.assertEqual([field.name for field in form if form_drawing.says_optional(field)], [])

    def test_nothing_breaks_the_content_security_policy(self) -> None:
        """There are no inline styles, scripts or handlers."""
        self.assertNotRegex(self.html, r"style=|<script|\son[a-z]+=")

    def test_the_summary_links_to_controls(self) -> None:
        """The link of a group leads to its first choice."""
        html = render('{% include "components/error_summary.html" %}', form=self.form)
        self.assertIn('href="#id_days"', html)
        self.assertIn('href="#id_decision_0"', html)
        self.assertIn('id="id_decision_0"', self.html)

    def test_a_crispy_layout_is_rendered(self) -> None:
        """The layout defines order and rows of the same fields."""
        self.form.helper = FormHelper()  # type: ignore[attr-defined]
        self.form.helper.layout = Layout(Row("team", "days"), "note")  # type: ignore[attr-defined]
        html = render("{% form_fields form %}", form=self.form)
        self.assertLess(html.index("div_id_team"), html.index("div_id_days"))
        self.assertIn("tf-field-error", html)
        self.assertNotIn("div_id_decision", html)
        self.assertNotIn("<form", html)

    def test_controls_of_every_kind_have_their_class(self) -> None:
        """Bootstrap's class is combined with the class of the form's author."""
        form = LeaveForm()
        form.fields["note"].widget.attrs["class"] = "mono"
        for name, wanted in {
            "days": 'class="form-control"',
            "note": 'class="form-control mono"',
            "team": 'class="form-select"',
            "agreed": 'class="form-check-input"',
        }.items():
            with self.subTest(name):
                self.assertIn(wanted, form_tags.widget(form[name]))


class Lines(SimpleTestCase):
    """Short lists, of which each line is one link."""

    def test_a_line_has_what_is_given(self) -> None:
        self.assertEqual(
            render('{% line "/x/" title %}', title="<A>"),
            '<li><div class="tf-line-main"><a class="tf-row-link" href="/x/">&lt;A&gt;</a></div></li>',
        )
        source = (
            '{% line "/x/" "A" below=below text=text mark="DRAFT" due_at=at number="99+" at=at state="NEW" %}'
        )
        html = render(source, below="<B>", text="<T>", at=timezone.now() - timedelta(days=2))
        parts = ("A<span", "&lt;B&gt;</span></a>", "&lt;T&gt;", "Draft", "Overdue", "99+", "<time", "New")
        places = [html.index(part) for part in parts]
        self.assertEqual(places[:6], sorted(places[:6]))
        self.assertEqual(html.count("<time"), 2)


class Cards(SimpleTestCase):
    """The cards of a catalogue."""

    def test_a_card_has_what_is_given(self) -> None:
        self.assertEqual(
            render('{% card "/x/" title text=title initials="A" %}', title="<A>"),
            '<li><article class="tf-card tf-link-card"><span class="tf-initials" aria-hidden="true">A</span>'
            '<h3><a href="/x/">&lt;A&gt;</a></h3><p>&lt;A&gt;</p></article></li>',
        )
        html = render('{% card "/x/" "A" icon="bell" note="2 tasks" %}')
        self.assertEqual((html.count("<svg"), html.count("tf-initials")), (1, 0))
        self.assertIn('<p class="small">2 tasks</p>', html)


class Rows(SimpleTestCase):
    """Long lists, whose rows are filled into one pattern."""

    def test_fills_in_each_row_escaped(self) -> None:
        cells = {"url": "/tickets/1/", "below": "", "state_sentence": mark_safe("<b>Waits</b>"), "due": ""}
        rows = [{**cells, "heading": name, "submitted": "{url}"} for name in ("<A>", "{heading}")]
        source = '{% fill_rows rows "workflow_ops/ticket_row.html" %}'
        html = render(source, rows=rows, labels={"2": "Submitted"})
        self.assertEqual(html.count('<td role="cell" data-label="Submitted">{url}</td>'), 2)
        self.assertEqual(html.count("<b>Waits</b>"), 2)
        for heading in ("&lt;A&gt;", "{heading}"):
            self.assertIn(f'href="/tickets/1/">{heading}<span', html)


class _Drawn:
    """A value that says itself how it is drawn."""

    def __html__(self) -> str:
        return "<hr>"


class Patterns(SimpleTestCase):
    """Parts that are drawn once, and filled in on each page."""

    def test_fills_as_django_formats(self) -> None:
        """All kinds of values are escaped as `format_html` escapes them."""
        for value in ("<A> & 'b'", mark_safe("<b>x</b>"), gettext_lazy("Done"), 41, None, _Drawn()):
            with self.subTest(repr(value)):
                self.assertEqual(
                    fill("<i>{}</i>{a}", value, a=value), format_html("<i>{}</i>{a}", value, a=value)
                )

    def test_draws_a_part_once_and_fills_it_in_on_each_page(self) -> None:
        source = (
            "{% pattern greeting place with name=name %}{{ counted }} {name} in {{ place }}{% endpattern %}"
        )
        pages = [
            render(source, counted=number, place=place, name=name)
            for number, place, name in [(1, "Bonn", "<A>"), (2, "Bonn", "{name}"), (3, "Rome", "C")]
        ]
        self.assertEqual(pages, ["1 &lt;A&gt; in Bonn", "1 {name} in Bonn", "3 C in Rome"])

    def test_a_part_is_drawn_once_for_what_it_depends_on(self) -> None:
        source = "{% once greeting_of place here %}{{ counted }} { {{ place }}{% endonce %}"
        pages = [
            render(source, counted=number, place=place, here=here)
            for number, place, here in [(1, "Bonn", ""), (2, "Bonn", ""), (3, "Rome", ""), (4, "", "Bonn")]
        ]
        self.assertEqual(pages, ["1 { Bonn", "1 { Bonn", "3 { Rome", "4 { "])

    def test_a_pattern_needs_values(self) -> None:
        with self.assertRaises(TemplateSyntaxError):
            Template("{% pattern greeting %}{% endpattern %}")
