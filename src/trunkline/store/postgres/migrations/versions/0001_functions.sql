-- What a batch looks up and what it writes, each in one round trip. The places of rows are looked up one by one
-- (LATERAL … LIMIT 1): a plan is kept for as long as a connection lasts, and one made while the tables were small would
-- else go through all of a portal. In `apply` they stay where they are, because each write has the row of `head` first.

CREATE FUNCTION find(p_portal bigint, p_type text, p_names text[], p_values text[], p_ids bigint[])
RETURNS TABLE (
    version bigint, number bigint, id bigint, properties text, created bigint, updated bigint, app bigint,
    archived bigint, last_change bigint
)
LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
        SELECT h.version, NULL::bigint, NULL::bigint, NULL::text, NULL::bigint, NULL::bigint, NULL::bigint,
            NULL::bigint, NULL::bigint
        FROM head AS h WHERE h.portal = p_portal;
    IF cardinality(p_values) > 0 THEN
        RETURN QUERY
            SELECT NULL::bigint, k.number, r.*
            FROM unnest(p_names, p_values) WITH ORDINALITY AS k (name, value, number)
            CROSS JOIN LATERAL (
                SELECT v.record FROM unique_value AS v
                WHERE v.portal = p_portal AND v.type = p_type AND v.property = k.name AND v.value = k.value LIMIT 1
            ) AS u
            CROSS JOIN LATERAL (
                SELECT s.id, s.properties, s.created, s.updated, s.app, s.archived, s.last_change FROM record AS s
                WHERE s.portal = p_portal AND s.type = p_type AND s.id = u.record LIMIT 1
            ) AS r;
    END IF;
    IF cardinality(p_ids) > 0 THEN
        RETURN QUERY
            SELECT NULL::bigint, NULL::bigint, r.*
            FROM unnest(p_ids) AS k (id)
            CROSS JOIN LATERAL (
                SELECT s.id, s.properties, s.created, s.updated, s.app, s.archived, s.last_change FROM record AS s
                WHERE s.portal = p_portal AND s.type = p_type AND s.id = k.id LIMIT 1
            ) AS r;
    END IF;
END
$$;

CREATE FUNCTION apply(
    p_portal bigint, p_version bigint,
    r_type text[], r_name text[], r_value text[],
    c_type text[], c_id bigint[], c_properties text[], c_created bigint[], c_updated bigint[], c_app bigint[],
    j_type text[], j_at bigint[], j_app bigint[], j_detail text[],
    u_kind text[], u_type text[], u_id bigint[], u_expected bigint[], u_properties text[], u_updated bigint[],
    u_archived bigint[], u_at bigint[], u_app bigint[], u_detail text[],
    k_type text[], k_name text[], k_value text[], k_record bigint[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    n_told bigint := cardinality(j_type);
    n_updates bigint := cardinality(u_id);
    touched bigint;
    base bigint;
BEGIN
    UPDATE head AS h SET position = h.position + n_told + n_updates
    WHERE h.portal = p_portal AND h.version = p_version RETURNING h.position - n_told - n_updates INTO base;
    IF base IS NULL THEN
        IF EXISTS (SELECT FROM head AS h WHERE h.portal = p_portal) THEN
            RAISE EXCEPTION 'the catalog is at another version' USING ERRCODE = 'TK002';
        END IF;
        RAISE EXCEPTION 'the portal is not there' USING ERRCODE = 'TK003';
    END IF;
    IF cardinality(r_value) > 0 THEN
        DELETE FROM unique_value AS v
        USING unnest(r_type, r_name, r_value) AS r (type, name, value)
        CROSS JOIN LATERAL (
            SELECT w.ctid FROM unique_value AS w
            WHERE w.portal = p_portal AND w.type = r.type AND w.property = r.name AND w.value = r.value LIMIT 1
        ) AS found
        WHERE v.portal = p_portal AND v.ctid = found.ctid;
    END IF;
    IF cardinality(c_id) > 0 THEN
        INSERT INTO record (portal, type, id, properties, created, updated, app)
        SELECT p_portal, c.type, c.id, c.properties, c.created, c.updated, c.app
        FROM unnest(c_type, c_id, c_properties, c_created, c_updated, c_app)
            AS c (type, id, properties, created, updated, app);
    END IF;
    IF n_told > 0 THEN
        INSERT INTO change (portal, position, kind, type, at, app, detail)
        SELECT p_portal, base + j.number, 'create', j.type, j.at, j.app, j.detail
        FROM unnest(j_type, j_at, j_app, j_detail) WITH ORDINALITY AS j (type, at, app, detail, number);
    END IF;
    IF n_updates > 0 THEN
        UPDATE record AS r
        SET properties = coalesce(u.properties, r.properties), updated = u.updated,
            archived = coalesce(u.archived, r.archived), last_change = base + n_told + u.number
        FROM unnest(u_type, u_id, u_expected, u_properties, u_updated, u_archived) WITH ORDINALITY
            AS u (type, id, expected, properties, updated, archived, number)
        CROSS JOIN LATERAL (
            SELECT s.ctid FROM record AS s
            WHERE s.portal = p_portal AND s.type = u.type AND s.id = u.id
                AND s.last_change IS NOT DISTINCT FROM u.expected LIMIT 1
        ) AS found
        WHERE r.portal = p_portal AND r.ctid = found.ctid;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched <> n_updates THEN
            RAISE EXCEPTION 'a record was changed meanwhile' USING ERRCODE = 'TK001';
        END IF;
        INSERT INTO change (portal, position, kind, type, at, app, record, previous, detail)
        SELECT p_portal, base + n_told + u.number, u.kind, u.type, u.at, u.app, u.id, u.expected, u.detail
        FROM unnest(u_kind, u_type, u_at, u_app, u_id, u_expected, u_detail) WITH ORDINALITY
            AS u (kind, type, at, app, id, expected, detail, number);
    END IF;
    IF cardinality(k_value) > 0 THEN
        INSERT INTO unique_value (portal, type, property, value, record)
        SELECT p_portal, k.type, k.name, k.value, k.record
        FROM unnest(k_type, k_name, k_value, k_record) AS k (type, name, value, record);
    END IF;
    RETURN base + n_told + n_updates;
END
$$;
