WITH _input AS (
  SELECT
    `id` AS _key0,
    CAST(`sepal_length` AS DOUBLE) AS _x0,
    CAST(`sepal_width` AS DOUBLE) AS _x1,
    CAST(`petal_length` AS DOUBLE) AS _x2,
    CAST(`petal_width` AS DOUBLE) AS _x3
  FROM `crm`.`leads` AS _source
), _stage1 AS (
  SELECT
    _key0,
    _x0,
    _x1,
    _x2,
    _x3,
    ((_x0 * -11.767213114754098e0) + (_x1 * -5.481967213114754e0) + (_x2 * -8.777049180327868e0) + (_x3 * -2.8688524590163933e0) + (1.0e0 * 63.44654393980113e0)) AS _v0,
    ((_x0 * -10.012e0) + (_x1 * -6.856e0) + (_x2 * -2.9240000000000004e0) + (_x3 * -0.4920000000000011e0) + (1.0e0 * 39.00918000000001e0)) AS _v1,
    ((_x0 * -13.707692307692309e0) + (_x1 * -6.153846153846154e0) + (_x2 * -11.430769230769231e0) + (_x3 * -4.107692307692307e0) + (1.0e0 * 93.32656804733729e0)) AS _v2
  FROM _input LATERAL VIEW explode(array(1)) _fence
), _stage2 AS (
  SELECT
    _key0,
    _v0,
    _v1,
    _v2,
    _x0,
    _x1,
    _x2,
    _x3,
    least(_v0, _v1, _v2) AS _v3
  FROM _stage1 LATERAL VIEW explode(array(1)) _fence
)
SELECT
  _key0 AS `id`,
  CASE WHEN CASE WHEN ((abs(_x0) + abs(_x1) + abs(_x2) + abs(_x3)) <= 1.7976931348623157e+308) THEN TRUE ELSE (coalesce(abs(_x0) <= 1.7976931348623157e308, FALSE) AND coalesce(abs(_x1) <= 1.7976931348623157e308, FALSE) AND coalesce(abs(_x2) <= 1.7976931348623157e308, FALSE) AND coalesce(abs(_x3) <= 1.7976931348623157e308, FALSE)) END THEN CASE WHEN abs(CASE _v3 WHEN _v0 THEN 0.0e0 WHEN _v1 THEN 1.0e0 WHEN _v2 THEN 2.0e0 END) <= 9007199254740992e0 THEN CAST(CASE _v3 WHEN _v0 THEN 0.0e0 WHEN _v1 THEN 1.0e0 WHEN _v2 THEN 2.0e0 END AS BIGINT) END END AS `prediction`
FROM _stage2 LATERAL VIEW explode(array(1)) _fence
