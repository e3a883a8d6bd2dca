"""The narrow ways past the second wall: a session by its key, a person by the address they log in with.

SECURITY DEFINER: they run as the tables' owner, whom the policies do not bind. Each
answers only to somebody who already holds the secret or the name that it asks for.

`waiting_for_person`, `errors_for_person` and `unread_for_person` say 0 until the app that has tasks puts its own in place
(`CREATE OR REPLACE`): this app knows that something can wait for people, not what. They are no SECURITY
DEFINER, so that whoever calls them by themselves sees no more than the walls allow.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

CREATE FUNCTION errors_for_person(company bigint, is_admin boolean, is_ticket_admin boolean, roles bigint[])
RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

CREATE FUNCTION unread_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

CREATE FUNCTION person_for_login(address text) RETURNS SETOF users_customuser
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM users_customuser WHERE lower(email) = lower(address) AND email <> ''
$$;

-- PL/pgSQL keeps the plan. Planning anew for each request took several times as long as reading.
CREATE FUNCTION session_read(key text, must_count boolean) RETURNS TABLE (
    session_data text, person users_customuser, company users_company,
    system_roles text[], company_role_ids bigint[], waiting integer, errors integer,
    unread integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY SELECT s.session_data, p, c, r.system_roles, r.company_role_ids,
        CASE WHEN p.company_id IS NULL OR NOT must_count THEN 0 ELSE waiting_for_person(p.company_id, p.id) END,
        CASE WHEN c.id IS NULL OR NOT must_count THEN 0 ELSE errors_for_person(
            c.id, p.is_superuser OR 'admin' = ANY(r.system_roles), 'ticket_admin' = ANY(r.system_roles),
            r.company_role_ids) END,
        CASE WHEN p.company_id IS NULL OR NOT must_count THEN 0 ELSE unread_for_person(p.company_id, p.id) END
    FROM users_session s
    LEFT JOIN users_customuser p ON p.id = s.person_id AND p.is_active
    LEFT JOIN users_company c
        ON c.id = CASE WHEN p.is_superuser THEN s.impersonated_company_id ELSE p.company_id END
    CROSS JOIN LATERAL (SELECT
        ARRAY(SELECT g.name::text FROM users_systemrolemembership m
              JOIN auth_group g ON g.id = m.group_id WHERE m.person_id = p.id) AS system_roles,
        ARRAY(SELECT m.role_id FROM users_companyrolemembership m WHERE m.person_id = p.id)
            AS company_role_ids) AS r
    WHERE s.session_key = key AND s.expire_date > now();
END $$;

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

CREATE FUNCTION unsent_form_delete_expired() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM users_unsentform WHERE stored_at < now() - interval '1 hour';
    RETURN FOUND;
END $$;
"""

TOKENS = """
CREATE FUNCTION token_read(secret_digest bytea, period integer, is_alone boolean) RETURNS TABLE (
    token users_accesstoken, person users_customuser, company users_company, system_roles text[],
    company_role_ids bigint[], requests integer, window_began_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- A transaction that does nothing else need not wait for the disk. It does no harm if a crash loses the last counts.
    IF is_alone THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    RETURN QUERY WITH found AS (
        SELECT t, p, c FROM users_accesstoken t
        JOIN users_customuser p ON p.id = t.person_id AND p.is_active AND NOT p.is_superuser
        JOIN users_company c ON c.id = p.company_id
        WHERE t.digest = secret_digest AND t.expires_at > now()
    ), used AS (
        INSERT INTO users_tokenuse AS uses (company_id, token_id, last_used_at, window_began_at, requests)
        SELECT (c).id, (t).id, now(), now(), 1 FROM found
        ON CONFLICT (token_id) DO UPDATE SET
            last_used_at = now(),
            window_began_at = CASE WHEN uses.window_began_at + make_interval(secs => period) > now()
                THEN uses.window_began_at ELSE now() END,
            requests = CASE WHEN uses.window_began_at + make_interval(secs => period) > now()
                THEN uses.requests + 1 ELSE 1 END
        RETURNING uses.requests, uses.window_began_at
    )
    SELECT found.t, found.p, found.c,
        ARRAY(SELECT g.name::text FROM users_systemrolemembership m
            JOIN auth_group g ON g.id = m.group_id WHERE m.person_id = (found.p).id),
        ARRAY(SELECT m.role_id FROM users_companyrolemembership m WHERE m.person_id = (found.p).id),
        used.requests, used.window_began_at
    FROM found, used;
END $$;
"""

NO_FUNCTIONS = """
CREATE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

DROP FUNCTION unsent_form_delete_expired();
DROP FUNCTION session_delete_expired();
DROP FUNCTION session_delete(text);
DROP FUNCTION session_write(text, text, timestamptz, bigint, bigint, boolean);
DROP FUNCTION session_read(text, boolean);
DROP FUNCTION waiting_for_person(bigint, bigint);
DROP FUNCTION unread_for_person(bigint, bigint);
DROP FUNCTION errors_for_person(bigint, boolean, boolean, bigint[]);
DROP FUNCTION person_for_login(text);
"""

