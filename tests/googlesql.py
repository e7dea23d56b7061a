"""GoogleSQL, the dialect of BigQuery: Google's analyzer and reference evaluator, compiled to WebAssembly.

It runs queries, and has no storage: tables are kept here, and travel with each query. It stands in for BigQuery.

What it takes to plan grows with the square of the common tables, by five times for forty of them: those that are read
once are put where they are read.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import wasmtime
from sqlglot import exp
from zetasql.core.wasm_client import WasmClient, get_tzinfo_dir
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, type_pb2, value_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2

from sqlops.dialects import Dialect, get_dialect
from sqlops.warehouses.base import render

_NOT_IN_BIGQUERY = ("FEATURE_INLINE_LAMBDA_ARGUMENT", "FEATURE_ARRAY_AGGREGATION_FUNCTIONS", "FEATURE_ARRAY_ZIP")
_ADDED = ("FEATURE_DISABLE_FLOAT32",)
_KINDS = type_pb2.TypeKind
_NODES = resolved_node_kind_pb2.ResolvedNodeKind
_STATEMENTS = (
    "RESOLVED_QUERY_STMT",
    "RESOLVED_CREATE_TABLE_STMT",
    "RESOLVED_CREATE_TABLE_AS_SELECT_STMT",
    "RESOLVED_CREATE_VIEW_STMT",
    "RESOLVED_CREATE_SCHEMA_STMT",
    "RESOLVED_CREATE_FUNCTION_STMT",
    "RESOLVED_INSERT_STMT",
    "RESOLVED_DROP_STMT",
    "RESOLVED_DROP_FUNCTION_STMT",
)
"""What of GoogleSQL there is in BigQuery, and is used here."""


class GoogleSqlSession:
    """A session with the evaluator: it keeps tables in memory."""

    def __init__(self) -> None:
        self._client = _Client()
        asked = service.LanguageOptionsRequest(maximum_features=True)
        language = self._client.call_grpc_func(
            "ZetaSqlLocalService_GetLanguageOptions", asked, options_pb2.LanguageOptionsProto
        )
        features = set(language.enabled_language_features) - set(map(public.LanguageFeature.Value, _NOT_IN_BIGQUERY))
        features |= set(map(public.LanguageFeature.Value, _ADDED))
        del language.enabled_language_features[:]
        language.enabled_language_features.extend(sorted(features))
        language.product_mode = public.ProductMode.PRODUCT_EXTERNAL
        self._language = language
        self._tables: dict[str, pa.Table] = {}

    @property
    def dialect(self) -> Dialect:
        """How the engine spells SQL."""
        return get_dialect("bigquery")

    def load(self, name: str, table: pa.Table, *, temporary: bool = True) -> None:
        """Keep a table; all tables are temporary."""
        self._tables[name] = table

    def execute(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> None:
        """Drop a table, the only statement there is."""
        if not isinstance(sql, exp.Drop):
            raise NotImplementedError(f"the evaluator has no storage: {sql}")
        for table in sql.args["tables"]:
            del self._tables[table.name]

    def arrow(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query."""
        text = render(_nested(sql) if isinstance(sql, exp.Select) else sql, self.dialect)
        request = service.EvaluateQueryRequest(sql=text, options=self._options())
        request.simple_catalog.CopyFrom(self._catalog(text))
        for name, table in self._read_by(text).items():
            request.table_content[name].CopyFrom(_content(table))
        response = self._client.call_grpc_func(
            "ZetaSqlLocalService_EvaluateQuery", request, service.EvaluateQueryResponse
        )
        return _arrow(response)

    def analyze(
        self, text: str, tables: Mapping[tuple[str, str], Mapping[str, str]], default: str, n_bytes: int = 0
    ) -> None:
        """Resolve a statement, its names and its types, as BigQuery does before it runs one.

        Parameters
        ----------
        text : str
            The statement; parameters of bytes are ``@p1``, ``@p2`` and so on.
        tables : mapping of (str, str) to mapping of str to str
            By dataset and name, the columns that there are, and the kinds of their types.
        default : str
            The dataset of names without one.
        n_bytes : int
            How many parameters it has.
        """
        options = self._options()
        options.language_options.supported_statement_kinds.extend(map(_NODES.Value, _STATEMENTS))
        for number in range(1, n_bytes + 1):
            bytes_ = type_pb2.TypeProto(type_kind=_KINDS.Value("TYPE_BYTES"))
            options.query_parameters.add(name=f"p{number}", type=bytes_)
        request = service.AnalyzeRequest(sql_statement=text, options=options)
        catalog = request.simple_catalog
        catalog.CopyFrom(simple_catalog_pb2.SimpleCatalogProto(name="project"))
        catalog.builtin_function_options.language_options.CopyFrom(options.language_options)
        datasets = {name: catalog.catalog.add(name=name) for name in sorted({dataset for dataset, _ in tables})}
        for number, ((dataset, name), columns) in enumerate(tables.items(), start=1):
            table = simple_table_pb2.SimpleTableProto(name=name, serialization_id=number)
            for column, kind in columns.items():
                table.column.add(name=column, type=type_pb2.TypeProto(type_kind=_KINDS.Value(kind)))
            datasets[dataset].table.append(table)
            if dataset == default:
                catalog.table.append(table)
        self._client.call_grpc_func("ZetaSqlLocalService_Analyze", request, service.AnalyzeResponse)

    def _options(self) -> options_pb2.AnalyzerOptionsProto:
        return options_pb2.AnalyzerOptionsProto(language_options=self._language, prune_unused_columns=True)

    def _read_by(self, text: str) -> dict[str, pa.Table]:
        return {name: table for name, table in self._tables.items() if name in text}

    def _catalog(self, text: str) -> simple_catalog_pb2.SimpleCatalogProto:
        catalog = simple_catalog_pb2.SimpleCatalogProto(name="tables")
        catalog.builtin_function_options.language_options.CopyFrom(self._language)
        for number, (name, table) in enumerate(self._read_by(text).items(), start=1):
            described = simple_table_pb2.SimpleTableProto(name=name, serialization_id=number)
            for field in table.schema:
                described.column.add(name=field.name, type=type_pb2.TypeProto(type_kind=_kind_of(field.type)))
            catalog.table.append(described)
        return catalog


