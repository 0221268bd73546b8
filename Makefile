# Everything runs from .venv, installed from requirements.lock. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: install
install: $(VENV)/.installed ## install the locked dependencies into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with venv is needed (Debian: apt-get install python3-venv). None was found on PATH."; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) with $(PYTHON) …"
	@if command -v uv >/dev/null 2>&1; then \
	  { test -x $(BIN)/python || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); } && \
	  uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock && \
	  $(BIN)/pip install --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

.PHONY: lock
lock: ## resolve the dependencies again into requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --group dev pyproject.toml -o requirements.lock

.PHONY: demo
demo: install ## run the synthetic year 2023 through the DAGs and print what came of it
	@$(BIN)/cchc demo

.PHONY: up
up: install ## live: Airflow watching the landing zone, UI on 127.0.0.1
	@$(BIN)/cchc live up

.PHONY: down
down: install ## stop everything that `make up` and `make demo` started
	@$(BIN)/cchc live down

.PHONY: status
status: install ## say where things stand
	@$(BIN)/cchc status

.PHONY: lint
lint: install ## style, types, SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar expectations/rules dbt_project/models

.PHONY: format
format: install ## rewrite files in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: test
test: install ## tests that take seconds (under ten minutes in all)
	$(BIN)/pytest -m "not slow"

.PHONY: test-all
test-all: install ## every test: the year end to end, a live scheduler, faults, a browser
	$(BIN)/pytest

.PHONY: fuzz
fuzz: install ## 10,000 mutated files through the intake; COUNT=n, SEED=n
	$(BIN)/pytest tests/fuzz -q -m slow -k many_mutated --fuzz-count $(or $(COUNT),10000) $(if $(SEED),--fuzz-seed $(SEED))

.PHONY: bench
bench: install ## speed beside the floor, pandas and dlt, minutes (BENCH_AGENCIES=40: a small run)
	@$(BIN)/python -m bench $(if $(BENCH_AGENCIES),--agencies $(BENCH_AGENCIES)) $(if $(BENCH_ROUNDS),--rounds $(BENCH_ROUNDS))

.PHONY: clean
clean: ## stop what runs and forget all state (.cchc); .venv stays
	@if test -x $(BIN)/cchc; then $(BIN)/cchc live down; fi
	rm -rf .cchc
