# Everything a person runs. Needs make and Python 3.11 or later; packages go into .venv, nothing else is touched.
#   make demo PORT=8001      make test ARGS="-k panel"      PYTHON=python3.13 make test

PORT ?= 8000
ARGS ?=
SESSIONS ?=
PY = .venv/bin/python

help:
	@echo "make demo    the demo bank on http://127.0.0.1:$(PORT)  (PORT=8001 for another port)"
	@echo "make test    every test, on SQLite and on PostgreSQL     (ARGS='-k panel' for some)"
	@echo "make matrix  every supported Python and Django           (ARGS=smoke SESSIONS='-s lowest')"
	@echo "make lint    style, types, import contract, migrations"
	@echo "make format  put style right"
	@echo "make docs    the pages that the code can tell: rooms and reference"
	@echo "make bench   measured figures against their bars         (ARGS='row --quick')"
	@echo "make clean   remove .venv and what tools leave behind"

demo: .venv/installed-full
	PORT=$(PORT) $(PY) manage.py demo

test: .venv/installed-dev
	$(PY) -m tests $(ARGS)

matrix: .venv/installed-dev
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) -m nox $(SESSIONS) -- $(ARGS)

format: .venv/installed-dev
	$(PY) -m tests.lint --fix ruff format djade

lint: .venv/installed-dev
	$(PY) -m tests.lint $(ARGS)

docs: .venv/installed-dev
	$(PY) -m docs.rooms
	$(PY) -m docs.reference_pages

bench: .venv/installed-bench
	$(PY) -m benchmarks $(ARGS)

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/python:
	@sh .ci/make-venv

.venv/installed-full: .venv/python pyproject.toml
	$(PY) -m pip install --editable '.[full]'
	@touch $@

.venv/installed-dev: .venv/python pyproject.toml
	$(PY) -m pip install --editable '.[dev]'
	@touch $@ .venv/installed-full

.venv/installed-bench: .venv/python pyproject.toml
	$(PY) -m pip install --editable '.[bench]'
	@touch $@ .venv/installed-dev .venv/installed-full

.PHONY: help demo test matrix format lint docs bench clean
