WITH _input AS (
  SELECT
    "id" AS _key0,
    NULLIF(CAST("sepal_length" AS DOUBLE), CAST('NaN' AS DOUBLE)) AS _x0,
    NULLIF(CAST("sepal_width" AS DOUBLE), CAST('NaN' AS DOUBLE)) AS _x1,
    CAST("colour" AS VARCHAR) AS _x2
  FROM "crm"."leads" AS _source
), _stage1 AS (
  SELECT
    _key0,
    _x0,
    _x1,
    _x2,
    (_x0 IS NULL) AS _v0,
    (_x1 IS NULL) AS _v1
  FROM _input
), _stage2 AS (
  SELECT
    _key0,
    ((_x2 = 'größe' OR _x2 = 'it\'s blue' OR _x2 = 'red') AND (_v0 OR (abs(_x0) <= CAST('1.3853298065208898e+308' AS DOUBLE))) AND (_v1 OR (abs(_x1) <= CAST('7.809376144069931e+307' AS DOUBLE)))) AS _v2,
    (CASE WHEN _v0 THEN CAST('5.845312500000002' AS DOUBLE) ELSE _x0 END * CAST('2.2056322445161665' AS DOUBLE) + CASE WHEN _v1 THEN CAST('3.057333333333334' AS DOUBLE) ELSE _x1 END * CAST('-0.7851363393376142' AS DOUBLE) + CASE _x2 WHEN 'größe' THEN CAST('-0.0680516293759728' AS DOUBLE) WHEN 'it\'s blue' THEN CAST('0.1502927836167961' AS DOUBLE) WHEN 'red' THEN CAST('-0.08056682889289632' AS DOUBLE) ELSE CAST('0.0' AS DOUBLE) END * CAST('1.0' AS DOUBLE) + CAST('-11.544840366596981' AS DOUBLE)) AS _v3
  FROM _stage1
), _stage3 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    (-abs(_v3)) AS _v4
  FROM _stage2
), _stage4 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    CASE WHEN _v4 > 7.097827128e2 THEN CAST('inf' AS DOUBLE) WHEN _v4 < -7.45e2 THEN 0 ELSE EXP(_v4) END AS _v5
  FROM _stage3
), _stage5 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    _v5,
    (CAST('1.0' AS DOUBLE) + _v5) AS _v6
  FROM _stage4
), _stage6 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    CASE WHEN (NULLIF(_v3, CAST('NaN' AS DOUBLE)) >= CAST('0.0' AS DOUBLE)) THEN CASE WHEN _v6 <> 0 THEN CAST('1.0' AS DOUBLE) / _v6 ELSE CASE WHEN CAST('1.0' AS DOUBLE) > 0 THEN CAST('inf' AS DOUBLE) WHEN CAST('1.0' AS DOUBLE) < 0 THEN -CAST('inf' AS DOUBLE) END END WHEN (NULLIF(_v3, CAST('NaN' AS DOUBLE)) < CAST('-709.782712893384' AS DOUBLE)) THEN CAST('0.0' AS DOUBLE) ELSE CASE WHEN _v6 <> 0 THEN _v5 / _v6 ELSE CASE WHEN _v5 > 0 THEN CAST('inf' AS DOUBLE) WHEN _v5 < 0 THEN -CAST('inf' AS DOUBLE) END END END AS _v7
  FROM _stage5
)
SELECT
  _key0 AS "id",
  CASE WHEN _v2 THEN CASE WHEN (NULLIF(_v3, CAST('NaN' AS DOUBLE)) > CAST('0.0' AS DOUBLE)) THEN TRUE ELSE FALSE END END AS "prediction",
  CASE WHEN _v2 THEN (CAST('1.0' AS DOUBLE) - _v7) END AS "probability_False",
  CASE WHEN _v2 THEN _v7 END AS "probability_True"
FROM _stage6
