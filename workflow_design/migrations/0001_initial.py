import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import ticketflower.ordered_json
import ticketflower.tenancy.constraints
import ticketflower.tenancy.context
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('users', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExecutorRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('role', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.companyrole')),
            ],
            options={
                'verbose_name': 'executor role of a task',
                'verbose_name_plural': 'executor roles of tasks',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SubmitterRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('role', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.companyrole')),
            ],
            options={
                'verbose_name': 'submitter role of a kind of ticket',
                'verbose_name_plural': 'submitter roles of kinds of tickets',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TaskDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ext_ref', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='references')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('position', models.PositiveIntegerField(default=0)),
                ('task_type', models.CharField(choices=[('FORM', 'Form'), ('SYNC_ACTION', 'Action, answered at once'), ('ASYNC_ACTION', 'Action, answered later')], max_length=12, verbose_name='kind')),
                ('input_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('output_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('reset_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('condition', ticketflower.ordered_json.OrderedJSONField(null=True, verbose_name='condition')),
                ('edit_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout of the form')),
                ('display_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout for reading')),
                ('action_url', models.CharField(blank=True, max_length=2000, verbose_name='address')),
                ('input_transform', ticketflower.ordered_json.OrderedJSONField(null=True, verbose_name='what is sent')),
                ('output_transform', ticketflower.ordered_json.OrderedJSONField(null=True, verbose_name='what becomes of the answer')),
                ('timeout_seconds', models.PositiveIntegerField(null=True, verbose_name='time limit in seconds')),
                ('assignee_field', models.CharField(max_length=100, null=True, verbose_name='given to')),
                ('not_submitter', models.BooleanField(default=False, verbose_name='never the submitter')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('executor_roles', models.ManyToManyField(related_name='accessible_tasks', through='workflow_design.ExecutorRole', to='users.companyrole')),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'task definition',
                'verbose_name_plural': 'task definitions',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='executorrole',
            name='task_definition',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='executor_links', to='workflow_design.taskdefinition'),
        ),
        migrations.CreateModel(
            name='TicketAdminRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('role', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.companyrole')),
            ],
            options={
                'verbose_name': 'ticket admin role of a workflow',
                'verbose_name_plural': 'ticket admin roles of workflows',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ext_ref', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='references')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('position', models.PositiveIntegerField(default=0)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('edit_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout of the form')),
                ('display_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout for reading')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitter_roles', models.ManyToManyField(related_name='accessible_tickets', through='workflow_design.SubmitterRole', to='users.companyrole')),
            ],
            options={
                'verbose_name': 'kind of ticket',
                'verbose_name_plural': 'kinds of tickets',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='submitterrole',
            name='ticket_definition',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='submitter_links', to='workflow_design.ticketdefinition'),
        ),
        migrations.CreateModel(
            name='WorkflowDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ext_ref', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='references')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('status', models.CharField(choices=[('DRAFT', 'Draft'), ('ACTIVE', 'Active'), ('ARCHIVED', 'Archived')], default='DRAFT', max_length=10, verbose_name='status')),
                ('fields_schema', ticketflower.ordered_json.OrderedJSONField(default=dict, verbose_name='fields')),
                ('display_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout for reading')),
                ('published_at', models.DateTimeField(null=True, verbose_name='published')),
                ('archived_at', models.DateTimeField(null=True, verbose_name='archived')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket_admin_roles', models.ManyToManyField(related_name='+', through='workflow_design.TicketAdminRole', to='users.companyrole')),
            ],
            options={
                'verbose_name': 'version of a workflow',
                'verbose_name_plural': 'versions of workflows',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WorkflowCompletion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ext_ref', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='references')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('position', models.PositiveIntegerField(default=0)),
                ('completion_status', models.CharField(choices=[('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled'), ('ON_HOLD', 'On hold')], max_length=10, verbose_name='status')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('condition', ticketflower.ordered_json.OrderedJSONField(null=True, verbose_name='condition')),
                ('display_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout for reading')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workflow', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='completions', to='workflow_design.workflowdefinition')),
            ],
            options={
                'verbose_name': 'completion',
                'verbose_name_plural': 'completions',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='ticketdefinition',
            name='workflow',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tickets', to='workflow_design.workflowdefinition'),
        ),
        migrations.AddField(
            model_name='ticketadminrole',
            name='workflow',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='ticket_admin_links', to='workflow_design.workflowdefinition'),
        ),
        migrations.AddField(
            model_name='taskdefinition',
            name='workflow',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='workflow_design.workflowdefinition'),
        ),
        migrations.CreateModel(
            name='DefinitionCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('PENDING', 'Being checked'), ('CHECKED', 'Checked')], max_length=10, verbose_name='status')),
                ('digest', models.CharField(max_length=64, verbose_name='digest of what was checked')),
                ('findings', ticketflower.ordered_json.OrderedJSONField(default=list, verbose_name='findings')),
                ('is_complete', models.BooleanField(verbose_name='all ways were tried')),
                ('states', models.PositiveIntegerField(verbose_name='states')),
                ('writes', models.PositiveIntegerField(verbose_name='writes')),
                ('checked_at', models.DateTimeField(verbose_name='checked')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('workflow', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='check_row', to='workflow_design.workflowdefinition')),
            ],
            options={
                'verbose_name': 'check of a version',
                'verbose_name_plural': 'checks of versions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WorkflowLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'workflow',
                'verbose_name_plural': 'workflows',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='workflowdefinition',
            name='line',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='workflow_design.workflowline'),
        ),
        migrations.AddConstraint(
            model_name='executorrole',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='executorrole_company_id'),
        ),
        migrations.AddConstraint(
            model_name='executorrole',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='executorrole_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='executorrole',
            constraint=models.UniqueConstraint(fields=('task_definition', 'role'), name='executor_role_once'),
        ),
        migrations.AddConstraint(
            model_name='executorrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task_definition', name='executorrole_task_definition_same_company'),
        ),
        migrations.AddConstraint(
            model_name='executorrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='role', name='executorrole_role_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='executorrole',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_executorrole;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."role_id", new."task_definition_id") IS NOT DISTINCT FROM ROW(old."role_id", old."task_definition_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'role_id\', CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = OLD.role_id) END, CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = NEW.role_id) END), (\'task_definition_id\', CASE WHEN OLD.task_definition_id IS DISTINCT FROM NEW.task_definition_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = OLD.task_definition_id) END, CASE WHEN OLD.task_definition_id IS DISTINCT FROM NEW.task_definition_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = NEW.task_definition_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = (SELECT workflow_id FROM workflow_design_taskdefinition WHERE id = this.task_definition_id)) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='0276fd6dc0797c6c310d8c2e7b21b3a0d0e1d7ab', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_6a33b', table='workflow_design_executorrole', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='submitterrole',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='submitterrole_company_id'),
        ),
        migrations.AddConstraint(
            model_name='submitterrole',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='submitterrole_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='submitterrole',
            constraint=models.UniqueConstraint(fields=('ticket_definition', 'role'), name='submitter_role_once'),
        ),
        migrations.AddConstraint(
            model_name='submitterrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket_definition', name='submitterrole_ticket_definition_same_company'),
        ),
        migrations.AddConstraint(
            model_name='submitterrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='role', name='submitterrole_role_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submitterrole',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_submitterrole;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."role_id", new."ticket_definition_id") IS NOT DISTINCT FROM ROW(old."role_id", old."ticket_definition_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'role_id\', CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = OLD.role_id) END, CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = NEW.role_id) END), (\'ticket_definition_id\', CASE WHEN OLD.ticket_definition_id IS DISTINCT FROM NEW.ticket_definition_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = OLD.ticket_definition_id) END, CASE WHEN OLD.ticket_definition_id IS DISTINCT FROM NEW.ticket_definition_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = NEW.ticket_definition_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = (SELECT workflow_id FROM workflow_design_ticketdefinition WHERE id = this.ticket_definition_id)) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='e63d3d18bf6718ec5a1ebded7ebae6ebd1813ac2', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_634e3', table='workflow_design_submitterrole', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='workflowcompletion',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowcompletion_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowcompletion',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowcompletion_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowcompletion',
            constraint=models.UniqueConstraint(models.F('workflow'), django.db.models.functions.text.Lower('title'), name='completion_title'),
        ),
        migrations.AddConstraint(
            model_name='workflowcompletion',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='workflowcompletion_workflow_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowcompletion',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='workflowcompletion_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowcompletion',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_workflowcompletion;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."title", new."description", new."ext_ref", new."version", new."created_at", new."created_by_id", new."impersonator_id", new."position", new."completion_status", new."fields", new."condition", new."display_layout") IS NOT DISTINCT FROM ROW(old."title", old."description", old."ext_ref", old."version", old."created_at", old."created_by_id", old."impersonator_id", old."position", old."completion_status", old."fields", old."condition", old."display_layout") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'title\', to_jsonb(OLD."title"), to_jsonb(NEW."title")), (\'description\', to_jsonb(OLD."description"), to_jsonb(NEW."description")), (\'ext_ref\', to_jsonb(OLD."ext_ref"), to_jsonb(NEW."ext_ref")), (\'version\', to_jsonb(OLD."version"), to_jsonb(NEW."version")), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at")), (\'created_by_id\', CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.created_by_id) END, CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.created_by_id) END), (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'position\', to_jsonb(OLD."position"), to_jsonb(NEW."position")), (\'completion_status\', to_jsonb(OLD."completion_status"), to_jsonb(NEW."completion_status")), (\'fields\', to_jsonb(OLD."fields"), to_jsonb(NEW."fields")), (\'condition\', to_jsonb(OLD."condition"), to_jsonb(NEW."condition")), (\'display_layout\', to_jsonb(OLD."display_layout"), to_jsonb(NEW."display_layout"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='4067d2e2cb1fb630c9bf499d3e0059355b28fdbe', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_09aa3', table='workflow_design_workflowcompletion', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='ticketdefinition',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketdefinition_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketdefinition',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketdefinition_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketdefinition',
            constraint=models.UniqueConstraint(models.F('workflow'), django.db.models.functions.text.Lower('title'), name='ticket_definition_title'),
        ),
        migrations.AddConstraint(
            model_name='ticketdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='ticketdefinition_workflow_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='ticketdefinition_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketdefinition',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_ticketdefinition;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."title", new."description", new."ext_ref", new."version", new."created_at", new."created_by_id", new."impersonator_id", new."position", new."fields", new."edit_layout", new."display_layout") IS NOT DISTINCT FROM ROW(old."title", old."description", old."ext_ref", old."version", old."created_at", old."created_by_id", old."impersonator_id", old."position", old."fields", old."edit_layout", old."display_layout") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'title\', to_jsonb(OLD."title"), to_jsonb(NEW."title")), (\'description\', to_jsonb(OLD."description"), to_jsonb(NEW."description")), (\'ext_ref\', to_jsonb(OLD."ext_ref"), to_jsonb(NEW."ext_ref")), (\'version\', to_jsonb(OLD."version"), to_jsonb(NEW."version")), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at")), (\'created_by_id\', CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.created_by_id) END, CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.created_by_id) END), (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'position\', to_jsonb(OLD."position"), to_jsonb(NEW."position")), (\'fields\', to_jsonb(OLD."fields"), to_jsonb(NEW."fields")), (\'edit_layout\', to_jsonb(OLD."edit_layout"), to_jsonb(NEW."edit_layout")), (\'display_layout\', to_jsonb(OLD."display_layout"), to_jsonb(NEW."display_layout"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='75157020fcd2c8fce964f2ed21d8ffb1bb6977ce', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_177c1', table='workflow_design_ticketdefinition', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='ticketadminrole',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketadminrole_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketadminrole',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketadminrole_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketadminrole',
            constraint=models.UniqueConstraint(fields=('workflow', 'role'), name='ticket_admin_role_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketadminrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='ticketadminrole_workflow_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketadminrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='role', name='ticketadminrole_role_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketadminrole',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_ticketadminrole;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."role_id") IS NOT DISTINCT FROM ROW(old."role_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'role_id\', CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = OLD.role_id) END, CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = NEW.role_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='8c7657ba7490ccdaaec54693774bf9b19a412a80', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2263d', table='workflow_design_ticketadminrole', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='taskdefinition',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='taskdefinition_company_id'),
        ),
        migrations.AddConstraint(
            model_name='taskdefinition',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='taskdefinition_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='taskdefinition',
            constraint=models.UniqueConstraint(models.F('workflow'), django.db.models.functions.text.Lower('title'), name='task_definition_title'),
        ),
        migrations.AddConstraint(
            model_name='taskdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='taskdefinition_workflow_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='taskdefinition_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskdefinition',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_taskdefinition;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."title", new."description", new."ext_ref", new."version", new."created_at", new."created_by_id", new."impersonator_id", new."position", new."task_type", new."input_fields", new."output_fields", new."reset_fields", new."condition", new."edit_layout", new."display_layout", new."action_url", new."input_transform", new."output_transform", new."timeout_seconds", new."assignee_field", new."not_submitter") IS NOT DISTINCT FROM ROW(old."title", old."description", old."ext_ref", old."version", old."created_at", old."created_by_id", old."impersonator_id", old."position", old."task_type", old."input_fields", old."output_fields", old."reset_fields", old."condition", old."edit_layout", old."display_layout", old."action_url", old."input_transform", old."output_transform", old."timeout_seconds", old."assignee_field", old."not_submitter") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'title\', to_jsonb(OLD."title"), to_jsonb(NEW."title")), (\'description\', to_jsonb(OLD."description"), to_jsonb(NEW."description")), (\'ext_ref\', to_jsonb(OLD."ext_ref"), to_jsonb(NEW."ext_ref")), (\'version\', to_jsonb(OLD."version"), to_jsonb(NEW."version")), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at")), (\'created_by_id\', CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.created_by_id) END, CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.created_by_id) END), (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'position\', to_jsonb(OLD."position"), to_jsonb(NEW."position")), (\'task_type\', to_jsonb(OLD."task_type"), to_jsonb(NEW."task_type")), (\'input_fields\', to_jsonb(OLD."input_fields"), to_jsonb(NEW."input_fields")), (\'output_fields\', to_jsonb(OLD."output_fields"), to_jsonb(NEW."output_fields")), (\'reset_fields\', to_jsonb(OLD."reset_fields"), to_jsonb(NEW."reset_fields")), (\'condition\', to_jsonb(OLD."condition"), to_jsonb(NEW."condition")), (\'edit_layout\', to_jsonb(OLD."edit_layout"), to_jsonb(NEW."edit_layout")), (\'display_layout\', to_jsonb(OLD."display_layout"), to_jsonb(NEW."display_layout")), (\'action_url\', to_jsonb(OLD."action_url"), to_jsonb(NEW."action_url")), (\'input_transform\', to_jsonb(OLD."input_transform"), to_jsonb(NEW."input_transform")), (\'output_transform\', to_jsonb(OLD."output_transform"), to_jsonb(NEW."output_transform")), (\'timeout_seconds\', to_jsonb(OLD."timeout_seconds"), to_jsonb(NEW."timeout_seconds")), (\'assignee_field\', to_jsonb(OLD."assignee_field"), to_jsonb(NEW."assignee_field")), (\'not_submitter\', to_jsonb(OLD."not_submitter"), to_jsonb(NEW."not_submitter"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='8f9ecc063ee0b1a2416b95310343594de6f61b39', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_47e6b', table='workflow_design_taskdefinition', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='definitioncheck',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='definitioncheck_company_id'),
        ),
        migrations.AddConstraint(
            model_name='definitioncheck',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='definitioncheck_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='definitioncheck',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='definitioncheck_workflow_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowline',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowline_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowline',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowline_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowline',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('title'), name='workflow_line_title'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowline',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_workflowline;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."title") IS NOT DISTINCT FROM ROW(old."title") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'title\', to_jsonb(OLD."title"), to_jsonb(NEW."title"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, this.title) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='79ad734eb3ccc694c72041dfd75137c42c703f30', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f3c5d', table='workflow_design_workflowline', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='workflowdefinition',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('title'), models.F('id'), name='workflows_by_title'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowdefinition_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowdefinition_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=models.UniqueConstraint(fields=('line', 'version'), name='workflow_version_once'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'DRAFT')), fields=('line',), name='workflow_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'ACTIVE')), fields=('line',), name='workflow_one_active'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='workflowdefinition_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowdefinition',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='workflowdefinition_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowdefinition',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this workflow_design_workflowdefinition;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."title", new."description", new."ext_ref", new."version", new."created_at", new."created_by_id", new."impersonator_id", new."status", new."fields_schema", new."display_layout", new."published_at", new."archived_at") IS NOT DISTINCT FROM ROW(old."title", old."description", old."ext_ref", old."version", old."created_at", old."created_by_id", old."impersonator_id", old."status", old."fields_schema", old."display_layout", old."published_at", old."archived_at") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.version::text, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'title\', to_jsonb(OLD."title"), to_jsonb(NEW."title")), (\'description\', to_jsonb(OLD."description"), to_jsonb(NEW."description")), (\'ext_ref\', to_jsonb(OLD."ext_ref"), to_jsonb(NEW."ext_ref")), (\'version\', to_jsonb(OLD."version"), to_jsonb(NEW."version")), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at")), (\'created_by_id\', CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.created_by_id) END, CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.created_by_id) END), (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'status\', to_jsonb(OLD."status"), to_jsonb(NEW."status")), (\'fields_schema\', to_jsonb(OLD."fields_schema"), to_jsonb(NEW."fields_schema")), (\'display_layout\', to_jsonb(OLD."display_layout"), to_jsonb(NEW."display_layout")), (\'published_at\', to_jsonb(OLD."published_at"), to_jsonb(NEW."published_at")), (\'archived_at\', to_jsonb(OLD."archived_at"), to_jsonb(NEW."archived_at"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, this.id, this.title) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='62b4f9efe2941ea47b60716bbff62ddd1034ad7f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_7441e', table='workflow_design_workflowdefinition', when='AFTER')),
        ),
    ]
