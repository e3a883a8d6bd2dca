"""CSV files of long lists: the question, the job that makes them part by part, and who may download them."""

import csv
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower.tenancy.context import company_scope
from users.models import Company, CompanyRoleMembership, CustomUser
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.queries import at_most_queries
from workflow_ops.desk.list_files import making, views
from workflow_ops.desk.list_files.making import STORED_FOR, ask_for_file, make_next_part
from workflow_ops.jobs import remove_unused
from workflow_ops.models import DeskList, ListFile, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase, Vacations
from workflow_ops.tests.storage import failing_storage

LIST = "/manage/csv/"
NEW = "/manage/tickets/csv/new/"


class LongFiles(DeskTestCase):
    """Five tickets, where a request makes files of two rows and a part has two."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for _number in range(4):
            cls.vacations.submit()

    def setUp(self) -> None:
        super().setUp()
        for module, name in ((views, "MAX_ROWS"), (making, "ROWS_OF_PART")):
            patched = patch.object(module, name, 2)
            patched.start()
            self.addCleanup(patched.stop)

    def ask(self, query: str = "", path: str = NEW, client: Client | None = None) -> ListFile:
        """Send the form, and return the newest file."""
        answer = (client or self.client).post(f"{path}{query}", {"token": str(uuid4())})
        self.assertRedirects(answer, LIST)
        with self.ours.scope():
            return ListFile.objects.latest("pk")

    def make(self, file: ListFile, *, tries: int = 0) -> None:
        """Run the job, and what follows the commit."""
        with self.captureOnCommitCallbacks(execute=True):
            make_next_part(self.ours.company.pk, file.pk, tries=tries)

    def now(self, file: ListFile) -> ListFile:  # type: ignore[override]
        with self.ours.scope():
            return ListFile.objects.get(pk=file.pk)

    def size_of_files(self) -> int:
        with self.ours.scope():
            return Company.objects.get().file_bytes

    def downloaded(self, file: ListFile) -> list[dict[str, str]]:
        answer: Any = self.client.get(f"{LIST}{file.pk}/")
        self.assertEqual(
            answer.headers["Content-Disposition"], f'attachment; filename="{file.desk_list}.csv"'
        )
        return list(csv.DictReader(answer.getvalue().decode().splitlines()))

    def test_from_the_question_to_the_file(self) -> None:
        self.assertContains(self.client.get(LIST), "its file appears here")
        page = self.client.get("/manage/tickets/csv/?sort=number", follow=True)
        self.assertRedirects(page, f"{NEW}?sort=number")
        self.assertContains(page, "Only you can download it, for 7 days.")
        file = self.ask("?sort=number")
        for made in (2, 4):
            with at_most_queries(45):
                self.make(file)
            self.assertEqual((self.now(file).state, self.now(file).row_count), ("WAITING", made))
            waiting = self.client.get(LIST)
            self.assertContains(waiting, "Being made")
            self.assertContains(waiting, "load delay:2s")
            self.assertEqual(self.client.get(f"{LIST}{file.pk}/").status_code, 404)
        self.make(file)
        self.make(file)  # a job that runs once more changes nothing
        ready = self.client.get(LIST)
        self.assertContains(ready, f'href="{LIST}{file.pk}/"')
        self.assertNotContains(ready, "load delay:2s")
        rows = self.downloaded(self.now(file))
        self.assertEqual([row["Number"] for row in rows], ["1", "2", "3", "4", "5"])
        self.assertEqual(rows[0]["Waits for"], "Decide: Marek Tester")

    def test_each_order_goes_on_where_the_part_before_ended(self) -> None:
        with self.ours.scope():
            TicketInstance.objects.filter(number__lt=4).update(priority=1)
        cases = {
            ("tickets", "sort=-changed"): "54321",
            ("tickets", "sort=waiting&age=&since=2020-01-01"): "12345",
            ("tickets", "sort=priority"): "12345",
            ("tickets", "sort=-priority"): "54321",
            ("tickets", "sort=due"): "12345",
            ("tickets", ""): "54321",
            ("tasks", "sort=waiting"): "12345",
            ("tasks", "sort=-due"): "54321",
        }
        for (name, query), numbers in cases.items():
            with self.subTest(name, query=query):
                file = self.ask(f"?{query}", path=f"/manage/{name}/csv/new/")
                for _part in range(3):
                    self.make(file)
                rows = self.downloaded(self.now(file))
                self.assertEqual("".join(row["Number"] for row in rows), numbers)

    def test_its_rows_are_those_that_the_person_administers_when_they_are_read(self) -> None:
        file = self.ask()
        self.make(file)
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.filter(person=self.admin).delete()
        self.make(file)
        self.assertEqual([row["Number"] for row in self.downloaded(self.now(file))], ["5", "4"])

    def test_what_ends_it(self) -> None:
        """It is said why, and what was made of it takes no room any more."""
        file, before = self.ask(), self.size_of_files()
        cases: dict[str, Callable[[], Any]] = {
            "was deactivated": lambda: CustomUser.objects.filter(pk=self.admin.pk).update(is_active=False),
            "filter is not valid": lambda: ListFile.objects.update(filters="since=never"),
            "have reached": lambda: Company.objects.update(file_bytes=2**50),
        }
        for text, happens in cases.items():
            with self.subTest(text), transaction.atomic():
                self.make(file)
                (key,) = self.now(file).parts
                self.assertGreater(self.size_of_files(), before)
                with self.ours.scope(), transaction.atomic():
                    happens()
                size = self.size_of_files() - self.now(file).size
                self.make(file)
                failed = self.now(file)
                self.assertEqual((failed.state, failed.parts, failed.size), ("FAILED", [], 0))
                self.assertIn(text, failed.failure)
                self.assertEqual(self.size_of_files(), size)
                self.assertFalse(default_storage.exists(key))
                transaction.set_rollback(True)

    def test_a_part_that_fails_again_and_again(self) -> None:
        file = self.ask()
        with self.ours.scope():
            ListFile.objects.update(place=["nonsense", 1])
        with self.assertRaises(ValueError):
            self.make(file)
        self.assertEqual(self.now(file).state, "WAITING")
        self.make(file, tries=making.MAX_RETRIES)
        self.assertContains(self.client.get(LIST), "This failed unexpectedly. Try it again.")
        other = self.ask()
        self.make(other, tries=making.MAX_RETRIES + 1)  # even its worker ended each time
        self.assertEqual(self.now(other).state, "FAILED")

    def test_it_ends_with_the_most_rows(self) -> None:
        file = self.ask()
        with patch.object(making, "MOST_ROWS", 3):
            for _part in range(2):
                self.make(file)
        self.assertEqual([row["Number"] for row in self.downloaded(self.now(file))], ["5", "4", "3"])

    def test_twice_and_too_many(self) -> None:
        token = {"token": str(uuid4())}
        for _time in range(2):
            self.assertRedirects(self.client.post(NEW, token), LIST)
        with self.ours.scope():
            self.assertEqual(ListFile.objects.count(), 1)
        self.assertEqual(ProcrastinateJob.objects.filter(task_name__endswith="make_list_file").count(), 1)
        for _number in range(making.MOST_WAITING - 1):
            self.ask()
        refused = self.client.post(NEW, {"token": str(uuid4())})
        self.assertContains(refused, "3 files are being made already.")
        self.assertRedirects(
            self.client.get(f"{NEW}?since=never"),
            "/manage/tickets/?since=never",
            fetch_redirect_response=False,
        )
        self.assertEqual(self.client.get("/manage/people/csv/new/").status_code, 404)

    def test_only_for_the_person_who_asked(self) -> None:
        file = self.ask()
        for _part in range(3):
            self.make(file)
        path = f"{LIST}{file.pk}/"
        for colleague in (self.ours.admin, self.ours.worker):
            self.assertEqual(logged_in(colleague).get(path).status_code, 403)
            self.assertNotContains(logged_in(colleague).get(LIST), path)
        self.assertEqual(logged_in(self.their_vacations.hr).get(path).status_code, 404)
        self.assertEqual(self.client.post(path).status_code, 405)
        self.assertEqual(logged_in(self.ours.submitter).post(NEW).status_code, 403)

    def test_is_removed_after_a_week(self) -> None:
        before, (old, new) = self.size_of_files(), (self.ask(), self.ask())
        for file in (old, new):
            self.make(file)
        with self.ours.scope():
            ListFile.objects.filter(pk=old.pk).update(
                created_at=timezone.now() - STORED_FOR - timedelta(hours=1)
            )
        keys = [self.now(file).parts[0] for file in (old, new)]
        with self.captureOnCommitCallbacks(execute=True):
            remove_unused.func(0)
        self.assertEqual([default_storage.exists(key) for key in keys], [False, True])
        with self.ours.scope():
            self.assertEqual(list(ListFile.objects.values_list("pk", flat=True)), [new.pk])
        self.assertEqual(self.size_of_files(), before + self.now(new).size)

    def test_a_part_that_the_storage_does_not_delete(self) -> None:
        before, files = self.size_of_files(), [self.ask(), self.ask()]
        for file in files:
            self.make(file)
        stuck, _other = files
        with self.ours.scope():
            ListFile.objects.update(created_at=timezone.now() - STORED_FOR - timedelta(hours=1))
        keys = [self.now(file).parts[0] for file in files]
        with failing_storage(keys[0]), patch.object(making, "_BATCH", 1):
            remove_unused.func(0)
        self.assertEqual([default_storage.exists(key) for key in keys], [True, False])
        with self.ours.scope():
            self.assertEqual(list(ListFile.objects.values_list("pk", flat=True)), [stuck.pk])
        remove_unused.func(0)
        self.assertFalse(default_storage.exists(keys[0]))
        self.assertEqual(self.size_of_files(), before)

    def test_a_file_fails_although_the_storage_does_not_delete_its_parts(self) -> None:
        file = self.ask()
        with patch.object(making, "ROWS_OF_PART", 1):
            self.make(file)
        (key,) = self.now(file).parts
        with failing_storage(key):
            self.make(file, tries=making.MAX_RETRIES + 1)
        failed = self.now(file)
        self.assertEqual((failed.state, failed.parts), ("FAILED", [key]))
        self.assertEqual(self.client.get(f"{LIST}{file.pk}/").status_code, 404)


class AtOnce(CommittedTestCase):
    """Two jobs at once, with real commits."""

    def test_two_jobs_store_a_part_once(self) -> None:
        Vacations(self.ours).submit()
        with self.ours.admin.scope(), transaction.atomic():
            file = ask_for_file(
                DeskList.TICKETS, QueryDict(), order="-number", by=self.ours.admin, form_token=uuid4()
            )
        make = partial(make_next_part, self.ours.company.pk, file.pk)
        at_once(make, make)
        with company_scope(self.ours.company.pk), transaction.atomic():
            made = ListFile.objects.get()
            self.assertEqual((len(made.parts), made.row_count, made.state), (1, 1, "READY"))
            self.assertEqual(Company.objects.get().file_bytes, made.size)

    def test_one_gives_up_while_another_ends(self) -> None:
        """Whoever is first decides, and the company's storage is what the file takes."""
        admin = self.ours.admin
        for _number in range(5):
            with admin.scope(), transaction.atomic():
                file = ask_for_file(DeskList.TICKETS, QueryDict(""), order="", by=admin, form_token=uuid4())
            run = partial(make_next_part, self.ours.company.pk, file.pk)
            at_once(run, partial(run, tries=making.MAX_RETRIES + 1))
            with self.ours.scope(), transaction.atomic():
                file.refresh_from_db()
                used = sum(ListFile.objects.values_list("size", flat=True))
                self.assertEqual(Company.objects.get().file_bytes, used)
            self.assertEqual(bool(file.parts), file.state == "READY")
