WITH _input AS (
  SELECT
    "id" AS _key0,
    nullif(CAST("sepal_length" AS float8), CAST('nan' AS float8)) AS _x0,
    nullif(CAST("sepal_width" AS float8), CAST('nan' AS float8)) AS _x1,
    CAST("colour" AS varchar(65535)) AS _x2
  FROM "crm"."leads" AS _source
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
    (_x1 IS NULL) AS _v1,
    CASE _x2 WHEN 'größe' THEN CAST('-0.0680516293759728' AS float8) WHEN 'it\'s blue' THEN CAST('0.1502927836167961' AS float8) WHEN 'red' THEN CAST('-0.08056682889289632' AS float8) ELSE CAST('0.0' AS float8) END AS _v5
  FROM _input
  UNION ALL
  SELECT
    NULL,
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
    _v5,
    ((_x2 = 'größe' OR _x2 = 'it\'s blue' OR _x2 = 'red') AND (_v0 OR (abs(_x0) <= CAST('1.3853298065208898e+308' AS float8))) AND (_v1 OR (abs(_x1) <= CAST('7.809376144069931e+307' AS float8)))) AS _v2,
    CASE WHEN _v0 THEN CAST('5.845312500000002' AS float8) ELSE _x0 END AS _v3,
    CASE WHEN _v1 THEN CAST('3.057333333333334' AS float8) ELSE _x1 END AS _v4
  FROM _stage1
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage3 AS (
  SELECT
    _key0,
    _v2,
    CASE WHEN abs(_v3) <= CAST('3.8323308517031833e+270' AS float8) AND abs(_v4) <= CAST('1.0765916790072199e+271' AS float8) AND abs(_v5) <= CAST('8.452712498170644e+270' AS float8) THEN (_v3 * CAST('2.2056322445161665' AS float8) + CASE WHEN abs(_v4) <= CAST('0.0' AS float8) THEN 0 ELSE _v4 * CAST('-0.7851363393376142' AS float8) END + _v5 * CAST('1.0' AS float8) + CAST('-11.544840366596981' AS float8)) ELSE (CASE WHEN abs(_v3) <= CAST('1.8813270340954968e+180' AS float8) THEN 0 ELSE _v3 * CAST('2.989189089010634e-20' AS float8) END + CASE WHEN abs(_v4) <= CAST('5.285089176208251e+180' AS float8) THEN 0 ELSE _v4 * CAST('-1.0640581560089469e-20' AS float8) END + CASE WHEN abs(_v5) <= CAST('4.149515568880993e+180' AS float8) THEN 0 ELSE _v5 * CAST('1.3552527156068805e-20' AS float8) END) * CASE WHEN abs(CASE WHEN abs(_v3) <= CAST('1.8813270340954968e+180' AS float8) THEN 0 ELSE _v3 * CAST('2.989189089010634e-20' AS float8) END + CASE WHEN abs(_v4) <= CAST('5.285089176208251e+180' AS float8) THEN 0 ELSE _v4 * CAST('-1.0640581560089469e-20' AS float8) END + CASE WHEN abs(_v5) <= CAST('4.149515568880993e+180' AS float8) THEN 0 ELSE _v5 * CAST('1.3552527156068805e-20' AS float8) END) <= CAST('2.4363285028499995e+288' AS float8) THEN CAST('7.378697629483821e+19' AS float8) ELSE CAST('inf' AS float8) END END AS _v6
  FROM _stage2
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage4 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    (-abs(_v6)) AS _v7
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
    _v6,
    CASE WHEN _v7 < -7.451332191019411e2 THEN 0 WHEN _v7 <= 7.09782712893384e2 THEN exp(_v7) ELSE _v7 * CAST('inf' AS float8) END AS _v8
  FROM _stage4
  UNION ALL
  SELECT
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
    _v6,
    _v8,
    (_v8 + CAST('1.0' AS float8)) AS _v9
  FROM _stage5
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage7 AS (
  SELECT
    _key0,
    _v2,
    _v6,
    CASE WHEN (nullif(_v6, CAST('nan' AS float8)) >= CAST('0.0' AS float8)) THEN CASE WHEN abs(CAST('1.0' AS float8)) < 1e150 AND abs(_v9) < 1e150 AND abs(CAST('1.0' AS float8)) > 1e-150 AND abs(_v9) > 1e-150 THEN CAST('1.0' AS float8) / _v9 WHEN _v9 = 0 THEN CASE WHEN abs(CAST('1.0' AS float8)) > 0 THEN CAST('1.0' AS float8) * CASE WHEN CAST(_v9 AS text) = '-0' THEN -CAST('inf' AS float8) ELSE CAST('inf' AS float8) END ELSE CAST('nan' AS float8) END WHEN abs(CAST('1.0' AS float8)) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v9) < 1 AND abs(CAST('1.0' AS float8)) > CAST('1.7976931348623157e308' AS float8) * abs(_v9) * 9.999999999999998e-1 THEN sign(CAST('1.0' AS float8)) * sign(_v9) * CAST('inf' AS float8) WHEN abs(CAST('1.0' AS float8)) > 0 AND abs(CAST('1.0' AS float8)) < 4e-16 AND abs(_v9) > 1 AND abs(_v9) <= CAST('1.7976931348623157e308' AS float8) AND abs(CAST('1.0' AS float8)) * 4.49891379454319638281e161 / (abs(_v9) * 2.2227587494850774834e-162) <= 5e-1 THEN sign(CAST('1.0' AS float8)) * sign(_v9) * 0 ELSE CAST('1.0' AS float8) / _v9 END WHEN (nullif(_v6, CAST('nan' AS float8)) < CAST('-709.782712893384' AS float8)) THEN CAST('0.0' AS float8) ELSE CASE WHEN abs(_v8) < 1e150 AND abs(_v9) < 1e150 AND abs(_v8) > 1e-150 AND abs(_v9) > 1e-150 THEN _v8 / _v9 WHEN _v9 = 0 THEN CASE WHEN abs(_v8) > 0 THEN _v8 * CASE WHEN CAST(_v9 AS text) = '-0' THEN -CAST('inf' AS float8) ELSE CAST('inf' AS float8) END ELSE CAST('nan' AS float8) END WHEN abs(_v8) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v9) < 1 AND abs(_v8) > CAST('1.7976931348623157e308' AS float8) * abs(_v9) * 9.999999999999998e-1 THEN sign(_v8) * sign(_v9) * CAST('inf' AS float8) WHEN abs(_v8) > 0 AND abs(_v8) < 4e-16 AND abs(_v9) > 1 AND abs(_v9) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v8) * 4.49891379454319638281e161 / (abs(_v9) * 2.2227587494850774834e-162) <= 5e-1 THEN sign(_v8) * sign(_v9) * 0 ELSE _v8 / _v9 END END AS _v10
  FROM _stage6
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
  _key0 AS "id",
  CASE WHEN _v2 THEN CASE WHEN (nullif(_v6, CAST('nan' AS float8)) > CAST('0.0' AS float8)) THEN TRUE ELSE FALSE END END AS "prediction",
  CASE WHEN _v2 THEN CASE WHEN abs(CAST('1.0' AS float8)) < 8e307 AND abs(_v10) < 8e307 THEN CAST('1.0' AS float8) - _v10 WHEN abs(CAST('1.0' AS float8)) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v10) <= CAST('1.7976931348623157e308' AS float8) AND (CAST('1.0' AS float8) > 0) <> (_v10 > 0) AND abs(CAST('1.0' AS float8)) > CAST('1.7976931348623157e308' AS float8) - abs(_v10) THEN CAST('1.0' AS float8) * CAST('inf' AS float8) ELSE CAST('1.0' AS float8) - _v10 END END AS "probability_False",
  CASE WHEN _v2 THEN _v10 END AS "probability_True"
FROM _stage7
