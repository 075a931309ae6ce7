"""The tables, and how a file of an older schema becomes one of this.

Every key starts with the portal. In `record` it does so packed: the row id is the collection's slot (one portal's
records of one type) and the record's id in one integer, so that a record is found in one descent and a list by id is
one range. Ids are below 2**42, slots below 2**21; neither is ever given twice.

The tables of accounts (`app`, `person`, `person_portal`, `credential`, `event`) are the exception: they belong to the
server, because a credential is found before it is known whose portal it opens. A portal that was removed keeps its row
with the moment in `removed`, so that its id is not given again; everything else of it goes.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import apsw

from trunkline.store.numbers import FIRST_ID as FIRST_ID
from trunkline.store.numbers import LAST_ID as LAST_ID
from trunkline.store.protocol import StoreRefused

SLOT_BITS = LAST_ID.bit_length()

APPLICATION_ID = 0x54524B4C

TABLES = """
CREATE TABLE portal (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    catalog_version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE collection (
    slot INTEGER PRIMARY KEY,
    portal INTEGER NOT NULL REFERENCES portal,
    type TEXT NOT NULL,
    UNIQUE (portal, type)
) STRICT;
CREATE TABLE record (
    key INTEGER PRIMARY KEY,
    properties TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    app INTEGER NOT NULL,
    archived INTEGER,
    last_change INTEGER
) STRICT;
CREATE TABLE unique_value (
    collection INTEGER NOT NULL,
    property TEXT NOT NULL,
    value TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (collection, property, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE change (
    position INTEGER PRIMARY KEY,
    portal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    app INTEGER NOT NULL,
    record INTEGER,
    previous INTEGER,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE property (
    portal INTEGER NOT NULL REFERENCES portal,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (portal, type, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE token (
    app INTEGER PRIMARY KEY AUTOINCREMENT,
    portal INTEGER NOT NULL REFERENCES portal,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    revoked INTEGER
) STRICT;
INSERT INTO sqlite_sequence (name, seq) VALUES ('token', 1000000);
"""

WHOLE_OBJECT = """
CREATE INDEX record_archived ON record (key) WHERE archived IS NOT NULL;
CREATE TABLE departed (
    key INTEGER PRIMARY KEY,
    successor INTEGER NOT NULL
) STRICT;
CREATE TABLE association (
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    category INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    app INTEGER NOT NULL,
    PRIMARY KEY (source, target, category, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE property_group (
    portal INTEGER NOT NULL REFERENCES portal,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (portal, type, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE job (
    portal INTEGER NOT NULL REFERENCES portal,
    id TEXT NOT NULL,
    asked BLOB NOT NULL,
    state TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    requested INTEGER NOT NULL,
    started INTEGER,
    completed INTEGER,
    PRIMARY KEY (portal, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_open ON job (portal, requested) WHERE completed IS NULL;
CREATE TABLE job_chunk (
    portal INTEGER NOT NULL,
    job TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    inputs BLOB,
    outcome BLOB,
    PRIMARY KEY (portal, job, chunk),
    FOREIGN KEY (portal, job) REFERENCES job ON DELETE CASCADE
) STRICT;
"""
"""`departed` has the records that were merged into a successor or, with 0 for it, erased. Both directions of an
association are rows, their ends packed as in `record`. A `job` is a batch to carry out later, chunk by chunk; a chunk
has its inputs until it has an outcome."""

ACCOUNTS = """
ALTER TABLE portal ADD COLUMN products TEXT;
ALTER TABLE portal ADD COLUMN limits TEXT;
ALTER TABLE portal ADD COLUMN removed INTEGER;
CREATE TABLE numbered (
    slot INTEGER PRIMARY KEY AUTOINCREMENT CHECK (slot < 2097152),
    portal INTEGER NOT NULL REFERENCES portal,
    type TEXT NOT NULL,
    UNIQUE (portal, type)
) STRICT;
INSERT INTO numbered SELECT slot, portal, type FROM collection;
DROP TABLE collection;
ALTER TABLE numbered RENAME TO collection;
CREATE TABLE app (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    portal INTEGER REFERENCES portal,
    name TEXT NOT NULL,
    client_id TEXT UNIQUE,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    optional_scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    removed INTEGER
) STRICT;
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    password TEXT,
    created INTEGER NOT NULL,
    removed INTEGER
) STRICT;
CREATE UNIQUE INDEX person_email ON person (email) WHERE removed IS NULL;
CREATE TABLE person_portal (
    person INTEGER NOT NULL REFERENCES person,
    portal INTEGER NOT NULL REFERENCES portal,
    PRIMARY KEY (person, portal)
) STRICT, WITHOUT ROWID;
CREATE TABLE credential (
    position INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    app INTEGER NOT NULL,
    portal INTEGER NOT NULL,
    user INTEGER NOT NULL,
    scopes TEXT NOT NULL,
    family TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    ended INTEGER
) STRICT;
CREATE INDEX credential_app ON credential (kind, app);
CREATE INDEX credential_family ON credential (family) WHERE family <> '';
CREATE INDEX credential_expires ON credential (expires) WHERE expires IS NOT NULL;
CREATE INDEX credential_ended ON credential (ended) WHERE ended IS NOT NULL;
CREATE TABLE event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    portal INTEGER NOT NULL,
    app INTEGER NOT NULL,
    user INTEGER NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL,
    count INTEGER NOT NULL
) STRICT;
CREATE INDEX event_portal ON event (portal);
CREATE INDEX event_at ON event (at);
INSERT INTO sqlite_sequence (name, seq) SELECT 'app', seq FROM sqlite_sequence WHERE name = 'token';
INSERT INTO sqlite_sequence (name, seq) VALUES ('person', 10000000);
INSERT INTO app (id, portal, name, redirect_uris, scopes, optional_scopes, created, removed)
    SELECT app, portal, name, '[]', iif(scopes = '', '[]', '[' || replace(json_quote(scopes), ' ', '","') || ']'),
    '[]', created, revoked FROM token;
INSERT INTO credential (digest, kind, app, portal, user, scopes, family, redirect_uri, challenge, created, ended)
    SELECT t.digest, 'private', t.app, t.portal, 0, a.scopes, '', '', '', t.created, t.revoked
    FROM token AS t JOIN app AS a ON a.id = t.app ORDER BY t.app;
DROP TABLE token;
"""
"""`products` is NULL for all of them, also those that come later. A `credential` is found by its digest alone; of its
secret nothing else is kept. Lists are texts of JSON. The ids of apps continue those of the tokens, which the journal
names, and `collection` is made anew so that a slot is not given again after a portal is removed."""

EVERY_OBJECT = """
CREATE TABLE definition (
    portal INTEGER NOT NULL REFERENCES portal,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    last_change INTEGER,
    PRIMARY KEY (portal, kind, type, name)
) STRICT, WITHOUT ROWID;
INSERT INTO definition SELECT portal, 'property', type, name, definition, NULL FROM property;
INSERT INTO definition SELECT portal, 'group', type, name, definition, NULL FROM property_group;
DROP TABLE property;
DROP TABLE property_group;
INSERT OR IGNORE INTO unique_value
    SELECT u.collection, 'email', lower(trim(part.value)), u.record FROM unique_value AS u
    JOIN collection AS c ON c.slot = u.collection AND c.type = '0-1'
    JOIN json_each('[' || replace(json_quote(u.value), ';', '","') || ']') AS part
    WHERE u.property = 'hs_additional_emails' AND trim(part.value) <> '';
DELETE FROM unique_value WHERE property = 'hs_additional_emails'
    AND collection IN (SELECT slot FROM collection WHERE type = '0-1');
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'batch';
ALTER TABLE job ADD COLUMN progress BLOB NOT NULL DEFAULT x'';
CREATE TABLE counter (
    portal INTEGER NOT NULL REFERENCES portal,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (portal, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE list (
    portal INTEGER NOT NULL REFERENCES portal,
    id INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (portal, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE list_folder (
    portal INTEGER NOT NULL REFERENCES portal,
    id INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (portal, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE list_member (
    portal INTEGER NOT NULL,
    list INTEGER NOT NULL,
    record INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (portal, list, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX list_member_joined ON list_member (portal, list, at, record);
CREATE INDEX list_member_record ON list_member (record);
"""
"""What a portal defines (properties, groups, pipelines, types of association) is rows of one table, each with a link to
its newest change, as records have one. The additional
addresses of a contact, which were one text, are held each by itself, unless another contact has the address. Imports
and exports are jobs of their own kinds; their ids are numbers of which `counter` has the last. A `list_member` is a
record, packed as in `record`, that was put into a list; who else is in a list follows from its filters."""

BENCH = """
CREATE TABLE note (
    portal INTEGER NOT NULL REFERENCES portal,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (portal, kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (
    era INTEGER PRIMARY KEY AUTOINCREMENT,
    portal INTEGER NOT NULL REFERENCES portal,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (portal, name)
) STRICT;
CREATE INDEX checkpoint_era ON checkpoint (portal, era);
CREATE TABLE kept_record (
    era INTEGER, key INTEGER, there INTEGER NOT NULL, properties TEXT, created INTEGER, updated INTEGER, app INTEGER,
    archived INTEGER, last_change INTEGER,
    PRIMARY KEY (era, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_unique_value (
    era INTEGER, collection INTEGER, property TEXT, value TEXT, there INTEGER NOT NULL, record INTEGER,
    PRIMARY KEY (era, collection, property, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_association (
    era INTEGER, source INTEGER, target INTEGER, category INTEGER, kind INTEGER, there INTEGER NOT NULL, at INTEGER,
    app INTEGER,
    PRIMARY KEY (era, source, target, category, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_departed (
    era INTEGER, key INTEGER, there INTEGER NOT NULL, successor INTEGER,
    PRIMARY KEY (era, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_definition (
    era INTEGER, portal INTEGER, kind TEXT, type TEXT, name TEXT, there INTEGER NOT NULL, definition TEXT,
    last_change INTEGER,
    PRIMARY KEY (era, portal, kind, type, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_list (
    era INTEGER, portal INTEGER, id INTEGER, there INTEGER NOT NULL, detail TEXT,
    PRIMARY KEY (era, portal, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_list_folder (
    era INTEGER, portal INTEGER, id INTEGER, there INTEGER NOT NULL, detail TEXT,
    PRIMARY KEY (era, portal, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE kept_list_member (
    era INTEGER, portal INTEGER, list INTEGER, record INTEGER, there INTEGER NOT NULL, at INTEGER,
    PRIMARY KEY (era, portal, list, record)
) STRICT, WITHOUT ROWID;
"""
"""The workbench. A `kept_` table has the rows of another as they were when the checkpoint of an era was the newest one
of their portal; what was not there then has `there` 0 (`trunkline.store.sqlite.kept`)."""

STEPS: tuple[str, ...] = (TABLES, WHOLE_OBJECT, ACCOUNTS, EVERY_OBJECT, BENCH)
"""Step n leads from schema version n to n + 1; a file without tables is at 0. Steps are only ever added."""


def migrate(connection: apsw.Connection, path: str, steps: Sequence[str] = STEPS) -> int:
    """Brings a file to the newest schema version and returns the version that it had.

    A copy of an older file is kept beside it, as `calls.db.v1`, before anything is changed. Raises `StoreRefused`
    for a file that is newer, or that is another program's.
    """
    version = int(connection.pragma("user_version"))
    if version > len(steps):
        raise StoreRefused(
            f"{path} has schema version {version}; this Trunkline knows {len(steps)}. Use a newer Trunkline for it."
        )
    if not version and connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise StoreRefused(f"{path} is a SQLite file of another program.")
    if version == len(steps):
        return version
    if version:
        _keep_copy(connection, path, version)
    with connection:
        for step in steps[version:]:
            connection.execute(step)
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", len(steps))
    return version


def is_half_copied(connection: apsw.Connection) -> bool:
    """Whether a file is being made a copy of another store, and lacks some of it."""
    return bool(connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'copying'").fetchall())


def require_whole(connection: apsw.Connection, path: str) -> None:
    """Raises `StoreRefused` for a file that is half copied."""
    if is_half_copied(connection):
        raise StoreRefused(f"{path} is half of a copy: finish it with the same `trunkline copy` that began it.")


def _keep_copy(connection: apsw.Connection, path: str, version: int) -> None:
    """A whole copy of the file, under its final name only once it is complete and on the disk."""
    final = Path(f"{path}.v{version}")
    if path == ":memory:" or final.exists():
        return
    partial = Path(f"{final}.partial")
    partial.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(partial),))
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(final)
