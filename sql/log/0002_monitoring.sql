-- Monitoring: what the baseline looked like when a version was registered, and every value measured since. All times are UTC.

-- One number about a column of the baseline, or ('' as column_name) about the model's performance on it.
CREATE TABLE IF NOT EXISTS baselines_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    column_name VARCHAR NOT NULL,
    statistic VARCHAR NOT NULL,
    value DOUBLE,
    n BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW baselines AS
SELECT model, version, column_name, statistic, value, n
FROM (
    SELECT *,
        row_number() OVER (PARTITION BY model, version, column_name, statistic ORDER BY entry DESC) AS age
    FROM baselines_log
) AS entries
WHERE age = 1 AND NOT gone;

-- The bins of a column never move. A range holds lower_edge < x <= upper_edge (the first one its lower edge too);
-- the bin 'other' has one part per category it stands for, so that unseen ones can be told from rare ones.
CREATE TABLE IF NOT EXISTS baseline_bins_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    column_name VARCHAR NOT NULL,
    bin INTEGER NOT NULL,
    part INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    lower_edge DOUBLE,
    upper_edge DOUBLE,
    category VARCHAR,
    n BIGINT NOT NULL,
    share DOUBLE NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW baseline_bins AS
SELECT model, version, column_name, bin, part, kind, lower_edge, upper_edge, category, n, share
FROM (
    SELECT *,
        row_number() OVER (PARTITION BY model, version, column_name, bin, part ORDER BY entry DESC) AS age
    FROM baseline_bins_log
) AS entries
WHERE age = 1 AND NOT gone;

-- One long table. '' as slice_key is all rows of the window; '' as column_name is the row as a whole.
CREATE TABLE IF NOT EXISTS metrics_log (
    model VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    metric VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    slice_key VARCHAR NOT NULL,
    slice_value VARCHAR NOT NULL,
    window_start TIMESTAMP NOT NULL,
    window_end TIMESTAMP NOT NULL,
    granularity VARCHAR NOT NULL,
    value DOUBLE,
    n_reference BIGINT NOT NULL,
    n_current BIGINT NOT NULL,
    threshold DOUBLE,
    sampling_bound DOUBLE,
    status VARCHAR NOT NULL,
    computed_at TIMESTAMP NOT NULL,
    run_id VARCHAR NOT NULL,
    entry BIGINT NOT NULL,
    gone BOOLEAN NOT NULL
);

CREATE OR REPLACE VIEW metrics AS
SELECT
    model, version, metric, column_name, slice_key, slice_value, window_start, window_end, granularity, value, n_reference,
    n_current, threshold, sampling_bound, status, computed_at, run_id
FROM (
    SELECT *,
        row_number() OVER (
            PARTITION BY model, version, metric, column_name, slice_key, slice_value, window_start, window_end, granularity
            ORDER BY entry DESC
        ) AS age
    FROM metrics_log
) AS entries
WHERE age = 1 AND NOT gone;
