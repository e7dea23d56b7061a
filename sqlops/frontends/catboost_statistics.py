"""CatBoost's statistics of categories (CTR): how the target was where a category occurred in training, as a number.

A statistic is of one categorical feature or of a combination: of categories, of whether numbers are above a border, of
whether categories are a given one. The model counts combinations by a 64-bit hash and keeps no names of them, so those
that X can make are hashed in turn. Formulas: ``TStaticCtrProvider::CalcCtrs``, ``TModelCtr::Calc`` and ``CalcHash`` in
CatBoost's ``libs/model``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedOptionError
from sqlops.frontends.base import Context, Features
from sqlops.frontends.catboost_model import Categories, Document, Model, border_of
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray, Scalar

Hashes = npt.NDArray[np.uint64]

MOST_COMBINATIONS = 1_000_000
"""Up to so many combinations of the categories in X are tried; beyond, only those that occur in its rows."""

_EXACT = 2**53
_MULTIPLIER = np.uint64(0x4906BA494954CB65)
_NO_HASH = 2**64 - 1
"""Marks an empty place in a table."""


@dataclass(frozen=True)
class _Part:
    """A part of a combination.

    Parameters
    ----------
    code : Expr
        A number from 0; missing for a category that is not in X.
    hashed : ndarray of uint64
        What is hashed, for each number.
    categories : Categories or None
        Where it is any category of a feature, and not a condition.
    """

    code: Expr
    hashed: Hashes
    categories: Categories | None = None


@dataclass(frozen=True)
class _Combinations:
    """What a table counts, as far as X knows it.

    Parameters
    ----------
    key : Expr
    values : sequence of scalar
        Values of the key.
    hashes : ndarray of uint64, shape (n_values,)
    """

    key: Expr
    values: Sequence[Scalar]
    hashes: Hashes


def statistics(model: Model, features: Features, context: Context) -> list[Expr]:
    """Return the statistics that a model's splits compare, in the order of the model.

    Raises
    ------
    UnsupportedOptionError
        The model has no tables of them, two of one name, or one that counts what X does not have.
    """
    _require_one_table_each(model, context)
    found: dict[str, _Combinations] = {}
    result = []
    for about in model.statistics:
        key = json.dumps(about["elements"])
        if key not in found:
            found[key] = _combinations(about["elements"], model, features, context)
        table = _table(about, model, context)
        result.append(_statistic(about, table, found[key], _named(about, model, features), context))
    return result


def number_of_statistic(model: Model, split_index: int) -> int:
    """Return which statistic a split compares: borders are counted of floats, of categories, then of statistics."""
    before = sum(len(about["borders"]) for about in model.floats) + sum(len(own.compared) for own in model.categories)
    ends = np.cumsum([len(about["borders"]) for about in model.statistics])
    return int(np.searchsorted(ends, split_index - before, side="right"))


def _require_one_table_each(model: Model, context: Context) -> None:
    """Raise if a type may have a table for each target or binarization of it: the JSON has one by type only."""
    fitted = [parameters.get("cat_feature_params", {}) for parameters in model.parameters]
    described = [ctr for options in fitted for name in _SHARED for ctr in options.get(name, [])]
    described += [ctr for options in fitted for own in options.get("per_feature_ctrs", {}).values() for ctr in own]
    several = any(parameters["loss_function"]["type"].startswith(_SEVERAL_TARGETS) for parameters in model.parameters)
    for type_ in {about["ctr_type"] for about in model.statistics} - {"Counter", "FeatureFreq"}:
        used = {json.dumps(ctr["target_binarization"]) for ctr in described if ctr["ctr_type"] == type_}
        if several or len(used) > 1:
            raise UnsupportedOptionError(
                f"statistics of type {type_} of several {'targets' if several else 'binarizations of the target'} are "
                "not supported: CatBoost writes those of one only",
                step=context.step,
                hint="fit with simple_ctr=['Counter'] and combinations_ctr=['Counter']"
                if several
                else "give each type in simple_ctr, combinations_ctr and per_feature_ctr one TargetBorderCount",
            )


_SHARED = ("simple_ctrs", "combinations_ctrs")
_SEVERAL_TARGETS = ("MultiLogloss", "MultiCrossEntropy", "MultiRMSE", "SurvivalAft", "PythonUserDefinedMultiTarget")


def _table(about: Document, model: Model, context: Context) -> Document:
    if about["identifier"] not in model.tables:
        raise UnsupportedOptionError(
            "the model has no tables of the statistics of categories that it splits on",
            step=context.step,
            hint="fit with final_ctr_computation_mode='Default'",
        )
    return model.tables[about["identifier"]]


def _named(about: Document, model: Model, features: Features) -> str:
    """Return the features of a statistic in a few words."""
    names = []
    for element in about["elements"]:
        if "float_feature_index" in element:
            names.append(features[model.floats[element["float_feature_index"]]["flat_feature_index"]].name)
        else:
            names.append(model.categories[element["cat_feature_index"]].feature.name)
    return " and ".join(map(repr, names))


def _statistic(about: Document, table: Document, combinations: _Combinations, names: str, context: Context) -> Expr:
    hashes, numbers, absent = _read(about, table)
    at = np.minimum(np.searchsorted(hashes, combinations.hashes), max(len(hashes) - 1, 0))
    known = np.flatnonzero(hashes[at] == combinations.hashes) if len(hashes) else np.zeros(0, np.int64)
    unknown = len(hashes) - len(np.unique(at[known]))
    if unknown:
        is_single = len(about["elements"]) == 1
        raise UnsupportedOptionError(
            f"{unknown} of the {len(hashes)} {'categories' if is_single else 'combinations'} that the model has "
            f"statistics of ({about['ctr_type']} of {names}) are not in X, and it keeps only "
            "their hashes",
            step=context.step,
            hint="pass the X it was fitted on" + ("" if is_single else ", or fit with max_ctr_complexity=1"),
        )
    entries = {combinations.values[row]: float(numbers[at[row]]) for row in known.tolist()}
    return build.lookup(combinations.key, entries, missing=absent, default=absent, type_="double")


def _read(about: Document, table: Document) -> tuple[Hashes, FloatArray, float]:
    """Return the hashes in a table in order, the statistic of each, and that of all others."""
    rows = np.array(table["hash_map"], dtype=object).reshape(-1, table["hash_stride"])
    rows = rows[[int(text) != _NO_HASH for text in rows[:, 0]]]
    hashes = np.array([int(text) for text in rows[:, 0]], dtype=np.uint64)
    order = np.argsort(hashes)
    favourable, total, total_of_none = _counts(about, rows[order, 1:].astype(np.float64), table)
    numbers = _calculated(about, np.append(favourable, 0.0), np.append(total, total_of_none))
    return hashes[order], numbers[:-1], float(numbers[-1])


def _counts(about: Document, counts: FloatArray, table: Document) -> tuple[FloatArray, FloatArray, float]:
    """Return, for each row of a table, the count that favours the statistic and the whole; and the whole of none."""
    match about["ctr_type"]:
        case "BinarizedTargetMeanValue" | "FloatTargetMeanValue":
            return counts[:, 0], counts[:, 1], 0.0
        case "Counter" | "FeatureFreq":
            whole = float(table["counter_denominator"])
            return counts[:, 0], np.full(len(counts), whole), whole
        case "Buckets":
            return counts[:, about["target_border_idx"]], counts.sum(axis=1), 0.0
    return counts[:, about["target_border_idx"] + 1 :].sum(axis=1), counts.sum(axis=1), 0.0


def _calculated(about: Document, favourable: FloatArray, total: FloatArray) -> FloatArray:
    """Return ``TModelCtr::Calc``, all in float32; in the JSON the denominator's name is spelled so."""
    names = ("prior_numerator", "prior_denomerator", "shift", "scale")
    prior, denominator, shift, scale = (np.float32(about[name]) for name in names)
    with np.errstate(all="ignore"):
        share = (favourable.astype(np.float32) + prior) / (total.astype(np.float32) + denominator)
        return np.asarray((share + shift) * scale, dtype=np.float64)


