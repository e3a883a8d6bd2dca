"""What a process of the site has not loaded, because nobody needed it.

docs/architecture.md, "What is loaded by whom", says who does.
"""

import json
import subprocess
import sys
from uuid import uuid4

from django.conf import settings

from tests.processes.cases import environment
from users.tests.cases import logged_in
from workflow_ops.models import TaskInstance
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow

HEAVY = tuple(
    f"{name}."
    for name in (
        *("cryptography", "dns", "fast_sugiyama", "health_check", "holidays"),
        *("puremagic", "requests", "smtplib", "urllib3"),
        *("mcp", "mcp_types", "ninja", "starlette", "uvicorn", "workflow_ops.api"),
        *("ticketflower.staff_admin", "users.admin", "users.views", "workflow_design.admin"),
        *(f"workflow_design.check.{name}" for name in ("check_file", "exploration", "static")),
        *(f"workflow_design.{name}" for name in ("compare", "editor", "gallery", "picture")),
        *(f"workflow_design.{name}" for name in ("tryout", "versions")),
        *(f"workflow_ops.actions.{name}" for name in ("calling", "messages", "requests")),
        *(f"workflow_ops.desk.{name}" for name in ("actions", "bulk", "list_files", "lists", "ticket_views")),
        *(f"workflow_ops.history.{name}" for name in ("past_scenarios", "pictures")),
        *(f"workflow_ops.notifications.{name}" for name in ("events", "mailing")),
        *(f"workflow_ops.{name}" for name in ("admin", "audit.views", "handover", "search.views")),
        *(f"workflow_ops.reports.{name}" for name in ("making", "views")),
    )
)


class LoadedModulesTests(CommittedEngineTestCase):
    def test_after_the_main_job(self) -> None:
        """A person opens a form, submits it, looks at the ticket and at their tasks, and completes one."""
        loaded = self.engine.load(workflow(form("First", "a", "out"), form("Second", "out", "done")))
        kind = self.engine.call(loaded.tickets.get)
        self.engine.submit(loaded, a="x")
        task = self.engine.call(lambda: TaskInstance.objects.get(task_definition__title="First"))
        token = str(uuid4())
        visits = [
            (f"/tickets/new/{kind.pk}/?form={token}", None),
            (f"/tickets/new/{kind.pk}/", {"a": "Chair", "_form_token": token}),
            ("/tickets/1/", None),
            ("/tasks/", None),
            (f"/tasks/{task.pk}/", {"out": "x", "_input_version": "1"}),
        ]
        session = logged_in(self.ours.admin).cookies["sessionid"].value
        result = subprocess.run(
            [sys.executable, "-m", "tests.processes.main_job"],
            check=True,
            cwd=settings.BASE_DIR,
            env=environment(),
            input=json.dumps({"session": session, "visits": visits}),
            stdout=subprocess.PIPE,
            text=True,
        )
        modules = json.loads(result.stdout)
        self.assertIn("workflow_ops.work.task_views", modules)
        self.assertEqual(
            [name for name in modules if f"{name}.".startswith(tuple(f"{one}." for one in HEAVY))], []
        )

    def test_after_the_first_request_of_a_program(self) -> None:
        """The site has the API then, but nothing of the MCP server, which is a process of its own."""
        code = (
            "import json, sys; from ticketflower.wsgi import application; from django.test import Client; "
            "Client(SERVER_NAME='localhost').get('/api/1/openapi.json'); "
            "print(json.dumps(sorted(sys.modules)))"
        )
        result = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            cwd=settings.BASE_DIR,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        modules = json.loads(result.stdout)
        self.assertIn("workflow_ops.api.service", modules)
        mine = ("mcp.", "mcp_types.", "starlette.", "uvicorn.", "workflow_ops.api.mcp.")
        self.assertEqual([name for name in modules if f"{name}.".startswith(mine)], [])