# A trigger, so that no way of deactivating, or of changing an address, forgets it; a trigger's function can't be called by itself.
ENDED_SESSIONS = """
CREATE FUNCTION end_sessions_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM users_session WHERE person_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER end_sessions_of_person AFTER UPDATE OF is_active, email ON users_customuser
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active OR OLD.email <> NEW.email)
    EXECUTE FUNCTION end_sessions_of_person();
"""

NO_ENDED_SESSIONS = """
DROP TRIGGER end_sessions_of_person ON users_customuser;
DROP FUNCTION end_sessions_of_person();
"""

# The row is locked before its moments are read, so that two calls at once count one after the other.
LIMITS = """
CREATE FUNCTION limit_count(subject text, most integer, seconds integer) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    this_moment timestamptz := clock_timestamp();
    period interval := make_interval(secs => seconds);
    recent timestamptz[];
BEGIN
    INSERT INTO users_limiteduse AS uses (key, moments, expires_at) VALUES (subject, '{}', this_moment + period)
        ON CONFLICT (key) DO UPDATE SET expires_at = greatest(uses.expires_at, excluded.expires_at)
        RETURNING moments INTO recent;
    this_moment := clock_timestamp();
    recent := ARRAY(SELECT moment FROM unnest(recent) AS moment WHERE moment > this_moment - period ORDER BY 1);
    IF cardinality(recent) >= most THEN
        RETURN extract(epoch FROM coalesce(recent[cardinality(recent) - most + 1], this_moment) + period
            - this_moment);
    END IF;
    UPDATE users_limiteduse SET moments = recent || this_moment WHERE key = subject;
    RETURN NULL;
END $$;

CREATE FUNCTION limit_take_back(subject text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE users_limiteduse SET moments = trim_array(moments, 1) WHERE key = subject AND moments <> '{}'
$$;

CREATE FUNCTION limit_forget(subject text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM users_limiteduse WHERE key = subject
$$;

CREATE FUNCTION limit_forget_expired() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM users_limiteduse WHERE expires_at < now()
$$;
"""

NO_LIMITS = """
DROP FUNCTION limit_forget_expired();
DROP FUNCTION limit_forget(text);
DROP FUNCTION limit_take_back(text);
DROP FUNCTION limit_count(text, integer, integer);
"""

# For every way of changing a row, also those past the policies.
FIXED_COLUMNS = """
CREATE FUNCTION refuse_changed_company_or_staff() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'company_id, is_staff and is_superuser of a person never change'
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER company_and_staff_never_change BEFORE UPDATE ON users_customuser
    FOR EACH ROW WHEN ((OLD.company_id, OLD.is_staff, OLD.is_superuser)
        IS DISTINCT FROM (NEW.company_id, NEW.is_staff, NEW.is_superuser))
    EXECUTE FUNCTION refuse_changed_company_or_staff();
"""

NO_FIXED_COLUMNS = """
DROP TRIGGER company_and_staff_never_change ON users_customuser;
DROP FUNCTION refuse_changed_company_or_staff();
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


# Every row has its company's id; foreign keys are checked at the end of the transaction, so any order will do. The
# audit log goes last, since deleting the other rows is recorded there.
DELETED_COMPANY = """
CREATE FUNCTION company_delete(company bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company_name text;
    with_company regclass;
    staff bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;
BEGIN
    IF current_setting('app.all_companies', true) IS DISTINCT FROM 'on' OR NOT EXISTS (
        SELECT FROM users_customuser WHERE id = staff AND is_superuser AND is_active
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only staff, outside of any company, may delete one';
    END IF;
    SELECT name INTO company_name FROM users_company WHERE id = company FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    DELETE FROM users_session WHERE impersonated_company_id = company
        OR person_id IN (SELECT id FROM users_customuser WHERE company_id = company);
    FOR with_company IN
        SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND a.attname = 'company_id' AND c.relname <> 'users_auditevent'
    LOOP
        EXECUTE format('DELETE FROM %s WHERE company_id = $1', with_company) USING company;
    END LOOP;
    DELETE FROM users_company WHERE id = company;
    DELETE FROM users_auditevent WHERE company_id = company;
    INSERT INTO users_auditevent (at, act, way, token, impersonator_id, actor, kind, operation, "table", row_id, label,
        subject, changes)
    VALUES (clock_timestamp(), nullif(current_setting('app.act', true), '')::bigint, 'job', '', staff,
        (SELECT coalesce(nullif(trim(first_name || ' ' || last_name), ''), email) FROM users_customuser
            WHERE id = staff),
        'COMPANY', 'delete', 'users_company', company, company_name, '', '{}');
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0001_initial"), ("admin", "0003_logentry_add_action_flag_choices")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(TOKENS, "DROP FUNCTION token_read(bytea, integer, boolean)"),
        migrations.RunSQL(ENDED_SESSIONS, NO_ENDED_SESSIONS),
        migrations.RunSQL(LIMITS, NO_LIMITS),
        migrations.RunSQL(FIXED_COLUMNS, NO_FIXED_COLUMNS),
        migrations.RunSQL(ADMIN_LOG_WALL, NO_ADMIN_LOG_WALL),
        migrations.RunSQL(DELETED_COMPANY, "DROP FUNCTION company_delete(bigint)"),
    ]
