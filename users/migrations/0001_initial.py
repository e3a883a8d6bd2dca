import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import ticketflower.tenancy.constraints
import ticketflower.tenancy.context
import users.currencies
import users.languages
import users.models.companies
import users.public_holidays
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.TextField(blank=True, max_length=255, verbose_name='description')),
            ],
            options={
                'verbose_name': 'company role',
                'verbose_name_plural': 'company roles',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CompanyRoleMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'company role of a person',
                'verbose_name_plural': 'company roles of people',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('nonce', models.CharField(max_length=32)),
                ('system_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('admin', 'Company admin'), ('user', 'Submitter'), ('task_worker', 'Task worker'), ('ticket_admin', 'Ticket admin'), ('workflow_creator', 'Workflow creator')], max_length=20), blank=True, default=list, size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='invited')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('accepted_at', models.DateTimeField(null=True, verbose_name='accepted')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InvitationRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'company role of an invitation',
                'verbose_name_plural': 'company roles of invitations',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LimitedUse',
            fields=[
                ('key', models.TextField(primary_key=True, serialize=False)),
                ('moments', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StaffVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entered_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='entered')),
                ('left_at', models.DateTimeField(null=True, verbose_name='left')),
            ],
            options={
                'verbose_name': 'visit by TicketFlower staff',
                'verbose_name_plural': 'visits by TicketFlower staff',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SystemRoleMembership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'system role of a person',
                'verbose_name_plural': 'system roles of people',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TokenUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_used_at', models.DateTimeField(verbose_name='last used')),
                ('window_began_at', models.DateTimeField()),
                ('requests', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'use of a token',
                'verbose_name_plural': 'uses of tokens',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='UnsentForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.TextField()),
                ('fields', models.TextField()),
                ('file_names', models.TextField(blank=True)),
                ('contents', django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None)),
                ('stored_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CustomUser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('is_service_account', models.BooleanField(db_default=False, default=False, verbose_name='service account')),
                ('is_email_confirmed', models.BooleanField(db_default=True, default=True, verbose_name='e-mail address confirmed')),
                ('first_name', models.CharField(blank=True, max_length=100, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=100, verbose_name='last name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='TicketFlower staff')),
                ('time_zone', models.CharField(blank=True, max_length=64, validators=[users.models.companies.validate_time_zone], verbose_name='time zone')),
                ('away_from', models.DateField(blank=True, null=True, verbose_name='away from')),
                ('away_until', models.DateField(blank=True, null=True, verbose_name='away until')),
                ('is_in_rotation', models.BooleanField(db_default=True, default=True, verbose_name='gets tasks by turn')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='joined')),
                ('reset_link_sent_at', models.DateTimeField(editable=False, null=True)),
                ('password_changed_at', models.DateTimeField(blank=True, null=True, verbose_name='password changed')),
                ('stand_in', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='stands_in_for', to=settings.AUTH_USER_MODEL, verbose_name='stand-in')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, verbose_name='company name')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[users.models.companies.validate_time_zone], verbose_name='time zone')),
                ('currency', models.CharField(db_default='EUR', default='EUR', max_length=3, validators=[users.currencies.validate_currency], verbose_name='currency')),
                ('language', models.CharField(choices=users.languages.language_choices, db_default='en', default='en', max_length=10, verbose_name='language')),
                ('working_days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')]), default=users.models.companies.working_week, size=None, verbose_name='working days')),
                ('day_begins', models.TimeField(blank=True, db_default=datetime.time(9, 0), default=datetime.time(9, 0), null=True, verbose_name='working day begins')),
                ('day_ends', models.TimeField(blank=True, db_default=datetime.time(17, 0), default=datetime.time(17, 0), null=True, verbose_name='working day ends')),
                ('holiday_region', models.CharField(blank=True, db_default='', default='', max_length=20, validators=[users.public_holidays.validate_region], verbose_name='public holidays')),
                ('file_bytes', models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name='size of all files')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
            ],
            options={
                'verbose_name': 'company',
                'verbose_name_plural': 'companies',
                'indexes': [models.Index(django.db.models.functions.text.Lower('name'), models.F('id'), name='company_by_name')],
                'constraints': [ticketflower.tenancy.constraints.CompanyWall(column='id', name='company_company_wall'), models.CheckConstraint(condition=models.Q(('working_days__len__gt', 0)), name='company_works_on_some_days'), models.CheckConstraint(condition=models.Q(models.Q(('day_begins__isnull', False), ('day_ends__gt', models.F('day_begins'))), models.Q(('day_begins', None), ('day_ends', None)), _connector='OR'), name='company_day_ends_later')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('act', models.BigIntegerField(verbose_name='act')),
                ('way', models.CharField(choices=[('page', 'Page'), ('job', 'Job or command'), ('api', 'Program')], max_length=4, verbose_name='way')),
                ('person_id', models.BigIntegerField(null=True)),
                ('impersonator_id', models.BigIntegerField(null=True)),
                ('actor', models.TextField(verbose_name='who')),
                ('token', models.TextField(verbose_name='token')),
                ('kind', models.CharField(choices=[('PEOPLE', 'People and roles'), ('COMPANY', "Company and staff's visits"), ('WORKFLOW', 'Workflows'), ('TICKET', 'Tickets'), ('TASK', 'Tasks'), ('ERROR', 'Errors'), ('COMMENT', 'Comments and files')], max_length=8, verbose_name='kind')),
                ('operation', models.CharField(choices=[('insert', 'Added'), ('update', 'Changed'), ('delete', 'Deleted')], max_length=6, verbose_name='operation')),
                ('table', models.CharField(max_length=63, verbose_name='table')),
                ('row_id', models.BigIntegerField()),
                ('label', models.TextField()),
                ('ticket', models.BigIntegerField(null=True, verbose_name='ticket')),
                ('workflow_id', models.BigIntegerField(null=True)),
                ('subject', models.TextField()),
                ('changes', models.JSONField()),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'audit log',
            },
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read tickets and tasks'), ('submit', 'Submit tickets, comment on them and withdraw them'), ('work', 'Take and complete tasks'), ('administer', 'Administer tickets and tasks'), ('design', 'Read workflows and change drafts'), ('publish', 'Publish workflows'), ('company', 'Read people, roles and the audit log')], max_length=10), size=None, verbose_name='may')),
                ('expires_at', models.DateTimeField(verbose_name='ends')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('created_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='access_tokens', to=settings.AUTH_USER_MODEL)),
                ('company', models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company')),
            ],
            options={
                'verbose_name': 'token',
                'verbose_name_plural': 'tokens',
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='customuser',
            name='company',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='users.company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='company',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_company; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."name" IS DISTINCT FROM NEW."name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."name") WHEN \'DELETE\' THEN to_jsonb(old."name") ELSE jsonb_build_array(to_jsonb(old."name"), to_jsonb(new."name")) END);\nEND IF;\nIF OLD."time_zone" IS DISTINCT FROM NEW."time_zone" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'time_zone\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."time_zone") WHEN \'DELETE\' THEN to_jsonb(old."time_zone") ELSE jsonb_build_array(to_jsonb(old."time_zone"), to_jsonb(new."time_zone")) END);\nEND IF;\nIF OLD."currency" IS DISTINCT FROM NEW."currency" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'currency\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."currency") WHEN \'DELETE\' THEN to_jsonb(old."currency") ELSE jsonb_build_array(to_jsonb(old."currency"), to_jsonb(new."currency")) END);\nEND IF;\nIF OLD."language" IS DISTINCT FROM NEW."language" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'language\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."language") WHEN \'DELETE\' THEN to_jsonb(old."language") ELSE jsonb_build_array(to_jsonb(old."language"), to_jsonb(new."language")) END);\nEND IF;\nIF OLD."working_days" IS DISTINCT FROM NEW."working_days" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'working_days\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."working_days") WHEN \'DELETE\' THEN to_jsonb(old."working_days") ELSE jsonb_build_array(to_jsonb(old."working_days"), to_jsonb(new."working_days")) END);\nEND IF;\nIF OLD."day_begins" IS DISTINCT FROM NEW."day_begins" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'day_begins\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."day_begins") WHEN \'DELETE\' THEN to_jsonb(old."day_begins") ELSE jsonb_build_array(to_jsonb(old."day_begins"), to_jsonb(new."day_begins")) END);\nEND IF;\nIF OLD."day_ends" IS DISTINCT FROM NEW."day_ends" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'day_ends\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."day_ends") WHEN \'DELETE\' THEN to_jsonb(old."day_ends") ELSE jsonb_build_array(to_jsonb(old."day_ends"), to_jsonb(new."day_ends")) END);\nEND IF;\nIF OLD."holiday_region" IS DISTINCT FROM NEW."holiday_region" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'holiday_region\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."holiday_region") WHEN \'DELETE\' THEN to_jsonb(old."holiday_region") ELSE jsonb_build_array(to_jsonb(old."holiday_region"), to_jsonb(new."holiday_region")) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='5ef64606653bd1584da4c716eec00bdacab0081d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_924a1', table='users_company', when='AFTER')),
        ),
        migrations.AddField(
            model_name='companyrole',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='users.company'),
        ),
        migrations.AddField(
            model_name='companyrolemembership',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='companyrolemembership',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='company_role_memberships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='companyrolemembership',
            name='role',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='users.companyrole'),
        ),
        migrations.AddField(
            model_name='companyrole',
            name='users',
            field=models.ManyToManyField(related_name='company_roles', through='users.CompanyRoleMembership', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='accepted_by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='created_by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='impersonator',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitationrole',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='invitationrole',
            name='invitation',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='role_rows', to='users.invitation'),
        ),
        migrations.AddField(
            model_name='invitationrole',
            name='role',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='users.companyrole'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='company_roles',
            field=models.ManyToManyField(related_name='invitations', through='users.InvitationRole', to='users.companyrole'),
        ),
        migrations.AddField(
            model_name='session',
            name='impersonated_company',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='session',
            name='person',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffvisit',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='staffvisit',
            name='impersonator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='systemrolemembership',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='systemrolemembership',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='auth.group'),
        ),
        migrations.AddField(
            model_name='systemrolemembership',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='system_role_memberships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='customuser',
            name='groups',
            field=models.ManyToManyField(related_name='user_set', related_query_name='user', through='users.SystemRoleMembership', to='auth.group'),
        ),
        migrations.AddField(
            model_name='tokenuse',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='tokenuse',
            name='token',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='use', to='users.accesstoken'),
        ),
        migrations.AddField(
            model_name='unsentform',
            name='company',
            field=models.ForeignKey(db_index=False, default=ticketflower.tenancy.context.current_company_id, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='users.company'),
        ),
        migrations.AddField(
            model_name='unsentform',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['company', 'act', 'id'], name='audit_acts'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['company', 'kind', 'act'], name='audit_by_kind'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['company', 'person_id', 'act'], name='audit_by_person'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('impersonator_id__isnull', False)), fields=['company', 'act'], name='audit_by_staff'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('impersonator_id', None), ('person_id', None)), fields=['company', 'act'], name='audit_by_system'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('ticket__isnull', False)), fields=['company', 'ticket', 'act'], name='audit_by_ticket'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('workflow_id__isnull', False)), fields=['company', 'workflow_id', 'act'], name='audit_by_workflow'),
        ),
        migrations.AddConstraint(
            model_name='auditevent',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='auditevent_company_wall'),
        ),
        migrations.AddIndex(
            model_name='accesstoken',
            index=models.Index(fields=['person', '-id'], name='tokens_of_person'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='accesstoken_company_id'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='accesstoken_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='accesstoken_person_same_company'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='accesstoken_created_by_same_company'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.UniqueConstraint(models.F('person'), django.db.models.functions.text.Lower('name'), name='token_name'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0)), name='token_has_scopes'),
        ),
        migrations.AddConstraint(
            model_name='accesstoken',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=366))))), name='token_ends_within_a_year'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='accesstoken',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_accesstoken; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."person_id" IS DISTINCT FROM NEW."person_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'person_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id)) END);\nEND IF;\nIF OLD."name" IS DISTINCT FROM NEW."name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."name") WHEN \'DELETE\' THEN to_jsonb(old."name") ELSE jsonb_build_array(to_jsonb(old."name"), to_jsonb(new."name")) END);\nEND IF;\nIF OLD."scopes" IS DISTINCT FROM NEW."scopes" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'scopes\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."scopes") WHEN \'DELETE\' THEN to_jsonb(old."scopes") ELSE jsonb_build_array(to_jsonb(old."scopes"), to_jsonb(new."scopes")) END);\nEND IF;\nIF OLD."expires_at" IS DISTINCT FROM NEW."expires_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'expires_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."expires_at") WHEN \'DELETE\' THEN to_jsonb(old."expires_at") ELSE jsonb_build_array(to_jsonb(old."expires_at"), to_jsonb(new."expires_at")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, (SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p WHERE p.id = this.person_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='8b32a1dc71fbacd1d034727405e65e4aeff56fce', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_ac4d3', table='users_accesstoken', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='companyrolemembership',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='companyrolemembership_company_id'),
        ),
        migrations.AddConstraint(
            model_name='companyrolemembership',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='companyrolemembership_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='companyrolemembership',
            constraint=models.UniqueConstraint(fields=('role', 'person'), name='company_role_once'),
        ),
        migrations.AddConstraint(
            model_name='companyrolemembership',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='role', name='companyrolemembership_role_same_company'),
        ),
        migrations.AddConstraint(
            model_name='companyrolemembership',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='companyrolemembership_person_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='companyrolemembership',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_companyrolemembership; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."role_id" IS DISTINCT FROM NEW."role_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'role_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id)) END);\nEND IF;\nIF OLD."person_id" IS DISTINCT FROM NEW."person_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'person_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, (SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p WHERE p.id = this.person_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='866254373b0550c2ff784400dff730b5a0ef0dfe', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_181e6', table='users_companyrolemembership', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='companyrole',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='companyrole_company_id'),
        ),
        migrations.AddConstraint(
            model_name='companyrole',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='companyrole_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='companyrole',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='company_role_name'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='companyrole',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_companyrole; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."name" IS DISTINCT FROM NEW."name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."name") WHEN \'DELETE\' THEN to_jsonb(old."name") ELSE jsonb_build_array(to_jsonb(old."name"), to_jsonb(new."name")) END);\nEND IF;\nIF OLD."description" IS DISTINCT FROM NEW."description" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'description\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."description") WHEN \'DELETE\' THEN to_jsonb(old."description") ELSE jsonb_build_array(to_jsonb(old."description"), to_jsonb(new."description")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='52bbb43339a2e1ba4fec7c479db89e752e00d913', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_1725e', table='users_companyrole', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='invitationrole',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='invitationrole_company_id'),
        ),
        migrations.AddConstraint(
            model_name='invitationrole',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='invitationrole_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='invitationrole',
            constraint=models.UniqueConstraint(fields=('invitation', 'role'), name='invitation_role_once'),
        ),
        migrations.AddConstraint(
            model_name='invitationrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='invitation', name='invitationrole_invitation_same_company'),
        ),
        migrations.AddConstraint(
            model_name='invitationrole',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='role', name='invitationrole_role_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitationrole',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_invitationrole; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."invitation_id" IS DISTINCT FROM NEW."invitation_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'invitation_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = new.invitation_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = old.invitation_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = old.invitation_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = new.invitation_id)) END);\nEND IF;\nIF OLD."role_id" IS DISTINCT FROM NEW."role_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'role_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = old.role_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = new.role_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, (SELECT email FROM users_invitation WHERE id = this.invitation_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='a4498d6529c6a750d299610dc40435b95f196b5b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_986a4', table='users_invitationrole', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='invitation_company_id'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='invitation_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('email'), condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), name='invitation_pending_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='created_by', name='invitation_created_by_same_company'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='accepted_by', name='invitation_accepted_by_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_invitation; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."email" IS DISTINCT FROM NEW."email" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'email\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."email") WHEN \'DELETE\' THEN to_jsonb(old."email") ELSE jsonb_build_array(to_jsonb(old."email"), to_jsonb(new."email")) END);\nEND IF;\nIF OLD."system_roles" IS DISTINCT FROM NEW."system_roles" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'system_roles\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."system_roles") WHEN \'DELETE\' THEN to_jsonb(old."system_roles") ELSE jsonb_build_array(to_jsonb(old."system_roles"), to_jsonb(new."system_roles")) END);\nEND IF;\nIF OLD."created_by_id" IS DISTINCT FROM NEW."created_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.created_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.created_by_id)) END);\nEND IF;\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."created_at" IS DISTINCT FROM NEW."created_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'created_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."created_at") WHEN \'DELETE\' THEN to_jsonb(old."created_at") ELSE jsonb_build_array(to_jsonb(old."created_at"), to_jsonb(new."created_at")) END);\nEND IF;\nIF OLD."expires_at" IS DISTINCT FROM NEW."expires_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'expires_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."expires_at") WHEN \'DELETE\' THEN to_jsonb(old."expires_at") ELSE jsonb_build_array(to_jsonb(old."expires_at"), to_jsonb(new."expires_at")) END);\nEND IF;\nIF OLD."accepted_at" IS DISTINCT FROM NEW."accepted_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'accepted_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."accepted_at") WHEN \'DELETE\' THEN to_jsonb(old."accepted_at") ELSE jsonb_build_array(to_jsonb(old."accepted_at"), to_jsonb(new."accepted_at")) END);\nEND IF;\nIF OLD."accepted_by_id" IS DISTINCT FROM NEW."accepted_by_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'accepted_by_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.accepted_by_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.accepted_by_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.accepted_by_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.accepted_by_id)) END);\nEND IF;\nIF OLD."withdrawn_at" IS DISTINCT FROM NEW."withdrawn_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'withdrawn_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."withdrawn_at") WHEN \'DELETE\' THEN to_jsonb(old."withdrawn_at") ELSE jsonb_build_array(to_jsonb(old."withdrawn_at"), to_jsonb(new."withdrawn_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.email, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='0e35791cc98d7f71489eafa1a712fad8f4671a17', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_44f09', table='users_invitation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='staffvisit',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='staffvisit_company_id'),
        ),
        migrations.AddConstraint(
            model_name='staffvisit',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='staffvisit_company_wall'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffvisit',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_staffvisit; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."impersonator_id" IS DISTINCT FROM NEW."impersonator_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'impersonator_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.impersonator_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.impersonator_id)) END);\nEND IF;\nIF OLD."entered_at" IS DISTINCT FROM NEW."entered_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'entered_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."entered_at") WHEN \'DELETE\' THEN to_jsonb(old."entered_at") ELSE jsonb_build_array(to_jsonb(old."entered_at"), to_jsonb(new."entered_at")) END);\nEND IF;\nIF OLD."left_at" IS DISTINCT FROM NEW."left_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'left_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."left_at") WHEN \'DELETE\' THEN to_jsonb(old."left_at") ELSE jsonb_build_array(to_jsonb(old."left_at"), to_jsonb(new."left_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='4e0e45ae8a8584431475d19794b4e82641816d9b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_eed2c', table='users_staffvisit', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='systemrolemembership',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='systemrolemembership_company_id'),
        ),
        migrations.AddConstraint(
            model_name='systemrolemembership',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='systemrolemembership_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='systemrolemembership',
            constraint=models.UniqueConstraint(fields=('person', 'group'), name='system_role_once'),
        ),
        migrations.AddConstraint(
            model_name='systemrolemembership',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='systemrolemembership_person_same_company'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='systemrolemembership',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_systemrolemembership; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."person_id" IS DISTINCT FROM NEW."person_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'person_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.person_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.person_id)) END);\nEND IF;\nIF OLD."group_id" IS DISTINCT FROM NEW."group_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'group_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = new.group_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = old.group_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = old.group_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = new.group_id)) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, (SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p WHERE p.id = this.person_id) INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM auth_group WHERE id = this.group_id), \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='ed4f41848737adb7755be85a5e4f5e0607e73e84', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_16f97', table='users_systemrolemembership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='systemrolemembership',
            trigger=pgtrigger.compiler.Trigger(name='no_program_is_admin', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (SELECT FROM users_customuser WHERE id = NEW.person_id AND is_service_account)\n        AND EXISTS (SELECT FROM auth_group WHERE id = NEW.group_id AND name = 'admin') THEN\n        RAISE EXCEPTION 'a service account is no company admin' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='4bed9dbc267afbaaf506fe5c20e465944fb59629', operation='INSERT OR UPDATE', pgid='pgtrigger_no_program_is_admin_1b7de', table='users_systemrolemembership', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='customuser',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('first_name'), django.db.models.functions.text.Lower('last_name'), models.F('id'), name='people_by_name'),
        ),
        migrations.AddIndex(
            model_name='customuser',
            index=models.Index(condition=models.Q(('is_active', False), ('away_from__isnull', False), _connector='OR'), fields=['company'], name='people_who_may_be_gone'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='person_email'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_service_account', False), models.Q(('email', ''), _negated=True)), models.Q(('email', ''), ('is_in_rotation', False), ('is_service_account', True), ('is_superuser', False), ('password', ''), ('stand_in', None)), _connector='OR'), name='person_has_address_or_is_service_account'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('first_name'), condition=models.Q(('is_service_account', True)), name='service_account_name'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='person_company_id'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('company__isnull', False), ('is_staff', False), ('is_superuser', False)), models.Q(('company__isnull', True), ('is_staff', True), ('is_superuser', True)), _connector='OR'), name='person_of_a_company_or_staff'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.CheckConstraint(condition=models.Q(('away_until__isnull', True), ('away_until__gte', models.F('away_from')), _connector='OR'), name='person_away_in_order'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='stand_in', name='customuser_stand_in_same_company'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='person_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=ticketflower.tenancy.constraints.RowPolicy(command='SELECT', name='person_own_row', using="id = (SELECT nullif(current_setting('app.person_id', true), '')::bigint)"),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=ticketflower.tenancy.constraints.RowPolicy(command='UPDATE', name='staff_own_row', using="company_id IS NULL AND id = (SELECT nullif(current_setting('app.person_id', true), '')::bigint)"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customuser',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE this users_customuser; audit_changes jsonb := '{}'; audit_ticket bigint; audit_workflow bigint; audit_subject text; audit_person bigint := nullif(current_setting('app.person_id', true), '')::bigint; audit_impersonator bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;", func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\n\nIF OLD."is_superuser" IS DISTINCT FROM NEW."is_superuser" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_superuser\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_superuser") WHEN \'DELETE\' THEN to_jsonb(old."is_superuser") ELSE jsonb_build_array(to_jsonb(old."is_superuser"), to_jsonb(new."is_superuser")) END);\nEND IF;\nIF OLD."email" IS DISTINCT FROM NEW."email" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'email\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."email") WHEN \'DELETE\' THEN to_jsonb(old."email") ELSE jsonb_build_array(to_jsonb(old."email"), to_jsonb(new."email")) END);\nEND IF;\nIF OLD."is_service_account" IS DISTINCT FROM NEW."is_service_account" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_service_account\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_service_account") WHEN \'DELETE\' THEN to_jsonb(old."is_service_account") ELSE jsonb_build_array(to_jsonb(old."is_service_account"), to_jsonb(new."is_service_account")) END);\nEND IF;\nIF OLD."is_email_confirmed" IS DISTINCT FROM NEW."is_email_confirmed" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_email_confirmed\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_email_confirmed") WHEN \'DELETE\' THEN to_jsonb(old."is_email_confirmed") ELSE jsonb_build_array(to_jsonb(old."is_email_confirmed"), to_jsonb(new."is_email_confirmed")) END);\nEND IF;\nIF OLD."first_name" IS DISTINCT FROM NEW."first_name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'first_name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."first_name") WHEN \'DELETE\' THEN to_jsonb(old."first_name") ELSE jsonb_build_array(to_jsonb(old."first_name"), to_jsonb(new."first_name")) END);\nEND IF;\nIF OLD."last_name" IS DISTINCT FROM NEW."last_name" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'last_name\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."last_name") WHEN \'DELETE\' THEN to_jsonb(old."last_name") ELSE jsonb_build_array(to_jsonb(old."last_name"), to_jsonb(new."last_name")) END);\nEND IF;\nIF OLD."is_active" IS DISTINCT FROM NEW."is_active" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_active\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_active") WHEN \'DELETE\' THEN to_jsonb(old."is_active") ELSE jsonb_build_array(to_jsonb(old."is_active"), to_jsonb(new."is_active")) END);\nEND IF;\nIF OLD."is_staff" IS DISTINCT FROM NEW."is_staff" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_staff\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_staff") WHEN \'DELETE\' THEN to_jsonb(old."is_staff") ELSE jsonb_build_array(to_jsonb(old."is_staff"), to_jsonb(new."is_staff")) END);\nEND IF;\nIF OLD."time_zone" IS DISTINCT FROM NEW."time_zone" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'time_zone\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."time_zone") WHEN \'DELETE\' THEN to_jsonb(old."time_zone") ELSE jsonb_build_array(to_jsonb(old."time_zone"), to_jsonb(new."time_zone")) END);\nEND IF;\nIF OLD."away_from" IS DISTINCT FROM NEW."away_from" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'away_from\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."away_from") WHEN \'DELETE\' THEN to_jsonb(old."away_from") ELSE jsonb_build_array(to_jsonb(old."away_from"), to_jsonb(new."away_from")) END);\nEND IF;\nIF OLD."away_until" IS DISTINCT FROM NEW."away_until" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'away_until\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."away_until") WHEN \'DELETE\' THEN to_jsonb(old."away_until") ELSE jsonb_build_array(to_jsonb(old."away_until"), to_jsonb(new."away_until")) END);\nEND IF;\nIF OLD."stand_in_id" IS DISTINCT FROM NEW."stand_in_id" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'stand_in_id\', CASE TG_OP\n        WHEN \'INSERT\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.stand_in_id) WHEN \'DELETE\' THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.stand_in_id) ELSE jsonb_build_array((SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = old.stand_in_id), (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email) || CASE WHEN item.is_service_account THEN \' (service account)\' ELSE \'\' END) FROM users_customuser AS item WHERE item.id = new.stand_in_id)) END);\nEND IF;\nIF OLD."is_in_rotation" IS DISTINCT FROM NEW."is_in_rotation" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'is_in_rotation\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."is_in_rotation") WHEN \'DELETE\' THEN to_jsonb(old."is_in_rotation") ELSE jsonb_build_array(to_jsonb(old."is_in_rotation"), to_jsonb(new."is_in_rotation")) END);\nEND IF;\nIF OLD."date_joined" IS DISTINCT FROM NEW."date_joined" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'date_joined\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."date_joined") WHEN \'DELETE\' THEN to_jsonb(old."date_joined") ELSE jsonb_build_array(to_jsonb(old."date_joined"), to_jsonb(new."date_joined")) END);\nEND IF;\nIF OLD."password_changed_at" IS DISTINCT FROM NEW."password_changed_at" THEN\n    audit_changes := audit_changes || jsonb_build_object(\'password_changed_at\', CASE TG_OP\n        WHEN \'INSERT\' THEN to_jsonb(new."password_changed_at") WHEN \'DELETE\' THEN to_jsonb(old."password_changed_at") ELSE jsonb_build_array(to_jsonb(old."password_changed_at"), to_jsonb(new."password_changed_at")) END);\nEND IF;\nIF TG_OP = \'UPDATE\' AND audit_changes = \'{}\' THEN RETURN NULL; END IF;\nSELECT NULL::bigint, NULL::bigint, \'\' INTO audit_ticket, audit_workflow, audit_subject;\nINSERT INTO users_auditevent (company_id, at, act, way, token, person_id, impersonator_id, actor, kind,\n    operation, "table", row_id, label, ticket, workflow_id, subject, changes)\nVALUES (this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    coalesce(current_setting(\'app.token\', true), \'\'),\n    audit_person, audit_impersonator,\n    coalesce((SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) || CASE WHEN p.is_service_account THEN \' (service account)\' ELSE \'\' END FROM users_customuser AS p\n        WHERE p.id = coalesce(audit_impersonator, audit_person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(coalesce(nullif(trim(this.first_name || \' \' || this.last_name), \'\'), this.email) || CASE WHEN this.is_service_account THEN \' (service account)\' ELSE \'\' END, \'\'),\n    audit_ticket, audit_workflow, coalesce(audit_subject, \'\'), audit_changes);\nRETURN NULL;\n', hash='2b42b18f9502da24fe609c4656da2281306aebf8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_b4559', table='users_customuser', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='tokenuse',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='tokenuse_company_id'),
        ),
        migrations.AddConstraint(
            model_name='tokenuse',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='tokenuse_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='tokenuse',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='token', name='tokenuse_token_same_company'),
        ),
        migrations.AddConstraint(
            model_name='unsentform',
            constraint=models.UniqueConstraint(fields=('company', 'id'), name='unsentform_company_id'),
        ),
        migrations.AddConstraint(
            model_name='unsentform',
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='unsentform_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='unsentform',
            constraint=models.UniqueConstraint(fields=('person',), name='one_unsent_form'),
        ),
        migrations.AddConstraint(
            model_name='unsentform',
            constraint=ticketflower.tenancy.constraints.SameCompany(field='person', name='unsentform_person_same_company'),
        ),
    ]
