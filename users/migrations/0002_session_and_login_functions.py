"""The narrow ways past the second wall: a session by its key, a person by the address they log in with.

SECURITY DEFINER: they run as the tables' owner, whom the policies do not bind. Each
answers only to somebody who already holds the secret, the name or the id that it asks for.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION person_for_login(address text) RETURNS SETOF users_customuser
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM users_customuser WHERE lower(email) = lower(address)
$$;

CREATE FUNCTION staff_names(ids bigint[]) RETURNS TABLE (id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, coalesce(nullif(trim(p.first_name || ' ' || p.last_name), ''), p.email)
    FROM users_customuser p WHERE p.is_superuser AND p.id = ANY (ids)
$$;

CREATE FUNCTION session_read(key text) RETURNS TABLE (
    session_data text, person users_customuser, company users_company,
    system_roles text[], company_role_ids bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.session_data, p, c,
        ARRAY(SELECT g.name::text FROM users_systemrolemembership m
              JOIN auth_group g ON g.id = m.group_id WHERE m.person_id = p.id),
        ARRAY(SELECT m.role_id FROM users_companyrolemembership m WHERE m.person_id = p.id)
    FROM users_session s
    LEFT JOIN users_customuser p ON p.id = s.person_id AND p.is_active
    LEFT JOIN users_company c
        ON c.id = CASE WHEN p.is_superuser THEN s.impersonated_company_id ELSE p.company_id END
    WHERE s.session_key = key AND s.expire_date > now()
$$;

CREATE FUNCTION session_write(
    key text, data text, expires timestamptz, person bigint, company bigint, must_create boolean)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF must_create THEN
        INSERT INTO users_session (session_key, session_data, expire_date, person_id, impersonated_company_id)
        VALUES (key, data, expires, person, company) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE users_session SET session_data = data, expire_date = expires,
            person_id = person, impersonated_company_id = company
        WHERE session_key = key;
    END IF;
    RETURN FOUND;
END $$;

CREATE FUNCTION session_delete(key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM users_session WHERE session_key = key;
    RETURN FOUND;
END $$;

CREATE FUNCTION session_delete_expired() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM users_session WHERE expire_date < now();
    RETURN FOUND;
END $$;
"""

NO_FUNCTIONS = """
DROP FUNCTION session_delete_expired();
DROP FUNCTION session_delete(text);
DROP FUNCTION session_write(text, text, timestamptz, bigint, bigint, boolean);
DROP FUNCTION session_read(text);
DROP FUNCTION staff_names(bigint[]);
DROP FUNCTION person_for_login(text);
"""

# What staff did in Django admin names rows of every company: nothing for a company's scope.
ADMIN_LOG_WALL = """
ALTER TABLE django_admin_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_companies ON django_admin_log
    USING ((SELECT current_setting('app.all_companies', true)) = 'on');
"""

NO_ADMIN_LOG_WALL = """
DROP POLICY all_companies ON django_admin_log;
ALTER TABLE django_admin_log DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial"), ("admin", "0003_logentry_add_action_flag_choices")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(ADMIN_LOG_WALL, NO_ADMIN_LOG_WALL),
    ]
