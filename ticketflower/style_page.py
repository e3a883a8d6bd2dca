"""The content of the style page: every component in every state, with realistic texts."""

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.template_tags import STATES


class PurchaseForm(forms.Form):
    """A form with one field of every kind."""

    what = forms.CharField(label=_("What do you need"), max_length=200)
    price = forms.DecimalField(
        label=_("Price in euros"), max_value=5000, help_text=_("With tax and delivery, at most 5,000.")
    )
    needed_on = forms.DateField(label=_("Needed on"), help_text=_("Such as 2026-01-31."))
    team = forms.ChoiceField(
        label=_("Paid by"),
        choices=[("", _("Choose a team")), ("sales", _("Sales")), ("workshop", _("Workshop"))],
    )
    urgency = forms.ChoiceField(
        label=_("How soon"),
        widget=forms.RadioSelect,
        choices=[("today", _("Today")), ("week", _("This week")), ("later", _("It can wait"))],
        help_text=_("Today only if work stops without it."),
    )
    places = forms.MultipleChoiceField(
        label=_("Where it will be used"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("office", _("Office")), ("home", _("At home")), ("customer", _("At a customer"))],
    )
    why = forms.CharField(label=_("Why you need it"), widget=forms.Textarea)
    offer = forms.FileField(label=_("Offer"), required=False, help_text=_("PDF or image, up to 10 MB."))
    agreed = forms.BooleanField(label=_("My team lead knows about this"))


class FilterForm(forms.Form):
    """A search box and a select above a list."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.SearchInput)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any")), ("open", _("Open")), ("overdue", _("Overdue"))],
    )


def _refused_form() -> PurchaseForm:
    data = {"what": "", "price": "12000", "team": "sales", "places": ["office"], "why": "The old one broke."}
    form = PurchaseForm({f"refused-{name}": value for name, value in data.items()}, prefix="refused")
    form.add_error(None, _("This offer was already submitted as purchase #38."))
    return form


def _filled_form() -> PurchaseForm:
    offer = SimpleUploadedFile("offer-standing-desk.pdf", b"%PDF")
    return PurchaseForm(initial={"what": "Standing desk", "urgency": "week", "offer": offer}, prefix="filled")


LONG_TITLE = "Vacation in August, with a title that is long enough to need more than one line on a phone"


def _tickets() -> list[dict[str, object]]:
    now = timezone.now()
    rows = [
        ("Standing desk for the workshop", "IN_PROGRESS", "Hanna Berg", timedelta(minutes=12), 349),
        (LONG_TITLE, "OPEN", "Ali Demir", timedelta(hours=5), None),
        ("Key for the side entrance", "CANCELLED", "Ana Lima", timedelta(days=400), 12),
    ]
    return [
        {"number": 41 - place, "title": title, "status": status, "who": who, "at": now - age, "price": price}
        for place, (title, status, who, age, price) in enumerate(rows)
    ]


def _events() -> list[dict[str, object]]:
    now = timezone.now()
    reasons = [_("Order it reads decision, which Decide has just written."), _("Its condition holds.")]
    comment = {
        "text": _("wrote a comment"),
        "comment": "The shop has it in stock.\nShall I order the grey one?",
    }
    start = {"text": _("Order it was started, for Hanna Berg"), "why": reasons}
    return [
        {"icon": "chat-bubble-left", "who": "Hanna Berg", "at": now - timedelta(minutes=4), **comment},
        {"icon": "play-circle", "tone": "info", "at": now - timedelta(hours=3), **start},
    ]


def _navigation_parts() -> dict[str, object]:
    return {
        "tabs": [
            {"label": _("Active"), "url": "#tabs", "is_current": True, "count": 4},
            {"label": _("Archive"), "url": "#archive", "is_current": False},
        ],
        "steps": [
            {"label": _("Company"), "is_done": True},
            {"label": _("You"), "is_current": True},
            {"label": _("Done")},
        ],
        "trail": [{"label": _("Tickets"), "url": "#tickets"}],
        "head_actions": [
            {"label": _("Download as CSV"), "url": "#csv", "icon": "arrow-down-tray"},
            {"label": _("Submit a ticket"), "url": "#submit", "icon": "plus", "is_primary": True},
        ],
    }


def _list_parts() -> dict[str, object]:
    return {
        "columns": [
            {"label": _("Number"), "key": "number", "is_number": True},
            {"label": _("Title"), "key": "title"},
            {"label": _("State")},
            {"label": _("Submitted by")},
            {"label": _("Submitted"), "key": "at"},
            {"label": _("Price"), "is_number": True},
        ],
        "tickets": _tickets(),
        "filter_form": FilterForm({"q": "desk", "state": "overdue"}),
        "chips": [
            SimpleNamespace(label=_("Search"), value="desk", remove_url="#chips"),
            SimpleNamespace(label=_("State"), value=_("Overdue"), remove_url="#chips"),
        ],
        "pages": {"count_text": _("1 to 50 of 312 tickets"), "newer_url": "#newer", "older_url": "#older"},
    }


def style_page_context() -> dict[str, object]:
    """Return the context of templates/style_page.html."""
    now = timezone.now()
    return {
        **_navigation_parts(),
        **_list_parts(),
        "statuses": list(STATES),
        "tones": ["success", "info", "warning", "danger"],
        "times": [now - timedelta(hours=hours, minutes=-1) for hours in (0, 7, 80, 5000, -50)],
        "events": _events(),
        "data": [
            {"label": _("Why you need it"), "value": "The old one broke.\nIt can't be repaired."},
            {"label": _("Offer"), "value": None},
        ],
        "stats": [
            {"label": _("Submitted"), "value": "128", "note": _("in the last 30 days")},
            {"label": _("Still open"), "value": "17", "url": "#open"},
        ],
        "files": [
            {"name": "offer-desk.pdf", "url": "#file", "size": 184_320, "who": "Ali Demir", "at": now},
            {"name": f"a-photograph-of-the-{'broken-' * 8}desk.jpeg", "url": "#photo", "size": 3_400_000},
        ],
        "filled_form": _filled_form(),
        "refused_form": _refused_form(),
    }
