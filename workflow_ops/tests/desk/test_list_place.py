"""From a ticket to its neighbours in the list from which one came."""

from urllib.parse import quote

from django.db import connection
from django.test.utils import CaptureQueriesContext

from workflow_ops.tests.desk.desk_cases import DeskTestCase


class PlaceTests(DeskTestCase):
    """Three tickets; the list is newest first."""

    def setUp(self) -> None:
        super().setUp()
        self.vacations.submit()
        self.vacations.submit()

    def place(self, address: str) -> tuple[str, str, str] | None:
        place = self.client.get(address).context["place"]
        return place and (place.list_url, place.previous_url, place.next_url)

    def test_neighbours_in_the_order_of_the_list(self) -> None:
        row = self.client.get("/manage/tickets/").context["cells"][1]
        self.assertEqual(row["url"], "/manage/tickets/2/?in=")
        expected = ("/manage/tickets/?", "/manage/tickets/3/?in=", "/manage/tickets/1/?in=")
        self.assertEqual(self.place(row["url"]), expected)
        query = quote("sort=number", safe="")
        expected = (
            "/manage/tickets/?sort=number",
            f"/manage/tickets/1/?in={query}",
            f"/manage/tickets/3/?in={query}",
        )
        self.assertEqual(self.place(f"/manage/tickets/2/?in={query}"), expected)

    def test_filters_by_person(self) -> None:
        sam = self.ours.submitter.pk
        for person, neighbours in ((sam, ("3", "1")), (self.admin.pk, ("", ""))):
            query = quote(f"submitter={person}", safe="")
            place = self.place(f"/manage/tickets/2/?in={query}") or ()
            self.assertEqual(
                place[1:], tuple(each and f"/manage/tickets/{each}/?in={query}" for each in neighbours)
            )
        with CaptureQueriesContext(connection) as sent:  # all people are read for a filter only
            self.place("/manage/tickets/2/?in=")
        self.assertFalse([each for each in sent if "LIMIT 201" in each["sql"]])

    def test_ends_of_the_list(self) -> None:
        self.assertEqual(
            self.place("/manage/tickets/3/?in="), ("/manage/tickets/?", "", "/manage/tickets/2/?in=")
        )
        self.assertEqual(
            self.place("/manage/tickets/1/?in="), ("/manage/tickets/?", "/manage/tickets/2/?in=", "")
        )
        self.assertContains(self.client.get("/manage/tickets/1/?in="), "This is the last ticket of the list.")

    def test_still_there_after_something_was_done(self) -> None:
        self.place("/manage/tickets/2/?in=status%3DIN_PROGRESS")
        self.client.post("/manage/tickets/2/cancel/", {"reason": "Not needed"})
        self.now()
        list_url, _previous, following = self.place("/manage/tickets/2/") or ("", "", "")
        self.assertEqual(list_url, "/manage/tickets/?status=IN_PROGRESS")
        self.assertEqual(following, "/manage/tickets/1/?in=status%3DIN_PROGRESS")

    def test_from_elsewhere(self) -> None:
        self.place("/manage/tickets/2/?in=")
        self.assertIsNone(self.place("/manage/tickets/3/"))

    def test_parameters_that_are_not_valid(self) -> None:
        self.assertIsNone(self.place("/manage/tickets/2/?in=since%3Dnever"))
        self.assertIsNone(self.place(f"/manage/tickets/2/?in={'x' * 2001}"))
