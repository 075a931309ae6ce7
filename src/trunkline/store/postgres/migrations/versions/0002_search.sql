-- What searches look at, in the form in which it is compared; made of the records, and made anew when it is lost.

CREATE TABLE search_progress (
    portal bigint PRIMARY KEY,
    position bigint NOT NULL,
    layouts int NOT NULL DEFAULT 0
);
CREATE TABLE search_layout (
    portal bigint NOT NULL,
    type text NOT NULL,
    number int NOT NULL,
    records bigint NOT NULL DEFAULT 0,
    filled bigint,
    detail text NOT NULL,
    PRIMARY KEY (portal, type)
) WITH (fillfactor = 50);

-- Which property is in which column is different in each layout; what finds no free one is in `detail`, where also the
-- texts are whole that are longer than what is kept of them in a column.
CREATE TABLE search_entry (
    portal bigint NOT NULL,
    layout int NOT NULL,
    id bigint NOT NULL,
    t0 text COLLATE "C",
    t1 text COLLATE "C",
    t2 text COLLATE "C",
    t3 text COLLATE "C",
    t4 text COLLATE "C",
    t5 text COLLATE "C",
    t6 text COLLATE "C",
    t7 text COLLATE "C",
    t8 text COLLATE "C",
    t9 text COLLATE "C",
    t10 text COLLATE "C",
    t11 text COLLATE "C",
    n0 numeric,
    n1 numeric,
    n2 numeric,
    n3 numeric,
    n4 numeric,
    n5 numeric,
    n6 numeric,
    n7 numeric,
    n8 numeric,
    n9 numeric,
    n10 numeric,
    n11 numeric,
    detail jsonb,
    PRIMARY KEY (portal, layout, id)
) WITH (
    autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
CREATE INDEX search_entry_t0 ON search_entry (portal, layout, t0, id) WHERE t0 IS NOT NULL;
CREATE INDEX search_entry_t1 ON search_entry (portal, layout, t1, id) WHERE t1 IS NOT NULL;
CREATE INDEX search_entry_t2 ON search_entry (portal, layout, t2, id) WHERE t2 IS NOT NULL;
CREATE INDEX search_entry_t3 ON search_entry (portal, layout, t3, id) WHERE t3 IS NOT NULL;
CREATE INDEX search_entry_t4 ON search_entry (portal, layout, t4, id) WHERE t4 IS NOT NULL;
CREATE INDEX search_entry_t5 ON search_entry (portal, layout, t5, id) WHERE t5 IS NOT NULL;
CREATE INDEX search_entry_t6 ON search_entry (portal, layout, t6, id) WHERE t6 IS NOT NULL;
CREATE INDEX search_entry_t7 ON search_entry (portal, layout, t7, id) WHERE t7 IS NOT NULL;
CREATE INDEX search_entry_t8 ON search_entry (portal, layout, t8, id) WHERE t8 IS NOT NULL;
CREATE INDEX search_entry_t9 ON search_entry (portal, layout, t9, id) WHERE t9 IS NOT NULL;
CREATE INDEX search_entry_t10 ON search_entry (portal, layout, t10, id) WHERE t10 IS NOT NULL;
CREATE INDEX search_entry_t11 ON search_entry (portal, layout, t11, id) WHERE t11 IS NOT NULL;
CREATE INDEX search_entry_n0 ON search_entry (portal, layout, n0, id) WHERE n0 IS NOT NULL;
CREATE INDEX search_entry_n1 ON search_entry (portal, layout, n1, id) WHERE n1 IS NOT NULL;
CREATE INDEX search_entry_n2 ON search_entry (portal, layout, n2, id) WHERE n2 IS NOT NULL;
CREATE INDEX search_entry_n3 ON search_entry (portal, layout, n3, id) WHERE n3 IS NOT NULL;
CREATE INDEX search_entry_n4 ON search_entry (portal, layout, n4, id) WHERE n4 IS NOT NULL;
CREATE INDEX search_entry_n5 ON search_entry (portal, layout, n5, id) WHERE n5 IS NOT NULL;
CREATE INDEX search_entry_n6 ON search_entry (portal, layout, n6, id) WHERE n6 IS NOT NULL;
CREATE INDEX search_entry_n7 ON search_entry (portal, layout, n7, id) WHERE n7 IS NOT NULL;
CREATE INDEX search_entry_n8 ON search_entry (portal, layout, n8, id) WHERE n8 IS NOT NULL;
CREATE INDEX search_entry_n9 ON search_entry (portal, layout, n9, id) WHERE n9 IS NOT NULL;
CREATE INDEX search_entry_n10 ON search_entry (portal, layout, n10, id) WHERE n10 IS NOT NULL;
CREATE INDEX search_entry_n11 ON search_entry (portal, layout, n11, id) WHERE n11 IS NOT NULL;

-- The words apart: most changes of a record leave them alone, and an entry of theirs is dear.
CREATE TABLE search_words (
    portal bigint NOT NULL,
    layout int NOT NULL,
    id bigint NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (portal, layout, id)
) WITH (
    autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
CREATE INDEX search_words_words ON search_words USING gin (words) WITH (gin_pending_list_limit = 1024);

CREATE FUNCTION search_enter(
    p_portal bigint, p_layout int, p_id bigint[],
    p_t0 text[], p_t1 text[], p_t2 text[], p_t3 text[], p_t4 text[], p_t5 text[], p_t6 text[], p_t7 text[],
    p_t8 text[], p_t9 text[], p_t10 text[], p_t11 text[], p_n0 text[], p_n1 text[], p_n2 text[], p_n3 text[],
    p_n4 text[], p_n5 text[], p_n6 text[], p_n7 text[], p_n8 text[], p_n9 text[], p_n10 text[], p_n11 text[],
    p_detail text[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    -- Counted before: Citus does not tell what became of each row that an INSERT takes from a SELECT.
    added bigint := cardinality(p_id) - (
        SELECT count(*) FROM search_entry AS e WHERE e.portal = p_portal AND e.layout = p_layout AND e.id = ANY (p_id)
    );
BEGIN
    INSERT INTO search_entry AS e (
        portal, layout, id,
        t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, detail
    )
    SELECT p_portal, p_layout, u.id,
        u.t0, u.t1, u.t2, u.t3, u.t4, u.t5, u.t6, u.t7, u.t8, u.t9, u.t10, u.t11, u.n0::numeric, u.n1::numeric,
        u.n2::numeric, u.n3::numeric, u.n4::numeric, u.n5::numeric, u.n6::numeric, u.n7::numeric, u.n8::numeric,
        u.n9::numeric, u.n10::numeric, u.n11::numeric, u.detail::jsonb
    FROM unnest(
        p_id,
        p_t0, p_t1, p_t2, p_t3, p_t4, p_t5, p_t6, p_t7, p_t8, p_t9, p_t10, p_t11, p_n0, p_n1, p_n2, p_n3, p_n4,
        p_n5, p_n6, p_n7, p_n8, p_n9, p_n10, p_n11,
        p_detail
    ) AS u (
        id,
        t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, detail
    )
    ON CONFLICT (portal, layout, id) DO UPDATE SET
        t0 = excluded.t0, t1 = excluded.t1, t2 = excluded.t2, t3 = excluded.t3, t4 = excluded.t4,
        t5 = excluded.t5, t6 = excluded.t6, t7 = excluded.t7, t8 = excluded.t8, t9 = excluded.t9,
        t10 = excluded.t10, t11 = excluded.t11, n0 = excluded.n0, n1 = excluded.n1, n2 = excluded.n2,
        n3 = excluded.n3, n4 = excluded.n4, n5 = excluded.n5, n6 = excluded.n6, n7 = excluded.n7,
        n8 = excluded.n8, n9 = excluded.n9, n10 = excluded.n10, n11 = excluded.n11, detail = excluded.detail
    WHERE (
        e.t0, e.t1, e.t2, e.t3, e.t4, e.t5, e.t6, e.t7, e.t8, e.t9, e.t10, e.t11, e.n0, e.n1, e.n2, e.n3, e.n4,
        e.n5, e.n6, e.n7, e.n8, e.n9, e.n10, e.n11, e.detail
    ) IS DISTINCT FROM (
        excluded.t0, excluded.t1, excluded.t2, excluded.t3, excluded.t4, excluded.t5, excluded.t6, excluded.t7,
        excluded.t8, excluded.t9, excluded.t10, excluded.t11, excluded.n0, excluded.n1, excluded.n2,
        excluded.n3, excluded.n4, excluded.n5, excluded.n6, excluded.n7, excluded.n8, excluded.n9, excluded.n10,
        excluded.n11, excluded.detail
    );
    UPDATE search_layout SET records = records + added WHERE added > 0 AND portal = p_portal AND number = p_layout;
    RETURN added;
END
$$;

CREATE FUNCTION search_word(p_portal bigint, p_layout int, p_id bigint[], p_words text[]) RETURNS void
LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off
AS $$
BEGIN
    INSERT INTO search_words AS w (portal, layout, id, words)
    SELECT p_portal, p_layout, u.id, array_to_tsvector(string_to_array(u.words, ' '))
    FROM unnest(p_id, p_words) AS u (id, words) WHERE u.words <> ''
    ON CONFLICT (portal, layout, id) DO UPDATE SET words = excluded.words WHERE w.words <> excluded.words;
    DELETE FROM search_words AS w
    WHERE w.portal = p_portal AND w.layout = p_layout
        AND w.id = ANY (ARRAY(SELECT u.id FROM unnest(p_id, p_words) AS u (id, words) WHERE u.words = ''));
END
$$;

CREATE FUNCTION search_leave(p_portal bigint, p_layout int, p_id bigint[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path FROM CURRENT SET enable_seqscan = off
AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM search_words WHERE portal = p_portal AND layout = p_layout AND id = ANY (p_id);
    DELETE FROM search_entry WHERE portal = p_portal AND layout = p_layout AND id = ANY (p_id);
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE search_layout SET records = records - removed
    WHERE removed > 0 AND portal = p_portal AND number = p_layout;
    RETURN removed;
END
$$;
