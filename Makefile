# `make help` lists the targets. Set-up needs Python 3.11 or newer, nothing else.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench faults safety clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: ## create .venv, install everything, build the player (idempotent)
	@$(PYTHON) deploy/bootstrap.py run

run: ## set up, then start API, player, workers and dashboard
	@$(PYTHON) deploy/bootstrap.py run
	@exec $(BIN)/viewbox up

test: ## set up, then run every suite: Python, SQL, player, browser
	@$(PYTHON) deploy/bootstrap.py test
	@$(BIN)/python deploy/suites.py

check: ## format, lint, types, import rules, generated files, docs
	@$(PYTHON) deploy/bootstrap.py run
	@$(BIN)/python deploy/check.py

bench: ## benchmarks: ratios against a peer or a bare tool in the same run
	@$(PYTHON) deploy/bootstrap.py bench
	@$(BIN)/python -m benchmarks

FAULT_HITS ?= 20
faults: ## the long fault suite: 1,000 kills, each labelled crash point FAULT_HITS times, planted defects; a source of ten hours
	@$(PYTHON) deploy/bootstrap.py run
	@$(BIN)/python -m pytest -q tests/faults tests/contract/test_websocket.py tests/contract/test_serving.py
	@$(BIN)/python -m tests.faults --hits $(FAULT_HITS)
	@$(BIN)/python -m pytest -q tests/sources/ten_hours.py

MUTATIONS ?= 600
safety: ## the long safety corpus: hostile files and MUTATIONS damaged clips through the whole import
	@$(PYTHON) deploy/bootstrap.py run
	@$(BIN)/python -m pytest -q tests/safety
	@$(BIN)/python -m tests.safety --mutations $(MUTATIONS)

clean: ## remove what set-up and builds made; data stays
	rm -rf .venv player/node_modules player/dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
