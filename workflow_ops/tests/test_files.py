"""Files: which are accepted, how they are stored, and who may download them."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F
from django.test import Client, override_settings

from users.models import Company
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from workflow_ops import files
from workflow_ops.files import FileRefusedError, clean_name, upload_file
from workflow_ops.jobs import remove_unused
from workflow_ops.models import FileUpload, TaskInstance
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow
from workflow_ops.tests.storage import failing_storage

PDF = b"%PDF-1.4\n%some content\n"


def pdf(name: str = "offer.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """Return an uploaded file, with the type that a browser claims."""
    return SimpleUploadedFile(name, content, content_type="text/html")


def refuse_all(_upload: object) -> bool:
    """Scan for viruses, and find one in every file."""
    return False


class Uploading(CompanyTestCase):
    """Storing uploaded files."""

    def upload(self, upload: SimpleUploadedFile) -> FileUpload:
        with self.ours.submitter.scope():
            return upload_file(upload, by=self.ours.submitter)

    def test_row_and_content(self) -> None:
        file = self.upload(pdf())
        self.assertEqual(
            (file.filename, file.file_type, file.size), ("offer.pdf", "application/pdf", len(PDF))
        )
        self.assertEqual(len(file.checksum), 64)
        self.assertNotIn("offer", file.ext_key)
        self.assertEqual(default_storage.open(file.ext_key).read(), PDF)
        self.assertEqual(file.uploaded_by_id, self.ours.submitter.pk)

    def test_names(self) -> None:
        for name, cleaned in (
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\me\\a.pdf", "a.pdf"),
            ("\u202egnp.exe", "gnp.exe"),
            ("a\x00b\r\n\tc.pdf", "abc.pdf"),
            ("  two   words .pdf ", "two words .pdf"),
            ("\U0001f469\u200d\U0001f467.pdf", "\U0001f469\u200d\U0001f467.pdf"),
            ("in\u200dvo\u200cice\u200d.pdf", "invoice.pdf"),
            ("..", "file"),
            ("", "file"),
            ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
        ):
            with self.subTest(name=name[:20]):
                self.assertEqual(clean_name(name), cleaned)

    def test_types(self) -> None:
        accepted = {
            "a.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
            "a.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 30,
            "a.docx": b"PK\x03\x04" + b"\0" * 60,
            "a.csv": b"a;b\n1;2\n",
            "a.txt": "Grüße".encode("latin-1"),
            "windows.csv": "Größe;1\r\n".encode("utf-16"),
            "windows.xml": "<?xml version='1.0'?><a/>".encode("utf-16"),
            "mail.eml": b"Received: from here\r\nFrom: anna@example.com\r\n\r\n<html><script>hello</script>",
            "mail.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "meeting.ics": b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
            "a.json": b' {"a": 1}',
            "a.xml": b'<?xml version="1.0"?>\n<invoice xmlns="urn:example">1</invoice>',
            "a.mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 60,
            "scanned.pdf": b"\xef\xbb\xbf\r\n" + PDF,
        }
        for name, content in accepted.items():
            with self.subTest(name=name):
                self.assertTrue(self.upload(pdf(name, content)).pk)
        for name, content in {
            "a.exe": b"MZ\x90\0" + b"\0" * 60,
            "a.html": b"<html>",
            "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "a.pdf": b"MZ\x90\0" + b"\0" * 60,
            "text.pdf": b"hello",
            "a.txt": b"MZ\x90\0" + b"\0" * 60,
            "a": b"text",
            "mail.eml": b"MZ\x90\0" + b"\0" * 60,
            "a.eml": b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>",
            "a.ics": b"<html>",
            "a.json": b"<html>",
            "a.mp4": PDF,
            "a.msg": b"From: anna@example.com\r\n",
            "page.xml": b"<?xml version='1.0'?><x:html xmlns:x='http://www.w3.org/1999/xhtml'><x:script/></x:html>",
            "picture.xml": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "styled.xml": b"<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><a/>",
            "windows.xml": "<svg xmlns='http://www.w3.org/2000/svg'/>".encode("utf-16"),
            "empty.pdf": b"",
        }.items():
            with self.subTest(name=name), self.assertRaises(FileRefusedError):
                self.upload(pdf(name, content))

    def test_types_of_the_setting(self) -> None:
        drawing, page = b"AC1032" + b"\0" * 60, b"<!DOCTYPE html><script>1</script>"
        with override_settings(FILE_TYPES=["DWG", ".pdf", "html", "exe"]):
            self.assertEqual(self.upload(pdf("plan.dwg", drawing)).file_type, "application/octet-stream")
            self.assertEqual(self.upload(pdf()).file_type, "application/pdf")
            for name, content in (
                ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30),
                ("a.html", page),
                ("a.exe", b"MZ\x90\0" + b"\0" * 60),
                ("page.dwg", page),
                ("program.dwg", b"MZ\x90\0" + b"\0" * 60),
            ):
                with self.subTest(name), self.assertRaises(FileRefusedError):
                    self.upload(pdf(name, content))
        with self.assertRaisesMessage(FileRefusedError, "json, log, md, mp4, msg, odp"):
            self.upload(pdf("plan.dwg", drawing))

    def test_size(self) -> None:
        with (
            patch.object(files, "MAX_BYTES", 10),
            self.assertRaisesMessage(FileRefusedError, "too large"),
        ):
            self.upload(pdf())

    @override_settings(FILE_SCANNER="workflow_ops.tests.test_files.refuse_all")
    def test_scanner(self) -> None:
        with self.assertRaisesMessage(FileRefusedError, "virus scanner"):
            self.upload(pdf())


class Download(EngineTestCase):
    """Downloads: only by people who may see the ticket or, without a ticket, by the uploader."""

    def setUp(self) -> None:
        super().setUp()
        person = self.ours.submitter
        with person.scope():
            self.file = upload_file(pdf(), by=person)
        self.path = f"/files/{self.file.pk}/"

    def test_uploader(self) -> None:
        answer = logged_in(self.ours.submitter).get(self.path)
        self.assertEqual(b"".join(answer), PDF)
        self.assertEqual(answer["Content-Disposition"], 'attachment; filename="offer.pdf"')
        self.assertEqual(answer["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer["Content-Security-Policy"], "default-src 'none'; sandbox")

    def test_others(self) -> None:
        for person in (self.ours.worker, self.ours.admin):
            self.assertEqual(logged_in(person).get(self.path).status_code, 403)
        self.assertEqual(logged_in(self.theirs.admin).get(self.path).status_code, 404)
        self.assertEqual(Client().get(self.path).status_code, 302)
        self.assertEqual(logged_in(self.ours.submitter).post(self.path).status_code, 405)

    def test_who_may_see_the_ticket(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x")
        with self.ours.scope():
            files.attach_files(ticket, [str(self.file.pk), "x", "9" * 30], by=self.ours.submitter)
        for person, status in (
            (self.ours.submitter, 200),
            (self.ours.ticket_admin, 200),
            (self.ours.designer, 403),
            (self.theirs.admin, 404),
        ):
            with self.subTest(person=person.first_name):
                self.assertEqual(logged_in(person).get(self.path).status_code, status)

    def test_nobody_attaches_the_files_of_others(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Do", "a"))), a="x", by=self.ours.worker)
        with self.ours.scope():
            files.attach_files(ticket, [str(self.file.pk)], by=self.ours.worker)
            self.file.refresh_from_db()
            self.assertIsNone(self.file.ticket_id)
            self.assertEqual(files.known_files([str(self.file.pk)], by=self.ours.worker, ticket=ticket), {})

    def test_deleted_content(self) -> None:
        default_storage.delete(self.file.ext_key)
        self.assertEqual(logged_in(self.ours.submitter).get(self.path).status_code, 404)


def text(name: str, kilobytes: int) -> SimpleUploadedFile:
    """Return an uploaded text of this size."""
    return SimpleUploadedFile(name, b"x" * 1024 * kilobytes)


def limited(**most: int) -> override_settings:
    """Return the settings with other limits."""
    return override_settings(LIMITS=settings.LIMITS | most)


FILE = {"type": "string", "format": "file"}
FILES = {"type": "array", "items": FILE}


class Limits(EngineTestCase):
    """How much the files of a form and of a company may have together, and how long unused ones stay."""

    def setUp(self) -> None:
        super().setUp()
        need, answer = {"type": "string", "minLength": 3}, form("Answer", "need", "proof")
        self.workflow = self.engine.load(
            workflow(answer, ticket="need offers", need=need, offers=FILES, proof=FILE)
        )
        self.client = logged_in(self.ours.submitter)
        kind = self.engine.call(self.workflow.tickets.get)
        self.path = f"/tickets/new/{kind.pk}/"

    def submit(self, *uploads: SimpleUploadedFile, need: str = "Drums", **data: Any) -> Any:
        """Post the form of a ticket with these files."""
        form_data = {"need": need, "offers": uploads, "_form_token": str(uuid4()), **data}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.path, form_data)

    def rows(self) -> list[FileUpload]:
        found: list[FileUpload] = self.engine.call(lambda: list(FileUpload.objects.order_by("pk")))
        return found

    def counted(self) -> int:
        size: int = self.engine.call(lambda: Company.objects.get().file_bytes)
        return size

    def age(self, hours: int) -> None:
        earlier = F("uploaded_at") - timedelta(hours=hours)
        self.engine.call(lambda: FileUpload.objects.update(uploaded_at=earlier))

    @limited(FILES_OF_FORM_MB=1)
    def test_files_of_a_form(self) -> None:
        first = self.submit(text("a.txt", 600), text("b.txt", 600), text("c.txt", 400))
        self.assertContains(first, "“b.txt” does not fit: the files of one form can have 1.0")
        self.assertContains(first, 'value="Drums"')
        self.assertEqual([file.filename for file in self.rows()], ["a.txt", "c.txt"])
        stored = [file.pk for file in self.rows()]
        again = self.submit(text("d.txt", 100), offers=[*stored, text("d.txt", 100)])
        self.assertContains(again, "“d.txt” does not fit")

    def test_the_form_says_which_files_are_accepted(self) -> None:
        hint = "Up to 20 MB: PDF, pictures, Office documents, texts, e-mails and others."
        self.assertContains(self.client.get(self.path, follow=True), hint, count=1)  # not beside texts
        with override_settings(FILE_TYPES=["dwg", "pdf"], LIMITS=settings.LIMITS | {"FILES_OF_FORM_MB": 5}):
            page = self.client.get(self.path, follow=True)
            self.assertContains(page, "Up to 5 MB: dwg, pdf.", count=1)
            self.assertContains(page, 'aria-describedby="id_offers_helptext"')

    @limited(FILES_OF_COMPANY_MB=1)
    def test_files_of_a_company(self) -> None:
        self.assertEqual(self.submit(text("a.txt", 600)).status_code, 302)
        self.assertEqual(self.counted(), 600 * 1024)
        answer = self.submit(text("b.txt", 600))
        self.assertContains(
            answer, "“b.txt” can&#x27;t be stored: the files of your company have reached 1.0"
        )
        self.assertEqual(self.counted(), 600 * 1024)
        self.assertEqual(self.submit(text("c.txt", 424)).status_code, 302)
        with self.theirs.submitter.scope():
            upload_file(text("a.txt", 600), by=self.theirs.submitter)

    def test_unused_files_go_after_a_day(self) -> None:
        self.assertEqual(self.submit(pdf(), need="?").status_code, 200)
        self.assertEqual(self.submit(pdf("used.pdf")).status_code, 302)
        unused, used = self.rows()
        self.age(23)
        remove_unused(timestamp=0)
        self.assertEqual(len(self.rows()), 2)
        self.age(2)
        for _run in range(2):
            remove_unused(timestamp=0)
            self.assertEqual(self.rows(), [used])
            self.assertEqual(self.counted(), len(PDF))
        self.assertFalse(default_storage.exists(unused.ext_key))
        self.assertTrue(default_storage.exists(used.ext_key))

    def test_a_file_that_can_not_be_deleted_is_tried_again(self) -> None:
        self.submit(pdf(), need="?")
        self.submit(pdf("other.pdf"), need="?")
        self.age(25)
        first, other = self.rows()
        with failing_storage(first.ext_key):
            remove_unused(timestamp=0)
        self.assertEqual(self.rows(), [first])
        self.assertEqual(self.counted(), first.size)
        self.assertEqual([default_storage.exists(each.ext_key) for each in (first, other)], [True, False])
        remove_unused(timestamp=0)
        self.assertEqual((self.rows(), self.counted()), ([], 0))
        self.assertFalse(default_storage.exists(first.ext_key))

    def test_files_of_tasks_stay_once_their_form_is_accepted(self) -> None:
        self.submit()
        task = self.engine.call(lambda: TaskInstance.objects.select_related("assigned_to").get())
        worker = logged_in(task.assigned_to)
        for name, extra in (
            ("refused.txt", {"_input_version": "7"}),
            ("draft.txt", {"_save_draft": "1"}),
            ("done.txt", {}),
        ):
            with self.subTest(name), self.captureOnCommitCallbacks(execute=True):
                answers = {"proof": text(name, 1), "_input_version": "1"}
                worker.post(f"/tasks/{task.pk}/", answers | extra)
        self.age(25)
        remove_unused(timestamp=0)
        self.assertEqual([file.filename for file in self.rows()], ["draft.txt", "done.txt"])

    def test_names_that_a_browser_sends(self) -> None:
        for size in (1, 3 * 1024):  # in memory, and in a temporary file
            for name in ("x" * 4000 + ".txt", "ü" * 4000 + ".txt"):
                with self.subTest(size=size, name=name[0]):
                    self.assertEqual(self.submit(text(name, size)).status_code, 302)
                    self.assertEqual(self.rows()[-1].filename, name[0] * 146 + ".txt")
            family = "\U0001f469\u200d\U0001f467.txt"
            self.submit(text(f"../\u202e{family}", size))
            self.assertEqual(self.rows()[-1].filename, family)
            answer = self.submit(text("x." + "y" * 4000, size))
            self.assertContains(answer, "has a file type that is not accepted")
            self.assertContains(answer, 'value="Drums"')

    @limited(FILES_OF_FORM_MB=4)
    def test_no_more_is_stored_than_a_form_may_have(self) -> None:
        answer = self.submit(text("a.txt", 3 * 1024), text("b.txt", 9 * 1024), text("c.txt", 1))
        self.assertContains(answer, "“b.txt” does not fit")
        self.assertContains(answer, "“c.txt” does not fit")
        self.assertEqual([(file.filename, file.size) for file in self.rows()], [("a.txt", 3 * 1024 * 1024)])


class AtOnce(CommittedTestCase):
    """Files that are stored simultaneously."""

    @limited(FILES_OF_COMPANY_MB=1)
    def test_do_not_pass_the_limit_together(self) -> None:
        def store() -> bool:
            try:
                with self.ours.submitter.scope(), transaction.atomic():
                    return bool(upload_file(text("a.txt", 300), by=self.ours.submitter))
            except FileRefusedError:
                return False

        self.assertEqual(sorted(at_once(*[store] * 6)), [False] * 3 + [True] * 3)
