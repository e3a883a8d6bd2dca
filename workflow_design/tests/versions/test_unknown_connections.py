"""Connections that a workflow names and its company lacks: it can be imported, but not published."""

import json
from io import StringIO
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management import CommandError, call_command
from django.urls import reverse

from users.tests.cases import People
from workflow_design.definition.file_json import to_json
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Connection, ConnectionKind, WorkflowStatus
from workflow_design.persistence.connections import find_unknown_connections, workflows_over
from workflow_design.persistence.importing import CheckFailedError
from workflow_design.tests.files import VACATION, without_roles
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_draft
from workflow_design.versions.publishing import archive, publish

_PLACE = "/tasks/2"


def calling(**target: Any) -> WorkflowFile:
    """Return the vacation workflow in which the action has another target."""
    action = VACATION["tasks"][-1]
    file = to_json(without_roles())
    if "action" in target:
        action = {name: action[name] for name in ("title", "input_fields", "output_fields", "condition")}
    called = {**action, "task_type": "SYNC_ACTION", "action_url": "", **target}
    return without_roles(title="Travel", tasks=[*file["tasks"][:2], called])


CALL = calling(connection="Calendar", path="/book")
POST = calling(action={"chat": {"connection": "Team chat", "text": "{days} days"}})


def make_connection(people: People, name: str, kind: ConnectionKind = ConnectionKind.HTTP) -> Connection:
    """Create a connection without secrets in a company."""
    with people.admin.scope():
        return Connection.objects.create(name=name, kind=kind, secrets=b"")


class UnknownConnections(DesignPageTestCase):
    """Drafts of our designer."""

    def found(self, file: WorkflowFile) -> list[tuple[str, str, str]]:
        with self.ours.designer.scope():
            return [(each.pointer, each.message, each.fix) for each in find_unknown_connections(file)]

    def test_missing(self) -> None:
        make_connection(self.theirs, "Calendar")
        add = "A company admin can add it under “Connections”, or choose another connection in the task."
        self.assertEqual(
            self.found(CALL), [(f"{_PLACE}/connection", "The company has no connection “Calendar”.", add)]
        )
        self.assertEqual(
            self.found(POST), [(f"{_PLACE}/action/chat", "The company has no connection “Team chat”.", add)]
        )
        make_connection(self.ours, "Calender")
        self.assertEqual(self.found(CALL)[0][2], "Did you mean “Calender”?")

    def test_found_without_regard_to_case(self) -> None:
        make_connection(self.ours, "calendar")
        make_connection(self.ours, "TEAM CHAT", ConnectionKind.TEAMS)
        self.assertEqual((self.found(CALL), self.found(POST)), ([], []))

    def test_of_the_wrong_kind(self) -> None:
        make_connection(self.ours, "Calendar", ConnectionKind.SLACK)
        make_connection(self.ours, "Team chat")
        self.assertIn("“Calendar” leads to a chat", self.found(CALL)[0][1])
        self.assertIn("messages go to chats only", self.found(POST)[0][1])

    def test_imported_and_not_published_before_it_is_there(self) -> None:
        response = self.client.post(
            reverse("workflow_definition_upload"), {"text": json.dumps(to_json(CALL))}, follow=True
        )
        # A message of the upload, and a finding of the draft's page.
        self.assertContains(response, "The company has no connection “Calendar”.", count=2)
        draft = response.context["workflow"]
        page = reverse("workflow_definition_publish", args=[draft.pk])
        self.assertFalse(self.client.get(page).context["may_publish"])
        self.client.post(page, {"has_read": "on", "seen": response.context["stored_check"].digest})
        self.assertEqual(self.stored(draft).status, WorkflowStatus.DRAFT)
        with self.ours.designer.scope():
            with self.assertRaises(CheckFailedError) as caught:
                publish(draft, by=self.ours.designer)
            self.assertEqual([each.code for each in caught.exception.problems], ["unknown-connection"])
        make_connection(self.ours, "Calendar")
        with self.ours.designer.scope():
            publish(draft, by=self.ours.designer)
        self.assertEqual(self.stored(draft).status, WorkflowStatus.ACTIVE)

    def test_the_command(self) -> None:
        with NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(to_json(CALL), file)
            file.flush()
            out = StringIO()
            with self.assertRaisesMessage(CommandError, "no connection “Calendar”. A company admin"):
                call_command("import_workflow", file.name, "--company", "Ours", "--publish", stdout=out)
            call_command("import_workflow", file.name, "--company", "Ours", stdout=out)
        self.assertIn("is imported as a draft", out.getvalue())
        self.assertIn("Before it can be published: The company has no connection", out.getvalue())

    def test_which_workflows_name_it(self) -> None:
        make_connection(self.ours, "Calendar")
        files = {file.title: to_json(file) for file in (CALL,)}
        active = make_active(self.ours, **files["Travel"])
        make_draft(self.ours, **{**to_json(calling(connection="CALENDAR")), "title": "Another"})
        make_draft(self.ours, **{**to_json(POST), "title": "Chat"})
        with self.ours.designer.scope():
            self.assertEqual(workflows_over("calendar"), ["Another", "Travel"])
            self.assertEqual(workflows_over("team chat"), ["Chat"])
            archive(active, by=self.ours.designer)
            self.assertEqual(workflows_over("Calendar"), ["Another"])
