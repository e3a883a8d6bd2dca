import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import ticketflower.tenancy.constraints
import ticketflower.tenancy.context
import uuid
import workflow_ops.models.timeline
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('users', '0001_initial'),
        ('workflow_design', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('operation', models.CharField(choices=[('hold', 'Put on hold'), ('resume', 'Resume'), ('responsible', 'Set the responsible person'), ('cancel', 'Cancel'), ('assign_open', 'Assign their open tasks'), ('assign', 'Assign'), ('hand_over', 'Hand over, each to the next in turn'), ('restrict', 'Restrict to people'), ('cancel_task', 'Cancel'), ('call_again', 'Call again'), ('retry', 'Try again')], max_length=12, verbose_name='what')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('arguments', models.JSONField(default=dict)),
                ('filters', models.TextField(blank=True)),
                ('row_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('position', models.PositiveIntegerField(default=0)),
                ('form_token', models.UUIDField(editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='started')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'bulk action',
                'verbose_name_plural': 'bulk actions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BulkResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('row_id', models.BigIntegerField()),
                ('outcome', models.CharField(choices=[('DONE', 'Done'), ('SKIPPED', 'Nothing to do'), ('REFUSED', 'Could not be done')], max_length=7, verbose_name='outcome')),
                ('message', models.TextField(blank=True, verbose_name='why')),
                ('bulk_action', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='results', to='workflow_ops.bulkaction')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'result of a bulk action',
                'verbose_name_plural': 'results of bulk actions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=5000, verbose_name='comment')),
                ('is_internal', models.BooleanField(db_default=False, default=False, verbose_name='internal')),
                ('form_token', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='said')),
                ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='edited')),
                ('deleted_at', models.DateTimeField(blank=True, null=True, verbose_name='deleted')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CommentMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='workflow_ops.comment')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mention',
                'verbose_name_plural': 'mentions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EventCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=20)),
                ('transaction', models.BigIntegerField(default=-4611686018427387904)),
                ('event_id', models.BigIntegerField(default=0)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'place in the timelines',
                'verbose_name_plural': 'places in the timelines',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FormerText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='text')),
                ('replaced_at', models.DateTimeField(auto_now_add=True, verbose_name='replaced')),
                ('comment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='former_texts', to='workflow_ops.comment')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'former text of a comment',
                'verbose_name_plural': 'former texts of comments',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IdempotentCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('operation', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=255)),
                ('digest', models.BinaryField(max_length=32)),
                ('result', models.JSONField(null=True)),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'request that may be repeated',
                'verbose_name_plural': 'requests that may be repeated',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ListFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk_list', models.CharField(choices=[('tickets', 'Tickets'), ('tasks', 'Tasks'), ('errors', 'Errors')], max_length=10, verbose_name='list')),
                ('filters', models.TextField()),
                ('form_token', models.UUIDField(editable=False)),
                ('state', models.CharField(choices=[('WAITING', 'Being made'), ('READY', 'Ready'), ('FAILED', 'Failed')], default='WAITING', max_length=7, verbose_name='state')),
                ('place', models.JSONField(null=True)),
                ('row_count', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='size in bytes')),
                ('failure', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'CSV file of a list',
                'verbose_name_plural': 'CSV files of lists',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('task', 'A task for me'), ('takeable', 'A task that I may take'), ('overdue', 'Something is overdue'), ('comment', 'A comment'), ('mention', 'A comment that mentions me'), ('submitted', 'A ticket submitted for me'), ('responsible', 'I am responsible for a ticket'), ('held', 'A ticket is on hold'), ('ended', 'A ticket has ended'), ('error', 'An error'), ('webhook', 'A webhook is switched off')], max_length=12)),
                ('way', models.CharField(choices=[('off', 'Not at all'), ('site', 'On the site'), ('mail', 'Also by e-mail'), ('daily', 'Also in a daily e-mail')], max_length=5)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'choice of notifications',
                'verbose_name_plural': 'choices of notifications',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='NotificationMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('is_daily', models.BooleanField(default=False, verbose_name='daily')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('tried_at', models.DateTimeField(null=True, verbose_name='last tried')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'e-mail with notifications',
                'verbose_name_plural': 'e-mails with notifications',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('workflow_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('first_day', models.DateField(verbose_name='from')),
                ('last_day', models.DateField(verbose_name='to')),
                ('time_zone', models.CharField(max_length=64)),
                ('form_token', models.UUIDField(editable=False)),
                ('state', models.CharField(choices=[('WAITING', 'Being made'), ('READY', 'Ready'), ('FAILED', 'Failed')], default='WAITING', max_length=7, verbose_name='state')),
                ('result', models.JSONField(default=dict)),
                ('seconds', models.FloatField(default=0)),
                ('failure', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for')),
                ('computed_at', models.DateTimeField(null=True, verbose_name='computed')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_design.workflowline')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('desk_list', models.CharField(choices=[('tickets', 'Tickets'), ('tasks', 'Tasks'), ('errors', 'Errors')], max_length=10)),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name')),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=110), blank=True, default=list, size=None)),
                ('is_shared', models.BooleanField(default=False, verbose_name='shared')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TaskAllowedUser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'person allowed for a task',
                'verbose_name_plural': 'people allowed for tasks',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TaskInstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.PositiveIntegerField(default=1)),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('IN_PROGRESS', 'In progress'), ('PENDING', 'Waiting'), ('COMPLETED', 'Done'), ('CANCELLED', 'Cancelled'), ('ERROR', 'Failed')], default='OPEN', max_length=12, verbose_name='status')),
                ('input_data', models.JSONField(default=dict)),
                ('input_version', models.PositiveIntegerField(default=1)),
                ('draft', models.JSONField(blank=True, null=True)),
                ('output_data', models.JSONField(blank=True, null=True)),
                ('assigned_at', models.DateTimeField(blank=True, null=True, verbose_name='assigned')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='begun')),
                ('completed_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('next_call_at', models.DateTimeField(null=True, verbose_name='next call')),
                ('answer_until', models.DateTimeField(null=True, verbose_name='answer until')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('overdue_at', models.DateTimeField(blank=True, null=True, verbose_name='overdue since')),
                ('preparation', models.JSONField(blank=True, null=True)),
                ('sent_back_times', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='sent back')),
                ('allowed_users', models.ManyToManyField(related_name='+', through='workflow_ops.TaskAllowedUser', to=settings.AUTH_USER_MODEL)),
                ('assigned_to', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned to')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('completed_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('prepared_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                ('task_definition', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='workflow_design.taskdefinition')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='taskalloweduser',
            name='task',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='allowed_links', to='workflow_ops.taskinstance'),
        ),
        migrations.CreateModel(
            name='ActionCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('CALL', 'Call'), ('CALLBACK', 'Callback'), ('TEST', 'Test of the connection')], default='CALL', max_length=8, verbose_name='kind')),
                ('input_version', models.PositiveIntegerField(default=1)),
                ('outcome', models.CharField(choices=[('RUNNING', 'Running'), ('ANSWERED', 'Answered'), ('ACCEPTED', 'Accepted; the answer comes later'), ('FAILED', 'Failed'), ('OUTDATED', 'Answered too late to count'), ('INTERRUPTED', 'Interrupted')], default='RUNNING', max_length=11, verbose_name='outcome')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('request', models.JSONField(default=dict)),
                ('response', models.JSONField(null=True)),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('started_at', models.DateTimeField(verbose_name='when')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('duration', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('finished_at'), '-', models.F('started_at')), output_field=models.DurationField())),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('connection', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='workflow_design.connection')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calls', to='workflow_ops.taskinstance')),
            ],
            options={
                'verbose_name': 'call',
                'verbose_name_plural': 'calls',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_number', models.PositiveBigIntegerField(default=0)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'ticket counter',
                'verbose_name_plural': 'ticket counters',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketInstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(verbose_name='number')),
                ('type_title', models.CharField(max_length=255, verbose_name='type')),
                ('subject', models.CharField(blank=True, db_default='', max_length=120, verbose_name='subject')),
                ('priority', models.PositiveSmallIntegerField(db_default=32767, verbose_name='priority')),
                ('ticket_data', models.JSONField()),
                ('form_token', models.UUIDField()),
                ('held_until', models.DateTimeField(blank=True, null=True, verbose_name='on hold until')),
                ('resumes_by_itself', models.BooleanField(db_default=False, verbose_name='resumes by itself')),
                ('status', models.CharField(choices=[('NOT_STARTED', 'Not started'), ('IN_PROGRESS', 'In progress'), ('ON_HOLD', 'On hold'), ('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled')], default='NOT_STARTED', editable=False, max_length=12, verbose_name='status')),
                ('is_finished', models.BooleanField(default=False, editable=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last change')),
                ('waiting_since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now, editable=False, verbose_name='waiting since')),
                ('due_at', models.DateTimeField(editable=False, null=True, verbose_name='due')),
                ('due_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('due_at', datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), output_field=models.DateTimeField())),
                ('is_stalled', models.BooleanField(default=False, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='submitted')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('responsible', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='responsible')),
                ('ticket_definition', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='workflow_design.ticketdefinition')),
            ],
            options={
                'verbose_name': 'ticket',
                'verbose_name_plural': 'tickets',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketFollower',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='followers', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'follower of a ticket',
                'verbose_name_plural': 'followers of tickets',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketFieldValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=100, verbose_name='field')),
                ('value', models.CharField(max_length=200, verbose_name='value')),
                ('is_finished', models.BooleanField(db_default=False)),
                ('changed_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField()),
                ('priority', models.PositiveSmallIntegerField(default=32767)),
                ('due_order', models.DateTimeField(db_default=datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='field_values', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'value to filter by',
                'verbose_name_plural': 'values to filter by',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TicketDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('parts', models.JSONField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('built_for', models.DateTimeField()),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('ticket', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='document', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'search document',
                'verbose_name_plural': 'search documents',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OpenTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('IN_PROGRESS', 'In progress'), ('PENDING', 'Waiting'), ('COMPLETED', 'Done'), ('CANCELLED', 'Cancelled'), ('ERROR', 'Failed')], max_length=12, verbose_name='status')),
                ('assignee', models.BigIntegerField(null=True)),
                ('ticket_status', models.CharField(choices=[('NOT_STARTED', 'Not started'), ('IN_PROGRESS', 'In progress'), ('ON_HOLD', 'On hold'), ('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled')], max_length=12)),
                ('changed_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField()),
                ('priority', models.PositiveSmallIntegerField(default=32767)),
                ('due_order', models.DateTimeField(db_default=datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))),
                ('task_due_order', models.DateTimeField(db_default=datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('task', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='open_row', to='workflow_ops.taskinstance')),
                ('ticket', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='open_tasks', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'open task',
                'verbose_name_plural': 'open tasks',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FileUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=255, verbose_name='name')),
                ('version', models.PositiveIntegerField(default=1)),
                ('ext_key', models.CharField(max_length=100)),
                ('file_type', models.CharField(max_length=100, verbose_name='type')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('checksum', models.CharField(max_length=64)),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('comment', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='workflow_ops.comment')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='comment',
            name='ticket',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='workflow_ops.ticketinstance'),
        ),
        migrations.CreateModel(
            name='TicketLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RELATES', 'Relates to'), ('DUPLICATE', 'Duplicate of')], max_length=9, verbose_name='kind')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('other', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.ticketinstance', verbose_name='other ticket')),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'link between tickets',
                'verbose_name_plural': 'links between tickets',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TimelineEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('SUBMITTED', 'Submitted'), ('TASK_STARTED', 'Task started'), ('TASK_REFRESHED', 'Task refreshed'), ('TASK_ASSIGNED', 'Task assigned'), ('TASK_TAKEN', 'Task taken'), ('TASK_GIVEN_BACK', 'Task given back'), ('TASK_RESTRICTED', 'Task restricted'), ('TASK_PREPARED', 'Task prepared'), ('TASK_SENT_BACK', 'Task sent back'), ('DRAFT_DROPPED', 'Prepared answer dropped'), ('TASK_COMPLETED', 'Task done'), ('TASK_CANCELLED', 'Task cancelled'), ('DATA_EDITED', 'Data edited'), ('DATA_CORRECTED', 'Data corrected'), ('TICKET_CORRECTED', 'Corrected by the submitter'), ('HELD', 'Put on hold'), ('RESUMED', 'Resumed'), ('ENDED', 'Ended'), ('CANCELLED', 'Cancelled'), ('WITHDRAWN', 'Withdrawn'), ('ERROR', 'Error'), ('RETRIED', 'Retried'), ('RESPONSIBLE', 'Responsible person'), ('LINKED', 'Linked'), ('UNLINKED', 'Link removed'), ('COMMENTED', 'Comment'), ('COMMENT_EDITED', 'Comment edited'), ('OVERDUE', 'Overdue')], max_length=16)),
                ('details', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('transaction', models.BigIntegerField(db_default=workflow_ops.models.timeline.CurrentTransaction())),
                ('about', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.comment')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.taskinstance')),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='timeline', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'timeline entry',
                'verbose_name_plural': 'timeline entries',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('address', models.CharField(max_length=2000, verbose_name='address')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('ticket.submitted', 'A ticket is submitted'), ('ticket.changed', 'A ticket is changed, held, resumed or linked'), ('ticket.finished', 'A ticket has ended'), ('task.started', 'A task starts'), ('task.assigned', 'A task is assigned, taken or given back'), ('task.changed', 'A task is refreshed, restricted or cancelled'), ('task.completed', 'A task is done'), ('task.overdue', 'A task is overdue'), ('comment.added', 'A public comment is written'), ('error.reported', 'An error is reported'), ('definition.published', 'A workflow is published'), ('test', 'A test')], max_length=20), size=None, verbose_name='events')),
                ('secrets', models.BinaryField()),
                ('secrets_changed_at', models.DateTimeField(verbose_name='secret changed')),
                ('state', models.CharField(choices=[('ACTIVE', 'Active'), ('PAUSED', 'Paused'), ('OFF', 'Switched off')], default='ACTIVE', max_length=6, verbose_name='state')),
                ('since', models.BigIntegerField(db_default=workflow_ops.models.timeline.CurrentTransaction(), editable=False)),
                ('until', models.BigIntegerField(editable=False, null=True)),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='failures in a row')),
                ('failing_since', models.DateTimeField(null=True, verbose_name='failing since')),
                ('waits_until', models.DateTimeField(null=True, verbose_name='waits until')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('impersonator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('task', 'A task for me'), ('takeable', 'A task that I may take'), ('overdue', 'Something is overdue'), ('comment', 'A comment'), ('mention', 'A comment that mentions me'), ('submitted', 'A ticket submitted for me'), ('responsible', 'I am responsible for a ticket'), ('held', 'A ticket is on hold'), ('ended', 'A ticket has ended'), ('error', 'An error'), ('webhook', 'A webhook is switched off')], max_length=12)),
                ('way', models.CharField(choices=[('off', 'Not at all'), ('site', 'On the site'), ('mail', 'Also by e-mail'), ('daily', 'Also in a daily e-mail')], max_length=5)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='told')),
                ('read_at', models.DateTimeField(null=True, verbose_name='read')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mail', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notifications', to='workflow_ops.notificationmail')),
                ('ticket', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='workflow_ops.ticketinstance')),
                ('event', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.timelineevent')),
                ('webhook', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.webhook')),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False, verbose_name='id')),
                ('event', models.CharField(choices=[('ticket.submitted', 'A ticket is submitted'), ('ticket.changed', 'A ticket is changed, held, resumed or linked'), ('ticket.finished', 'A ticket has ended'), ('task.started', 'A task starts'), ('task.assigned', 'A task is assigned, taken or given back'), ('task.changed', 'A task is refreshed, restricted or cancelled'), ('task.completed', 'A task is done'), ('task.overdue', 'A task is overdue'), ('comment.added', 'A public comment is written'), ('error.reported', 'An error is reported'), ('definition.published', 'A workflow is published'), ('test', 'A test')], max_length=20, verbose_name='event')),
                ('content', models.JSONField(verbose_name='content')),
                ('state', models.CharField(choices=[('WAITING', 'Waiting'), ('DELIVERED', 'Delivered'), ('FAILED', 'Failed')], default='WAITING', max_length=9, verbose_name='state')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('counted_tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries that count')),
                ('next_try_at', models.DateTimeField(verbose_name='next try')),
                ('tried_at', models.DateTimeField(null=True, verbose_name='last tried')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='answered')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('webhook', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='workflow_ops.webhook')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WorkflowData',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveIntegerField()),
                ('data', models.JSONField()),
                ('modified_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('emptied_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('reset_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('source', models.CharField(choices=[('ticket', 'Ticket'), ('task', 'Task'), ('edit', 'Edit'), ('correct', 'Correction'), ('clock', 'Clock'), ('resume', 'Resumed')], max_length=8)),
                ('looks', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_ops.taskinstance')),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_ops.ticketinstance')),
            ],
            options={
                'verbose_name': 'step of a workspace',
                'verbose_name_plural': 'steps of workspaces',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='timelineevent',
            name='workflow_data',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.workflowdata'),
        ),
        migrations.CreateModel(
            name='WorkflowInstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('NOT_STARTED', 'Not started'), ('IN_PROGRESS', 'In progress'), ('ON_HOLD', 'On hold'), ('COMPLETED', 'Completed'), ('CANCELLED', 'Cancelled')], default='NOT_STARTED', max_length=12, verbose_name='status')),
                ('data', models.JSONField(default=dict)),
                ('step', models.PositiveIntegerField(default=0)),
                ('waiting_modified', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, null=True, size=None)),
                ('machine_writes', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('workflow', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='workflow_design.workflowdefinition')),
            ],
            options={
                'verbose_name': 'workflow that runs',
                'verbose_name_plural': 'workflows that run',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='workflowdata',
            name='workflow_instance',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='workflow_ops.workflowinstance'),
        ),
        migrations.AddField(
            model_name='ticketinstance',
            name='workflow_instance',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='ticket', to='workflow_ops.workflowinstance'),
        ),
        migrations.AddField(
            model_name='taskinstance',
            name='workflow_instance',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='workflow_ops.workflowinstance'),
        ),
        migrations.CreateModel(
            name='TaskHolder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('person', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workflow_instance', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='task_holders', to='workflow_ops.workflowinstance')),
            ],
            options={
                'verbose_name': 'person who has or had a task',
                'verbose_name_plural': 'people who have or had a task',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CompletionInstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('completion', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowcompletion')),
                ('workflow_data', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_ops.workflowdata')),
                ('workflow_instance', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='completions', to='workflow_ops.workflowinstance')),
            ],
            options={
                'verbose_name': 'completion reached',
                'verbose_name_plural': 'completions reached',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WorkflowWrite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('ticket', 'Ticket'), ('task', 'Task'), ('edit', 'Edit'), ('correct', 'Correction'), ('clock', 'Clock'), ('resume', 'Resumed')], max_length=8)),
                ('content', models.JSONField()),
                ('status', models.CharField(choices=[('WAITING', 'Waiting'), ('APPLIED', 'Applied'), ('FAILED', 'Failed'), ('TOO_LATE', 'After the end')], default='WAITING', max_length=8)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('applied_at', models.DateTimeField(null=True)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('impersonator', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.taskinstance')),
                ('ticket', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.ticketinstance')),
                ('workflow_instance', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='writes', to='workflow_ops.workflowinstance')),
            ],
            options={
                'verbose_name': 'write',
                'verbose_name_plural': 'writes',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='workflowdata',
            name='write',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_ops.workflowwrite'),
        ),
        migrations.CreateModel(
            name='TicketError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('error_type', models.CharField(choices=[('WORKFLOW_CREATION', 'The workflow could not start'), ('TASK_CREATION', 'A task could not be created'), ('TASK_UPDATE', 'A task could not be changed'), ('WORKFLOW_TRANSITION', 'The workflow could not go on')], max_length=20, verbose_name='kind')),
                ('reason', models.CharField(choices=[('EXCEPTION', 'Unexpected error'), ('MISFIT', 'Data that does not fit'), ('CONDITION', 'Condition'), ('CREATION', 'Creation'), ('ASSIGNMENT', 'Assignment'), ('STALL', 'Stalled'), ('CIRCLE', 'Runs in a circle'), ('ACTION', 'Call')], max_length=10, verbose_name='reason')),
                ('error_message', models.TextField(verbose_name='message')),
                ('stack_trace', models.TextField(blank=True, verbose_name='stack trace')),
                ('error_status', models.CharField(choices=[('NEW', 'New'), ('REVIEWED', 'Reviewed'), ('RESOLVED', 'Resolved')], default='NEW', max_length=8, verbose_name='status')),
                ('resolution_notes', models.TextField(blank=True, verbose_name='notes')),
                ('definition_kind', models.CharField(blank=True, max_length=12)),
                ('definition_key', models.CharField(blank=True, max_length=20)),
                ('modified_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('looks', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='happened')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
                ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow_design.workflowline')),
                ('task', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='errors', to='workflow_ops.taskinstance')),
                ('ticket', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='errors', to='workflow_ops.ticketinstance')),
                ('write', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow_ops.workflowwrite')),
            ],
            options={
                'verbose_name': 'error',
                'verbose_name_plural': 'errors',
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(fields=['company', 'person', '-id'], name='bulk_actions_newest'),
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(fields=['created_at'], name='bulk_actions_by_age'),
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='bulkaction_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='bulkaction_company_id'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='bulkaction_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=models.UniqueConstraint(fields=('company', 'form_token'), name='bulk_action_once'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='bulkaction_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='bulkresult',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='bulkresult_company_id'),
        ),
        migrations.AddConstraint(
            model_name='bulkresult',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='bulkresult_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='bulkresult',
            constraint=models.UniqueConstraint(fields=('bulk_action', 'position'), name='bulk_row_once'),
        ),
        migrations.AddConstraint(
            model_name='bulkresult',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='bulk_action', name='bulkresult_bulk_action_same_company'),
        ),
        migrations.AddConstraint(
            model_name='commentmention',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='commentmention_company_id'),
        ),
        migrations.AddConstraint(
            model_name='commentmention',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='commentmention_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='commentmention',
            constraint=models.UniqueConstraint(fields=('comment', 'person'), name='mentioned_once'),
        ),
        migrations.AddConstraint(
            model_name='commentmention',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='comment', name='commentmention_comment_same_company'),
        ),
        migrations.AddConstraint(
            model_name='commentmention',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='commentmention_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='eventcursor',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='eventcursor_company_id'),
        ),
        migrations.AddConstraint(
            model_name='eventcursor',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='eventcursor_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='eventcursor',
            constraint=models.UniqueConstraint(fields=('company', 'reader'), name='event_cursor_once'),
        ),
        migrations.AddConstraint(
            model_name='formertext',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='formertext_company_id'),
        ),
        migrations.AddConstraint(
            model_name='formertext',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='formertext_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='formertext',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='comment', name='formertext_comment_same_company'),
        ),
        migrations.AddIndex(
            model_name='idempotentcall',
            index=models.Index(fields=['made_at'], name='idempotent_calls_by_age'),
        ),
        migrations.AddConstraint(
            model_name='idempotentcall',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='idempotentcall_company_id'),
        ),
        migrations.AddConstraint(
            model_name='idempotentcall',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='idempotentcall_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='idempotentcall',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='idempotentcall_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='idempotentcall',
            constraint=models.UniqueConstraint(fields=('person', 'operation', 'key'), name='idempotent_call_once'),
        ),
        migrations.AddIndex(
            model_name='listfile',
            index=models.Index(fields=['company', 'person', '-id'], name='list_files_newest'),
        ),
        migrations.AddIndex(
            model_name='listfile',
            index=models.Index(fields=['created_at'], name='list_files_by_age'),
        ),
        migrations.AddIndex(
            model_name='listfile',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='listfile_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='listfile',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='listfile_company_id'),
        ),
        migrations.AddConstraint(
            model_name='listfile',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='listfile_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='listfile',
            constraint=models.UniqueConstraint(fields=('company', 'form_token'), name='list_file_once'),
        ),
        migrations.AddConstraint(
            model_name='listfile',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='listfile_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='notificationchoice_company_id'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='notificationchoice_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=models.UniqueConstraint(fields=('person', 'kind'), name='notification_choice_once'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='notificationchoice_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='notificationmail',
            index=models.Index(condition=models.Q(('sent_at', None)), fields=['created_at'], name='mails_to_send'),
        ),
        migrations.AddIndex(
            model_name='notificationmail',
            index=models.Index(condition=models.Q(('sent_at', None), _negated=True), fields=['created_at'], name='mails_sent'),
        ),
        migrations.AddConstraint(
            model_name='notificationmail',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='notificationmail_company_id'),
        ),
        migrations.AddConstraint(
            model_name='notificationmail',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='notificationmail_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='notificationmail',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='notificationmail_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['created_at'], name='reports_by_age'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='report_person'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='report_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='report_company_id'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='report_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('company', 'form_token'), name='report_once'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='report_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='report_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='savedview',
            index=models.Index(condition=models.Q(('is_shared', True)), fields=['company', 'desk_list'], name='shared_views'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='savedview_company_id'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='savedview_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(models.F('owner'), models.F('desk_list'), django.db.models.functions.text.Lower('name'), name='saved_view_name'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.CheckConstraint(condition=models.Q(('is_shared', True), ('name', ''), _negated=True), name='shared_view_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='owner', name='savedview_owner_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskalloweduser',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='taskalloweduser_company_id'),
        ),
        migrations.AddConstraint(
            model_name='taskalloweduser',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='taskalloweduser_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='taskalloweduser',
            constraint=models.UniqueConstraint(fields=('task', 'person'), name='allowed_once'),
        ),
        migrations.AddConstraint(
            model_name='taskalloweduser',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='taskalloweduser_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskalloweduser',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='taskalloweduser_person_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskalloweduser',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_taskalloweduser; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."task_id" IS DISTINCT FROM NEW."task_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'task_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = new.task_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = old.task_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = old.task_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = new.task_id)) END);\nEND IF;\nIF OLD."person_id" IS DISTINCT FROM NEW."person_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'person_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.workflow_instance_id = (SELECT workflow_instance_id FROM workflow_ops_taskinstance WHERE id = this.task_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TASK\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p WHERE p.id = this.person_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='8a78f866084a5c64b4366b2ff33604ab42b11f8b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_09f30', table='workflow_ops_taskalloweduser', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(fields=['task', '-id'], name='calls_of_a_task'),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(fields=['connection', '-id'], name='calls_of_a_connection'),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(fields=['company', 'line', 'id'], name='calls_of_a_line'),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(condition=models.Q(('duration__gt', datetime.timedelta(seconds=5))), fields=['company', 'line', 'id'], name='calls_slow'),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(fields=['company', 'started_at'], name='calls_by_day'),
        ),
        migrations.AddIndex(
            model_name='actioncall',
            index=models.Index(fields=['started_at'], name='calls_by_age'),
        ),
        migrations.AddConstraint(
            model_name='actioncall',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='actioncall_company_id'),
        ),
        migrations.AddConstraint(
            model_name='actioncall',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='actioncall_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='actioncall',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='actioncall_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='actioncall',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='actioncall_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='actioncall',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='connection', name='actioncall_connection_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='actioncall',
            trigger=pgtrigger.compiler.Trigger(name='copy_line', sql=pgtrigger.compiler.UpsertTriggerSql(func='NEW.line_id = (SELECT line_id FROM workflow_ops_taskinstance WHERE id = NEW.task_id); RETURN NEW;', hash='537ad817a093b8e0132835651437c4be5734fb0f', operation='INSERT', pgid='pgtrigger_copy_line_0d8d4', table='workflow_ops_actioncall', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='ticketcounter',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketcounter_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketcounter',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketcounter_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketcounter',
            constraint=models.UniqueConstraint(fields=('company',), name='one_ticket_counter'),
        ),
        migrations.AddConstraint(
            model_name='ticketfollower',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketfollower_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketfollower',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketfollower_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketfollower',
            constraint=models.UniqueConstraint(fields=('ticket', 'person'), name='follows_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketfollower',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='ticketfollower_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketfollower',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='ticketfollower_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='ticketfieldvalue',
            index=models.Index(fields=['company', 'line', 'field', 'value', 'is_finished', 'ticket'], include=('due_order',), name='tickets_by_field_number'),
        ),
        migrations.AddIndex(
            model_name='ticketfieldvalue',
            index=models.Index(fields=['company', 'line', 'field', 'value', 'is_finished', 'changed_at', 'ticket'], include=('due_order',), name='tickets_by_field_change'),
        ),
        migrations.AddIndex(
            model_name='ticketfieldvalue',
            index=models.Index(fields=['company', 'line', 'field', 'value', 'is_finished', 'waiting_since', 'ticket'], include=('due_order',), name='tickets_by_field_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketfieldvalue',
            index=models.Index(fields=['company', 'line', 'field', 'value', 'is_finished', 'priority', 'ticket'], include=('due_order',), name='tickets_by_field_priority'),
        ),
        migrations.AddConstraint(
            model_name='ticketfieldvalue',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketfieldvalue_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketfieldvalue',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketfieldvalue_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketfieldvalue',
            constraint=models.UniqueConstraint(fields=('ticket', 'field'), name='field_value_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketfieldvalue',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='ticketfieldvalue_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketfieldvalue',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='ticketfieldvalue_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketdocument',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketdocument_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketdocument',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketdocument_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketdocument',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='ticketdocument_ticket_same_company'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'task'], name='open_tasks_of_a_line'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'priority', 'task'], name='open_tasks_by_priority'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'task_due_order', 'task'], include=('priority',), name='open_tasks_by_due'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'assignee', 'line', 'task'], include=('status', 'title', 'priority', 'task_due_order', 'ticket_status'), name='open_tasks_by_assignee'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'status', 'task'], include=('title', 'assignee', 'priority', 'task_due_order'), name='open_tasks_by_status'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'title', 'task'], include=('status', 'assignee', 'priority', 'task_due_order'), name='open_tasks_by_title'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'assignee', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_assignee_number'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'assignee', 'changed_at', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_assignee_change'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'assignee', 'waiting_since', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_assignee_wait'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'assignee', 'priority', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_assignee_priority'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'title', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_title_number'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'title', 'changed_at', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_title_change'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'title', 'waiting_since', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_title_wait'),
        ),
        migrations.AddIndex(
            model_name='opentask',
            index=models.Index(fields=['company', 'line', 'title', 'priority', 'ticket'], include=('ticket_status', 'task', 'due_order', 'task_due_order'), name='open_by_title_priority'),
        ),
        migrations.AddConstraint(
            model_name='opentask',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='opentask_company_wall'),
        ),
        migrations.AddIndex(
            model_name='fileupload',
            index=models.Index(models.F('uploaded_at'), condition=models.Q(('ticket', None)), name='unused_files'),
        ),
        migrations.AddIndex(
            model_name='fileupload',
            index=models.Index(condition=models.Q(('uploaded_by__isnull', False)), fields=['uploaded_by'], name='fileupload_uploaded_by'),
        ),
        migrations.AddIndex(
            model_name='fileupload',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='fileupload_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='fileupload_company_id'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='fileupload_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=models.UniqueConstraint(fields=('ext_key',), name='file_key'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='fileupload_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='comment', name='fileupload_comment_same_company'),
        ),
        migrations.AddConstraint(
            model_name='fileupload',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='uploaded_by', name='fileupload_uploaded_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fileupload',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_fileupload; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."filename" IS DISTINCT FROM NEW."filename" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'filename\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."filename") WHEN \'DELETE\' THEN to_jsonb(old."filename") ELSE jsonb_build_array(to_jsonb(old."filename"), to_jsonb(new."filename")) END);\nEND IF;\nIF OLD."file_type" IS DISTINCT FROM NEW."file_type" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'file_type\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."file_type") WHEN \'DELETE\' THEN to_jsonb(old."file_type") ELSE jsonb_build_array(to_jsonb(old."file_type"), to_jsonb(new."file_type")) END);\nEND IF;\nIF OLD."size" IS DISTINCT FROM NEW."size" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'size\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."size") WHEN \'DELETE\' THEN to_jsonb(old."size") ELSE jsonb_build_array(to_jsonb(old."size"), to_jsonb(new."size")) END);\nEND IF;\nIF OLD."ticket_id" IS DISTINCT FROM NEW."ticket_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ticket_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = new.ticket_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = old.ticket_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = old.ticket_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = new.ticket_id)) END);\nEND IF;\nIF OLD."uploaded_at" IS DISTINCT FROM NEW."uploaded_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'uploaded_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."uploaded_at") WHEN \'DELETE\' THEN to_jsonb(old."uploaded_at") ELSE jsonb_build_array(to_jsonb(old."uploaded_at"), to_jsonb(new."uploaded_at")) END);\nEND IF;\nIF OLD."uploaded_by_id" IS DISTINCT FROM NEW."uploaded_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'uploaded_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.uploaded_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.uploaded_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.uploaded_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.uploaded_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.id = this.ticket_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMMENT\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.filename, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='31cf02f9da22d5a02c47e9ed18ac5d7ff769467d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_cdd45', table='workflow_ops_fileupload', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['ticket', '-id'], name='comments_newest'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('created_by__isnull', False)), fields=['created_by'], name='comment_created_by'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='comment_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='comment_company_id'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='comment_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.UniqueConstraint(fields=('company', 'form_token'), name='comment_form_once'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('deleted_at', None), ('text', ''), _connector='OR'), name='deleted_text_is_gone'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='comment_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='comment_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='comment',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_comment; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."is_internal" IS DISTINCT FROM NEW."is_internal" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_internal\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_internal") WHEN \'DELETE\' THEN to_jsonb(old."is_internal") ELSE jsonb_build_array(to_jsonb(old."is_internal"), to_jsonb(new."is_internal")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."edited_at" IS DISTINCT FROM NEW."edited_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'edited_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."edited_at") WHEN \'DELETE\' THEN to_jsonb(old."edited_at") ELSE jsonb_build_array(to_jsonb(old."edited_at"), to_jsonb(new."edited_at")) END);\nEND IF;\nIF OLD."deleted_at" IS DISTINCT FROM NEW."deleted_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'deleted_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."deleted_at") WHEN \'DELETE\' THEN to_jsonb(old."deleted_at") ELSE jsonb_build_array(to_jsonb(old."deleted_at"), to_jsonb(new."deleted_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.id = this.ticket_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMMENT\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='3d8c30b60448313eae0b48ca71bbb502df12f42d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_29e92', table='workflow_ops_comment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='comment',
            trigger=pgtrigger.compiler.Trigger(name='tell_ticket', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    UPDATE workflow_ops_ticketinstance SET changed_at = greatest(\n        coalesce(NEW.deleted_at, NEW.edited_at, NEW.created_at), changed_at + interval '1 microsecond')\n    WHERE id = NEW.ticket_id AND company_id = NEW.company_id;\n    RETURN NULL;\n", hash='4fc22072192000af8e410a3d41ccd1b160b0b29a', operation='INSERT OR UPDATE', pgid='pgtrigger_tell_ticket_96c23', table='workflow_ops_comment', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='ticketlink',
            index=models.Index(fields=['ticket', 'id'], name='links_of_a_ticket'),
        ),
        migrations.AddIndex(
            model_name='ticketlink',
            index=models.Index(fields=['other', 'id'], name='links_to_a_ticket'),
        ),
        migrations.AddIndex(
            model_name='ticketlink',
            index=models.Index(condition=models.Q(('created_by__isnull', False)), fields=['created_by'], name='ticketlink_created_by'),
        ),
        migrations.AddIndex(
            model_name='ticketlink',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='ticketlink_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketlink_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketlink_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=models.UniqueConstraint(django.db.models.functions.comparison.Least('ticket', 'other'), django.db.models.functions.comparison.Greatest('ticket', 'other'), name='linked_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=models.CheckConstraint(condition=models.Q(('ticket', models.F('other')), _negated=True), name='not_linked_to_itself'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='ticketlink_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='other', name='ticketlink_other_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketlink',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='ticketlink_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketlink',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_ticketlink; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."kind" IS DISTINCT FROM NEW."kind" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'kind\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."kind") WHEN \'DELETE\' THEN to_jsonb(old."kind") ELSE jsonb_build_array(to_jsonb(old."kind"), to_jsonb(new."kind")) END);\nEND IF;\nIF OLD."other_id" IS DISTINCT FROM NEW."other_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'other_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = new.other_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = old.other_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = old.other_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', \'#\' || item.number) FROM workflow_ops_ticketinstance AS item WHERE item.id = new.other_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.id = this.ticket_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TICKET\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT \'#\' || number FROM workflow_ops_ticketinstance WHERE id = this.other_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='38d687be4856459e0fb7da50b5d9fc4d1c0cbd7e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_0cf59', table='workflow_ops_ticketlink', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='webhook',
            index=models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['company', 'id'], name='active_webhooks'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='webhook_company_id'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='webhook_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='webhook_name'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='webhook_created_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhook',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_webhook; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."name" IS DISTINCT FROM NEW."name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."name") WHEN \'DELETE\' THEN to_jsonb(old."name") ELSE jsonb_build_array(to_jsonb(old."name"), to_jsonb(new."name")) END);\nEND IF;\nIF OLD."address" IS DISTINCT FROM NEW."address" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'address\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."address") WHEN \'DELETE\' THEN to_jsonb(old."address") ELSE jsonb_build_array(to_jsonb(old."address"), to_jsonb(new."address")) END);\nEND IF;\nIF OLD."events" IS DISTINCT FROM NEW."events" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'events\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."events") WHEN \'DELETE\' THEN to_jsonb(old."events") ELSE jsonb_build_array(to_jsonb(old."events"), to_jsonb(new."events")) END);\nEND IF;\nIF OLD."secrets_changed_at" IS DISTINCT FROM NEW."secrets_changed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'secrets_changed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."secrets_changed_at") WHEN \'DELETE\' THEN to_jsonb(old."secrets_changed_at") ELSE jsonb_build_array(to_jsonb(old."secrets_changed_at"), to_jsonb(new."secrets_changed_at")) END);\nEND IF;\nIF OLD."state" IS DISTINCT FROM NEW."state" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'state\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."state") WHEN \'DELETE\' THEN to_jsonb(old."state") ELSE jsonb_build_array(to_jsonb(old."state"), to_jsonb(new."state")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='295df6c4741731c843da8c2a90a17b31a6b030fd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f5a44', table='workflow_ops_webhook', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['person', '-id'], name='notifications_newest'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['person', '-id'], name='notifications_unread'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('mail', None), ('way__in', ['mail', 'daily'])), fields=['company', 'person', 'created_at'], name='notifications_to_mail'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['created_at'], name='unread_by_age'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None), _negated=True), fields=['created_at'], name='read_by_age'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('webhook__isnull', False)), fields=['webhook'], name='notification_webhook'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='notification_company_id'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='notification_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('event', 'person'), name='told_once'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event__isnull', False), ('ticket__isnull', False), ('webhook', None)), models.Q(('event', None), ('ticket', None), ('webhook__isnull', False)), _connector='OR'), name='notification_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='notification_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='notification_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='event', name='notification_event_same_company'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='webhook', name='notification_webhook_same_company'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='mail', name='notification_mail_same_company'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['webhook', '-id'], name='deliveries_newest'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'FAILED')), fields=['webhook', '-id'], name='deliveries_failed'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'WAITING')), fields=['webhook', 'next_try_at', 'id'], name='deliveries_due'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['created_at'], name='deliveries_by_age'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='webhookdelivery_company_id'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='webhookdelivery_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('webhook', 'key'), name='delivered_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='webhook', name='webhookdelivery_webhook_same_company'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(fields=['ticket', '-id'], name='timeline_newest'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(fields=['company', 'transaction', 'id'], name='timeline_as_committed'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('kind__in', ['HELD', 'RESUMED', 'WITHDRAWN'])), fields=['company', 'ticket', 'id'], name='timeline_of_reports'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('task__isnull', False)), fields=['task'], name='timelineevent_task'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('workflow_data__isnull', False)), fields=['workflow_data'], name='timelineevent_workflow_data'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('comment__isnull', False)), fields=['comment'], name='timelineevent_comment'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('about__isnull', False)), fields=['about'], name='timelineevent_about'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='timelineevent_person'),
        ),
        migrations.AddIndex(
            model_name='timelineevent',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='timelineevent_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='timelineevent_company_id'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='timelineevent_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='timelineevent_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='timelineevent_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_data', name='timelineevent_workflow_data_same_company'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='comment', name='timelineevent_comment_same_company'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='about', name='timelineevent_about_same_company'),
        ),
        migrations.AddConstraint(
            model_name='timelineevent',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='timelineevent_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='workflowinstance',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['workflow', '-ended_at'], include=('company', 'id', 'created_at', 'status'), name='ended_runs'),
        ),
        migrations.AddIndex(
            model_name='workflowinstance',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['workflow'], include=('company', 'id', 'created_at'), name='runs_of_a_version'),
        ),
        migrations.AddConstraint(
            model_name='workflowinstance',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowinstance_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowinstance',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowinstance_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow', name='workflowinstance_workflow_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowinstance',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."status" IS DISTINCT FROM (NEW."status"))', declare="DECLARE this workflow_ops_workflowinstance; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."status" IS DISTINCT FROM NEW."status" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'status\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."status") WHEN \'DELETE\' THEN to_jsonb(old."status") ELSE jsonb_build_array(to_jsonb(old."status"), to_jsonb(new."status")) END);\nEND IF;\nIF OLD."ended_at" IS DISTINCT FROM NEW."ended_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ended_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."ended_at") WHEN \'DELETE\' THEN to_jsonb(old."ended_at") ELSE jsonb_build_array(to_jsonb(old."ended_at"), to_jsonb(new."ended_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.workflow_instance_id = this.id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TICKET\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='54c9abca03142e5f73f1f9d4b41296235ea095ac', operation='UPDATE', pgid='pgtrigger_audit_183ac', table='workflow_ops_workflowinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowinstance',
            trigger=pgtrigger.compiler.Trigger(name='tell_ticket', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.status, OLD.updated_at) IS DISTINCT FROM (NEW.status, NEW.updated_at))', func="\n    UPDATE workflow_ops_ticketinstance AS ticket\n    SET status = NEW.status,\n        is_finished = NEW.status IN ('COMPLETED', 'CANCELLED'),\n        changed_at = NEW.updated_at,\n        waiting_since = coalesce(oldest.created_at, NEW.updated_at),\n        due_at = CASE WHEN NEW.status <> 'ON_HOLD' THEN oldest.due_at END,\n        is_stalled = NEW.status = 'IN_PROGRESS' AND oldest.created_at IS NULL,\n        -- A hold by hand makes no step. Whatever makes one ends it, or begins one without a date.\n        held_until = CASE WHEN NEW.status = 'ON_HOLD' AND NEW.step = OLD.step THEN held_until END,\n        resumes_by_itself = resumes_by_itself AND NEW.status = 'ON_HOLD' AND NEW.step = OLD.step\n    FROM (\n        SELECT min(task.created_at) AS created_at, min(task.due_at) AS due_at\n        FROM workflow_ops_taskinstance AS task\n        WHERE task.workflow_instance_id = NEW.id\n            AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')\n    ) AS oldest\n    WHERE ticket.workflow_instance_id = NEW.id AND ticket.company_id = NEW.company_id AND NOT (\n        OLD.step = 0 AND ticket.status = NEW.status AND ticket.ticket_data = NEW.data\n        AND oldest.created_at IS NOT NULL AND oldest.due_at IS NULL);\n    RETURN NULL;\n", hash='579fc2e1ee943f8c08b79a8bc3232da76465b03e', operation='UPDATE OF "status", "updated_at"', pgid='pgtrigger_tell_ticket_c9647', table='workflow_ops_workflowinstance', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'status', 'id'], include=('changed_at', 'due_order', 'line', 'waiting_since', 'is_finished', 'is_stalled', 'priority', 'type_title'), name='tickets_by_status_number'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'status', 'changed_at', 'id'], include=('due_order', 'line', 'waiting_since', 'is_finished', 'is_stalled', 'priority', 'type_title'), name='tickets_by_status_change'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'status', 'waiting_since', 'id'], include=('changed_at', 'due_order', 'line', 'is_finished', 'is_stalled', 'priority', 'type_title'), name='tickets_by_status_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'status', 'priority', 'id'], include=('line', 'is_finished', 'is_stalled', 'type_title'), name='tickets_by_status_priority'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'status', 'due_order', 'id'], include=('changed_at', 'line', 'waiting_since', 'is_finished', 'is_stalled', 'priority', 'type_title'), name='tickets_by_status_due'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'line', 'type_title', 'is_finished', 'id'], include=('changed_at', 'created_by', 'due_order', 'responsible', 'waiting_since', 'is_stalled', 'priority', 'status'), name='tickets_by_type_number'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'line', 'type_title', 'is_finished', 'changed_at', 'id'], include=('created_by', 'due_order', 'responsible', 'waiting_since', 'is_stalled', 'priority', 'status'), name='tickets_by_type_change'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'line', 'type_title', 'waiting_since', 'id'], include=('changed_at', 'created_by', 'due_order', 'responsible', 'is_stalled', 'priority', 'status'), name='tickets_by_type_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'line', 'type_title', 'is_finished', 'priority', 'id'], include=('created_by', 'responsible', 'is_stalled', 'status'), name='tickets_by_type_priority'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'line', 'type_title', 'due_order', 'id'], include=('changed_at', 'created_by', 'responsible', 'waiting_since', 'is_stalled', 'priority', 'status'), name='tickets_by_type_due'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'created_by', 'is_finished', 'id'], include=('changed_at', 'due_order', 'line', 'waiting_since', 'priority', 'status'), name='tickets_of_a_person_number'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'created_by', 'is_finished', 'changed_at', 'id'], include=('due_order', 'line', 'waiting_since', 'priority', 'status'), name='tickets_of_a_person_change'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'created_by', 'waiting_since', 'id'], include=('changed_at', 'due_order', 'line', 'priority', 'status'), name='tickets_of_a_person_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'created_by', 'is_finished', 'priority', 'id'], include=('line', 'status'), name='tickets_of_a_person_priority'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'priority', 'is_finished', 'changed_at', 'id'], include=('due_order', 'line', 'waiting_since', 'status', 'type_title'), name='tickets_by_priority_change'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'priority', 'waiting_since', 'id'], include=('changed_at', 'due_order', 'line', 'status', 'type_title'), name='tickets_by_priority_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'responsible', 'id'], include=('changed_at', 'due_order', 'line', 'waiting_since', 'priority', 'status'), name='tickets_in_care_number'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'responsible', 'changed_at', 'id'], include=('due_order', 'line', 'waiting_since', 'priority', 'status'), name='tickets_in_care_change'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'responsible', 'waiting_since', 'id'], include=('changed_at', 'due_order', 'line', 'priority', 'status'), name='tickets_in_care_wait'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_finished', False)), fields=['company', 'responsible', 'priority', 'id'], include=('line', 'status'), name='tickets_in_care_priority'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(fields=['company', 'created_at'], name='tickets_by_day'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('is_stalled', True)), fields=['company', 'line', 'id'], include=('status', 'changed_at', 'waiting_since', 'priority', 'due_order'), name='stalled_tickets'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('held_until__isnull', False), ('resumes_by_itself', False)), fields=['company', 'line', 'held_until', 'id'], include=('status', 'changed_at', 'waiting_since', 'priority', 'due_order'), name='held_tickets'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('entered_by__isnull', False)), fields=['entered_by'], name='ticketinstance_entered_by'),
        ),
        migrations.AddIndex(
            model_name='ticketinstance',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='ticketinstance_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketinstance_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketinstance_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=models.UniqueConstraint(fields=('company', 'number'), name='ticket_number'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=models.UniqueConstraint(fields=('company', 'form_token'), name='ticket_form_once'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket_definition', name='ticketinstance_ticket_definition_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='ticketinstance_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_instance', name='ticketinstance_workflow_instance_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='ticketinstance_created_by_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='entered_by', name='ticketinstance_entered_by_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='responsible', name='ticketinstance_responsible_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketinstance',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_ticketinstance; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."number" IS DISTINCT FROM NEW."number" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'number\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."number") WHEN \'DELETE\' THEN to_jsonb(old."number") ELSE jsonb_build_array(to_jsonb(old."number"), to_jsonb(new."number")) END);\nEND IF;\nIF OLD."ticket_definition_id" IS DISTINCT FROM NEW."ticket_definition_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'ticket_definition_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = new.ticket_definition_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = old.ticket_definition_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = old.ticket_definition_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.title) FROM workflow_design_ticketdefinition AS item WHERE item.id = new.ticket_definition_id)) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."entered_by_id" IS DISTINCT FROM NEW."entered_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'entered_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.entered_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.entered_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.entered_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.entered_by_id)) END);\nEND IF;\nIF OLD."responsible_id" IS DISTINCT FROM NEW."responsible_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'responsible_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.responsible_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.responsible_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.responsible_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.responsible_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."held_until" IS DISTINCT FROM NEW."held_until" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'held_until\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."held_until") WHEN \'DELETE\' THEN to_jsonb(old."held_until") ELSE jsonb_build_array(to_jsonb(old."held_until"), to_jsonb(new."held_until")) END);\nEND IF;\nIF OLD."resumes_by_itself" IS DISTINCT FROM NEW."resumes_by_itself" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'resumes_by_itself\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."resumes_by_itself") WHEN \'DELETE\' THEN to_jsonb(old."resumes_by_itself") ELSE jsonb_build_array(to_jsonb(old."resumes_by_itself"), to_jsonb(new."resumes_by_itself")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.id = this.id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TICKET\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'#\' || this.number, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='a5f115d11b71b06952a877d9e2811cdbe0bd8c99', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_64dfd', table='workflow_ops_ticketinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketinstance',
            trigger=pgtrigger.compiler.Trigger(name='tell_lists', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.status, OLD.is_finished, OLD.changed_at, OLD.waiting_since, OLD.priority, OLD.due_at) IS DISTINCT FROM (NEW.status, NEW.is_finished, NEW.changed_at, NEW.waiting_since, NEW.priority, NEW.due_at))', func="\n    UPDATE workflow_ops_opentask AS copy\n    SET ticket_status = ticket.status, changed_at = ticket.changed_at, waiting_since = ticket.waiting_since,\n        priority = ticket.priority, due_order = ticket.due_order,\n        task_due_order = coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN task.due_at END, '9000-01-01+00')\n    FROM workflow_ops_ticketinstance AS ticket, workflow_ops_taskinstance AS task\n    WHERE ticket.id = NEW.id AND copy.ticket_id = NEW.id AND copy.company_id = NEW.company_id\n        AND task.id = copy.task_id;\n    UPDATE workflow_ops_ticketfieldvalue AS copy\n    SET is_finished = ticket.is_finished, changed_at = ticket.changed_at,\n        waiting_since = ticket.waiting_since, priority = ticket.priority, due_order = ticket.due_order\n    FROM workflow_ops_ticketinstance AS ticket\n    WHERE ticket.id = NEW.id AND copy.ticket_id = NEW.id AND copy.company_id = NEW.company_id;\n    RETURN NULL;\n", hash='fe529a6adce2dbe2630997769b65167ce5e9cdca', operation='UPDATE OF "status", "is_finished", "changed_at", "waiting_since", "priority", "due_at"', pgid='pgtrigger_tell_lists_51024', table='workflow_ops_ticketinstance', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(models.F('company'), models.F('assigned_to'), django.db.models.functions.comparison.Coalesce('due_at', datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), models.F('id'), condition=models.Q(('status__in', ['OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR'])), name='unfinished_tasks_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(fields=['workflow_instance', 'task_definition', '-run'], name='newest_tasks'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('status', 'PENDING'), models.Q(('next_call_at__isnull', False), ('status', 'IN_PROGRESS')), ('status', 'ERROR'), _connector='OR'), fields=['company', 'line', 'id'], name='unfinished_actions'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('status__in', ['OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR']), ('due_at__isnull', False), ('overdue_at__isnull', True)), fields=['company', 'due_at', 'id'], name='tasks_to_be_due'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(fields=['company', 'created_at', 'id'], name='tasks_by_age'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(fields=['company', 'status', 'id'], name='tasks_by_status'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(fields=['company', 'task_definition', 'status', 'id'], name='tasks_of_a_definition'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('status__in', ['COMPLETED', 'CANCELLED'])), fields=['company', 'line', 'status', 'id'], name='ended_of_a_line'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('status__in', ['COMPLETED', 'CANCELLED'])), fields=['company', 'assigned_to', 'status', 'id'], include=('line',), name='ended_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(fields=['company', 'assigned_to', '-assigned_at'], name='last_assignments'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('completed_by__isnull', False)), fields=['company', 'completed_by', '-completed_at', '-id'], name='tasks_done'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='taskinstance_impersonator'),
        ),
        migrations.AddIndex(
            model_name='taskinstance',
            index=models.Index(condition=models.Q(('prepared_by__isnull', False)), fields=['prepared_by'], name='taskinstance_prepared_by'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='taskinstance_company_id'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='taskinstance_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR'])), fields=('workflow_instance', 'task_definition'), name='one_unfinished_task'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_instance', name='taskinstance_workflow_instance_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task_definition', name='taskinstance_task_definition_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='taskinstance_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='assigned_to', name='taskinstance_assigned_to_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='completed_by', name='taskinstance_completed_by_same_company'),
        ),
        migrations.AddConstraint(
            model_name='taskinstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='prepared_by', name='taskinstance_prepared_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskinstance',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_taskinstance; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."run" IS DISTINCT FROM NEW."run" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'run\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."run") WHEN \'DELETE\' THEN to_jsonb(old."run") ELSE jsonb_build_array(to_jsonb(old."run"), to_jsonb(new."run")) END);\nEND IF;\nIF OLD."status" IS DISTINCT FROM NEW."status" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'status\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."status") WHEN \'DELETE\' THEN to_jsonb(old."status") ELSE jsonb_build_array(to_jsonb(old."status"), to_jsonb(new."status")) END);\nEND IF;\nIF OLD."assigned_to_id" IS DISTINCT FROM NEW."assigned_to_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'assigned_to_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.assigned_to_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.assigned_to_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.assigned_to_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.assigned_to_id)) END);\nEND IF;\nIF OLD."assigned_at" IS DISTINCT FROM NEW."assigned_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'assigned_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."assigned_at") WHEN \'DELETE\' THEN to_jsonb(old."assigned_at") ELSE jsonb_build_array(to_jsonb(old."assigned_at"), to_jsonb(new."assigned_at")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."started_at" IS DISTINCT FROM NEW."started_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'started_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."started_at") WHEN \'DELETE\' THEN to_jsonb(old."started_at") ELSE jsonb_build_array(to_jsonb(old."started_at"), to_jsonb(new."started_at")) END);\nEND IF;\nIF OLD."completed_at" IS DISTINCT FROM NEW."completed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'completed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."completed_at") WHEN \'DELETE\' THEN to_jsonb(old."completed_at") ELSE jsonb_build_array(to_jsonb(old."completed_at"), to_jsonb(new."completed_at")) END);\nEND IF;\nIF OLD."completed_by_id" IS DISTINCT FROM NEW."completed_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'completed_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.completed_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.completed_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.completed_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.completed_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."due_at" IS DISTINCT FROM NEW."due_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'due_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."due_at") WHEN \'DELETE\' THEN to_jsonb(old."due_at") ELSE jsonb_build_array(to_jsonb(old."due_at"), to_jsonb(new."due_at")) END);\nEND IF;\nIF OLD."overdue_at" IS DISTINCT FROM NEW."overdue_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'overdue_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."overdue_at") WHEN \'DELETE\' THEN to_jsonb(old."overdue_at") ELSE jsonb_build_array(to_jsonb(old."overdue_at"), to_jsonb(new."overdue_at")) END);\nEND IF;\nIF OLD."prepared_by_id" IS DISTINCT FROM NEW."prepared_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'prepared_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.prepared_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.prepared_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.prepared_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.prepared_by_id)) END);\nEND IF;\nIF OLD."sent_back_times" IS DISTINCT FROM NEW."sent_back_times" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'sent_back_times\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."sent_back_times") WHEN \'DELETE\' THEN to_jsonb(old."sent_back_times") ELSE jsonb_build_array(to_jsonb(old."sent_back_times"), to_jsonb(new."sent_back_times")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.workflow_instance_id = this.workflow_instance_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TASK\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT title FROM workflow_design_taskdefinition WHERE id = this.task_definition_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='5e04c231690d93a184ec41476ea06fdf87f2d855', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f9fa9', table='workflow_ops_taskinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskinstance',
            trigger=pgtrigger.compiler.Trigger(name='keep_first_holder', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."assigned_to_id" IS NOT NULL)', func="\n    IF TG_OP = 'UPDATE' AND NEW.assigned_to_id IS NOT DISTINCT FROM OLD.assigned_to_id\n        AND coalesce(NEW.completed_by_id, NEW.assigned_to_id) IS NOT DISTINCT FROM NEW.assigned_to_id\n        AND NOT EXISTS (\n            SELECT FROM users_customuser WHERE id = NEW.assigned_to_id AND is_service_account) THEN\n        RETURN NULL;\n    END IF;\n    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)\n    SELECT NEW.company_id, NEW.workflow_instance_id, person.id\n    FROM users_customuser AS person\n    WHERE person.id IN (NEW.assigned_to_id, NEW.completed_by_id) AND (\n        NOT person.is_service_account\n        OR (person.id = NEW.assigned_to_id AND NEW.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')))\n    ON CONFLICT (workflow_instance_id, person_id) DO NOTHING;\n    IF TG_OP = 'UPDATE' THEN\n        DELETE FROM workflow_ops_taskholder AS holder USING users_customuser AS person\n        WHERE holder.workflow_instance_id = NEW.workflow_instance_id AND person.id = holder.person_id\n            AND holder.person_id IN (OLD.assigned_to_id, NEW.assigned_to_id) AND person.is_service_account\n            AND NOT EXISTS (\n                SELECT FROM workflow_ops_taskinstance AS task\n                WHERE task.workflow_instance_id = NEW.workflow_instance_id AND task.assigned_to_id = person.id\n                    AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR'));\n    END IF;\n    RETURN NULL;\n", hash='2ef99a8c1826921c53ceaaefca54993fdc0d3912', operation='INSERT', pgid='pgtrigger_keep_first_holder_38e99', table='workflow_ops_taskinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskinstance',
            trigger=pgtrigger.compiler.Trigger(name='keep_holders', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN ((OLD.assigned_to_id, OLD.completed_by_id, OLD.status IN ('COMPLETED', 'CANCELLED')) IS DISTINCT FROM (NEW.assigned_to_id, NEW.completed_by_id, NEW.status IN ('COMPLETED', 'CANCELLED')))", func="\n    IF TG_OP = 'UPDATE' AND NEW.assigned_to_id IS NOT DISTINCT FROM OLD.assigned_to_id\n        AND coalesce(NEW.completed_by_id, NEW.assigned_to_id) IS NOT DISTINCT FROM NEW.assigned_to_id\n        AND NOT EXISTS (\n            SELECT FROM users_customuser WHERE id = NEW.assigned_to_id AND is_service_account) THEN\n        RETURN NULL;\n    END IF;\n    INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)\n    SELECT NEW.company_id, NEW.workflow_instance_id, person.id\n    FROM users_customuser AS person\n    WHERE person.id IN (NEW.assigned_to_id, NEW.completed_by_id) AND (\n        NOT person.is_service_account\n        OR (person.id = NEW.assigned_to_id AND NEW.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')))\n    ON CONFLICT (workflow_instance_id, person_id) DO NOTHING;\n    IF TG_OP = 'UPDATE' THEN\n        DELETE FROM workflow_ops_taskholder AS holder USING users_customuser AS person\n        WHERE holder.workflow_instance_id = NEW.workflow_instance_id AND person.id = holder.person_id\n            AND holder.person_id IN (OLD.assigned_to_id, NEW.assigned_to_id) AND person.is_service_account\n            AND NOT EXISTS (\n                SELECT FROM workflow_ops_taskinstance AS task\n                WHERE task.workflow_instance_id = NEW.workflow_instance_id AND task.assigned_to_id = person.id\n                    AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR'));\n    END IF;\n    RETURN NULL;\n", hash='0a6c8a9411a011056443362f1893f6249a76abee', operation='UPDATE OF "assigned_to_id", "completed_by_id", "status"', pgid='pgtrigger_keep_holders_a9cfc', table='workflow_ops_taskinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskinstance',
            trigger=pgtrigger.compiler.Trigger(name='keep_open_row', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE status_of_ticket text;', func="\n    IF TG_OP = 'DELETE' THEN\n        DELETE FROM workflow_ops_opentask WHERE task_id = OLD.id;\n        RETURN NULL;\n    END IF;\n    IF NEW.status NOT IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR') THEN\n        DELETE FROM workflow_ops_opentask WHERE task_id = NEW.id\n            RETURNING ticket_status INTO status_of_ticket;\n        IF status_of_ticket IS DISTINCT FROM 'ON_HOLD' THEN\n            RETURN NULL;\n        END IF;\n        -- On hold, the step that follows the end of a task waits for the resume.\n        UPDATE workflow_ops_ticketinstance AS ticket SET waiting_since = oldest.created_at\n        FROM (\n            SELECT min(task.created_at) AS created_at FROM workflow_ops_taskinstance AS task\n            WHERE task.workflow_instance_id = NEW.workflow_instance_id\n                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')\n        ) AS oldest\n        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n            AND ticket.status = 'ON_HOLD' AND ticket.waiting_since < oldest.created_at;\n        RETURN NULL;\n    END IF;\n    INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,\n        ticket_status, changed_at, waiting_since, priority, due_order, task_due_order, created_at)\n    SELECT NEW.company_id, NEW.id, ticket.id, ticket.line_id, definition.title, NEW.status,\n        coalesce(NEW.assigned_to_id, CASE definition.task_type WHEN 'FORM' THEN 0 END),\n        ticket.status, ticket.changed_at, ticket.waiting_since, ticket.priority, ticket.due_order,\n        coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN NEW.due_at END, '9000-01-01+00'), NEW.created_at\n    FROM workflow_ops_ticketinstance AS ticket, workflow_design_taskdefinition AS definition\n    WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n        AND definition.id = NEW.task_definition_id\n    ON CONFLICT (task_id) DO UPDATE\n    SET status = excluded.status, assignee = excluded.assignee, created_at = excluded.created_at,\n        task_due_order = excluded.task_due_order;\n    -- A due time moves without a step, too.\n    IF TG_OP = 'UPDATE' AND NEW.due_at IS DISTINCT FROM OLD.due_at THEN\n        UPDATE workflow_ops_ticketinstance AS ticket SET due_at = (\n            SELECT min(task.due_at) FROM workflow_ops_taskinstance AS task\n            WHERE task.workflow_instance_id = NEW.workflow_instance_id\n                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')\n        )\n        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n            AND ticket.status <> 'ON_HOLD';\n    END IF;\n    RETURN NULL;\n", hash='276e93cb87b2f864530eaaa7f2be3bb70717f4f2', operation='INSERT OR DELETE', pgid='pgtrigger_keep_open_row_bc61a', table='workflow_ops_taskinstance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskinstance',
            trigger=pgtrigger.compiler.Trigger(name='change_open_row', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.status, OLD.assigned_to_id, OLD.created_at, OLD.due_at) IS DISTINCT FROM (NEW.status, NEW.assigned_to_id, NEW.created_at, NEW.due_at))', declare='DECLARE status_of_ticket text;', func="\n    IF TG_OP = 'DELETE' THEN\n        DELETE FROM workflow_ops_opentask WHERE task_id = OLD.id;\n        RETURN NULL;\n    END IF;\n    IF NEW.status NOT IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR') THEN\n        DELETE FROM workflow_ops_opentask WHERE task_id = NEW.id\n            RETURNING ticket_status INTO status_of_ticket;\n        IF status_of_ticket IS DISTINCT FROM 'ON_HOLD' THEN\n            RETURN NULL;\n        END IF;\n        -- On hold, the step that follows the end of a task waits for the resume.\n        UPDATE workflow_ops_ticketinstance AS ticket SET waiting_since = oldest.created_at\n        FROM (\n            SELECT min(task.created_at) AS created_at FROM workflow_ops_taskinstance AS task\n            WHERE task.workflow_instance_id = NEW.workflow_instance_id\n                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')\n        ) AS oldest\n        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n            AND ticket.status = 'ON_HOLD' AND ticket.waiting_since < oldest.created_at;\n        RETURN NULL;\n    END IF;\n    INSERT INTO workflow_ops_opentask (company_id, task_id, ticket_id, line_id, title, status, assignee,\n        ticket_status, changed_at, waiting_since, priority, due_order, task_due_order, created_at)\n    SELECT NEW.company_id, NEW.id, ticket.id, ticket.line_id, definition.title, NEW.status,\n        coalesce(NEW.assigned_to_id, CASE definition.task_type WHEN 'FORM' THEN 0 END),\n        ticket.status, ticket.changed_at, ticket.waiting_since, ticket.priority, ticket.due_order,\n        coalesce(CASE WHEN ticket.status <> 'ON_HOLD' THEN NEW.due_at END, '9000-01-01+00'), NEW.created_at\n    FROM workflow_ops_ticketinstance AS ticket, workflow_design_taskdefinition AS definition\n    WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n        AND definition.id = NEW.task_definition_id\n    ON CONFLICT (task_id) DO UPDATE\n    SET status = excluded.status, assignee = excluded.assignee, created_at = excluded.created_at,\n        task_due_order = excluded.task_due_order;\n    -- A due time moves without a step, too.\n    IF TG_OP = 'UPDATE' AND NEW.due_at IS DISTINCT FROM OLD.due_at THEN\n        UPDATE workflow_ops_ticketinstance AS ticket SET due_at = (\n            SELECT min(task.due_at) FROM workflow_ops_taskinstance AS task\n            WHERE task.workflow_instance_id = NEW.workflow_instance_id\n                AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')\n        )\n        WHERE ticket.workflow_instance_id = NEW.workflow_instance_id AND ticket.company_id = NEW.company_id\n            AND ticket.status <> 'ON_HOLD';\n    END IF;\n    RETURN NULL;\n", hash='250b6ab366f3f1b3efe046e451310eb0362726f7', operation='UPDATE OF "status", "assigned_to_id", "created_at", "due_at"', pgid='pgtrigger_change_open_row_e8139', table='workflow_ops_taskinstance', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='taskholder',
            index=models.Index(fields=['company', 'person', 'workflow_instance'], name='tickets_of_a_holder'),
        ),
        migrations.AddConstraint(
            model_name='taskholder',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='taskholder_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='taskholder',
            constraint=models.UniqueConstraint(fields=('workflow_instance', 'person'), name='task_holder_once'),
        ),
        migrations.AddConstraint(
            model_name='completioninstance',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='completioninstance_company_id'),
        ),
        migrations.AddConstraint(
            model_name='completioninstance',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='completioninstance_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='completioninstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_instance', name='completioninstance_workflow_instance_same_company'),
        ),
        migrations.AddConstraint(
            model_name='completioninstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='completion', name='completioninstance_completion_same_company'),
        ),
        migrations.AddConstraint(
            model_name='completioninstance',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_data', name='completioninstance_workflow_data_same_company'),
        ),
        migrations.AddIndex(
            model_name='workflowwrite',
            index=models.Index(condition=models.Q(('status', 'WAITING')), fields=['workflow_instance', 'id'], name='writes_that_wait'),
        ),
        migrations.AddIndex(
            model_name='workflowwrite',
            index=models.Index(condition=models.Q(('ticket__isnull', False)), fields=['ticket'], name='workflowwrite_ticket'),
        ),
        migrations.AddIndex(
            model_name='workflowwrite',
            index=models.Index(condition=models.Q(('task__isnull', False)), fields=['task'], name='workflowwrite_task'),
        ),
        migrations.AddIndex(
            model_name='workflowwrite',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='workflowwrite_person'),
        ),
        migrations.AddIndex(
            model_name='workflowwrite',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='workflowwrite_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowwrite_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowwrite_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_instance', name='workflowwrite_workflow_instance_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='workflowwrite_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='workflowwrite_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowwrite',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='workflowwrite_person_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workflowwrite',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.source IN ('edit', 'correct') OR (NEW.source = 'ticket' AND NEW.content ->> 'source' = 'edit'))", declare="DECLARE this workflow_ops_workflowwrite; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."source" IS DISTINCT FROM NEW."source" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'source\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."source") WHEN \'DELETE\' THEN to_jsonb(old."source") ELSE jsonb_build_array(to_jsonb(old."source"), to_jsonb(new."source")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.workflow_instance_id = this.workflow_instance_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'TICKET\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(CASE WHEN this.content ? \'retries\' THEN \'\' ELSE (SELECT string_agg(name, \', \' ORDER BY name) FROM (SELECT jsonb_object_keys(this.content -> \'values\') AS name UNION SELECT jsonb_array_elements_text(this.content -> \'emptied\')) AS changed) END, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='f7f8082a20dd6a991450344c9f2b25a3b9deece3', operation='INSERT', pgid='pgtrigger_audit_1b5c7', table='workflow_ops_workflowwrite', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='workflowdata',
            index=models.Index(condition=models.Q(('ticket__isnull', False)), fields=['ticket'], name='workflowdata_ticket'),
        ),
        migrations.AddIndex(
            model_name='workflowdata',
            index=models.Index(condition=models.Q(('task__isnull', False)), fields=['task'], name='workflowdata_task'),
        ),
        migrations.AddIndex(
            model_name='workflowdata',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='workflowdata_person'),
        ),
        migrations.AddIndex(
            model_name='workflowdata',
            index=models.Index(condition=models.Q(('impersonator__isnull', False)), fields=['impersonator'], name='workflowdata_impersonator'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='workflowdata_company_id'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='workflowdata_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=models.UniqueConstraint(fields=('workflow_instance', 'step'), name='workflow_step_once'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=models.UniqueConstraint(condition=models.Q(('write__isnull', False), models.Q(('source', 'resume'), _negated=True)), fields=('write',), name='write_applied_once'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='workflow_instance', name='workflowdata_workflow_instance_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='write', name='workflowdata_write_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='workflowdata_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='workflowdata_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='workflowdata',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='workflowdata_person_same_company'),
        ),
        migrations.AddIndex(
            model_name='ticketerror',
            index=models.Index(fields=['company', 'created_at'], name='errors_by_day'),
        ),
        migrations.AddIndex(
            model_name='ticketerror',
            index=models.Index(fields=['company', 'error_status', 'id'], name='errors_by_status'),
        ),
        migrations.AddIndex(
            model_name='ticketerror',
            index=models.Index(fields=['company', 'error_type', 'error_status', 'id'], name='errors_by_kind'),
        ),
        migrations.AddIndex(
            model_name='ticketerror',
            index=models.Index(fields=['company', 'reason', 'error_status', 'id'], name='errors_by_reason'),
        ),
        migrations.AddIndex(
            model_name='ticketerror',
            index=models.Index(fields=['company', 'line', 'error_status', 'id'], include=('error_type', 'reason'), name='errors_of_a_line'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='ticketerror_company_id'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='ticketerror_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='ticket', name='ticketerror_ticket_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='task', name='ticketerror_task_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='line', name='ticketerror_line_same_company'),
        ),
        migrations.AddConstraint(
            model_name='ticketerror',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='write', name='ticketerror_write_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketerror',
            trigger=pgtrigger.compiler.Trigger(name='copy_line', sql=pgtrigger.compiler.UpsertTriggerSql(func='NEW.line_id = (SELECT line_id FROM workflow_ops_ticketinstance WHERE id = NEW.ticket_id); RETURN NEW;', hash='7bc014d405dece7a9d9abb228717f46e8405e786', operation='INSERT', pgid='pgtrigger_copy_line_6a513', table='workflow_ops_ticketerror', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ticketerror',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this workflow_ops_ticketerror; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."task_id" IS DISTINCT FROM NEW."task_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'task_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = new.task_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = old.task_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = old.task_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', (SELECT title FROM workflow_design_taskdefinition WHERE id = item.task_definition_id)) FROM workflow_ops_taskinstance AS item WHERE item.id = new.task_id)) END);\nEND IF;\nIF OLD."error_type" IS DISTINCT FROM NEW."error_type" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'error_type\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."error_type") WHEN \'DELETE\' THEN to_jsonb(old."error_type") ELSE jsonb_build_array(to_jsonb(old."error_type"), to_jsonb(new."error_type")) END);\nEND IF;\nIF OLD."reason" IS DISTINCT FROM NEW."reason" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'reason\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."reason") WHEN \'DELETE\' THEN to_jsonb(old."reason") ELSE jsonb_build_array(to_jsonb(old."reason"), to_jsonb(new."reason")) END);\nEND IF;\nIF OLD."error_message" IS DISTINCT FROM NEW."error_message" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'error_message\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."error_message") WHEN \'DELETE\' THEN to_jsonb(old."error_message") ELSE jsonb_build_array(to_jsonb(old."error_message"), to_jsonb(new."error_message")) END);\nEND IF;\nIF OLD."error_status" IS DISTINCT FROM NEW."error_status" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'error_status\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."error_status") WHEN \'DELETE\' THEN to_jsonb(old."error_status") ELSE jsonb_build_array(to_jsonb(old."error_status"), to_jsonb(new."error_status")) END);\nEND IF;\nIF OLD."resolution_notes" IS DISTINCT FROM NEW."resolution_notes" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'resolution_notes\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."resolution_notes") WHEN \'DELETE\' THEN to_jsonb(old."resolution_notes") ELSE jsonb_build_array(to_jsonb(old."resolution_notes"), to_jsonb(new."resolution_notes")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, \'\'), kind.title) FROM workflow_ops_ticketinstance AS ticket JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id WHERE ticket.id = this.ticket_id INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'ERROR\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(left(this.error_message, 200), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='c4cf744c9807e559abb969078703bcd6ddfb5faa', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_40e17', table='workflow_ops_ticketerror', when='AFTER')),
        ),
    ]
