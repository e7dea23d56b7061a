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
    signature TEXT NOT NULL,
    target TEXT,
    card TEXT NOT NULL,
    baseline_rows INTEGER,
    sqlops_version TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    registered_by TEXT NOT NULL,
    artifact BLOB NOT NULL,
    PRIMARY KEY (model, version),
    UNIQUE (model, digest)
);

CREATE TABLE aliases (
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias)
);

-- What an alias pointed to before and after; rollback reads it.
CREATE TABLE promotions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
    keys TEXT NOT NULL,
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
    rows INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    worst_absolute REAL NOT NULL,
    worst_relative REAL NOT NULL,
    ok BOOLEAN NOT NULL,
    checked_at TIMESTAMP NOT NULL
);

-- Append-only.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    version INTEGER,
    event TEXT NOT NULL,
    detail TEXT NOT NULL,
    actor TEXT NOT NULL,
    happened_at TIMESTAMP NOT NULL
);
