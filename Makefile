# Every command of the README, from nothing: only Python 3.11 or newer, make and a network are needed.
# The virtual environment is made from the lock files once; a second run only looks at two stamps.

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--extra embedded --extra sandbox --extra build

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test check bench lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

up: $(RUNTIME) ## run everything here against the twins; Ctrl-C stops all of it
	@$(BIN)/python -m integration up

test: $(DEV) ## run every test that needs no other machine
	@$(BIN)/python -m pytest -n 2

check: $(DEV) ## lint, types, import contracts, mappings
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m integration mappings check

bench: $(DEV) ## run the benchmarks, with a table at the end
	@$(BIN)/python -m benchmarks

lock: $(DEV) ## resolve the dependencies anew and pin them with their hashes
	$(PIP) install uv
	$(COMPILE) --upgrade --output-file requirements.lock
	$(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## delete the environment, caches and everything that a run has left
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f celerybeat-schedule/state*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The project itself is built without isolation: its build tool is in the lock files, so nothing unpinned is fetched.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies; this happens once."
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME) | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
