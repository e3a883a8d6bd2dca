"""Saved views of the desk's lists, and the choice of columns."""

from typing import Any

from django.db import transaction
from django.test import Client

from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.models import DeskList, SavedView
from workflow_ops.tests.desk.desk_cases import DeskTestCase

TICKETS = "/manage/tickets/"
NEW = f"{TICKETS}views/new/"


class SavedViewTests(DeskTestCase):
    """A ticket admin saves the list as they see it, and finds it again."""

    def setUp(self) -> None:
        super().setUp()
        self.other = logged_in(self.ours.admin)

    def views(self) -> list[SavedView]:
        with self.ours.scope(), transaction.atomic():
            return list(SavedView.objects.order_by("pk"))

    def save(self, query: str = "status=ON_HOLD", client: Client | None = None, **data: Any) -> SavedView:
        answer = (client or self.client).post(f"{NEW}?{query}", {"name": "Held", **data})
        view = self.views()[-1]
        self.assertRedirects(answer, f"{TICKETS}?{view.query}&view={view.pk}", fetch_redirect_response=False)
        return view

    def tabs(self, client: Client, address: str = TICKETS) -> list[tuple[str, bool]]:
        return [(tab["label"], tab["is_current"]) for tab in client.get(address).context["views"].tabs]

    def test_saved_and_opened(self) -> None:
        view = self.save("status=ON_HOLD&sort=-changed&after=abc&unknown=1&q=")
        self.assertEqual(view.query, "status=ON_HOLD&sort=-changed")
        address = f"{TICKETS}?{view.query}&view={view.pk}"
        self.assertEqual(self.tabs(self.client, address), [("All", False), ("Held", True)])
        self.assertEqual(self.client.get(address).context["rows"], [])  # nothing is on hold

    def test_of_errors(self) -> None:
        self.client.post("/manage/errors/views/new/?reason=STALL&status=all&x=1", {"name": "Stalls"})
        (view,) = self.views()
        self.assertEqual((view.desk_list, view.query), ("errors", "status=all&reason=STALL"))
        address = f"/manage/errors/?{view.query}&view={view.pk}"
        self.assertEqual(self.tabs(self.client, address), [("All", False), ("Stalls", True)])
        refused = self.client.post("/manage/errors/views/new/?reason=none", {"name": "Bad"})
        self.assertContains(refused, "A filter of the list is not valid.")

    def test_only_the_owner_sees_it_unless_it_is_shared(self) -> None:
        own = self.save()
        self.assertEqual(self.tabs(self.other), [])
        self.assertEqual(self.other.get(f"/manage/views/{own.pk}/").status_code, 403)
        self.save("status=all", name="Everything", is_shared="on")
        self.assertEqual(self.tabs(self.other), [("All", True), ("Everything", False)])

    def test_shared_one_is_changed_by_its_owner_or_a_company_admin(self) -> None:
        view = self.save(is_shared="on")
        colleague = logged_in(self.vacations.person_with_role("Zoe", "HR"))
        address = f"/manage/views/{view.pk}/"
        self.assertEqual(self.other.post(address, {"name": "Waiting", "is_shared": "on"}).status_code, 302)
        self.assertEqual((self.views()[0].name, self.views()[0].query), ("Waiting", "status=ON_HOLD"))
        # Whoever administers nothing may not even open the list.
        self.assertEqual(logged_in(self.ours.submitter).post(address, {"name": "x"}).status_code, 403)
        self.assertEqual(colleague.post(address, {"name": "Taken over"}).status_code, 403)
        self.assertEqual(colleague.post(f"{address}delete/").status_code, 403)
        self.assertEqual([each.name for each in self.views()], ["Waiting"])

    def test_changed_filters_replace_those_of_the_view(self) -> None:
        view = self.save()
        changed = f"{TICKETS}?status=COMPLETED&view={view.pk}"
        self.assertContains(self.client.get(changed), "Save changes of this view")
        self.assertNotContains(self.client.get(f"{TICKETS}?status=ON_HOLD&view={view.pk}"), "Save changes")
        self.client.post(f"/manage/views/{view.pk}/?status=COMPLETED", {"name": "Done"})
        self.assertEqual((self.views()[0].name, self.views()[0].query), ("Done", "status=COMPLETED"))

    def test_refused(self) -> None:
        self.save()
        for query, data, message in (
            ("status=all", {"name": "HELD"}, "There is a view of this name already."),
            ("status=all", {"name": ""}, "Please fill this in."),
            ("since=never", {"name": "Bad"}, "A filter of the list is not valid."),
            (f"q={'x' * 201}", {"name": "Long"}, "A filter of the list is not valid."),
        ):
            with self.subTest(message=message, query=query[:20]):
                answer = self.client.post(f"{NEW}?{query}", data)
                self.assertContains(answer, message)
                self.assertContains(answer, data["name"])
        self.assertEqual(len(self.views()), 1)

    def test_deleted_after_asking(self) -> None:
        view = self.save()
        address = f"/manage/views/{view.pk}/delete/"
        self.assertContains(self.client.get(address), "Delete the view “Held”?")
        self.assertEqual(len(self.views()), 1)
        self.client.post(address)
        self.assertEqual(self.views(), [])
        self.assertEqual(self.client.post(address).status_code, 404)
        self.assertEqual(self.client.get(f"{TICKETS}?view={view.pk}").status_code, 200)

    def test_other_company_staff_and_methods(self) -> None:
        view = self.save(is_shared="on")
        theirs = logged_in(self.theirs.admin)
        self.assertEqual(theirs.post(f"/manage/views/{view.pk}/", {"name": "x"}).status_code, 404)
        self.assertEqual(theirs.post(f"/manage/views/{view.pk}/delete/").status_code, 404)
        self.assertEqual(self.tabs(theirs), [])
        self.assertEqual(self.client.delete(f"/manage/views/{view.pk}/").status_code, 405)
        self.assertEqual(self.client.post("/manage/calls/views/new/", {"name": "x"}).status_code, 404)
        self.assertEqual(logged_in(self.ours.submitter).post(NEW, {"name": "x"}).status_code, 403)

    def test_views_cost_nothing_more(self) -> None:
        self.save()
        with at_most_queries(20) as before:
            self.client.get(TICKETS)
        with self.ours.scope(), transaction.atomic():
            SavedView.objects.bulk_create(
                SavedView(desk_list=DeskList.TICKETS, name=f"View {number}", owner=self.admin, is_shared=True)
                for number in range(9)
            )
        with same_queries_as(before):
            self.client.get(TICKETS)


