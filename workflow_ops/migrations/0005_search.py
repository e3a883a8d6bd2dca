"""The search: one function that finds tickets, the index behind it, and what follows from new names and languages.

`docs/speed.md`, "Search", says how it stays fast, and `docs/security.md` why it may look past the second wall.
"""

from django.db import migrations

# Each word of a text as it is written and as the dictionary shortens it. Stop words have no short form.
WORDS = r"""
CREATE FUNCTION search_dictionary(language text) RETURNS regconfig
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT oid FROM pg_ts_config WHERE cfgname = language
        AND cfgnamespace = 'pg_catalog'::regnamespace), 'pg_catalog.simple'::regconfig)::regconfig
$$;

CREATE FUNCTION search_stems(language text, words text) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT tsvector_to_array(to_tsvector(search_dictionary(language), words))
$$;

-- The words of `parts` behind the letters of their audiences, and the workflow.
CREATE FUNCTION search_vector(language text, parts jsonb, line bigint) RETURNS tsvector
LANGUAGE sql STABLE AS $$
    SELECT array_to_tsvector(array_agg(word) || ('*' || line)) FROM (
        SELECT DISTINCT audience || word AS word
        FROM jsonb_each_text(parts) AS part(audience, words),
            LATERAL unnest(string_to_array(words, ' ') || search_stems(language, words)) AS word
        WHERE word <> '') AS found
$$;

-- In the index, each word begins with its company and a block of 4,096 tickets, so that a search reads
-- nothing of other companies, and the newest tickets first.
CREATE FUNCTION search_keys(company bigint, number bigint, words tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(array_agg(company || '/' || (number >> 12) || '/' || word))
    FROM unnest(tsvector_to_array(words)) AS word
$$;

-- A query for all of these words, of the last one as a beginning. Each lexeme begins with a section sign, in
-- place of its company and block. Stop words count only if they are `kept`, or if there is nothing else.
CREATE FUNCTION search_query(language text, words text[], kept boolean[], audiences text[]) RETURNS text
LANGUAGE sql STABLE AS $$
    WITH typed AS (
        SELECT place, translate(word, '''\§ ', '') AS word, coalesce(kept[place], false) AS is_kept
        FROM unnest(words) WITH ORDINALITY AS typed(word, place)
    ), known AS (
        SELECT typed.*, search_stems(language, word) AS stems, place = max(place) OVER () AS is_last FROM typed
        WHERE word <> ''
    ), needed AS (
        SELECT *, is_kept OR is_last OR stems <> '{}' OR NOT bool_or(stems <> '{}') OVER () AS is_needed FROM known
    )
    SELECT string_agg('(' || (
        SELECT string_agg('''§' || audience || form || '''' ||
            CASE WHEN is_last AND form = word AND length(word) > 1 THEN ':*' ELSE '' END, ' | ')
        FROM unnest(audiences) AS audience, (SELECT word AS form UNION SELECT unnest(stems)) AS forms
    ) || ')', ' & ') FROM needed WHERE is_needed
$$;

CREATE INDEX ticket_documents_by_word ON workflow_ops_ticketdocument
    USING gin (search_keys(company_id, number, words)) WITH (fastupdate = off);
"""

NO_WORDS = """
DROP INDEX ticket_documents_by_word;
DROP FUNCTION search_query(text, text[], boolean[], text[]);
DROP FUNCTION search_keys(bigint, bigint, tsvector);
DROP FUNCTION search_vector(text, jsonb, bigint);
DROP FUNCTION search_stems(text, text);
DROP FUNCTION search_dictionary(text);
"""

