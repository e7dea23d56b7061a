-- The registry: which models there are, where they are deployed, and what happened. All times are UTC.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sqlops_version TEXT NOT NULL,
    applied_at TIMESTAMP NOT NULL
);

-- Every change of a model updates changed_at: two sessions that change the same model conflict here.
CREATE TABLE models (
    model TEXT PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE versions (
    model TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    digest TEXT NOT NULL,
    task TEXT NOT NULL,
    signature JSON NOT NULL,
    target TEXT,
    card JSON NOT NULL,
    baseline_rows BIGINT,
    sqlops_version TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    registered_by TEXT NOT NULL,
    artifact BYTEA NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, digest)
);

CREATE TABLE aliases (
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias)
);

CREATE SEQUENCE promotion_ids;

-- What an alias pointed to before and after; rollback reads it.
CREATE TABLE promotions (
    id BIGINT PRIMARY KEY DEFAULT nextval('promotion_ids'),
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    previous INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('deploy', 'promote', 'rollback')),
    happened_at TIMESTAMP NOT NULL
);

CREATE TABLE deployments (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    placed_in TEXT NOT NULL,
    source TEXT NOT NULL,
    keys JSON NOT NULL,
    sqlops_version TEXT NOT NULL,
    deployed_at TIMESTAMP NOT NULL,
    deployed_by TEXT NOT NULL,
    PRIMARY KEY (model, version)
);

-- The views, functions and tables that sqlops made; any other relation of such a name is left alone.
CREATE TABLE objects (
    placed_in TEXT NOT NULL,
    object TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('view', 'table', 'function')),
    model TEXT NOT NULL,
    PRIMARY KEY (placed_in, object)
);

CREATE TABLE parity_checks (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    output TEXT NOT NULL,
    rows BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    worst_absolute DOUBLE PRECISION NOT NULL,
    worst_relative DOUBLE PRECISION NOT NULL,
    ok BOOLEAN NOT NULL,
    checked_at TIMESTAMP NOT NULL
);

CREATE SEQUENCE event_ids;

-- Append-only.
CREATE TABLE events (
    id BIGINT PRIMARY KEY DEFAULT nextval('event_ids'),
    model TEXT NOT NULL,
    version INTEGER,
    event TEXT NOT NULL,
    detail JSON NOT NULL,
    actor TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL
);
