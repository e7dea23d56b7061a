-- The registry: which models there are, where they are deployed, and what happened. All times are UTC.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    sqlops_version VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
);

-- Every change of a model updates changed_at: two sessions that change the same model conflict here.
CREATE TABLE models (
    model VARCHAR PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE versions (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    digest VARCHAR NOT NULL,
    task VARCHAR NOT NULL,
    signature JSON NOT NULL,
    target VARCHAR,
    card JSON NOT NULL,
    baseline_rows BIGINT,
    sqlops_version VARCHAR NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    registered_by VARCHAR NOT NULL,
    artifact BLOB NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, digest)
);

CREATE TABLE aliases (
    model VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias)
);

CREATE SEQUENCE promotion_ids;

-- What an alias pointed to before and after; rollback reads it.
CREATE TABLE promotions (
    id BIGINT PRIMARY KEY DEFAULT nextval('promotion_ids'),
    model VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    previous INTEGER,
    kind VARCHAR NOT NULL CHECK (kind IN ('deploy', 'promote', 'rollback')),
    happened_at TIMESTAMP NOT NULL
);

CREATE TABLE deployments (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    placed_in VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    keys JSON NOT NULL,
    sqlops_version VARCHAR NOT NULL,
    deployed_at TIMESTAMP NOT NULL,
    deployed_by VARCHAR NOT NULL,
    PRIMARY KEY (model, version)
);

-- The views, functions and tables that sqlops made; any other relation of such a name is left alone.
CREATE TABLE objects (
    placed_in VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('view', 'table', 'function')),
    model VARCHAR NOT NULL,
    PRIMARY KEY (placed_in, object)
);

CREATE TABLE parity_checks (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    output VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    worst_absolute DOUBLE NOT NULL,
    worst_relative DOUBLE NOT NULL,
    ok BOOLEAN NOT NULL,
    checked_at TIMESTAMP NOT NULL
);

CREATE SEQUENCE event_ids;

-- Append-only.
CREATE TABLE events (
    id BIGINT PRIMARY KEY DEFAULT nextval('event_ids'),
    model VARCHAR NOT NULL,
    version INTEGER,
    event VARCHAR NOT NULL,
    detail JSON NOT NULL,
    actor VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL
);
