# One word each. `make serve` and `make test` do all their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8080

OPTIONS ?=
CAMPAIGNS ?= machine filters
SHOTS ?= build/screenshots

# Commands and servers start by the hundred in the tests; without kept bytecode each would compile the program.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test screenshots test-pgbouncer campaigns bench check lock format clean

# Quiet, so that what the demo says to paste stays in sight.
serve: $(VENV)/runtime-installed
	@SCIM_SEATS_HOST=$(HOST) SCIM_SEATS_PORT=$(PORT) SCIM_SEATS_LOG_LEVEL=warning \
	    exec $(BIN)/scim-seats serve --demo

# One process of tests for each core, each with a PostgreSQL of its own; `make test TESTS=...` runs some of them.
test: check
	sh tests/support/servers/install.sh chromium prometheus
	$(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal $(TESTS)

# Pictures of every page of the console, wide and narrow, light and dark; SHOTS names their folder.
screenshots: $(VENV)/dev-installed
	sh tests/support/servers/install.sh chromium
	$(BIN)/python -m tests.screenshots $(SHOTS)

# The tests of the store and the API on PostgreSQL, reached through PgBouncer in transaction mode.
test-pgbouncer: $(VENV)/dev-installed
	sh tests/support/servers/install.sh haproxy pgbouncer
	$(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal --pgbouncer -k postgresql $(or $(TESTS),tests/store tests/api)

# Long runs, on each database: histories and filters, or what `make campaigns CAMPAIGNS="kill members"` names.
campaigns: $(VENV)/dev-installed
	$(if $(filter nodes all,$(CAMPAIGNS)),sh tests/support/servers/install.sh haproxy pgbouncer)
	$(BIN)/python -m tests.campaigns $(CAMPAIGNS) --database sqlite $(OPTIONS)
	$(BIN)/python -m tests.campaigns $(CAMPAIGNS) --database postgresql $(OPTIONS)

# Beside other servers, which a script installs; 15 minutes, or 3 with QUICK=1. The first run fills directories.
bench: $(VENV)/dev-installed
	$(BIN)/python -m benchmarks all $(if $(QUICK),--quick) $(OPTIONS)

check: $(VENV)/dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock files hold every dependency with its hashes; the universal resolution serves every Python from 3.11.
# They are complete, so they are installed with --no-deps: pip, asked to resolve again, trips over a requirement
# with an extra (`pydantic[email]`) as soon as a release newer than the locked one is out.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-annotate --custom-compile-command "make lock" -o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-annotate --custom-compile-command "make lock" --extra dev -c requirements.lock \
	    -o requirements-dev.lock pyproject.toml

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "scim-seats needs Python 3.11 or later; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime-installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev-installed: requirements-dev.lock $(VENV)/runtime-installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip check --quiet --disable-pip-version-check
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info benchmarks/.cache benchmarks/peers/.installed
