# `make run` and `make test` need Python 3.11 or newer and nothing else.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv/bin/python

# The whole suite runs in so many processes; with ARGS="tests/x.py -k name" tests run in one.
WORKERS ?= 2

# The checks read the settings and reach no server.
CHECK_ENV = SECRET_KEY=check FIELD_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
	DATABASE_URL=postgresql://check@127.0.0.1:1/check REDIS_URL=redis://127.0.0.1:1/0 VAR_DIR=var

.PHONY: run test lint chaos bench install install-dev lock
.DEFAULT_GOAL := run

run: install
	@$(VENV) -m ucontact_wavy.run

test: install-dev
	@$(VENV) tools/browser.py
	@$(VENV) -m ucontact_wavy.run.catalogs
	@$(VENV) -m pytest $(if $(ARGS),,-n $(WORKERS)) $(ARGS)

lint: install-dev
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(CHECK_ENV) $(VENV) -m mypy .
	@.venv/bin/lint-imports
	@$(CHECK_ENV) $(VENV) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@if [ -f ucontact_wavy/translations.py ]; then $(CHECK_ENV) $(VENV) -m ucontact_wavy.translations; fi

install: require-python
	@$(PYTHON) tools/install.py

install-dev: require-python
	@$(PYTHON) tools/install.py --dev

.PHONY: require-python
require-python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; set PYTHON= to it." >&2; exit 1; }

# Needs uv. The locks name hashes and no registry.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

# BENCH="pace funnel" runs some of them, BENCH_SCALE=0.1 with fewer rows. One JSON object a figure.
bench: install-dev
	@$(VENV) -m tools.bench $(BENCH) $(ARGS)

# ROWS=100000 SEED=7: kills and faults while bases are sent, then the proof, as JSON. ARGS="--keep DIR" keeps all.
chaos: install
	@$(VENV) -m tools.chaos --rows $(or $(ROWS),2000) --seed $(or $(SEED),1) $(ARGS)
