# `make` lists the targets.
.DEFAULT_GOAL := help
PY := .venv/bin/python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

setup: ## make both environments and fetch the jars; a second run takes a moment
	@sh infra/setup/setup.sh

demo: setup ## one simulated day through the whole pipeline; ends with Ctrl-C, or by itself with ONCE=1
	@.venv/bin/ninelines demo $(if $(ONCE),--once)

test: setup ## every test, in both environments
	-@$(PY) -m infra.setup.objects
	$(PY) -m pytest tests --ignore=tests/dags -n 2 --dist loadfile --no-loadscope-reorder
	.venv-airflow/bin/python -m pytest tests/dags

objects: setup ## build the S3 server for attachments, and fetch what Spark needs for a lake on S3
	@$(PY) -m infra.setup.objects

lint: setup ## ruff, mypy, import-linter
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

up: setup ## start the local stack (Kafka, PostgreSQL, Spark, API, Airflow)
	@.venv/bin/ninelines up

down: ## stop the local stack
	@test ! -x .venv/bin/ninelines || .venv/bin/ninelines down

status: setup ## show every server of the local stack
	@.venv/bin/ninelines status

real: setup ## send the public sets in DATA=folder through the whole pipeline
	@$(PY) -m bench.real $(DATA)

bench: setup ## ours beside a plain consumer, Polars and DuckDB; writes bench/RESULTS.md (EVENTS=50000 for a quick look)
	@$(PY) -m bench.intake --write $(if $(EVENTS),--events $(EVENTS)) $(if $(FILLED),--filled $(FILLED))

bench-api: setup ## orders' lives a second with 0, 100,000 and 1,000,000 orders in the store; writes bench/RESULTS.md
	@$(PY) -m bench.api --write

lock: setup ## resolve all versions anew into infra/locks
	@sh infra/setup/lock.sh

clean: down ## stop the stack and remove all that was made here: environments, jars, the lake and the store
	rm -rf .venv .venv-airflow .tools .cache .ninelines .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help setup demo test objects lint up down status real bench bench-api lock clean
