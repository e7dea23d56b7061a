-- Monitoring: what the baseline looked like when a version was registered, and every value measured since. All times are UTC.

-- One number about a column of the baseline, or ('' as column_name) about the model's performance on it.
CREATE TABLE baselines (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    statistic TEXT NOT NULL,
    value REAL,
    n INTEGER NOT NULL,
    PRIMARY KEY (model, version, column_name, statistic)
);

-- The bins of a column never move. A range holds lower_edge < x <= upper_edge (the first one its lower edge too);
-- the bin 'other' has one part per category it stands for, so that unseen ones can be told from rare ones.
CREATE TABLE baseline_bins (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    bin INTEGER NOT NULL,
    part INTEGER NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('missing', 'below', 'range', 'above', 'category', 'other', 'unseen')),
    lower_edge REAL,
    upper_edge REAL,
    category TEXT,
    n INTEGER NOT NULL,
    share REAL NOT NULL,
    PRIMARY KEY (model, version, column_name, bin, part)
);

-- One long table. '' as slice_key is all rows of the window; '' as column_name is the row as a whole.
CREATE TABLE metrics (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    metric TEXT NOT NULL,
    column_name TEXT NOT NULL,
    slice_key TEXT NOT NULL,
    slice_value TEXT NOT NULL,
    window_start TIMESTAMP NOT NULL,
    window_end TIMESTAMP NOT NULL,
    granularity TEXT NOT NULL,
    value REAL,
    n_reference INTEGER NOT NULL,
    n_current INTEGER NOT NULL,
    threshold REAL,
    sampling_bound REAL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'warn', 'alert', 'insufficient')),
    computed_at TIMESTAMP NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (
        model, version, metric, column_name, slice_key, slice_value, window_start, window_end, granularity
    )
);
