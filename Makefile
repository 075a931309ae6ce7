# The verbs of this project; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: help install serve test check lint types imports format reference bench bench-peers clean

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: .venv/installed ## Install Trunkline and all it needs into .venv

.venv/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Trunkline needs Python 3.11 or newer."; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

serve: export TRUNKLINE_TOKEN ?= pat-local-development
serve: install ## Serve the API on http://127.0.0.1:8787 with a ready token; calls go to trunkline.db
	@exec $(BIN)/trunkline serve --hints

test: install ## Run all tests
	@$(BIN)/python tools/browser.py
	@$(BIN)/python tools/node.py
	@$(BIN)/python tools/database.py
	$(BIN)/python -m pytest -q -n 2

check: install lint types imports test ## All that CI runs

lint: install ## Style
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install ## Strict types
	$(BIN)/mypy

imports: install ## Imports point down the house only
	$(BIN)/lint-imports

format: install ## Put the code in its style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

reference: install ## Write the generated reference pages anew, and record the answers of their examples
	$(BIN)/python tools/examples.py
	$(BIN)/python tools/reference.py

bench: install ## Measure, side by side, and write the tables that the docs show
	$(BIN)/python benchmarks/run.py

bench-peers: install ## Measure beside what else one could install, which is fetched from PyPI and npm into build/peers
	$(BIN)/python benchmarks/peers.py

clean: ## Remove what was installed and measured
	rm -rf .venv tests/node/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
