import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import ticketflower.ordered_json
import ticketflower.tenancy.constraints
import ticketflower.tenancy.context
import workflow_design.models.definitions
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
            name='SigningSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.BinaryField()),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='secret changed')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'signing secret',
                'verbose_name_plural': 'signing secrets',
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
                ('shown_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('output_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('reset_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('condition', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='condition')),
                ('edit_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout of the form')),
                ('display_layout', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='layout for reading')),
                ('action_url', models.CharField(blank=True, max_length=2000, verbose_name='address')),
                ('connection', models.CharField(blank=True, max_length=100, verbose_name='connection')),
                ('path', models.CharField(blank=True, max_length=2000, verbose_name='path')),
                ('action', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='ready-made action')),
                ('input_transform', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='what is sent')),
                ('output_transform', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='what becomes of the answer')),
                ('timeout_seconds', models.PositiveIntegerField(null=True, verbose_name='time limit in seconds')),
                ('sample_response', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='sample of an answer')),
                ('due_hours', workflow_design.models.definitions.HoursField(null=True, verbose_name='due after hours')),
                ('overdue_field', models.CharField(max_length=100, null=True, verbose_name='set when overdue')),
                ('assignee_field', models.CharField(max_length=100, null=True, verbose_name='given to')),
                ('not_submitter', models.BooleanField(default=False, verbose_name='never the submitter')),
                ('needs_approval', models.BooleanField(default=False, verbose_name='a person confirms what programs answer')),
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
                ('subject', models.CharField(blank=True, max_length=400, verbose_name='subject')),
                ('priority_field', models.CharField(max_length=100, null=True, verbose_name='priority')),
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
                ('scenarios', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='scenarios')),
                ('accepted', ticketflower.ordered_json.OrderedJSONField(blank=True, default=list, verbose_name='accepted findings')),
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
                ('condition', ticketflower.ordered_json.OrderedJSONField(blank=True, null=True, verbose_name='condition')),
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
                ('is_exact', models.BooleanField(verbose_name='with all values that make a difference')),
                ('states', models.PositiveIntegerField(verbose_name='states')),
                ('writes', models.PositiveIntegerField(verbose_name='writes')),
                ('checked_at', models.DateTimeField(verbose_name='checked')),
                ('without_people', models.JSONField(default=list, verbose_name='tasks that nobody could be given')),
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
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('HTTP', 'Another system'), ('SLACK', 'Chat: Slack, Mattermost, Rocket.Chat'), ('TEAMS', 'Chat: Microsoft Teams')], default='HTTP', max_length=5, verbose_name='kind')),
                ('base_address', models.CharField(blank=True, max_length=2000, verbose_name='address')),
                ('secrets', models.BinaryField()),
                ('secrets_changed_at', models.DateTimeField(null=True, verbose_name='secrets changed')),
                ('paused_at', models.DateTimeField(null=True, verbose_name='paused')),
                ('resumed_at', models.DateTimeField(null=True, verbose_name='tried again')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'connection',
                'verbose_name_plural': 'connections',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('paused_at__isnull', False)), fields=['company', 'id'], name='paused_connections')],
                'constraints': [models.UniqueConstraint(fields=('company', 'id'), name='connection_company_id'), ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='connection_company_wall'), models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='connection_name'), ticketflower.tenancy.constraints.SameCompany(field='created_by', name='connection_created_by_same_company')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='connection',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_connection; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."name" IS DISTINCT FROM NEW."name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."name") WHEN \'DELETE\' THEN to_jsonb(old."name") ELSE jsonb_build_array(to_jsonb(old."name"), to_jsonb(new."name")) END);\nEND IF;\nIF OLD."kind" IS DISTINCT FROM NEW."kind" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'kind\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."kind") WHEN \'DELETE\' THEN to_jsonb(old."kind") ELSE jsonb_build_array(to_jsonb(old."kind"), to_jsonb(new."kind")) END);\nEND IF;\nIF OLD."base_address" IS DISTINCT FROM NEW."base_address" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'base_address\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."base_address") WHEN \'DELETE\' THEN to_jsonb(old."base_address") ELSE jsonb_build_array(to_jsonb(old."base_address"), to_jsonb(new."base_address")) END);\nEND IF;\nIF OLD."secrets_changed_at" IS DISTINCT FROM NEW."secrets_changed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'secrets_changed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."secrets_changed_at") WHEN \'DELETE\' THEN to_jsonb(old."secrets_changed_at") ELSE jsonb_build_array(to_jsonb(old."secrets_changed_at"), to_jsonb(new."secrets_changed_at")) END);\nEND IF;\nIF OLD."paused_at" IS DISTINCT FROM NEW."paused_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'paused_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."paused_at") WHEN \'DELETE\' THEN to_jsonb(old."paused_at") ELSE jsonb_build_array(to_jsonb(old."paused_at"), to_jsonb(new."paused_at")) END);\nEND IF;\nIF OLD."resumed_at" IS DISTINCT FROM NEW."resumed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'resumed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."resumed_at") WHEN \'DELETE\' THEN to_jsonb(old."resumed_at") ELSE jsonb_build_array(to_jsonb(old."resumed_at"), to_jsonb(new."resumed_at")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='a4f97192989c209f5b2fa148be35b3b3c0c825cf', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_158db', table='workflow_design_connection', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='signingsecret',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='signingsecret_company_id'),
        ),
        migrations.AddConstraint(
            model_name='signingsecret',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='signingsecret_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='signingsecret',
            constraint=models.UniqueConstraint(fields=('company',), name='one_signing_secret'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingsecret',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_signingsecret; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."changed_at" IS DISTINCT FROM NEW."changed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'changed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."changed_at") WHEN \'DELETE\' THEN to_jsonb(old."changed_at") ELSE jsonb_build_array(to_jsonb(old."changed_at"), to_jsonb(new."changed_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='742219f3330d6b44edb26f7c91a54049fd1c2877', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_e4126', table='workflow_design_signingsecret', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_executorrole; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."role_id" IS DISTINCT FROM NEW."role_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'role_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id)) END);\nEND IF;\nIF OLD."task_definition_id" IS DISTINCT FROM NEW."task_definition_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'task_definition_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = new.task_definition_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = old.task_definition_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = old.task_definition_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_taskdefinition AS item WHERE item.id = new.task_definition_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = (SELECT workflow_id FROM workflow_design_taskdefinition WHERE id = this.task_definition_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='1b7dbde32c691888fbcc1be07b509dabae47e309', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_6a33b', table='workflow_design_executorrole', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_submitterrole; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."role_id" IS DISTINCT FROM NEW."role_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'role_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id)) END);\nEND IF;\nIF OLD."ticket_definition_id" IS DISTINCT FROM NEW."ticket_definition_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ticket_definition_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = new.ticket_definition_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = old.ticket_definition_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = old.ticket_definition_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = new.ticket_definition_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = (SELECT workflow_id FROM workflow_design_ticketdefinition WHERE id = this.ticket_definition_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='7b770826ab2e060ee4a2b6f48723874b4b6aba05', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_634e3', table='workflow_design_submitterrole', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_workflowcompletion; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."title" IS DISTINCT FROM NEW."title" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'title\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."title") WHEN \'DELETE\' THEN to_jsonb(old."title") ELSE jsonb_build_array(to_jsonb(old."title"), to_jsonb(new."title")) END);\nEND IF;\nIF OLD."description" IS DISTINCT FROM NEW."description" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'description\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."description") WHEN \'DELETE\' THEN to_jsonb(old."description") ELSE jsonb_build_array(to_jsonb(old."description"), to_jsonb(new."description")) END);\nEND IF;\nIF OLD."ext_ref" IS DISTINCT FROM NEW."ext_ref" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ext_ref\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."ext_ref") WHEN \'DELETE\' THEN to_jsonb(old."ext_ref") ELSE jsonb_build_array(to_jsonb(old."ext_ref"), to_jsonb(new."ext_ref")) END);\nEND IF;\nIF OLD."version" IS DISTINCT FROM NEW."version" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'version\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."version") WHEN \'DELETE\' THEN to_jsonb(old."version") ELSE jsonb_build_array(to_jsonb(old."version"), to_jsonb(new."version")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."position" IS DISTINCT FROM NEW."position" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'position\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."position") WHEN \'DELETE\' THEN to_jsonb(old."position") ELSE jsonb_build_array(to_jsonb(old."position"), to_jsonb(new."position")) END);\nEND IF;\nIF OLD."completion_status" IS DISTINCT FROM NEW."completion_status" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'completion_status\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."completion_status") WHEN \'DELETE\' THEN to_jsonb(old."completion_status") ELSE jsonb_build_array(to_jsonb(old."completion_status"), to_jsonb(new."completion_status")) END);\nEND IF;\nIF OLD."fields" IS DISTINCT FROM NEW."fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."fields") WHEN \'DELETE\' THEN to_jsonb(old."fields") ELSE jsonb_build_array(to_jsonb(old."fields"), to_jsonb(new."fields")) END);\nEND IF;\nIF OLD."condition" IS DISTINCT FROM NEW."condition" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'condition\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."condition") WHEN \'DELETE\' THEN to_jsonb(old."condition") ELSE jsonb_build_array(to_jsonb(old."condition"), to_jsonb(new."condition")) END);\nEND IF;\nIF OLD."display_layout" IS DISTINCT FROM NEW."display_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'display_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."display_layout") WHEN \'DELETE\' THEN to_jsonb(old."display_layout") ELSE jsonb_build_array(to_jsonb(old."display_layout"), to_jsonb(new."display_layout")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='e23c06fea58929e372ea21f6e9bacdd2e44796cc', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_09aa3', table='workflow_design_workflowcompletion', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_ticketdefinition; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."title" IS DISTINCT FROM NEW."title" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'title\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."title") WHEN \'DELETE\' THEN to_jsonb(old."title") ELSE jsonb_build_array(to_jsonb(old."title"), to_jsonb(new."title")) END);\nEND IF;\nIF OLD."description" IS DISTINCT FROM NEW."description" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'description\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."description") WHEN \'DELETE\' THEN to_jsonb(old."description") ELSE jsonb_build_array(to_jsonb(old."description"), to_jsonb(new."description")) END);\nEND IF;\nIF OLD."ext_ref" IS DISTINCT FROM NEW."ext_ref" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ext_ref\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."ext_ref") WHEN \'DELETE\' THEN to_jsonb(old."ext_ref") ELSE jsonb_build_array(to_jsonb(old."ext_ref"), to_jsonb(new."ext_ref")) END);\nEND IF;\nIF OLD."version" IS DISTINCT FROM NEW."version" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'version\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."version") WHEN \'DELETE\' THEN to_jsonb(old."version") ELSE jsonb_build_array(to_jsonb(old."version"), to_jsonb(new."version")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."position" IS DISTINCT FROM NEW."position" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'position\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."position") WHEN \'DELETE\' THEN to_jsonb(old."position") ELSE jsonb_build_array(to_jsonb(old."position"), to_jsonb(new."position")) END);\nEND IF;\nIF OLD."fields" IS DISTINCT FROM NEW."fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."fields") WHEN \'DELETE\' THEN to_jsonb(old."fields") ELSE jsonb_build_array(to_jsonb(old."fields"), to_jsonb(new."fields")) END);\nEND IF;\nIF OLD."subject" IS DISTINCT FROM NEW."subject" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'subject\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."subject") WHEN \'DELETE\' THEN to_jsonb(old."subject") ELSE jsonb_build_array(to_jsonb(old."subject"), to_jsonb(new."subject")) END);\nEND IF;\nIF OLD."priority_field" IS DISTINCT FROM NEW."priority_field" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'priority_field\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."priority_field") WHEN \'DELETE\' THEN to_jsonb(old."priority_field") ELSE jsonb_build_array(to_jsonb(old."priority_field"), to_jsonb(new."priority_field")) END);\nEND IF;\nIF OLD."edit_layout" IS DISTINCT FROM NEW."edit_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'edit_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."edit_layout") WHEN \'DELETE\' THEN to_jsonb(old."edit_layout") ELSE jsonb_build_array(to_jsonb(old."edit_layout"), to_jsonb(new."edit_layout")) END);\nEND IF;\nIF OLD."display_layout" IS DISTINCT FROM NEW."display_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'display_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."display_layout") WHEN \'DELETE\' THEN to_jsonb(old."display_layout") ELSE jsonb_build_array(to_jsonb(old."display_layout"), to_jsonb(new."display_layout")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='1470bf3808b530ace98770c85bb612175a184120', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_177c1', table='workflow_design_ticketdefinition', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_ticketadminrole; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."role_id" IS DISTINCT FROM NEW."role_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'role_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='14b3d2db9f07409be0c93c9080b42d3bd5c12f6a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2263d', table='workflow_design_ticketadminrole', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_taskdefinition; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."title" IS DISTINCT FROM NEW."title" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'title\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."title") WHEN \'DELETE\' THEN to_jsonb(old."title") ELSE jsonb_build_array(to_jsonb(old."title"), to_jsonb(new."title")) END);\nEND IF;\nIF OLD."description" IS DISTINCT FROM NEW."description" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'description\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."description") WHEN \'DELETE\' THEN to_jsonb(old."description") ELSE jsonb_build_array(to_jsonb(old."description"), to_jsonb(new."description")) END);\nEND IF;\nIF OLD."ext_ref" IS DISTINCT FROM NEW."ext_ref" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ext_ref\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."ext_ref") WHEN \'DELETE\' THEN to_jsonb(old."ext_ref") ELSE jsonb_build_array(to_jsonb(old."ext_ref"), to_jsonb(new."ext_ref")) END);\nEND IF;\nIF OLD."version" IS DISTINCT FROM NEW."version" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'version\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."version") WHEN \'DELETE\' THEN to_jsonb(old."version") ELSE jsonb_build_array(to_jsonb(old."version"), to_jsonb(new."version")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."position" IS DISTINCT FROM NEW."position" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'position\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."position") WHEN \'DELETE\' THEN to_jsonb(old."position") ELSE jsonb_build_array(to_jsonb(old."position"), to_jsonb(new."position")) END);\nEND IF;\nIF OLD."task_type" IS DISTINCT FROM NEW."task_type" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'task_type\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."task_type") WHEN \'DELETE\' THEN to_jsonb(old."task_type") ELSE jsonb_build_array(to_jsonb(old."task_type"), to_jsonb(new."task_type")) END);\nEND IF;\nIF OLD."input_fields" IS DISTINCT FROM NEW."input_fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'input_fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."input_fields") WHEN \'DELETE\' THEN to_jsonb(old."input_fields") ELSE jsonb_build_array(to_jsonb(old."input_fields"), to_jsonb(new."input_fields")) END);\nEND IF;\nIF OLD."shown_fields" IS DISTINCT FROM NEW."shown_fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'shown_fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."shown_fields") WHEN \'DELETE\' THEN to_jsonb(old."shown_fields") ELSE jsonb_build_array(to_jsonb(old."shown_fields"), to_jsonb(new."shown_fields")) END);\nEND IF;\nIF OLD."output_fields" IS DISTINCT FROM NEW."output_fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'output_fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."output_fields") WHEN \'DELETE\' THEN to_jsonb(old."output_fields") ELSE jsonb_build_array(to_jsonb(old."output_fields"), to_jsonb(new."output_fields")) END);\nEND IF;\nIF OLD."reset_fields" IS DISTINCT FROM NEW."reset_fields" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'reset_fields\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."reset_fields") WHEN \'DELETE\' THEN to_jsonb(old."reset_fields") ELSE jsonb_build_array(to_jsonb(old."reset_fields"), to_jsonb(new."reset_fields")) END);\nEND IF;\nIF OLD."condition" IS DISTINCT FROM NEW."condition" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'condition\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."condition") WHEN \'DELETE\' THEN to_jsonb(old."condition") ELSE jsonb_build_array(to_jsonb(old."condition"), to_jsonb(new."condition")) END);\nEND IF;\nIF OLD."edit_layout" IS DISTINCT FROM NEW."edit_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'edit_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."edit_layout") WHEN \'DELETE\' THEN to_jsonb(old."edit_layout") ELSE jsonb_build_array(to_jsonb(old."edit_layout"), to_jsonb(new."edit_layout")) END);\nEND IF;\nIF OLD."display_layout" IS DISTINCT FROM NEW."display_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'display_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."display_layout") WHEN \'DELETE\' THEN to_jsonb(old."display_layout") ELSE jsonb_build_array(to_jsonb(old."display_layout"), to_jsonb(new."display_layout")) END);\nEND IF;\nIF OLD."action_url" IS DISTINCT FROM NEW."action_url" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'action_url\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."action_url") WHEN \'DELETE\' THEN to_jsonb(old."action_url") ELSE jsonb_build_array(to_jsonb(old."action_url"), to_jsonb(new."action_url")) END);\nEND IF;\nIF OLD."connection" IS DISTINCT FROM NEW."connection" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'connection\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."connection") WHEN \'DELETE\' THEN to_jsonb(old."connection") ELSE jsonb_build_array(to_jsonb(old."connection"), to_jsonb(new."connection")) END);\nEND IF;\nIF OLD."path" IS DISTINCT FROM NEW."path" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'path\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."path") WHEN \'DELETE\' THEN to_jsonb(old."path") ELSE jsonb_build_array(to_jsonb(old."path"), to_jsonb(new."path")) END);\nEND IF;\nIF OLD."action" IS DISTINCT FROM NEW."action" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'action\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."action") WHEN \'DELETE\' THEN to_jsonb(old."action") ELSE jsonb_build_array(to_jsonb(old."action"), to_jsonb(new."action")) END);\nEND IF;\nIF OLD."input_transform" IS DISTINCT FROM NEW."input_transform" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'input_transform\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."input_transform") WHEN \'DELETE\' THEN to_jsonb(old."input_transform") ELSE jsonb_build_array(to_jsonb(old."input_transform"), to_jsonb(new."input_transform")) END);\nEND IF;\nIF OLD."output_transform" IS DISTINCT FROM NEW."output_transform" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'output_transform\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."output_transform") WHEN \'DELETE\' THEN to_jsonb(old."output_transform") ELSE jsonb_build_array(to_jsonb(old."output_transform"), to_jsonb(new."output_transform")) END);\nEND IF;\nIF OLD."timeout_seconds" IS DISTINCT FROM NEW."timeout_seconds" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'timeout_seconds\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."timeout_seconds") WHEN \'DELETE\' THEN to_jsonb(old."timeout_seconds") ELSE jsonb_build_array(to_jsonb(old."timeout_seconds"), to_jsonb(new."timeout_seconds")) END);\nEND IF;\nIF OLD."sample_response" IS DISTINCT FROM NEW."sample_response" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'sample_response\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."sample_response") WHEN \'DELETE\' THEN to_jsonb(old."sample_response") ELSE jsonb_build_array(to_jsonb(old."sample_response"), to_jsonb(new."sample_response")) END);\nEND IF;\nIF OLD."due_hours" IS DISTINCT FROM NEW."due_hours" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'due_hours\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."due_hours") WHEN \'DELETE\' THEN to_jsonb(old."due_hours") ELSE jsonb_build_array(to_jsonb(old."due_hours"), to_jsonb(new."due_hours")) END);\nEND IF;\nIF OLD."overdue_field" IS DISTINCT FROM NEW."overdue_field" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'overdue_field\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."overdue_field") WHEN \'DELETE\' THEN to_jsonb(old."overdue_field") ELSE jsonb_build_array(to_jsonb(old."overdue_field"), to_jsonb(new."overdue_field")) END);\nEND IF;\nIF OLD."assignee_field" IS DISTINCT FROM NEW."assignee_field" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'assignee_field\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."assignee_field") WHEN \'DELETE\' THEN to_jsonb(old."assignee_field") ELSE jsonb_build_array(to_jsonb(old."assignee_field"), to_jsonb(new."assignee_field")) END);\nEND IF;\nIF OLD."not_submitter" IS DISTINCT FROM NEW."not_submitter" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'not_submitter\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."not_submitter") WHEN \'DELETE\' THEN to_jsonb(old."not_submitter") ELSE jsonb_build_array(to_jsonb(old."not_submitter"), to_jsonb(new."not_submitter")) END);\nEND IF;\nIF OLD."needs_approval" IS DISTINCT FROM NEW."needs_approval" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'needs_approval\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."needs_approval") WHEN \'DELETE\' THEN to_jsonb(old."needs_approval") ELSE jsonb_build_array(to_jsonb(old."needs_approval"), to_jsonb(new."needs_approval")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, version.id, version.title FROM workflow_design_workflowdefinition AS version WHERE version.id = this.workflow_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.title, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='a6fe35a191b3135d230c57fedc934a672a204920', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_47e6b', table='workflow_design_taskdefinition', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_workflowline; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."title" IS DISTINCT FROM NEW."title" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'title\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."title") WHEN \'DELETE\' THEN to_jsonb(old."title") ELSE jsonb_build_array(to_jsonb(old."title"), to_jsonb(new."title")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, this.title INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='0689e150533e308db2a3ae49e46ef1fba669b5d5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f3c5d', table='workflow_design_workflowline', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_design_workflowdefinition; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."title" IS DISTINCT FROM NEW."title" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'title\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."title") WHEN \'DELETE\' THEN to_jsonb(old."title") ELSE jsonb_build_array(to_jsonb(old."title"), to_jsonb(new."title")) END);\nEND IF;\nIF OLD."description" IS DISTINCT FROM NEW."description" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'description\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."description") WHEN \'DELETE\' THEN to_jsonb(old."description") ELSE jsonb_build_array(to_jsonb(old."description"), to_jsonb(new."description")) END);\nEND IF;\nIF OLD."ext_ref" IS DISTINCT FROM NEW."ext_ref" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ext_ref\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."ext_ref") WHEN \'DELETE\' THEN to_jsonb(old."ext_ref") ELSE jsonb_build_array(to_jsonb(old."ext_ref"), to_jsonb(new."ext_ref")) END);\nEND IF;\nIF OLD."version" IS DISTINCT FROM NEW."version" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'version\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."version") WHEN \'DELETE\' THEN to_jsonb(old."version") ELSE jsonb_build_array(to_jsonb(old."version"), to_jsonb(new."version")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."status" IS DISTINCT FROM NEW."status" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'status\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."status") WHEN \'DELETE\' THEN to_jsonb(old."status") ELSE jsonb_build_array(to_jsonb(old."status"), to_jsonb(new."status")) END);\nEND IF;\nIF OLD."fields_schema" IS DISTINCT FROM NEW."fields_schema" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'fields_schema\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."fields_schema") WHEN \'DELETE\' THEN to_jsonb(old."fields_schema") ELSE jsonb_build_array(to_jsonb(old."fields_schema"), to_jsonb(new."fields_schema")) END);\nEND IF;\nIF OLD."display_layout" IS DISTINCT FROM NEW."display_layout" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'display_layout\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."display_layout") WHEN \'DELETE\' THEN to_jsonb(old."display_layout") ELSE jsonb_build_array(to_jsonb(old."display_layout"), to_jsonb(new."display_layout")) END);\nEND IF;\nIF OLD."scenarios" IS DISTINCT FROM NEW."scenarios" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'scenarios\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."scenarios") WHEN \'DELETE\' THEN to_jsonb(old."scenarios") ELSE jsonb_build_array(to_jsonb(old."scenarios"), to_jsonb(new."scenarios")) END);\nEND IF;\nIF OLD."accepted" IS DISTINCT FROM NEW."accepted" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'accepted\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."accepted") WHEN \'DELETE\' THEN to_jsonb(old."accepted") ELSE jsonb_build_array(to_jsonb(old."accepted"), to_jsonb(new."accepted")) END);\nEND IF;\nIF OLD."published_at" IS DISTINCT FROM NEW."published_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'published_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."published_at") WHEN \'DELETE\' THEN to_jsonb(old."published_at") ELSE jsonb_build_array(to_jsonb(old."published_at"), to_jsonb(new."published_at")) END);\nEND IF;\nIF OLD."archived_at" IS DISTINCT FROM NEW."archived_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'archived_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."archived_at") WHEN \'DELETE\' THEN to_jsonb(old."archived_at") ELSE jsonb_build_array(to_jsonb(old."archived_at"), to_jsonb(new."archived_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, this.id, this.title INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'WORKFLOW\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.version::text, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='0cc21018bbce2c4d65c4bfa575469fec8649a05b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_7441e', table='workflow_design_workflowdefinition', when='AFTER')),
        ),
    ]
