WITH _input AS (
  SELECT
    `id` AS _key0,
    CASE WHEN NOT IS_NAN(CAST(`sepal_length` AS FLOAT64)) THEN CAST(`sepal_length` AS FLOAT64) END AS _x0,
    CASE WHEN NOT IS_NAN(CAST(`sepal_width` AS FLOAT64)) THEN CAST(`sepal_width` AS FLOAT64) END AS _x1,
    CAST(`colour` AS STRING) AS _x2
  FROM `crm`.`leads` AS _source
), _stage1 AS (
  SELECT
    _key0,
    _x0,
    _x1,
    _x2,
    (_x0 IS NULL) AS _v0,
    (_x1 IS NULL) AS _v1,
    CASE _x2 WHEN 'größe' THEN -0.0680516293759728e0 WHEN 'it\'s blue' THEN 0.1502927836167961e0 WHEN 'red' THEN -0.08056682889289632e0 ELSE 0.0e0 END AS _v5
  FROM _input
), _stage2 AS (
  SELECT
    _key0,
    _v5,
    ((_x2 = 'größe' OR _x2 = 'it\'s blue' OR _x2 = 'red') AND (_v0 OR (abs(_x0) <= 1.3853298065208898e+308)) AND (_v1 OR (abs(_x1) <= 7.809376144069931e+307))) AS _v2,
    CASE WHEN _v0 THEN 5.845312500000002e0 ELSE _x0 END AS _v3,
    CASE WHEN _v1 THEN 3.057333333333334e0 ELSE _x1 END AS _v4
  FROM _stage1
), _stage3 AS (
  SELECT
    _key0,
    _v2,
    CASE WHEN abs(_v3) <= 3.8323308517031833e+270 AND abs(_v4) <= 1.0765916790072199e+271 AND abs(_v5) <= 8.452712498170644e+270 THEN (_v3 * 2.2056322445161665e0 + _v4 * -0.7851363393376142e0 + _v5 * 1.0e0 + -11.544840366596981e0) ELSE IEEE_DIVIDE((_v3 * 2.989189089010634e-20 + _v4 * -1.0640581560089469e-20 + _v5 * 1.3552527156068805e-20), 1.3552527156068805e-20) END AS _v6
  FROM _stage2
), _stage4 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    (-abs(_v6)) AS _v7
  FROM _stage3
), _stage5 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    IFNULL(SAFE.EXP(_v7), IEEE_DIVIDE(_v7, 0)) AS _v8
  FROM _stage4
), _stage6 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    _v8,
    (_v8 + 1.0e0) AS _v9
  FROM _stage5
), _stage7 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    CASE WHEN (IF(IS_NAN(_v6), NULL, _v6) >= 0.0e0) THEN IEEE_DIVIDE(1.0e0, _v9) WHEN (IF(IS_NAN(_v6), NULL, _v6) < -709.782712893384e0) THEN 0.0e0 ELSE IEEE_DIVIDE(_v8, _v9) END AS _v10
  FROM _stage6
)
SELECT
  _key0 AS `id`,
  CASE WHEN _v2 THEN CASE WHEN (IF(IS_NAN(_v6), NULL, _v6) > 0.0e0) THEN TRUE ELSE FALSE END END AS `prediction`,
  CASE WHEN _v2 THEN IEEE_DIVIDE(1.0e0 * 5e-1 - _v10 * 5e-1, 5e-1) END AS `probability_False`,
  CASE WHEN _v2 THEN _v10 END AS `probability_True`
FROM _stage7
