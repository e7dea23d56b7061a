WITH _input AS (
  SELECT
    [id] AS _key0,
    CASE WHEN ABS(CAST([sepal_length] AS FLOAT(53))) < 1e100 THEN CAST([sepal_length] AS FLOAT(53)) END AS _x0,
    CASE WHEN ABS(CAST([sepal_width] AS FLOAT(53))) < 1e100 THEN CAST([sepal_width] AS FLOAT(53)) END AS _x1,
    CAST([colour] AS NVARCHAR(4000)) COLLATE Latin1_General_100_BIN2 AS _x2
  FROM [crm].[leads] AS _source
), _stage1 AS (
  SELECT
    _key0 AS _key0,
    _x0 AS _x0,
    _x1 AS _x1,
    _x2 AS _x2,
    CASE WHEN (_x0 IS NULL) THEN 1 ELSE 0 END AS _v0,
    CASE WHEN (_x1 IS NULL) THEN 1 ELSE 0 END AS _v2
  FROM _input
), _stage2 AS (
  SELECT
    _key0 AS _key0,
    _x2 AS _x2,
    CASE WHEN ((_v0 = 1) OR (abs(_x0) <= 1.3853298065208898e+308)) THEN 1 ELSE 0 END AS _v1,
    CASE WHEN ((_v2 = 1) OR (abs(_x1) <= 7.809376144069931e+307)) THEN 1 ELSE 0 END AS _v3,
    (CASE WHEN (_v0 = 1) THEN 5.845312500000002e0 ELSE _x0 END * 2.2056322445161665e0 + CASE WHEN (_v2 = 1) THEN 3.057333333333334e0 ELSE _x1 END * -0.7851363393376142e0 + CASE _x2 WHEN N'größe' THEN -0.0680516293759728e0 WHEN N'it''s blue' THEN 0.1502927836167961e0 WHEN N'red' THEN -0.08056682889289632e0 ELSE 0.0e0 END * 1.0e0 + -11.544840366596981e0) AS _v5
  FROM _stage1
), _stage3 AS (
  SELECT
    _key0 AS _key0,
    _v5 AS _v5,
    CASE WHEN ((_x2 = N'größe' OR _x2 = N'it''s blue' OR _x2 = N'red') AND (_v1 = 1) AND (_v3 = 1)) THEN 1 ELSE 0 END AS _v4,
    CASE WHEN (_v5 > 0.0e0) THEN 1 ELSE 0 END AS _v6,
    (-abs(_v5)) AS _v7
  FROM _stage2
), _stage4 AS (
  SELECT
    _key0 AS _key0,
    _v4 AS _v4,
    _v5 AS _v5,
    _v6 AS _v6,
    CASE WHEN _v7 > 7.097827128e2 THEN 1.7976931348623157e308 WHEN _v7 < -7.45e2 THEN 0 ELSE EXP(_v7) END AS _v8
  FROM _stage3
), _stage5 AS (
  SELECT
    _key0 AS _key0,
    _v4 AS _v4,
    _v5 AS _v5,
    _v6 AS _v6,
    _v8 AS _v8,
    (1.0e0 + _v8) AS _v9
  FROM _stage4
), _stage6 AS (
  SELECT
    _key0 AS _key0,
    _v4 AS _v4,
    _v6 AS _v6,
    CASE WHEN (_v5 >= 0.0e0) THEN CASE WHEN _v9 <> 0 THEN 1.0e0 / _v9 ELSE CASE WHEN 1.0e0 > 0 THEN 1.7976931348623157e308 WHEN 1.0e0 < 0 THEN -1.7976931348623157e308 END END WHEN (_v5 < -709.782712893384e0) THEN 0.0e0 ELSE CASE WHEN _v9 <> 0 THEN _v8 / _v9 ELSE CASE WHEN _v8 > 0 THEN 1.7976931348623157e308 WHEN _v8 < 0 THEN -1.7976931348623157e308 END END END AS _v10
  FROM _stage5
)
SELECT
  _key0 AS [id],
  CASE WHEN (_v4 = 1) THEN _v6 END AS [prediction],
  CASE WHEN (_v4 = 1) THEN (1.0e0 - _v10) END AS [probability_False],
  CASE WHEN (_v4 = 1) THEN _v10 END AS [probability_True]
FROM _stage6
