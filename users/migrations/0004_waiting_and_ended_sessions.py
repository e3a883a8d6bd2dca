"""The session also brings how many tasks wait; being deactivated ends a person's sessions.

`waiting_for_person` says 0 until the app that has tasks puts its own in place (`CREATE OR REPLACE`):
this app knows that something can wait for people, not what. It is no SECURITY DEFINER, so that whoever
calls it by itself sees no more than the walls allow.
"""

from django.db import migrations

WAITING = """
CREATE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

DROP FUNCTION session_read(text);

CREATE FUNCTION session_read(key text) RETURNS TABLE (
    session_data text, person users_customuser, company users_company,
    system_roles text[], company_role_ids bigint[], waiting integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.session_data, p, c,
        ARRAY(SELECT g.name::text FROM users_systemrolemembership m
              JOIN auth_group g ON g.id = m.group_id WHERE m.person_id = p.id),
        ARRAY(SELECT m.role_id FROM users_companyrolemembership m WHERE m.person_id = p.id),
        CASE WHEN p.company_id IS NULL THEN 0 ELSE waiting_for_person(p.company_id, p.id) END
    FROM users_session s
    LEFT JOIN users_customuser p ON p.id = s.person_id AND p.is_active
    LEFT JOIN users_company c
        ON c.id = CASE WHEN p.is_superuser THEN s.impersonated_company_id ELSE p.company_id END
    WHERE s.session_key = key AND s.expire_date > now()
$$;
"""

NO_WAITING = """
DROP FUNCTION session_read(text);
DROP FUNCTION waiting_for_person(bigint, bigint);

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
"""

# A trigger, so that no way of deactivating forgets it; a trigger's function can't be called by itself.
ENDED_SESSIONS = """
CREATE FUNCTION end_sessions_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM users_session WHERE person_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER deactivated_sessions_end AFTER UPDATE OF is_active ON users_customuser
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION end_sessions_of_person();
"""

NO_ENDED_SESSIONS = """
DROP TRIGGER deactivated_sessions_end ON users_customuser;
DROP FUNCTION end_sessions_of_person();
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0003_system_roles")]

    operations = [
        migrations.RunSQL(WAITING, NO_WAITING),
        migrations.RunSQL(ENDED_SESSIONS, NO_ENDED_SESSIONS),
    ]