# It takes no company and no person: the settings of the transaction say who asks, and everything that this
# person may see follows from that here (`docs/access.md`, "Who may do what"; `workflow_ops/access.py`).
#
# 1. Of those who have few tickets, as submitter or holder of tasks, each is looked at: no index is asked.
# 2. Of those who administer workflows, or have many tickets, block by block is asked from the newest ticket on, until
#    enough are found or the time is over. Then the last row has no ticket, and the number down to which it was looked.
#
# OFFSET 0 keeps PostgreSQL from reading all tickets that a person had a task in, for each block.
SEARCH = """
CREATE FUNCTION search_tickets(
    language text, words text[], kept boolean[], before bigint, most integer, milliseconds integer)
RETURNS TABLE (ticket_id bigint, number bigint, administers boolean, reads_internal boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    ends CONSTANT timestamptz := clock_timestamp() + make_interval(secs => milliseconds / 1000.0);
    of_company CONSTANT bigint := nullif(current_setting('app.company_id', true), '')::bigint;
    who CONSTANT bigint := nullif(current_setting('app.person_id', true), '')::bigint;
    staff CONSTANT bigint := nullif(current_setting('app.impersonator_id', true), '')::bigint;
    is_admin boolean := false;
    is_ticket_admin boolean := false;
    roles bigint[];
    versions bigint[] := '{}';
    mine bigint[] := '{}';
    inside bigint[] := '{}'; -- of these, the ones of which internal comments may be read (`comments/audience.py`)
    has_many boolean := false;
    seen text := search_query(language, words, kept, '{a}');
    internal text := search_query(language, words, kept, '{a,i}');
    everything text := search_query(language, words, kept, '{a,i,z}');
    here text;
    found bigint[] := '{}';
    numbers bigint[] := '{}';
    administered boolean[] := '{}';
    internally boolean[] := '{}';
    more record;
    looked_to bigint := 0;
    block bigint;
BEGIN
    IF of_company IS NULL OR seen IS NULL THEN RETURN; END IF;
    IF who IS NULL THEN
        is_admin := EXISTS (SELECT FROM users_customuser WHERE id = staff AND is_superuser AND is_active);
        IF NOT is_admin THEN RETURN; END IF;
    ELSIF NOT EXISTS (SELECT FROM users_customuser WHERE id = who AND company_id = of_company AND is_active) THEN
        RETURN;
    ELSE
        SELECT coalesce(bool_or(g.name = 'admin'), false), coalesce(bool_or(g.name = 'ticket_admin'), false)
        INTO is_admin, is_ticket_admin FROM users_systemrolemembership m JOIN auth_group g ON g.id = m.group_id
        WHERE m.person_id = who AND m.company_id = of_company;
    END IF;

    IF NOT is_admin THEN
        roles := ARRAY(SELECT role_id FROM users_companyrolemembership
                       WHERE person_id = who AND company_id = of_company);
        versions := ARRAY(
            SELECT w.id FROM workflow_design_workflowdefinition w WHERE w.company_id = of_company AND CASE
                WHEN EXISTS (SELECT FROM workflow_design_ticketadminrole n WHERE n.workflow_id = w.id)
                THEN EXISTS (SELECT FROM workflow_design_ticketadminrole n
                             WHERE n.workflow_id = w.id AND n.role_id = ANY(roles))
                ELSE is_ticket_admin END);
        mine := ARRAY(
            (SELECT id FROM workflow_ops_ticketinstance
             WHERE company_id = of_company AND created_by_id = who LIMIT 2001)
            UNION
            (SELECT t.id FROM (
                SELECT workflow_instance_id FROM workflow_ops_taskholder
                WHERE company_id = of_company AND person_id = who LIMIT 2001) AS held
             JOIN workflow_ops_ticketinstance t ON t.workflow_instance_id = held.workflow_instance_id));
        has_many := cardinality(mine) > 2000;
        IF NOT has_many THEN
            inside := ARRAY(
                SELECT t.id FROM unnest(mine) AS one(id) JOIN workflow_ops_ticketinstance t ON t.id = one.id
                WHERE t.created_by_id IS DISTINCT FROM who AND t.entered_by_id IS DISTINCT FROM who);
            SELECT array_agg(d.ticket_id), array_agg(d.number), array_agg(false), array_agg(ticket_id = ANY(inside))
            INTO found, numbers, administered, internally FROM (
                (SELECT ticket_id, number FROM workflow_ops_ticketdocument
                WHERE ticket_id = ANY(mine) AND company_id = of_company AND number < before
                    AND words @@ replace(seen, '§', '')::tsquery
                ORDER BY number DESC LIMIT most)
                UNION
                (SELECT ticket_id, number FROM workflow_ops_ticketdocument
                WHERE ticket_id = ANY(inside) AND company_id = of_company AND number < before
                    AND words @@ replace(internal, '§', '')::tsquery
                ORDER BY number DESC LIMIT most)
                ORDER BY number DESC LIMIT most) AS d;
        END IF;
    END IF;

    IF is_admin OR has_many OR versions <> '{}' THEN
        here := concat_ws(' | ', CASE
            WHEN is_admin THEN everything
            WHEN versions <> '{}' THEN (
                SELECT '(' || everything || ') & (' || string_agg('''§*' || line || '''', ' | ') || ')'
                FROM (SELECT DISTINCT line_id AS line FROM workflow_design_workflowdefinition
                      WHERE id = ANY(versions)) AS lines) END,
            CASE WHEN has_many THEN '(' || internal || ')' END);
        SELECT least(before - 1, last_number) >> 12 INTO block
        FROM workflow_ops_ticketcounter WHERE company_id = of_company;
        WHILE block >= 0 LOOP
            IF is_admin THEN
                SELECT array_agg(d.ticket_id) AS ids, array_agg(d.number) AS numbers, array_agg(true) AS admin,
                    array_agg(true) AS internal
                INTO more FROM (
                    SELECT ticket_id, number FROM workflow_ops_ticketdocument
                    WHERE search_keys(company_id, number, words)
                            @@ replace(here, '§', of_company || '/' || block || '/')::tsquery
                        AND company_id = of_company AND number < before
                    ORDER BY number DESC LIMIT most) AS d;
            ELSE
                SELECT array_agg(d.ticket_id) AS ids, array_agg(d.number) AS numbers, array_agg(d.admin) AS admin,
                    array_agg(d.internal) AS internal
                INTO more FROM (
                    SELECT d.ticket_id, d.number, r.workflow_id = ANY(versions) AS admin,
                        r.workflow_id = ANY(versions) OR (
                            t.created_by_id IS DISTINCT FROM who AND t.entered_by_id IS DISTINCT FROM who) AS internal
                    FROM workflow_ops_ticketdocument d
                    JOIN workflow_ops_ticketinstance t ON t.id = d.ticket_id
                    JOIN workflow_ops_workflowinstance r ON r.id = t.workflow_instance_id
                    WHERE search_keys(d.company_id, d.number, d.words)
                            @@ replace(here, '§', of_company || '/' || block || '/')::tsquery
                        AND d.company_id = of_company AND d.number < before
                        AND CASE
                            WHEN r.workflow_id = ANY(versions) THEN d.words @@ replace(everything, '§', '')::tsquery
                            WHEN NOT has_many THEN false
                            WHEN t.created_by_id = who THEN d.words @@ replace(seen, '§', '')::tsquery
                            WHEN NOT EXISTS (
                                SELECT FROM workflow_ops_taskholder h
                                WHERE h.workflow_instance_id = r.id AND h.person_id = who OFFSET 0) THEN false
                            WHEN t.entered_by_id = who THEN d.words @@ replace(seen, '§', '')::tsquery
                            ELSE d.words @@ replace(internal, '§', '')::tsquery END
                    ORDER BY d.number DESC LIMIT most) AS d;
            END IF;
            found := found || more.ids;
            numbers := numbers || more.numbers;
            administered := administered || more.admin;
            internally := internally || more.internal;
            looked_to := block << 12;
            EXIT WHEN cardinality(found) >= most AND
                (SELECT count(DISTINCT n) FROM unnest(numbers) AS n WHERE n >= looked_to) >= most;
            EXIT WHEN clock_timestamp() > ends;
            block := block - 1;
        END LOOP;
    END IF;

    RETURN QUERY SELECT f.id, f.n, bool_or(f.admin), bool_or(f.internal)
        FROM unnest(found, numbers, administered, internally) AS f(id, n, admin, internal)
        WHERE f.n >= looked_to GROUP BY f.id, f.n ORDER BY f.n DESC LIMIT most;
    IF looked_to > 0 THEN RETURN QUERY SELECT NULL::bigint, looked_to, false, false; END IF;
END $$;
"""