def _hash(before: Hashes, value: Hashes) -> Hashes:
    return _MULTIPLIER * (before + _MULTIPLIER * value)


def _combinations(elements: Sequence[Document], model: Model, features: Features, context: Context) -> _Combinations:
    """Return the combinations of some elements that X can make."""
    parts = [_part(element, model, features, context) for element in elements]
    start: Hashes = np.zeros(1, np.uint64)
    if len(parts) == 1 and (only := parts[0].categories) is not None:
        hashed = np.array(list(only.hashes.values()), np.int64).astype(np.uint64)
        return _Combinations(only.feature.expr, list(only.hashes), _hash(start, hashed))
    sizes = [len(part.hashed) for part in parts]
    if math.prod(sizes) > _EXACT:
        raise UnsupportedOptionError(
            f"{math.prod(sizes):.2g} combinations of features are more than numbers can tell apart",
            step=context.step,
            hint="fit with a lower max_ctr_complexity",
        )
    everything = math.prod(sizes) <= MOST_COMBINATIONS
    numbers, hashes, rest = (np.zeros(1), start, parts) if everything else _in_rows(parts, context)
    for part in rest:
        numbers = (numbers[:, np.newaxis] * len(part.hashed) + np.arange(len(part.hashed))).ravel()
        hashes = _hash(hashes[:, np.newaxis], part.hashed).ravel()
    places = [math.prod(sizes[at + 1 :]) for at in range(len(sizes))]
    terms = [build.multiply(part.code, build.constant(float(n))) for part, n in zip(parts, places, strict=True)]
    return _Combinations(build.sum_of(terms), numbers.tolist(), hashes)


