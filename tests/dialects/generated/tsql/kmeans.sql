WITH _input AS (
  SELECT
    [id] AS _key0,
    CASE WHEN ABS(CAST([sepal_length] AS FLOAT(53))) < 1e100 THEN CAST([sepal_length] AS FLOAT(53)) END AS _x0,
    CASE WHEN ABS(CAST([sepal_width] AS FLOAT(53))) < 1e100 THEN CAST([sepal_width] AS FLOAT(53)) END AS _x1,
    CASE WHEN ABS(CAST([petal_length] AS FLOAT(53))) < 1e100 THEN CAST([petal_length] AS FLOAT(53)) END AS _x2,
    CASE WHEN ABS(CAST([petal_width] AS FLOAT(53))) < 1e100 THEN CAST([petal_width] AS FLOAT(53)) END AS _x3
  FROM [crm].[leads] AS _source
), _stage1 AS (
  SELECT
    _key0 AS _key0,
    _x0 AS _x0,
    _x1 AS _x1,
    _x2 AS _x2,
    _x3 AS _x3,
    ((_x0 * -11.767213114754098e0) + (_x1 * -5.481967213114754e0) + (_x2 * -8.777049180327868e0) + (_x3 * -2.8688524590163933e0) + (1.0e0 * 63.44654393980113e0)) AS _v0,
    ((_x0 * -10.012e0) + (_x1 * -6.856e0) + (_x2 * -2.9240000000000004e0) + (_x3 * -0.4920000000000011e0) + (1.0e0 * 39.00918000000001e0)) AS _v1,
    ((_x0 * -13.707692307692309e0) + (_x1 * -6.153846153846154e0) + (_x2 * -11.430769230769231e0) + (_x3 * -4.107692307692307e0) + (1.0e0 * 93.32656804733729e0)) AS _v2
  FROM _input
), _stage2 AS (
  SELECT
    _key0 AS _key0,
    _v0 AS _v0,
    _v1 AS _v1,
    _v2 AS _v2,
    _x0 AS _x0,
    _x1 AS _x1,
    _x2 AS _x2,
    _x3 AS _x3,
    least(_v0, _v1, _v2) AS _v3
  FROM _stage1
), _stage3 AS (
  SELECT
    _key0 AS _key0,
    CASE WHEN ((COALESCE(ABS(_x0), 1.7976931348623157e308) < 1.7976931348623157e308) AND (COALESCE(ABS(_x1), 1.7976931348623157e308) < 1.7976931348623157e308) AND (COALESCE(ABS(_x2), 1.7976931348623157e308) < 1.7976931348623157e308) AND (COALESCE(ABS(_x3), 1.7976931348623157e308) < 1.7976931348623157e308)) THEN CASE WHEN ABS(CASE _v3 WHEN _v0 THEN 0.0e0 WHEN _v1 THEN 1.0e0 WHEN _v2 THEN 2.0e0 END) <= 9007199254740992e0 THEN CAST(ROUND(CASE _v3 WHEN _v0 THEN 0.0e0 WHEN _v1 THEN 1.0e0 WHEN _v2 THEN 2.0e0 END, 0, 1) AS BIGINT) END END AS _v4
  FROM _stage2
)
SELECT
  _key0 AS [id],
  _v4 AS [prediction]
FROM _stage3
