WITH _input AS (
  SELECT
    "id" AS _key0,
    nullif(CAST("sepal_length" AS float8), CAST('nan' AS float8)) AS _x0,
    nullif(CAST("sepal_width" AS float8), CAST('nan' AS float8)) AS _x1,
    nullif(CAST("petal_length" AS float8), CAST('nan' AS float8)) AS _x2,
    nullif(CAST("petal_width" AS float8), CAST('nan' AS float8)) AS _x3
  FROM "crm"."leads" AS _source
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage1 AS (
  SELECT
    _key0,
    (((_x0 IS NULL) OR (abs(_x0) <= CAST('3.4028235677973362e+38' AS float8))) AND ((_x1 IS NULL) OR (abs(_x1) <= CAST('3.4028235677973362e+38' AS float8))) AND ((_x2 IS NULL) OR (abs(_x2) <= CAST('3.4028235677973362e+38' AS float8))) AND ((_x3 IS NULL) OR (abs(_x3) <= CAST('3.4028235677973362e+38' AS float8)))) AS _v0,
    CASE WHEN _x3 <= CAST('0.8000000417232512' AS float8) THEN CAST('0.0' AS float8) ELSE CASE WHEN _x3 > CAST('1.7500000596046448' AS float8) THEN CASE WHEN _x2 <= CAST('4.850000143051147' AS float8) THEN CASE WHEN _x1 > CAST('3.100000023841858' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('1.0' AS float8) END ELSE CAST('1.0' AS float8) END ELSE CASE WHEN _x2 > CAST('4.950000047683716' AS float8) THEN CASE WHEN _x3 <= CAST('1.550000011920929' AS float8) THEN CAST('1.0' AS float8) ELSE CASE WHEN _x2 > CAST('5.450000047683716' AS float8) THEN CAST('1.0' AS float8) ELSE CAST('0.0' AS float8) END END ELSE CASE WHEN _x3 > CAST('1.6500000357627866' AS float8) THEN CAST('1.0' AS float8) ELSE CAST('0.0' AS float8) END END END END AS _v1,
    CASE WHEN _x3 <= CAST('0.8000000417232512' AS float8) THEN CAST('1.0' AS float8) ELSE CASE WHEN _x3 > CAST('1.7500000596046448' AS float8) THEN CASE WHEN _x2 <= CAST('4.850000143051147' AS float8) THEN CASE WHEN _x1 > CAST('3.100000023841858' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('0.0' AS float8) END ELSE CAST('0.0' AS float8) END ELSE CASE WHEN _x2 > CAST('4.950000047683716' AS float8) THEN CASE WHEN _x3 <= CAST('1.550000011920929' AS float8) THEN CAST('0.0' AS float8) ELSE CASE WHEN _x2 > CAST('5.450000047683716' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('0.0' AS float8) END END ELSE CASE WHEN _x3 > CAST('1.6500000357627866' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('0.0' AS float8) END END END END AS _v2,
    CASE WHEN _x3 <= CAST('0.8000000417232512' AS float8) THEN CAST('0.0' AS float8) ELSE CASE WHEN _x3 > CAST('1.7500000596046448' AS float8) THEN CASE WHEN _x2 <= CAST('4.850000143051147' AS float8) THEN CASE WHEN _x1 > CAST('3.100000023841858' AS float8) THEN CAST('1.0' AS float8) ELSE CAST('0.0' AS float8) END ELSE CAST('0.0' AS float8) END ELSE CASE WHEN _x2 > CAST('4.950000047683716' AS float8) THEN CASE WHEN _x3 <= CAST('1.550000011920929' AS float8) THEN CAST('0.0' AS float8) ELSE CASE WHEN _x2 > CAST('5.450000047683716' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('1.0' AS float8) END END ELSE CASE WHEN _x3 > CAST('1.6500000357627866' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('1.0' AS float8) END END END END AS _v3
  FROM _input
  UNION ALL
  SELECT
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
    _v0,
    _v1,
    _v2,
    _v3,
    greatest(_v1, _v2, _v3) AS _v4
  FROM _stage1
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
)
SELECT
  _key0 AS "id",
  CASE WHEN _v0 THEN CASE WHEN (_v1 = _v4) THEN 'größe' WHEN (_v2 = _v4) THEN 'it\'s setosa' WHEN (_v3 = _v4) THEN 'versicolor' END END AS "prediction",
  CASE WHEN _v0 THEN _v1 END AS "probability_gr__e",
  CASE WHEN _v0 THEN _v2 END AS "probability_it_s_setosa",
  CASE WHEN _v0 THEN _v3 END AS "probability_versicolor"
FROM _stage2
