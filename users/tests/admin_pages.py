"""What the tests of company admins' pages have in common."""

from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.tests.cases import CompanyTestCase, logged_in


class AdminPageTestCase(CompanyTestCase):
    """`self.client` is our admin's browser."""

    def setUp(self) -> None:
        """Log our admin in."""
        super().setUp()
        self.client = logged_in(self.ours.admin)

    def assert_only_for_admins(self, path: str, *, method: str = "get") -> None:
        """Colleagues get 403, whoever is not logged in goes to log in, and on to what can be seen."""
        for colleague in self.ours.everybody[1:]:
            answer = getattr(logged_in(colleague), method)(path)
            self.assertEqual(answer.status_code, 403, colleague.first_name)
        answer = getattr(self.client_class(), method)(path)
        onward = f"?next={path}" if method == "get" else ""
        self.assertRedirects(answer, f"/users/login/{onward}", fetch_redirect_response=False)

    def assert_unknown_to_others(self, path: str, *, method: str = "get") -> None:
        """The other company's admin and an unknown id get the same 404."""
        self.assertEqual(getattr(logged_in(self.theirs.admin), method)(path).status_code, 404)
        number = next(part for part in path.split("/") if part.isdigit())
        for unknown in ("0", "999999999", "9" * 30):
            answer = getattr(self.client, method)(path.replace(f"/{number}/", f"/{unknown}/"))
            self.assertEqual(answer.status_code, 404, unknown)

    def assert_wrong_methods(self, path: str, *methods: str) -> None:
        """405, whoever asks."""
        for method in methods:
            self.assertEqual(getattr(self.client, method)(path).status_code, 405, method)
            self.assertEqual(getattr(self.client_class(), method)(path).status_code, 405, method)


def run_invitation_jobs() -> int:
    """Do what the worker would: each job that sends an invitation, by its stored arguments."""
    waiting = ProcrastinateJob.objects.filter(task_name="users.jobs.send_invitation", status="todo")
    stored = list(waiting.values_list("args", flat=True))
    for arguments in stored:
        jobs.send_invitation(**arguments)
    return len(stored)
