WITH _input AS (
  SELECT
    "id" AS _key0,
    CAST("mean_radius" AS float8) AS _x0,
    CAST("mean_texture" AS float8) AS _x1,
    CAST("mean_perimeter" AS float8) AS _x2
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
    CASE WHEN abs(_x0) <= CAST('6.053262043208843e+270' AS float8) AND abs(_x1) <= CAST('1.7562750843676243e+271' AS float8) AND abs(_x2) <= CAST('2.073931103571337e+271' AS float8) THEN (_x0 * CAST('1.396389655335299' AS float8) + CASE WHEN abs(_x1) <= CAST('5e-324' AS float8) THEN 0 ELSE _x1 * CAST('-0.48128636415827664' AS float8) END + CASE WHEN abs(_x2) <= CAST('5e-324' AS float8) THEN 0 ELSE _x2 * CAST('-0.40756959011873445' AS float8) END + CAST('24.929425186336797' AS float8)) ELSE (CASE WHEN abs(_x0) <= CAST('2.9716029140051296e+180' AS float8) THEN 0 ELSE _x0 * CAST('3.78492174487704e-20' AS float8) END + CASE WHEN abs(_x1) <= CAST('8.621718539934318e+180' AS float8) THEN 0 ELSE _x1 * CAST('-1.3045293040201329e-20' AS float8) END + CASE WHEN abs(_x2) <= CAST('1.0181121628019752e+181' AS float8) THEN 0 ELSE _x2 * CAST('-1.1047195876143962e-20' AS float8) END) * CASE WHEN abs(CASE WHEN abs(_x0) <= CAST('2.9716029140051296e+180' AS float8) THEN 0 ELSE _x0 * CAST('3.78492174487704e-20' AS float8) END + CASE WHEN abs(_x1) <= CAST('8.621718539934318e+180' AS float8) THEN 0 ELSE _x1 * CAST('-1.3045293040201329e-20' AS float8) END + CASE WHEN abs(_x2) <= CAST('1.0181121628019752e+181' AS float8) THEN 0 ELSE _x2 * CAST('-1.1047195876143962e-20' AS float8) END) <= CAST('4.872657005699999e+288' AS float8) THEN CAST('3.6893488147419103e+19' AS float8) ELSE CAST('inf' AS float8) END END AS _v0
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
    ((COALESCE(ABS(_x0), CAST('inf' AS float8)) < CAST('inf' AS float8)) AND (COALESCE(ABS(_x1), CAST('inf' AS float8)) < CAST('inf' AS float8)) AND (COALESCE(ABS(_x2), CAST('inf' AS float8)) < CAST('inf' AS float8)) AND (COALESCE(ABS(_v0), CAST('inf' AS float8)) < CAST('inf' AS float8))) AS _v1,
    nullif(_v0, CAST('nan' AS float8)) AS _v2
  FROM _stage1
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage3 AS (
  SELECT
    _key0,
    _v0,
    _v1,
    CASE WHEN _v2 > CAST('-0.017430968873789258' AS float8) THEN CASE WHEN _v2 > CAST('1.5398069771347627' AS float8) THEN CASE WHEN _v2 > CAST('1.6450016997763617' AS float8) THEN CAST('1.645001699776362' AS float8) ELSE CAST('1.5398069771347629' AS float8) END ELSE CASE WHEN _v2 > CAST('0.09915161297213258' AS float8) THEN CAST('0.0991516129721326' AS float8) ELSE CAST('-0.017430968873789254' AS float8) END END ELSE CASE WHEN _v2 > CAST('-1.074663714165773' AS float8) THEN CASE WHEN _v2 > CAST('-0.6110120988428066' AS float8) THEN CAST('-0.6110120988428065' AS float8) ELSE CAST('-1.0746637141657729' AS float8) END ELSE CASE WHEN _v2 > CAST('-4.115337911537552' AS float8) THEN CAST('-4.1153379115375515' AS float8) ELSE CASE WHEN _v2 > CAST('-4.1564999804429705' AS float8) THEN CAST('-4.15649998044297' AS float8) ELSE CAST('-17.93905994441007' AS float8) END END END END AS _v3,
    CASE WHEN _v2 > CAST('-0.017430968873789258' AS float8) THEN CASE WHEN _v2 > CAST('1.5398069771347627' AS float8) THEN CASE WHEN _v2 > CAST('1.6450016997763617' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('2.8518540898872593' AS float8) END ELSE CASE WHEN _v2 > CAST('0.09915161297213258' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('3.859924809305819' AS float8) END END ELSE CASE WHEN _v2 > CAST('-1.074663714165773' AS float8) THEN CASE WHEN _v2 > CAST('-0.6110120988428066' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('0.39541182921497775' AS float8) END ELSE CASE WHEN _v2 > CAST('-4.115337911537552' AS float8) THEN CAST('0.0' AS float8) ELSE CASE WHEN _v2 > CAST('-4.1564999804429705' AS float8) THEN CAST('1.6196140874223963' AS float8) ELSE CAST('0.0' AS float8) END END END END AS _v4,
    CASE WHEN _v2 > CAST('-0.017430968873789258' AS float8) THEN CASE WHEN _v2 > CAST('1.5398069771347627' AS float8) THEN CASE WHEN _v2 > CAST('1.6450016997763617' AS float8) THEN CAST('1.0' AS float8) ELSE CAST('0.7' AS float8) END ELSE CASE WHEN _v2 > CAST('0.09915161297213258' AS float8) THEN CAST('0.7' AS float8) ELSE CAST('0.25' AS float8) END END ELSE CASE WHEN _v2 > CAST('-1.074663714165773' AS float8) THEN CASE WHEN _v2 > CAST('-0.6110120988428066' AS float8) THEN CAST('0.25' AS float8) ELSE CAST('0.06666666666666667' AS float8) END ELSE CASE WHEN _v2 > CAST('-4.115337911537552' AS float8) THEN CAST('0.06666666666666667' AS float8) ELSE CASE WHEN _v2 > CAST('-4.1564999804429705' AS float8) THEN CAST('0.0' AS float8) ELSE CAST('0.0' AS float8) END END END END AS _v7
  FROM _stage2
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
), _stage4 AS (
  SELECT
    _key0,
    _v0,
    _v1,
    _v4,
    _v7,
    CASE WHEN abs(_v0) < 8e307 AND abs(_v3) < 8e307 THEN _v0 - _v3 WHEN abs(_v0) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v3) <= CAST('1.7976931348623157e308' AS float8) AND (_v0 > 0) <> (_v3 > 0) AND abs(_v0) > CAST('1.7976931348623157e308' AS float8) - abs(_v3) THEN _v0 * CAST('inf' AS float8) ELSE _v0 - _v3 END AS _v5
  FROM _stage3
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
), _stage5 AS (
  SELECT
    _key0,
    _v0,
    _v1,
    _v7,
    CASE WHEN abs(_v4) < 1e150 AND abs(_v5) < 1e150 AND abs(_v4) > 1e-150 AND abs(_v5) > 1e-150 THEN _v4 * _v5 WHEN abs(_v4) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v5) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v4) > 1 AND abs(_v5) > 1 AND abs(_v4) > CAST('1.7976931348623157e308' AS float8) / abs(_v5) * 9.999999999999998e-1 THEN sign(_v4) * sign(_v5) * CAST('inf' AS float8) WHEN abs(_v4) < 1 AND abs(_v5) < 1 AND abs(_v4) > 0 AND abs(_v5) > 0 AND abs(_v4) * 4.49891379454319638281e161 * (abs(_v5) * 4.49891379454319638281e161) <= 5e-1 THEN sign(_v4) * sign(_v5) * 0 ELSE _v4 * _v5 END AS _v6
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
    _v1,
    CASE WHEN (nullif(_v0, CAST('nan' AS float8)) < CAST('-17.93905994441007' AS float8)) THEN CAST('0.0' AS float8) WHEN (nullif(_v0, CAST('nan' AS float8)) >= CAST('9.278384651055905' AS float8)) THEN CAST('1.0' AS float8) ELSE CASE WHEN abs(_v6) < 8e307 AND abs(_v7) < 8e307 THEN _v6 + _v7 WHEN abs(_v6) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v7) <= CAST('1.7976931348623157e308' AS float8) AND (_v6 > 0) = (_v7 > 0) AND abs(_v6) > CAST('1.7976931348623157e308' AS float8) - abs(_v7) THEN _v6 * CAST('inf' AS float8) ELSE _v6 + _v7 END END AS _v8
  FROM _stage5
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage7 AS (
  SELECT
    _key0,
    _v1,
    CASE WHEN abs(CAST('1.0' AS float8)) < 8e307 AND abs(_v8) < 8e307 THEN CAST('1.0' AS float8) - _v8 WHEN abs(CAST('1.0' AS float8)) <= CAST('1.7976931348623157e308' AS float8) AND abs(_v8) <= CAST('1.7976931348623157e308' AS float8) AND (CAST('1.0' AS float8) > 0) <> (_v8 > 0) AND abs(CAST('1.0' AS float8)) > CAST('1.7976931348623157e308' AS float8) - abs(_v8) THEN CAST('1.0' AS float8) * CAST('inf' AS float8) ELSE CAST('1.0' AS float8) - _v8 END AS _v9,
    CASE WHEN ((nullif(_v8, CAST('nan' AS float8)) > CAST('1.0' AS float8)) AND (nullif(_v8, CAST('nan' AS float8)) <= CAST('1.00001' AS float8))) THEN CAST('1.0' AS float8) ELSE _v8 END AS _v10
  FROM _stage6
  UNION ALL
  SELECT
    NULL,
    NULL,
    NULL,
    NULL
  WHERE
    FALSE
), _stage8 AS (
  SELECT
    _key0,
    _v1,
    _v9,
    _v10,
    greatest(nullif(_v9, CAST('nan' AS float8)), nullif(_v10, CAST('nan' AS float8))) AS _v11
  FROM _stage7
  UNION ALL
  SELECT
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
  CASE WHEN _v1 THEN CASE WHEN (nullif(_v9, CAST('nan' AS float8)) IS NULL) THEN 0 WHEN (nullif(_v10, CAST('nan' AS float8)) IS NULL) THEN 1 WHEN (nullif(_v9, CAST('nan' AS float8)) = nullif(_v11, CAST('nan' AS float8))) THEN 0 WHEN (nullif(_v10, CAST('nan' AS float8)) = nullif(_v11, CAST('nan' AS float8))) THEN 1 END END AS "prediction",
  CASE WHEN _v1 THEN _v9 END AS "probability_0",
  CASE WHEN _v1 THEN _v10 END AS "probability_1"
FROM _stage8
