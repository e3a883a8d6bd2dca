"""Shared code of the tests of company admins' pages."""

from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.tests.cases import CompanyTestCase, logged_in


class AdminPageTestCase(CompanyTestCase):
    """A test case in which `self.client` is logged in as our admin."""

    def setUp(self) -> None:
        """Log in as our admin."""
        super().setUp()
        self.client = logged_in(self.ours.admin)

    def assert_only_for_admins(self, path: str, *, method: str = "get") -> None:
        """Assert that a colleague gets a 403, and that visitors are redirected to the log-in page.

        `tests/walls` tries this with each of the colleagues.
        """
        response = getattr(logged_in(self.ours.ticket_admin), method)(path)
        self.assertEqual(response.status_code, 403)
        response = getattr(self.client_class(), method)(path)
        onward = f"?next={path}" if method == "get" else ""
        self.assertRedirects(response, f"/users/login/{onward}", fetch_redirect_response=False)

    def assert_unknown_to_others(self, path: str, *, method: str = "get") -> None:
        """Assert that the other company's admin gets the same 404 as for an unknown id."""
        self.assertEqual(getattr(logged_in(self.theirs.admin), method)(path).status_code, 404)
        number = next(part for part in path.split("/") if part.isdigit())
        unknown = path.replace(f"/{number}/", "/999999999/")
        self.assertEqual(getattr(self.client, method)(unknown).status_code, 404)

    def assert_wrong_methods(self, path: str, *methods: str) -> None:
        """Assert that the methods get a 405, for every user; a GET leads to the page above."""
        for method in methods:
            self.assertEqual(
                getattr(self.client, method)(path).status_code, 302 if method == "get" else 405, method
            )
            self.assertEqual(
                getattr(self.client_class(), method)(path).status_code,
                302 if method == "get" else 405,
                method,
            )


def run_invitation_jobs() -> int:
    """Run each enqueued invitation job with its stored arguments, and return their number."""
    waiting = ProcrastinateJob.objects.filter(task_name="users.jobs.send_invitation", status="todo")
    stored = list(waiting.values_list("args", flat=True))
    for arguments in stored:
        jobs.send_invitation(**arguments)
    return len(stored)
