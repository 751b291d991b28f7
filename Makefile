# Everything here works on a fresh clone: CPython 3.11 to 3.14 with venv, and make. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Parallel test processes. The machine's every core would starve the servers that the tests start.
TEST_PROCESSES ?= 2
FUZZ_SECONDS ?= 300
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run demo test test-long check bench fuzz image-test start-test lock

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/.installed ## Run the whole service on this machine until Ctrl-C
	@$(BIN)/python -m app.local.supervisor

demo: $(VENV)/.installed ## Walk through the running service over HTTP, step by step
	@$(BIN)/python -m app.cli demo

test: $(VENV)/.installed-tests ## Run the tests
	@echo "Running the tests in $(TEST_PROCESSES) processes; their PostgreSQL is started for them"
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile -m "not slow" $(PYTEST_ARGUMENTS)

check: $(VENV)/.installed-tests ## Lint, types, import contracts, schema drift, API document
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m app.cli database check-drift
	$(BIN)/python -m app.cli openapi check

bench: $(VENV)/.installed-tests ## Compare X12 with other readers, reads and submissions with the bare floor beneath them
	@$(BIN)/python -m benchmarks

fuzz: $(VENV)/.installed-tests ## Look for bytes that the X12 package cannot stand, for FUZZ_SECONDS (300)
	@$(PIP_INSTALL) --only-binary :all: --require-hashes -r tests/fuzz/requirements.lock \
		|| { echo "fuzz: Atheris has wheels for Linux on x86-64 and CPython 3.11 to 3.14 only" >&2; exit 1; }
	@echo "Fuzzing for $(FUZZ_SECONDS) seconds; what is found is left in .crossover/fuzz"
	@$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

test-long: $(VENV)/.installed-tests ## Run the tests with full counts: 20,000 cancellations, 50 kills at each point
	@echo "Running the tests with full counts; this takes a quarter of an hour and more"
	@CROSSOVER_TEST_SCALE=full $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile -m "not slow" $(PYTEST_ARGUMENTS)

image-test: $(VENV)/.installed-tests ## Replay the Dockerfile's install steps in an empty folder
	@echo "Replaying the Dockerfile's steps; this installs all requirements once more"
	@$(BIN)/python -m pytest tests/test_dockerfile.py -m slow

start-test: $(VENV)/.installed-tests ## Measure cold and warm start of `make run` against their limits
	@echo "Starting the service six times"
	@$(BIN)/python -m pytest tests/local/test_supervisor.py -m slow -s -q

# -- environment -------------------------------------------------------------------------------------------------------

$(VENV)/bin/python:
	@echo "Creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 15) else "Python 3.11 to 3.14 is needed, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the requirements of requirements.lock (a minute on first use)"
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-tests: tests/requirements.lock $(VENV)/.installed
	@echo "Installing the requirements of the tests"
	@$(PIP_INSTALL) --require-hashes -r tests/requirements.lock
	@touch $@

lock: $(VENV)/.installed ## Compile the lock files anew
	@echo "Resolving for Python 3.11 to 3.14 on every platform"
	@$(COMPILE) pyproject.toml --extra embedded --extra build --output-file requirements.lock
	@$(COMPILE) pyproject.toml --all-extras --constraint requirements.lock --output-file tests/requirements.lock
	@$(COMPILE) tests/fuzz/requirements.in --output-file tests/fuzz/requirements.lock

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
