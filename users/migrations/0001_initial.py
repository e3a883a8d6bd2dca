import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import ticketflower.tenancy.constraints
import ticketflower.tenancy.context
import users.currencies
import users.models.companies
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
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, verbose_name='company name')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[users.models.companies.validate_time_zone], verbose_name='time zone')),
                ('currency', models.CharField(db_default='EUR', default='EUR', max_length=3, validators=[users.currencies.validate_currency], verbose_name='currency')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
            ],
            options={
                'verbose_name': 'company',
                'verbose_name_plural': 'companies',
                'indexes': [models.Index(django.db.models.functions.text.Lower('name'), models.F('id'), name='company_by_name')],
                'constraints': [ticketflower.tenancy.constraints.CompanyWall(column='id', name='company_company_wall')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('act', models.BigIntegerField(verbose_name='act')),
                ('way', models.CharField(choices=[('page', 'Page'), ('job', 'Job or command')], max_length=4, verbose_name='way')),
                ('person_id', models.BigIntegerField(null=True)),
                ('impersonator_id', models.BigIntegerField(null=True)),
                ('actor', models.TextField(verbose_name='who')),
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
            name='CustomUser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('first_name', models.CharField(blank=True, max_length=100, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=100, verbose_name='last name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='TicketFlower staff')),
                ('time_zone', models.CharField(blank=True, max_length=64, validators=[users.models.companies.validate_time_zone], verbose_name='time zone')),
                ('is_away', models.BooleanField(default=False, verbose_name='I am away')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='joined')),
                ('password_changed_at', models.DateTimeField(blank=True, null=True, verbose_name='password changed')),
                ('company', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='users.company')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='company',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_company;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."name", new."time_zone", new."currency", new."created_at") IS NOT DISTINCT FROM ROW(old."name", old."time_zone", old."currency", old."created_at") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'name\', to_jsonb(OLD."name"), to_jsonb(NEW."name")), (\'time_zone\', to_jsonb(OLD."time_zone"), to_jsonb(NEW."time_zone")), (\'currency\', to_jsonb(OLD."currency"), to_jsonb(NEW."currency")), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, \'\') AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='b532448b35905d2d5122e39ac0ab1cdb35a6a66f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_924a1', table='users_company', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_companyrolemembership;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."role_id", new."person_id") IS NOT DISTINCT FROM ROW(old."role_id", old."person_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'role_id\', CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = OLD.role_id) END, CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = NEW.role_id) END), (\'person_id\', CASE WHEN OLD.person_id IS DISTINCT FROM NEW.person_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.person_id) END, CASE WHEN OLD.person_id IS DISTINCT FROM NEW.person_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.person_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, (SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) FROM users_customuser AS p WHERE p.id = this.person_id)) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='089738a400f6305100d0385f5a7f1e9e7349fd21', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_181e6', table='users_companyrolemembership', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_companyrole;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."name", new."description") IS NOT DISTINCT FROM ROW(old."name", old."description") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.name, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'name\', to_jsonb(OLD."name"), to_jsonb(NEW."name")), (\'description\', to_jsonb(OLD."description"), to_jsonb(NEW."description"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, \'\') AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='5d84f29f0d642e8f5192357f111a6048f6ec23e8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_1725e', table='users_companyrole', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_invitationrole;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."invitation_id", new."role_id") IS NOT DISTINCT FROM ROW(old."invitation_id", old."role_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM users_companyrole WHERE id = this.role_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'invitation_id\', CASE WHEN OLD.invitation_id IS DISTINCT FROM NEW.invitation_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = OLD.invitation_id) END, CASE WHEN OLD.invitation_id IS DISTINCT FROM NEW.invitation_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.email) FROM users_invitation AS item WHERE item.id = NEW.invitation_id) END), (\'role_id\', CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = OLD.role_id) END, CASE WHEN OLD.role_id IS DISTINCT FROM NEW.role_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM users_companyrole AS item WHERE item.id = NEW.role_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, (SELECT email FROM users_invitation WHERE id = this.invitation_id)) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='51062507da23e7b2b29177fc763b23f85f92424b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_986a4', table='users_invitationrole', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_invitation;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."email", new."system_roles", new."created_by_id", new."impersonator_id", new."created_at", new."expires_at", new."accepted_at", new."accepted_by_id", new."withdrawn_at") IS NOT DISTINCT FROM ROW(old."email", old."system_roles", old."created_by_id", old."impersonator_id", old."created_at", old."expires_at", old."accepted_at", old."accepted_by_id", old."withdrawn_at") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(this.email, \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'email\', to_jsonb(OLD."email"), to_jsonb(NEW."email")), (\'system_roles\', to_jsonb(OLD."system_roles"), to_jsonb(NEW."system_roles")), (\'created_by_id\', CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.created_by_id) END, CASE WHEN OLD.created_by_id IS DISTINCT FROM NEW.created_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.created_by_id) END), (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'created_at\', to_jsonb(OLD."created_at"), to_jsonb(NEW."created_at")), (\'expires_at\', to_jsonb(OLD."expires_at"), to_jsonb(NEW."expires_at")), (\'accepted_at\', to_jsonb(OLD."accepted_at"), to_jsonb(NEW."accepted_at")), (\'accepted_by_id\', CASE WHEN OLD.accepted_by_id IS DISTINCT FROM NEW.accepted_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.accepted_by_id) END, CASE WHEN OLD.accepted_by_id IS DISTINCT FROM NEW.accepted_by_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.accepted_by_id) END), (\'withdrawn_at\', to_jsonb(OLD."withdrawn_at"), to_jsonb(NEW."withdrawn_at"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, \'\') AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='30dc059e8e3030362b6570d956fe1b5733192668', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_44f09', table='users_invitation', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_staffvisit;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."impersonator_id", new."entered_at", new."left_at") IS NOT DISTINCT FROM ROW(old."impersonator_id", old."entered_at", old."left_at") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'COMPANY\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(\'\', \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'impersonator_id\', CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.impersonator_id) END, CASE WHEN OLD.impersonator_id IS DISTINCT FROM NEW.impersonator_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.impersonator_id) END), (\'entered_at\', to_jsonb(OLD."entered_at"), to_jsonb(NEW."entered_at")), (\'left_at\', to_jsonb(OLD."left_at"), to_jsonb(NEW."left_at"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, \'\') AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='edb209fc6ad6f356f88ef32340da3ac079003c09', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_eed2c', table='users_staffvisit', when='AFTER')),
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
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_systemrolemembership;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."person_id", new."group_id") IS NOT DISTINCT FROM ROW(old."person_id", old."group_id") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce((SELECT name FROM auth_group WHERE id = this.group_id), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'person_id\', CASE WHEN OLD.person_id IS DISTINCT FROM NEW.person_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = OLD.person_id) END, CASE WHEN OLD.person_id IS DISTINCT FROM NEW.person_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', coalesce(nullif(trim(item.first_name || \' \' || item.last_name), \'\'), item.email)) FROM users_customuser AS item WHERE item.id = NEW.person_id) END), (\'group_id\', CASE WHEN OLD.group_id IS DISTINCT FROM NEW.group_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = OLD.group_id) END, CASE WHEN OLD.group_id IS DISTINCT FROM NEW.group_id THEN (SELECT jsonb_build_object(\'id\', item.id, \'name\', item.name) FROM auth_group AS item WHERE item.id = NEW.group_id) END)) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, (SELECT coalesce(nullif(trim(p.first_name || \' \' || p.last_name), \'\'), p.email) FROM users_customuser AS p WHERE p.id = this.person_id)) AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='b54d1361263b1e412fc15288b24f5a3bbdc342ce', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_16f97', table='users_systemrolemembership', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='customuser',
            index=models.Index(models.F('company'), django.db.models.functions.text.Lower('last_name'), django.db.models.functions.text.Lower('first_name'), models.F('id'), name='people_by_name'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='person_email'),
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
            constraint=ticketflower.tenancy.constraints.CompanyWall(column='company_id', name='person_company_wall'),
        ),
        migrations.AddConstraint(
            model_name='customuser',
            constraint=ticketflower.tenancy.constraints.RowPolicy(command='ALL', name='person_own_row', using="id = (SELECT nullif(current_setting('app.person_id', true), '')::bigint)"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customuser',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE this users_customuser;', func='\nIF TG_OP = \'DELETE\' THEN this := OLD; ELSE this := NEW; END IF;\nIF TG_OP = \'UPDATE\' AND ROW(new."is_superuser", new."email", new."first_name", new."last_name", new."is_active", new."is_staff", new."time_zone", new."is_away", new."date_joined", new."password_changed_at") IS NOT DISTINCT FROM ROW(old."is_superuser", old."email", old."first_name", old."last_name", old."is_active", old."is_staff", old."time_zone", old."is_away", old."date_joined", old."password_changed_at") THEN RETURN NULL; END IF;\nINSERT INTO users_auditevent (company_id, at, act, way, person_id, impersonator_id, actor, kind, operation,\n    "table", row_id, label, ticket, workflow_id, subject, changes)\nSELECT this.company_id, clock_timestamp(),\n    coalesce(nullif(current_setting(\'app.act\', true), \'\')::bigint,\n        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint << 10),\n    coalesce(nullif(current_setting(\'app.way\', true), \'\'), \'job\'),\n    person, impersonator,\n    coalesce((SELECT coalesce(nullif(trim(users_customuser.first_name || \' \' || users_customuser.last_name), \'\'), users_customuser.email) FROM users_customuser WHERE id = coalesce(impersonator, person)), \'\'),\n    \'PEOPLE\', lower(TG_OP), TG_TABLE_NAME, this.id, coalesce(coalesce(nullif(trim(this.first_name || \' \' || this.last_name), \'\'), this.email), \'\'),\n    ticket, workflow, coalesce(subject, \'\'),\n    coalesce((SELECT jsonb_object_agg(name, CASE TG_OP\n        WHEN \'INSERT\' THEN after WHEN \'DELETE\' THEN before ELSE jsonb_build_array(before, after) END)\n        FROM (VALUES (\'is_superuser\', to_jsonb(OLD."is_superuser"), to_jsonb(NEW."is_superuser")), (\'email\', to_jsonb(OLD."email"), to_jsonb(NEW."email")), (\'first_name\', to_jsonb(OLD."first_name"), to_jsonb(NEW."first_name")), (\'last_name\', to_jsonb(OLD."last_name"), to_jsonb(NEW."last_name")), (\'is_active\', to_jsonb(OLD."is_active"), to_jsonb(NEW."is_active")), (\'is_staff\', to_jsonb(OLD."is_staff"), to_jsonb(NEW."is_staff")), (\'time_zone\', to_jsonb(OLD."time_zone"), to_jsonb(NEW."time_zone")), (\'is_away\', to_jsonb(OLD."is_away"), to_jsonb(NEW."is_away")), (\'date_joined\', to_jsonb(OLD."date_joined"), to_jsonb(NEW."date_joined")), (\'password_changed_at\', to_jsonb(OLD."password_changed_at"), to_jsonb(NEW."password_changed_at"))) AS changed(name, before, after) WHERE before IS DISTINCT FROM after), \'{}\')\nFROM (SELECT nullif(current_setting(\'app.person_id\', true), \'\')::bigint AS person,\n    nullif(current_setting(\'app.impersonator_id\', true), \'\')::bigint AS impersonator) AS actor\nLEFT JOIN (SELECT NULL::bigint, NULL::bigint, \'\') AS about(ticket, workflow, subject) ON true;\nRETURN NULL;\n', hash='a3f383099e1eb0c251d5b6508c4c8677e2c80f27', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_b4559', table='users_customuser', when='AFTER')),
        ),
    ]
