"""Where each template stands in the gallery: its category, icon and purpose in one sentence. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from workflow_design.gallery.templates import Template


@dataclass(frozen=True, slots=True)
class Place:
    """What the gallery says about a template; `icon` is the name of a heroicon."""

    category: Any
    icon: str
    purpose: Any
    receiver: str = ""
    """The address of the receiver under `examples/` that answers its calls, if it makes any."""


_PEOPLE: Final = _("People")
_MONEY: Final = _("Money and suppliers")
_WORKPLACE: Final = _("IT and the workplace")
_CUSTOMERS: Final = _("Customers and the public")
_SYSTEMS: Final = _("With other systems")
RECEIVERS: Final = "http://127.0.0.1:8765"
"""Where `examples/receivers.py` listens."""
PLACES: Final = {
    "vacation_request": Place(_PEOPLE, "sun", _("Days off: the manager decides, and HR books them.")),
    "onboarding": Place(
        _PEOPLE,
        "user-plus",
        _("Contract, accounts and workplace are ready on the first day of a new colleague."),
    ),
    "leaving_employee": Place(
        _PEOPLE, "user-minus", _("Work, accounts and equipment are handed over before an employee leaves.")
    ),
    "expense_claim": Place(
        _MONEY, "banknotes", _("What an employee paid for the company is checked and paid back.")
    ),
    "purchase_approval": Place(
        _MONEY,
        "shopping-cart",
        _("A purchase is approved, ordered and received; above 1,000 Finance decides too."),
    ),
    "supplier_check": Place(
        _MONEY, "truck", _("Finance, Quality and Privacy check a new supplier, then a manager decides.")
    ),
    "it_support": Place(
        _WORKPLACE,
        "computer-desktop",
        _("The help desk works on a problem until the person who has it says that it is solved."),
    ),
    "incident": Place(
        _WORKPLACE, "bolt", _("An outage, attack or loss is contained, reported in time and written up.")
    ),
    "maintenance_request": Place(
        _WORKPLACE, "wrench-screwdriver", _("What is broken is made safe, repaired and confirmed.")
    ),
    "customer_complaint": Place(
        _CUSTOMERS,
        "chat-bubble-left-right",
        _("A complaint or return ends with a refund, a replacement or an explanation."),
    ),
    "privacy_request": Place(
        _CUSTOMERS,
        "finger-print",
        _("A person learns, corrects or erases what the company knows about them, within a month."),
    ),
    "content_approval": Place(
        _CUSTOMERS,
        "newspaper",
        _("Legal and the editors review a text until both agree; then it is published."),
    ),
    "onboarding_account": Place(
        _SYSTEMS,
        "identification",
        _("Another system sets up the account of a new colleague, while IT prepares the workplace."),
        RECEIVERS,
    ),
    "expense_limit": Place(
        _SYSTEMS,
        "scale",
        _("The finance system knows the limit: only claims above it wait for a manager."),
        RECEIVERS,
    ),
    "supplier_register": Place(
        _SYSTEMS,
        "building-library",
        _("The company register is asked about a new supplier before a manager decides."),
        RECEIVERS,
    ),
    "incident_alert": Place(
        _SYSTEMS,
        "megaphone",
        _("The team reads of an incident in its chat in the moment it is reported."),
        f"{RECEIVERS}/chat",
    ),
}


def shelves(templates: Iterable[Template]) -> Iterator[tuple[Any, list[Template]]]:
    """Yield each category that has any of these templates, with them."""
    found = list(templates)
    for category in dict.fromkeys(place.category for place in PLACES.values()):
        here = [each for each in found if PLACES[each.name].category == category]
        if here:
            yield category, here