# A trigger, so that no way of changing a name or the language forgets the texts that were made with it.
# The job (`workflow_ops/jobs.py`) begins with the newest tickets and goes on in parts.
REBUILDING = """
CREATE FUNCTION rebuild_search() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    of_company bigint := CASE TG_TABLE_NAME WHEN 'users_company' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'company_id')::bigint END;
    renamed bigint := CASE TG_TABLE_NAME WHEN 'users_company' THEN NULL ELSE NEW.id END;
BEGIN
    IF of_company IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'default', 'workflow_ops.jobs.rebuild_search', -10, 'rebuild_search:' || of_company, NULL,
            jsonb_build_object('company_id', of_company, 'person_id', renamed, 'before', NULL), NULL
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER rebuild_search AFTER UPDATE OF first_name, last_name ON users_customuser
    FOR EACH ROW WHEN ((OLD.first_name, OLD.last_name) IS DISTINCT FROM (NEW.first_name, NEW.last_name))
    EXECUTE FUNCTION rebuild_search();

CREATE TRIGGER rebuild_search AFTER UPDATE OF language ON users_company
    FOR EACH ROW WHEN (OLD.language <> NEW.language) EXECUTE FUNCTION rebuild_search();
"""

NO_REBUILDING = """
DROP TRIGGER rebuild_search ON users_company;
DROP TRIGGER rebuild_search ON users_customuser;
DROP FUNCTION rebuild_search();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0004_jobs")]

    operations = [
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(
            SEARCH, "DROP FUNCTION search_tickets(text, text[], boolean[], bigint, integer, integer)"
        ),
        migrations.RunSQL(REBUILDING, NO_REBUILDING),
    ]
