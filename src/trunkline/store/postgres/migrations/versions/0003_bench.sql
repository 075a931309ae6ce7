-- The workbench: what is kept of a portal for tests, its checkpoints, and what rows were like at them.

CREATE TABLE note (
    portal bigint NOT NULL,
    kind text NOT NULL,
    name text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (portal, kind, name)
);
CREATE TABLE checkpoint (
    portal bigint NOT NULL,
    era bigint NOT NULL,
    name text NOT NULL,
    position bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (portal, era),
    UNIQUE (portal, name)
);

-- A `kept_` table has the rows of another as they were when the checkpoint of an era was the newest one and they were
-- changed first: `there` is false where there was none. A trigger fills it, which the first checkpoint of a database
-- makes and which is on for as long as there is one.
CREATE TABLE kept_record (
    portal bigint NOT NULL,
    type text NOT NULL,
    id bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    properties text,
    created bigint,
    updated bigint,
    app bigint,
    archived bigint,
    last_change bigint,
    PRIMARY KEY (portal, type, id, era)
);
CREATE TABLE kept_unique_value (
    portal bigint NOT NULL,
    type text NOT NULL,
    property text NOT NULL,
    value text COLLATE "C" NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    record bigint,
    PRIMARY KEY (portal, type, property, value, era)
);
CREATE TABLE kept_association (
    portal bigint NOT NULL,
    source_type text NOT NULL,
    source bigint NOT NULL,
    target_type text NOT NULL,
    target bigint NOT NULL,
    category smallint NOT NULL,
    kind bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    at bigint,
    app bigint,
    PRIMARY KEY (portal, source_type, source, target_type, target, category, kind, era)
);
CREATE TABLE kept_departed (
    portal bigint NOT NULL,
    type text NOT NULL,
    id bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    successor bigint,
    PRIMARY KEY (portal, type, id, era)
);
CREATE TABLE kept_definition (
    portal bigint NOT NULL,
    kind text NOT NULL,
    type text NOT NULL,
    name text COLLATE "C" NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    definition text,
    last_change bigint,
    PRIMARY KEY (portal, kind, type, name, era)
);
CREATE TABLE kept_list (
    portal bigint NOT NULL,
    id bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    detail text,
    PRIMARY KEY (portal, id, era)
);
CREATE TABLE kept_list_folder (
    portal bigint NOT NULL,
    id bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    detail text,
    PRIMARY KEY (portal, id, era)
);
CREATE TABLE kept_list_member (
    portal bigint NOT NULL,
    list bigint NOT NULL,
    type text NOT NULL,
    record bigint NOT NULL,
    era bigint NOT NULL,
    there boolean NOT NULL,
    at bigint,
    PRIMARY KEY (portal, list, type, record, era)
);

CREATE FUNCTION keep_record() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_record (portal, type, id, era, there, properties, created, updated, app, archived,
            last_change)
        VALUES (OLD.portal, OLD.type, OLD.id, newest, true, OLD.properties, OLD.created, OLD.updated, OLD.app,
            OLD.archived, OLD.last_change) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_record (portal, type, id, era, there)
        VALUES (NEW.portal, NEW.type, NEW.id, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_unique_value() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_unique_value (portal, type, property, value, era, there, record)
        VALUES (OLD.portal, OLD.type, OLD.property, OLD.value, newest, true, OLD.record) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_unique_value (portal, type, property, value, era, there)
        VALUES (NEW.portal, NEW.type, NEW.property, NEW.value, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_association() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_association (portal, source_type, source, target_type, target, category, kind, era, there,
            at, app)
        VALUES (OLD.portal, OLD.source_type, OLD.source, OLD.target_type, OLD.target, OLD.category, OLD.kind, newest,
            true, OLD.at, OLD.app) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_association (portal, source_type, source, target_type, target, category, kind, era, there)
        VALUES (NEW.portal, NEW.source_type, NEW.source, NEW.target_type, NEW.target, NEW.category, NEW.kind, newest,
            false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_departed() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_departed (portal, type, id, era, there, successor)
        VALUES (OLD.portal, OLD.type, OLD.id, newest, true, OLD.successor) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_departed (portal, type, id, era, there)
        VALUES (NEW.portal, NEW.type, NEW.id, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_definition() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_definition (portal, kind, type, name, era, there, definition, last_change)
        VALUES (OLD.portal, OLD.kind, OLD.type, OLD.name, newest, true, OLD.definition, OLD.last_change) ON CONFLICT
            DO NOTHING;
    ELSE
        INSERT INTO kept_definition (portal, kind, type, name, era, there)
        VALUES (NEW.portal, NEW.kind, NEW.type, NEW.name, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_list() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_list (portal, id, era, there, detail)
        VALUES (OLD.portal, OLD.id, newest, true, OLD.detail) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_list (portal, id, era, there)
        VALUES (NEW.portal, NEW.id, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_list_folder() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_list_folder (portal, id, era, there, detail)
        VALUES (OLD.portal, OLD.id, newest, true, OLD.detail) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_list_folder (portal, id, era, there)
        VALUES (NEW.portal, NEW.id, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_list_member() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT max(c.era) INTO newest FROM checkpoint AS c WHERE c.portal = coalesce(NEW.portal, OLD.portal);
    IF newest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO kept_list_member (portal, list, type, record, era, there, at)
        VALUES (OLD.portal, OLD.list, OLD.type, OLD.record, newest, true, OLD.at) ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO kept_list_member (portal, list, type, record, era, there)
        VALUES (NEW.portal, NEW.list, NEW.type, NEW.record, newest, false) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

-- An erased record stays erased, and nothing of it is kept.
CREATE FUNCTION keep_nothing(p_portal bigint, p_type text, p_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM checkpoint AS c WHERE c.portal = p_portal) THEN
        RETURN;
    END IF;
    DELETE FROM kept_record WHERE portal = p_portal AND type = p_type AND id = p_id;
    DELETE FROM kept_unique_value WHERE portal = p_portal AND type = p_type AND record = p_id;
    DELETE FROM kept_association WHERE portal = p_portal AND source_type = p_type AND source = p_id;
    DELETE FROM kept_association WHERE portal = p_portal AND target_type = p_type AND target = p_id;
    DELETE FROM kept_departed WHERE portal = p_portal AND type = p_type AND id = p_id;
    DELETE FROM kept_list_member WHERE portal = p_portal AND type = p_type AND record = p_id;
END
$$;
