"""Who has, had or did a task in a workflow: kept by triggers, for who may see its ticket."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import ticketflower.tenancy.constraints
import ticketflower.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_waiting_and_ended_sessions"),
        ("workflow_ops", "0003_waiting_tasks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TaskHolder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "person who has or had a task",
                "verbose_name_plural": "people who have or had a task",
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskinstance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_first_holder",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."assigned_to_id" IS NOT NULL)',
                    func="\n    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)\n    SELECT NEW.company_id, NEW.workflow_instance_id, person\n    FROM unnest(ARRAY[NEW.assigned_to_id, NEW.completed_by_id]) AS person\n    WHERE person IS NOT NULL\n    ON CONFLICT (workflow_instance_id, person_id) DO NOTHING;\n    RETURN NULL;\n",
                    hash="ffa154a9e1f6af4e568e23371d5caba765b2b756",
                    operation="INSERT",
                    pgid="pgtrigger_keep_first_holder_38e99",
                    table="workflow_ops_taskinstance",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taskinstance",
            trigger=pgtrigger.compiler.Trigger(
                name="keep_holders",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.assigned_to_id, OLD.completed_by_id) IS DISTINCT FROM (NEW.assigned_to_id, NEW.completed_by_id))",
                    func="\n    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)\n    SELECT NEW.company_id, NEW.workflow_instance_id, person\n    FROM unnest(ARRAY[NEW.assigned_to_id, NEW.completed_by_id]) AS person\n    WHERE person IS NOT NULL\n    ON CONFLICT (workflow_instance_id, person_id) DO NOTHING;\n    RETURN NULL;\n",
                    hash="606b4c37370bfbd3b59cdb940b46474b25076796",
                    operation='UPDATE OF "assigned_to_id", "completed_by_id"',
                    pgid="pgtrigger_keep_holders_a9cfc",
                    table="workflow_ops_taskinstance",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="taskholder",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                default=ticketflower.tenancy.context.current_company_id,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="users.company",
            ),
        ),
        migrations.AddField(
            model_name="taskholder",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="taskholder",
            name="workflow_instance",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="task_holders",
                to="workflow_ops.workflowinstance",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskholder",
            constraint=models.UniqueConstraint(fields=("company", "id"), name="taskholder_company_id"),
        ),
        migrations.AddConstraint(
            model_name="taskholder",
            constraint=ticketflower.tenancy.constraints.CompanyWall(
                column="company_id", name="taskholder_company_wall"
            ),
        ),
        migrations.AddConstraint(
            model_name="taskholder",
            constraint=models.UniqueConstraint(
                fields=("workflow_instance", "person"), name="task_holder_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="taskholder",
            constraint=ticketflower.tenancy.constraints.SameCompany(
                field="workflow_instance", name="taskholder_workflow_instance_same_company"
            ),
        ),
        migrations.AddConstraint(
            model_name="taskholder",
            constraint=ticketflower.tenancy.constraints.SameCompany(
                field="person", name="taskholder_person_same_company"
            ),
        ),
    ]
