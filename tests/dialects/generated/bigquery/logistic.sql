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
    (_x1 IS NULL) AS _v1
  FROM _input
), _stage2 AS (
  SELECT
    _key0,
    ((_x2 = 'größe' OR _x2 = 'it\'s blue' OR _x2 = 'red') AND (_v0 OR (ABS(_x0) <= 1.3853298065208898e+308)) AND (_v1 OR (ABS(_x1) <= 7.809376144069931e+307))) AS _v2,
    IEEE_DIVIDE(IEEE_DIVIDE(CASE WHEN _v0 THEN 5.845312500000002e0 ELSE _x0 END * 0.5514080611290416e0, 0.25e0) * 0.0009765625e0 + CASE WHEN _v1 THEN 3.057333333333334e0 ELSE _x1 END * -0.7851363393376142e0 * 0.0009765625e0 + CASE _x2 WHEN 'größe' THEN -0.0680516293759728e0 WHEN 'it\'s blue' THEN 0.1502927836167961e0 WHEN 'red' THEN -0.08056682889289632e0 ELSE 0.0e0 END * 1.0e0 * 0.0009765625e0 + -11.544840366596981e0 * 0.0009765625e0, 0.0009765625e0) AS _v3
  FROM _stage1
), _stage3 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    (-ABS(_v3)) AS _v4
  FROM _stage2
), _stage4 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    IFNULL(SAFE.EXP(_v4), IEEE_DIVIDE(_v4, 0)) AS _v5
  FROM _stage3
), _stage5 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    _v5,
    IEEE_DIVIDE(1.0e0 * 5e-1 + _v5 * 5e-1, 5e-1) AS _v6
  FROM _stage4
), _stage6 AS (
  SELECT
    _key0,
    _v2,
    _v3,
    CASE WHEN (_v3 >= 0.0e0) THEN IEEE_DIVIDE(1.0e0, _v6) WHEN (_v3 < -709.782712893384e0) THEN 0.0e0 ELSE IEEE_DIVIDE(_v5, _v6) END AS _v7
  FROM _stage5
)
SELECT
  _key0 AS `id`,
  CASE WHEN _v2 THEN CASE WHEN (_v3 > 0.0e0) THEN TRUE ELSE FALSE END END AS `prediction`,
  CASE WHEN _v2 THEN IEEE_DIVIDE(1.0e0 * 5e-1 - _v7 * 5e-1, 5e-1) END AS `probability_False`,
  CASE WHEN _v2 THEN _v7 END AS `probability_True`
FROM _stage6