def _in_rows(parts: list[_Part], context: Context) -> tuple[FloatArray, Hashes, list[_Part]]:
    """Return the combinations of categories in the rows of X, their hashes, and the parts still to be combined."""
    named = [part.categories for part in parts if part.categories is not None]
    columns = [column.tolist() for own in named if (column := context.column_of(own.feature)) is not None]
    rows = [
        row
        for row in dict.fromkeys(zip(*columns, strict=True))
        if all(value in own.hashes for value, own in zip(row, named, strict=True))
    ]
    numbers, hashes = np.zeros(len(rows)), np.zeros(len(rows), np.uint64)
    for at, own in enumerate(named):
        signed = np.array([own.hashes[row[at]] for row in rows], np.int64)
        distinct = parts[at].hashed.astype(np.int64)
        numbers = numbers * len(distinct) + np.searchsorted(distinct, signed)
        hashes = _hash(hashes, signed.astype(np.uint64))
    return numbers, hashes, parts[len(named) :]


def _part(element: Document, model: Model, features: Features, context: Context) -> _Part:
    kind = element["combination_element"]
    if kind == "float_feature":
        return _condition(_is_above(element, model, features))
    own = model.categories[element["cat_feature_index"]]
    if kind == "cat_feature_exact_value":
        return _condition(_is_category(own, element["value"], context))
    distinct = np.unique(np.array(list(own.hashes.values()), np.int64))
    codes: dict[Scalar, Scalar] = {
        value: float(np.searchsorted(distinct, known)) for value, known in own.hashes.items()
    }
    code = build.lookup(own.feature.expr, codes, missing=math.nan, default=math.nan, type_="double")
    return _Part(code, distinct.astype(np.uint64), own)


def _condition(holds: Expr) -> _Part:
    return _Part(build.indicator(holds), np.arange(2, dtype=np.uint64))


def _is_above(element: Document, model: Model, features: Features) -> Expr:
    about = model.floats[element["float_feature_index"]]
    value = features[about["flat_feature_index"]].expr
    bound, missing_below = border_of(about, element["border"])
    is_above = build.call("greater", value, build.constant(bound))
    return is_above if missing_below else build.any_of([is_above, build.is_missing(value)])


def _is_category(own: Categories, wanted: int, context: Context) -> Expr:
    members = [value for value, known in own.hashes.items() if known == wanted]
    if not members:
        raise UnsupportedOptionError(
            f"a category that statistics compare '{own.feature.name}' with is not in X, and the model keeps only its "
            "hash",
            step=context.step,
            hint="pass the X it was fitted on",
        )
    return build.is_in(own.feature.expr, members)
