WITH _input AS (
  SELECT
    `id` AS _key0,
    CAST(`sepal_length` AS DOUBLE) AS _x0,
    CAST(`sepal_width` AS DOUBLE) AS _x1
  FROM `crm`.`leads` AS _source
), _stage1 AS (
  SELECT
    _key0,
    (coalesce(abs(_x0) <= 1.7976931348623157e308, FALSE) AND coalesce(abs(_x1) <= 1.7976931348623157e308, FALSE)) AS _v0,
    array(coalesce(_x0, CAST('nan' AS DOUBLE)), coalesce(_x1, CAST('nan' AS DOUBLE))) AS _v1
  FROM _input LATERAL VIEW explode(array(1)) _fence
), _stage2 AS (
  SELECT
    _key0,
    _k1,
    _v0,
    transform(_k0, _reference -> sqrt(aggregate(zip_with(_v1, _reference, (_a, _b) -> (_a - _b) * (_a - _b)), 0e0, (_sum, _term) -> _sum + _term))) AS _v2
  FROM (
    SELECT
      from_json('[[5.1, 3.5], [4.4, 2.9], [4.8, 3.0], [5.4, 3.9], [5.4, 3.4], [5.2, 3.4], [5.5, 3.5], [5.3, 3.7], [6.9, 3.1], [6.3, 3.3], [5.0, 2.0], [5.6, 2.9], [6.2, 2.2], [6.3, 2.5], [6.8, 2.8], [5.5, 2.4], [5.4, 3.0], [5.6, 3.0], [5.8, 2.6], [5.7, 2.9], [6.3, 3.3], [6.5, 3.0], [6.7, 2.5], [6.8, 3.0], [6.5, 3.0], [6.4, 2.8], [6.4, 2.8], [6.3, 3.4], [6.7, 3.1], [6.2, 3.4]]', 'ARRAY<ARRAY<DOUBLE>>') AS _k0,
      from_json('[[0.7525226461053374, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, -0.0, -1.0, -1.0, -1.0, -0.0, -0.0, -0.0, -0.7525226461053374, -1.0, -1.0, -0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.08093485308094318, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, -0.0, -0.0, -0.0, -0.0, -0.08093485308094318, -1.0, -1.0, -0.0, -1.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.6328262086817329, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -0.6328262086817329, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0]]', 'ARRAY<ARRAY<DOUBLE>>') AS _k1,
      *
    FROM _stage1 LATERAL VIEW explode(array(1)) _fence
  ) AS _constants
), _stage3 AS (
  SELECT
    _key0,
    _k1,
    _v0,
    transform(_v2, _item -> (exp(((-0.22491318491243728e0 * ((_item * _item))))))) AS _v3
  FROM _stage2 LATERAL VIEW explode(array(1)) _fence
), _stage4 AS (
  SELECT
    _key0,
    _v0,
    (aggregate(zip_with(slice(_v3, 0 + 1, 8 - (0)), slice(get(_k1, CAST(1 AS INT) - 1), 0 + 1, 8 - (0)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + aggregate(zip_with(slice(_v3, 8 + 1, 20 - (8)), slice(get(_k1, CAST(1 AS INT) - 1), 8 + 1, 20 - (8)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + -0.011328548192977905e0) AS _v4,
    (aggregate(zip_with(slice(_v3, 0 + 1, 8 - (0)), slice(get(_k1, CAST(2 AS INT) - 1), 0 + 1, 8 - (0)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + aggregate(zip_with(slice(_v3, 20 + 1, 30 - (20)), slice(get(_k1, CAST(2 AS INT) - 1), 20 + 1, 30 - (20)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + 0.04851251840591431e0) AS _v6,
    (aggregate(zip_with(slice(_v3, 8 + 1, 20 - (8)), slice(get(_k1, CAST(3 AS INT) - 1), 8 + 1, 20 - (8)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + aggregate(zip_with(slice(_v3, 20 + 1, 30 - (20)), slice(get(_k1, CAST(3 AS INT) - 1), 20 + 1, 30 - (20)), (_a, _b) -> _a * _b), 0e0, (_sum, _term) -> _sum + _term) + 0.18357375264167786e0) AS _v9
  FROM _stage3 LATERAL VIEW explode(array(1)) _fence
), _stage5 AS (
  SELECT
    _key0,
    _v0,
    (nanvl(_v4, CAST(NULL AS DOUBLE)) > 0.0e0) AS _v5,
    (nanvl(_v6, CAST(NULL AS DOUBLE)) > 0.0e0) AS _v7,
    (nanvl(_v9, CAST(NULL AS DOUBLE)) > 0.0e0) AS _v10,
    (nanvl(_v4, CAST(NULL AS DOUBLE)) < 0.0e0) AS _v14,
    (nanvl(_v6, CAST(NULL AS DOUBLE)) < 0.0e0) AS _v15,
    (-_v4) AS _v16,
    (-_v6) AS _v17,
    (nanvl(_v9, CAST(NULL AS DOUBLE)) < 0.0e0) AS _v20,
    (-_v9) AS _v21
  FROM _stage4 LATERAL VIEW explode(array(1)) _fence
), _stage6 AS (
  SELECT
    _key0,
    _v0,
    _v14,
    _v15,
    _v20,
    (CASE WHEN _v5 THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN _v7 THEN 1.0e0 ELSE 0.0e0 END) AS _v8,
    (CASE WHEN _v5 THEN 0.0e0 ELSE 1.0e0 END + CASE WHEN _v10 THEN 1.0e0 ELSE 0.0e0 END) AS _v11,
    (CASE WHEN _v7 THEN 0.0e0 ELSE 1.0e0 END + CASE WHEN _v10 THEN 0.0e0 ELSE 1.0e0 END) AS _v12,
    ((-_v16) + (-_v17)) AS _v18,
    (_v16 + (-_v21)) AS _v22,
    (_v17 + _v21) AS _v24
  FROM _stage5 LATERAL VIEW explode(array(1)) _fence
), _stage7 AS (
  SELECT
    _key0,
    _v0,
    _v8,
    _v11,
    _v12,
    _v14,
    _v15,
    _v18,
    _v20,
    _v22,
    _v24,
    greatest(nanvl(_v8, CAST(NULL AS DOUBLE)), nanvl(_v11, CAST(NULL AS DOUBLE)), nanvl(_v12, CAST(NULL AS DOUBLE))) AS _v13,
    (3.0e0 * (abs(_v18) + 1.0e0)) AS _v19,
    (3.0e0 * (abs(_v22) + 1.0e0)) AS _v23,
    (3.0e0 * (abs(_v24) + 1.0e0)) AS _v25
  FROM _stage6 LATERAL VIEW explode(array(1)) _fence
)
SELECT
  _key0 AS `id`,
  CASE WHEN _v0 THEN CASE WHEN (nanvl(_v8, CAST(NULL AS DOUBLE)) = nanvl(_v13, CAST(NULL AS DOUBLE))) THEN 0 WHEN (nanvl(_v11, CAST(NULL AS DOUBLE)) = nanvl(_v13, CAST(NULL AS DOUBLE))) THEN 1 WHEN (nanvl(_v12, CAST(NULL AS DOUBLE)) = nanvl(_v13, CAST(NULL AS DOUBLE))) THEN 2 END END AS `prediction`,
  CASE WHEN _v0 THEN ((CASE WHEN (_v14 IS NOT TRUE) THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN (_v15 IS NOT TRUE) THEN 1.0e0 ELSE 0.0e0 END) + CASE WHEN _v19 <> 0 THEN _v18 / _v19 ELSE _v18 * power(_v19, -1e0) END) END AS `decision_0`,
  CASE WHEN _v0 THEN ((CASE WHEN _v14 THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN (_v20 IS NOT TRUE) THEN 1.0e0 ELSE 0.0e0 END) + CASE WHEN _v23 <> 0 THEN _v22 / _v23 ELSE _v22 * power(_v23, -1e0) END) END AS `decision_1`,
  CASE WHEN _v0 THEN ((CASE WHEN _v15 THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN _v20 THEN 1.0e0 ELSE 0.0e0 END) + CASE WHEN _v25 <> 0 THEN _v24 / _v25 ELSE _v24 * power(_v25, -1e0) END) END AS `decision_2`
FROM _stage7 LATERAL VIEW explode(array(1)) _fence
