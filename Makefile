# Everything runs in .venv, which is made on first use and brought up to date when pyproject.toml changes.
# Another interpreter: make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= auto

# Two test processes that each start a thread per core slow each other down.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.DEFAULT_GOAL := help

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: sqlops needs Python 3.11 or newer: make PYTHON=python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: setup
setup: $(READY)  ## Make .venv and install sqlops with everything for development

.PHONY: demo
demo: $(READY)  ## Score 336,776 real flights in DuckDB, and watch the model drift
	$(BIN)/python examples/flights.py

.PHONY: test
test: $(READY)  ## Run the everyday tests
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS)

.PHONY: test-long
test-long: $(READY)  ## Run all tests, the long profiles too
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) -m 'long or not long' --timeout 7200

.PHONY: test-lowest
test-lowest:  ## Run the tests with the lowest versions that pyproject.toml allows (Python 3.11)
	test -x .venv-lowest/bin/python || $(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' -c tests/lowest.txt
	$(ONE_THREAD) .venv-lowest/bin/python -m pytest -n $(WORKERS)

.PHONY: bench
bench: $(READY)  ## Score a million rows with SQL, in Python, and with nested CASE: 40 minutes
	$(BIN)/python -m tests.bench.scoring --profile --growth --out docs

.PHONY: bench-large
bench-large: $(READY)  ## Compile and run large models: seconds and memory
	$(ONE_THREAD) $(BIN)/python -m tests.bench.large --json docs/bench-large.json

.PHONY: bench-engines
bench-engines: $(READY)  ## Measure each form of trees on Spark and ClickHouse: an hour
	$(ONE_THREAD) $(BIN)/python -m tests.bench.forms --json docs/bench-engines.json

.PHONY: bench-scale
bench-scale: $(READY)  ## Score up to 16 million rows on one and two executors of Spark: an hour
	$(ONE_THREAD) $(BIN)/python -m tests.bench.scale --json docs/bench-scale.json --page docs/scale.md

.PHONY: lint
lint: $(READY)  ## Check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: format
format: $(READY)  ## Mend style and format where a tool can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: types
types: $(READY)  ## Check types (strict)
	$(BIN)/mypy

.PHONY: docs
docs: $(READY)  ## Write the generated parts of README.md and docs/
	$(BIN)/python -m sqlops.supported README.md docs/supported.md
	$(BIN)/python -m tests.conformance.matrix docs/engines.md

.PHONY: wheel
wheel: $(READY)  ## Build sdist and wheel into dist/
	rm -rf dist
	$(BIN)/python -m build

.PHONY: smoke
smoke: wheel  ## Install the wheel without extras into an empty environment and try it there
	$(BIN)/python tests/smoke/run.py dist

.PHONY: clean
clean:  ## Remove everything that was built; .venv stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find sqlops tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
