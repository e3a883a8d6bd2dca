"""Every file of the gallery can be imported, published and exported without a change."""

from pathlib import Path

from users.tests.cases import CompanyTestCase
from workflow_design.definition.file_json import parse_workflow_file, to_json
from workflow_design.models import Connection, ConnectionKind, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import import_workflow
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.versions.publishing import publish

GALLERY = Path(__file__).resolve().parents[2] / "gallery" / "files"


class Gallery(CompanyTestCase):
    """Import and export of each file."""

    def test_round_trip(self) -> None:
        paths = sorted(GALLERY.glob("*.json"))
        self.assertEqual(len(paths), 16)
        with self.ours.scope():
            for name in ("Accounts", "Company register", "Finance system"):
                Connection.objects.create(name=name, base_address="https://it.example", secrets=b"")
            Connection.objects.create(name="Team chat", kind=ConnectionKind.SLACK, secrets=b"")
        for path in paths:
            with self.subTest(path.name), self.ours.scope():
                file = parse_workflow_file(path.read_bytes())
                workflow = import_workflow(file, by=self.ours.designer, may_make_roles=True)
                publish(workflow, by=self.ours.designer)
                again = export_workflow(WorkflowDefinition.objects.get(pk=workflow.pk))
                self.assertEqual(again, file)
                self.assertEqual(str(to_json(again)), str(to_json(file)))  # the order of members, too
                self.assertEqual(list(load_fields(workflow)), list(file.fields_schema["properties"]))
                self.assertEqual(len(load_plan(workflow.pk).tasks), len(file.tasks))