class ColumnTests(DeskTestCase):
    """A person chooses the columns of a list; a view has its own."""

    def choose(self, *columns: str, **data: str) -> None:
        answer = self.client.post(f"{TICKETS}columns/", {"columns": columns, "next": TICKETS, **data})
        self.assertRedirects(answer, TICKETS, fetch_redirect_response=False)

    def heads(self, query: str = "") -> list[str]:
        return list(self.client.get(f"{TICKETS}{query}").context["heads"])

    def test_chosen_columns_stay(self) -> None:
        self.assertEqual(self.heads(), ["status", "priority", "submitter", "waits_for", "waiting"])
        self.choose("submitted", "status", "nonsense")
        self.assertEqual(self.heads(), ["status", "submitted"])
        answer = self.client.get(TICKETS)
        self.assertContains(answer, "Submitted</th>")
        self.assertNotContains(answer, "Waits for</th>")
        self.choose("waiting")  # a second time
        self.assertEqual(self.heads(), ["waiting"])
        self.choose()
        self.assertEqual(self.heads(), ["status", "priority", "submitter", "waits_for", "waiting"])

    def test_order_can_be_chosen_without_its_column(self) -> None:
        self.choose("status")
        page = self.client.get(f"{TICKETS}?sort=-waiting")
        self.assertContains(
            page, '<option value="-waiting" selected>Waiting time, descending</option>', html=True
        )
        self.assertContains(page, '<option value="">Number, descending</option>', html=True)
        self.assertContains(page, '<option value="number">Number, ascending</option>', html=True)
        self.assertContains(page, 'type="hidden" name="sort"', count=1)  # of the bulk actions
        page = self.client.get(f"{TICKETS}?sort=")
        self.assertContains(page, '<option value="" selected>Number, descending</option>', html=True)

    def test_of_a_view(self) -> None:
        self.choose("changed")
        self.client.post(f"{NEW}?status=all", {"name": "Mine"})
        with self.ours.scope(), transaction.atomic():
            view = SavedView.objects.get(name="Mine")
        self.choose("status", view=str(view.pk))
        self.assertEqual((self.heads(), self.heads(f"?view={view.pk}")), (["changed"], ["status"]))

    def test_of_others(self) -> None:
        self.choose("changed")
        self.assertNotEqual(list(logged_in(self.ours.admin).get(TICKETS).context["heads"]), ["changed"])
        self.assertEqual(self.client.post("/manage/calls/columns/", {}).status_code, 404)
        self.assertEqual(logged_in(self.ours.submitter).post(f"{TICKETS}columns/", {}).status_code, 403)
        self.assertEqual(self.client.delete(f"{TICKETS}columns/").status_code, 405)