def _nested(query: exp.Select) -> exp.Select:
    """Return a query in which common tables that are read once are subqueries."""
    query = query.copy()
    common = {table.alias: table for table in query.ctes}
    places: dict[str, list[exp.Expr]] = {name: [] for name in common}
    for clause in query.find_all(exp.From, exp.Join):
        if clause.this.name in places:
            places[clause.this.name].append(clause.this)
    for name, read in places.items():
        if len(read) == 1:
            (place,) = read
            place.replace(exp.Subquery(this=common[name].this))
            common[name].pop()
    if not query.ctes:
        query.set("with_", None)
    return query


def _kind_of(type_: pa.DataType) -> int:
    if pa.types.is_floating(type_):
        return int(_KINDS.Value("TYPE_DOUBLE"))
    if pa.types.is_boolean(type_):
        return int(_KINDS.Value("TYPE_BOOL"))
    if pa.types.is_integer(type_):
        return int(_KINDS.Value("TYPE_INT64"))
    return int(_KINDS.Value("TYPE_STRING"))


_FIELD_OF_KIND = {
    "TYPE_DOUBLE": ("double_value", pa.float64()),
    "TYPE_INT64": ("int64_value", pa.int64()),
    "TYPE_BOOL": ("bool_value", pa.bool_()),
    "TYPE_STRING": ("string_value", pa.string()),
}
_FIELDS = {_KINDS.Value(kind): given for kind, given in _FIELD_OF_KIND.items()}


def _content(table: pa.Table) -> service.TableContent:
    content = service.TableContent()
    columns = [(_FIELDS[_kind_of(column.type)][0], column.to_pylist()) for column in table.columns]
    for at in range(table.num_rows):
        row = content.table_data.row.add()
        for field, values in columns:
            cell = row.cell.add()
            if values[at] is not None:
                setattr(cell, field, values[at])
    return content


def _arrow(response: service.EvaluateQueryResponse) -> pa.Table:
    names = [column.name for column in response.prepared.columns]
    columns = []
    for at, column in enumerate(response.prepared.columns):
        read, type_ = _reader(column.type)
        columns.append(pa.array([read(row.cell[at]) for row in response.content.table_data.row], type=type_))
    return pa.Table.from_arrays(columns, names=names)


def _reader(type_: type_pb2.TypeProto) -> tuple[Callable[[value_pb2.ValueProto], Any], pa.DataType]:
    """Return what reads a value of a type, and its Arrow type."""
    if type_.type_kind == _KINDS.Value("TYPE_ARRAY"):
        read, element = _reader(type_.array_type.element_type)
        return lambda value: [read(part) for part in value.array_value.element], pa.list_(element)
    field, arrow_type = _FIELDS[type_.type_kind]
    return lambda value: getattr(value, field) if value.HasField(field) else None, arrow_type


class _Client(WasmClient):  # type: ignore[misc]
    """The package's client, with a module that is compiled once per machine, and memory that is copied at once."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        config.shared_memory = True
        self.store = wasmtime.Store(wasmtime.Engine(config))
        self.store.set_wasi(_wasi())
        self.module = _compiled(self.store.engine, Path(get_wasm_path()))
        linker = wasmtime.Linker(self.store.engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, self.module)
        self.exports = self.instance.exports(self.store)
        initialize, memory = self.exports["_initialize"], self.exports["memory"]
        assert isinstance(initialize, wasmtime.Func)
        assert isinstance(memory, wasmtime.SharedMemory)
        initialize(self.store)
        self.memory = memory

    def write_bytes(self, ptr: int, data: bytes) -> None:
        """Copy bytes into the module's memory."""
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        """Copy bytes out of it."""
        return ctypes.string_at(self._address(ptr), size)

    def _address(self, ptr: int) -> int:
        return ctypes.addressof(self.memory.data_ptr().contents) + ptr


def _wasi() -> wasmtime.WasiConfig:
    wasi = wasmtime.WasiConfig()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(get_tzinfo_dir(), "/usr/share/zoneinfo")
    return wasi


def _compiled(engine: wasmtime.Engine, path: Path) -> wasmtime.Module:
    """Return the module, from the user's cache folder; the first process that needs it compiles it, others wait."""
    name = f"{sha256(path.read_bytes()).hexdigest()[:16]}-wasmtime-{version('wasmtime')}.bin"
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sqlops-tests"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / name
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = folder / f"{name}.part"
            made.write_bytes(wasmtime.Module.from_file(engine, str(path)).serialize())
            made.rename(kept)
    return wasmtime.Module.deserialize_file(engine, str(kept))
