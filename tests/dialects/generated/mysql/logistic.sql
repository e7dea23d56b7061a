WITH _input AS (
  SELECT
    `id` AS _key0,
    CASE WHEN ABS(CAST(`sepal_length` AS DOUBLE)) < 1e100 THEN CAST(`sepal_length` AS DOUBLE) END AS _x0,
    CASE WHEN ABS(CAST(`sepal_width` AS DOUBLE)) < 1e100 THEN CAST(`sepal_width` AS DOUBLE) END AS _x1,
    CAST(`colour` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin AS _x2
  FROM `crm`.`leads` AS _source
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage1 AS (
  SELECT
    _key0,
    _x0,
    _x1,
    _x2,
    (_x0 IS NULL) AS _v0,
    (_x1 IS NULL) AS _v1
  FROM _input
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage2 AS (
  SELECT
    _key0,
    ((_x2 = 'größe' OR _x2 = 'it''s blue' OR _x2 = 'red') AND (_v0 OR (abs(_x0) <= 1.3853298065208898e+308)) AND (_v1 OR (abs(_x1) <= 7.809376144069931e+307))) AS _v2,
    (CASE WHEN _v0 THEN 5.845312500000002e0 ELSE _x0 END * 2.2056322445161665e0 + CASE WHEN _v1 THEN 3.057333333333334e0 ELSE _x1 END * -0.7851363393376142e0 + CASE _x2 WHEN 'größe' THEN -0.0680516293759728e0 WHEN 'it''s blue' THEN 0.1502927836167961e0 WHEN 'red' THEN -0.08056682889289632e0 ELSE 0.0e0 END * 1.0e0 + -11.544840366596981e0) AS _v3
  FROM _stage1
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage3 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    (-abs(_v3)) AS _v4
  FROM _stage2
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage4 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    CASE WHEN _v4 > 7.097827128e2 THEN 1.7976931348623157e308 WHEN _v4 < -7.45e2 THEN 0 ELSE EXP(_v4) END AS _v5
  FROM _stage3
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage5 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    _v5,
    (1.0e0 + _v5) AS _v6
  FROM _stage4
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage6 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    CASE WHEN (_v3 >= 0.0e0) THEN CASE WHEN _v6 <> 0 THEN 1.0e0 / _v6 ELSE CASE WHEN 1.0e0 > 0 THEN 1.7976931348623157e308 WHEN 1.0e0 < 0 THEN -1.7976931348623157e308 END END WHEN (_v3 < -709.782712893384e0) THEN 0.0e0 ELSE CASE WHEN _v6 <> 0 THEN _v5 / _v6 ELSE CASE WHEN _v5 > 0 THEN 1.7976931348623157e308 WHEN _v5 < 0 THEN -1.7976931348623157e308 END END END AS _v7
  FROM _stage5
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
)
SELECT
  _key0 AS `id`,
  CASE WHEN _v2 THEN CASE WHEN (_v3 > 0.0e0) THEN TRUE ELSE FALSE END END AS `prediction`,
  CASE WHEN _v2 THEN (1.0e0 - _v7) END AS `probability_False`,
  CASE WHEN _v2 THEN _v7 END AS `probability_True`
FROM _stage6
