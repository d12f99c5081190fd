# Two commands on a fresh machine: `make` does the main job, `make test` passes the tests.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: all test test-all lint validate build release verify docs bench lock clean
all: $(READY)            ## validate, build the marts, gate and release
	$(BIN)/minsheng release

# The lock file names versions and hashes only; pip takes them from whatever index it is set up for.
$(READY): requirements/lock.txt pyproject.toml requirements/runtime.in
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

validate build release verify docs: $(READY)
	$(BIN)/minsheng $@

test: lint               ## lint, types, import contract and all quick tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-all: lint           ## the slow legs too: wheel, clean clone, other DuckDB
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "slow or not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY)
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.structure --others --ten-million
	$(BIN)/python -m benchmarks.release --million
	$(BIN)/python -m benchmarks.ledger

COMPILE := uv pip compile --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras \
	  --universal --python-version 3.11
lock:                    ## renew requirements/lock.txt, validators.txt and s3.txt (needs uv)
	cd requirements && $(COMPILE) dev.in -o lock.txt && $(COMPILE) validators.in -o validators.txt && \
	  $(COMPILE) s3.in -o s3.txt

clean:
	rm -rf build dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
