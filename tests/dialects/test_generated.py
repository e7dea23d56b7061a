"""Dialects that are generated and run by no one here: what is written parses there, and is what was stored.

After a change that is meant: ``python -m tests.dialects.generated_models``, and read the difference.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
import sqlglot
from sklearn.feature_extraction.text import TfidfVectorizer
from sqlglot import exp
from xgboost import XGBRegressor

import sqlops
from sqlops import emit
from sqlops.dialects import DIALECTS as EVERY
from sqlops.dialects import GENERATED, get_dialect
from sqlops.errors import LimitError, UnsupportedOptionError
from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.lowering import lower
from sqlops.lowering.nesting import nesting_of
from tests.dialects.generated_models import DIALECTS, MODELS, compiled, path_of, written

BOTH = [pytest.param(name, dialect, id=f"{name} [{dialect}]") for dialect in DIALECTS for name in MODELS]
NO_BOOLEANS = [dialect.name for dialect in GENERATED if dialect.condition is not None]


@pytest.mark.parametrize(("name", "dialect"), BOTH)
def test_sql_is_what_was_stored(name, dialect):
    assert written(name, dialect) == path_of(name, dialect).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "dialect"), BOTH)
def test_sql_parses_in_its_dialect(name, dialect):
    text = path_of(name, dialect).read_text(encoding="utf-8")
    if text.startswith("--"):
        assert "needs" in text or "has no" in text
        return
    statements = sqlglot.parse(text, dialect=get_dialect(dialect).grammar)
    assert [type(statement) for statement in statements] == [exp.Select]
    outputs = [output.name for output in compiled(name).signature.outputs]
    assert statements[0].named_selects == [get_dialect(dialect).folded(name) for name in ("id", *outputs)]


def test_nothing_is_stored_that_is_no_longer_written():
    stored = {path for dialect in DIALECTS for path in path_of("x", dialect).parent.glob("*")}
    assert stored == {path_of(name, dialect) for dialect in DIALECTS for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
def test_sql_server_nests_case_up_to_ten_deep(name):
    assert nesting_of(path_of(name, "tsql").read_text(encoding="utf-8")) <= 10


def test_a_deep_tree_goes_on_in_the_next_stage():
    text = path_of("deep", "tsql").read_text(encoding="utf-8")
    assert re.search(r"CASE _v\d+ WHEN \d+ THEN CASE WHEN", text)


def nested(depth):
    x = build.column("x", "double")
    expr = x
    for number in range(depth):
        expr = build.case([(build.call("less", x, build.constant(float(number))), expr)], build.constant(0.0))
    return Program((x,), (("out", expr),))


def test_case_that_nests_too_deep_is_stored_in_between():
    plan = lower(nested(40), get_dialect("tsql"))
    assert max(nesting_of(column.text) for stage in plan.stages for column in stage.columns) <= 10


def test_case_that_cannot_be_cut_names_the_limit():
    deep = replace(get_dialect("tsql"), deepest_inline=100)
    with pytest.raises(LimitError, match=r"^this model nests 41 CASE in one expression; tsql takes 10; use another"):
        lower(nested(41), deep)


@pytest.mark.parametrize("dialect", NO_BOOLEANS)
@pytest.mark.parametrize("name", [name for name in MODELS if name != "svc"])
def test_no_booleans_are_written_where_there_are_none(name, dialect):
    text = path_of(name, dialect).read_text(encoding="utf-8")
    assert not re.search(r"\b(TRUE|FALSE|BOOLEAN)\b", text)


@pytest.mark.parametrize("dialect", NO_BOOLEANS)
def test_lookups_of_booleans_are_refused_where_there_are_none(dialect):
    x = build.column("x", "double")
    found = build.lookup(x, {1.0: True, 2.0: False}, missing=False, default=False, type_="boolean")
    with pytest.raises(UnsupportedOptionError, match=f"^{dialect} has no booleans, and this model looks some up; "):
        lower(Program((x,), (("out", found),)), get_dialect(dialect))


@pytest.mark.parametrize("dialect", [dialect for dialect in GENERATED if dialect.longest_query], ids=lambda d: d.name)
def test_queries_beyond_the_limit_name_it(dialect):
    query = emit.select(compiled("boosting").plan(dialect.name), dialect, emit.Source(emit.table("t", dialect)))
    with pytest.raises(
        LimitError, match=rf"^this model takes a query of [\d,]+ bytes; {dialect.name} takes queries of 1,000; train"
    ):
        emit.render(query, replace(dialect, longest_query=1000))


@pytest.mark.parametrize("dialect", [dialect for dialect in GENERATED if dialect.longest_name], ids=lambda d: d.name)
def test_names_are_as_long_as_the_engine_takes(dialect):
    name = "größe_" * 50
    assert dialect.longest_name - 1 <= len(dialect.shortened(name).encode()) <= dialect.longest_name
    assert dialect.shortened(name[1:]) != dialect.shortened(name)


@pytest.mark.parametrize(
    "dialect", [dialect for dialect in GENERATED if not dialect.has_constants], ids=lambda d: d.name
)
def test_what_takes_lists_is_refused_where_there_are_none(dialect):
    problem = f"^{dialect.name} has no functions on lists, and there is no other way to write this model for it; use"
    with pytest.raises(UnsupportedOptionError, match=problem):
        compiled("svc").plan(dialect.name)


@pytest.mark.parametrize("dialect", [dialect for dialect in GENERATED if dialect.texts is None], ids=lambda d: d.name)
def test_tokens_are_refused_where_functions_of_text_are_missing(dialect):
    model = sqlops.compile(TfidfVectorizer().fit(["one two", "three"]), ["one two", "three"], name="words")
    with pytest.raises(
        UnsupportedOptionError, match=f"^{dialect.name} lacks functions of text that this model's tokens"
    ):
        model.plan(dialect.name)


@pytest.mark.parametrize("dialect", EVERY)
def test_sums_of_float32_take_text_for_each_term(dialect):
    x = np.arange(200.0)[:, np.newaxis]
    short, long = (
        sqlops.compile(XGBRegressor(n_estimators=number, max_depth=1).fit(x, x[:, 0]), x, name="steps")
        for number in (10, 40)
    )
    assert len(long.sql(dialect, source="t")) < 5 * len(short.sql(dialect, source="t"))


def test_names_begin_with_a_letter_in_oracle():
    text = path_of("labels", "oracle").read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w\"'])_\w", text)
    assert '"PROBABILITY_VERSICOLOR"' in text
