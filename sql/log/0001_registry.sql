-- The registry where rows cannot be changed: each table is a log, and a view of its newest entries has the table's name.
-- Entries are numbered in the order of time; an entry that is gone says that there is no such row any more.
-- Types are DuckDB's names, the engine's are put in their place; everything may be run again. All times are UTC.

CREATE TABLE IF NOT EXISTS migrations_log (
    number INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    sqlops_version VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW migrations AS
SELECT number, name, sqlops_version, applied_at
FROM (SELECT *, row_number() OVER (PARTITION BY number ORDER BY entry DESC) AS age FROM migrations_log) AS entries
WHERE age = 1 AND NOT gone;

CREATE TABLE IF NOT EXISTS models_log (
    model VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW models AS
SELECT model, created_at, changed_at
FROM (SELECT *, row_number() OVER (PARTITION BY model ORDER BY entry DESC) AS age FROM models_log) AS entries
WHERE age = 1 AND NOT gone;

CREATE TABLE IF NOT EXISTS versions_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    task VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    target VARCHAR,
    card VARCHAR NOT NULL,
    baseline_rows BIGINT,
    sqlops_version VARCHAR NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    registered_by VARCHAR NOT NULL,
    artifact BLOB NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW versions AS
SELECT
    model, version, digest, task, signature, target, card, baseline_rows, sqlops_version, registered_at, registered_by,
    artifact
FROM (SELECT *, row_number() OVER (PARTITION BY model, version ORDER BY entry DESC) AS age FROM versions_log) AS entries
WHERE age = 1 AND NOT gone;

CREATE TABLE IF NOT EXISTS aliases_log (
    model VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW aliases AS
SELECT model, alias, version
FROM (SELECT *, row_number() OVER (PARTITION BY model, alias ORDER BY entry DESC) AS age FROM aliases_log) AS entries
WHERE age = 1 AND NOT gone;

-- What an alias pointed to before and after; rollback reads it. Entries are the ids.
CREATE TABLE IF NOT EXISTS promotions_log (
    model VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    previous INTEGER,
    kind VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW promotions AS
SELECT entry AS id, model, alias, version, previous, kind, happened_at FROM promotions_log;

CREATE TABLE IF NOT EXISTS deployments_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    placed_in VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    keys VARCHAR NOT NULL,
    sqlops_version VARCHAR NOT NULL,
    deployed_at TIMESTAMP NOT NULL,
    deployed_by VARCHAR NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW deployments AS
SELECT model, version, placed_in, source, keys, sqlops_version, deployed_at, deployed_by
FROM (SELECT *, row_number() OVER (PARTITION BY model, version ORDER BY entry DESC) AS age FROM deployments_log) AS entries
WHERE age = 1 AND NOT gone;

-- The views, functions and tables that sqlops made; any other relation of such a name is left alone.
CREATE TABLE IF NOT EXISTS objects_log (
    placed_in VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW objects AS
SELECT placed_in, object, kind, model
FROM (SELECT *, row_number() OVER (PARTITION BY placed_in, object ORDER BY entry DESC) AS age FROM objects_log) AS entries
WHERE age = 1 AND NOT gone;

-- The table behind the view of a model's scores: rows cannot be deleted, so that a refresh writes a new one.
CREATE TABLE IF NOT EXISTS score_tables_log (
    model VARCHAR NOT NULL,
    placed_in VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    detail VARCHAR NOT NULL,
    scored_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW score_tables AS
SELECT model, placed_in, object, version, detail, scored_at
FROM (SELECT *, row_number() OVER (PARTITION BY model ORDER BY entry DESC) AS age FROM score_tables_log) AS entries
WHERE age = 1 AND NOT gone;

CREATE TABLE IF NOT EXISTS parity_checks_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    output VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    worst_absolute DOUBLE NOT NULL,
    worst_relative DOUBLE NOT NULL,
    ok BOOLEAN NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW parity_checks AS
SELECT model, version, output, rows, differing, worst_absolute, worst_relative, ok, checked_at FROM parity_checks_log;

-- Append-only; entries are the ids.
CREATE TABLE IF NOT EXISTS events_log (
    model VARCHAR NOT NULL,
    version INTEGER,
    event VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW events AS
SELECT entry AS id, model, version, event, detail, actor, happened_at FROM events_log;
