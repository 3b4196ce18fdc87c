# Two commands on a fresh machine with python3 (3.11, venv), make and git:
#   make demo   a street in its worst week, served on 127.0.0.1:8000
#   make test   everything that must hold
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ADDRESS ?= 127.0.0.1
PORT ?= 8000
JOBS ?= 2
DAYS := 2028-12-31 2026-10-01 2028-02-29
TEST := $(BIN)/pytest -q -n $(JOBS) --dist worksteal

export LC_ALL := C.UTF-8
export PYTHONUTF8 := 1
unexport PYTHONDONTWRITEBYTECODE # what Python has compiled once it need not compile again

PO := $(wildcard hege/locale/*/LC_MESSAGES/django.po)
MO := $(PO:.po=.mo)

.PHONY: help
help:
	@echo "make demo          a demo street on http://$(ADDRESS):$(PORT)/, with sign-ins"
	@echo "make serve         the same server on your own database (HEGE_DATABASE_URL, else var/hege.sqlite3)"
	@echo "make test          everything: checks, suite on SQLite with browser, suite on PostgreSQL"
	@echo "make check         the fast part, under a minute"
	@echo "make days          what asks what day it is, on three other days each; make test: on one of them"
	@echo "make packaging     systemd, nginx and Caddy as an office runs them (root, Debian)"
	@echo "make pictures      the pictures of README.md anew, from the demo"
	@echo "make conformance   badges of ours asked of verifiers that others wrote (node, npm)"
	@echo "make city          the SQL of hege city on a Spark cluster of the loopback (Java 17; fetches 450 MB)"
	@echo "make mutants       faults seeded one at a time, each of which a named test has to catch"
	@echo "make hostile       5,000 hostile files over HTTP at a site of its own on loopback"
	@echo "make rush          10,000 tries of 2,000 members on 500 vouchers over HTTP, on both databases"
	@echo "make fix           let ruff mend what it can"
	@echo "make bench         measure; prints figures and ratios"
	@echo "make wheel         dist/hege-*.whl, the one file an office installs"
	@echo "make translations  collect texts into the English catalogue"
	@echo "make requirements  pin the dependencies anew"

# -- what is installed: each stamp is made once, so a warm .venv needs no network --------------------------------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Hege needs Python 3.11 or newer; name one with make PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.base: $(VENV)/.made requirements/base.txt requirements/build.txt
	$(PIP) install -qq --require-hashes -r requirements/base.txt -r requirements/build.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt requirements/city.txt
	$(PIP) install -qq --require-hashes -r requirements/dev.txt -r requirements/city.txt
	@touch $@

# Everything an installation consists of besides our own wheel; fetched by hash with the rest, so that trying one is offline.
var/wheels/.made: $(VENV)/.base requirements/base.txt
	@rm -rf $(@D)
	$(PIP) wheel -q --no-deps --require-hashes -r requirements/base.txt -w $(@D)
	@touch $@

$(VENV)/.hege: $(VENV)/.base pyproject.toml packaging/build_backend.py
	$(PIP) install -qq --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.chromium: $(VENV)/.dev tests/chromium.py
	$(BIN)/python -m tests.chromium
	@touch $@

%.mo: %.po $(VENV)/.base
	@$(BIN)/pybabel -q compile -i $< -o $@

.PHONY: base dev
base: $(VENV)/.base $(VENV)/.hege $(MO)
dev: $(VENV)/.dev $(VENV)/.hege $(MO)

# -- use ---------------------------------------------------------------------------------------------------------------

.PHONY: demo serve
demo: export HEGE_DATABASE_URL = sqlite:///$(CURDIR)/var/demo.sqlite3
demo: base
	@mkdir -p var
	@exec $(BIN)/hege demo --serve --address $(ADDRESS) --port $(PORT)

serve: base
	@$(BIN)/hege serve --address $(ADDRESS) --port $(PORT) --dry-run
	@$(BIN)/hege migrate -v 0
	@$(BIN)/hege serve --address $(ADDRESS) --port $(PORT)

# What pip wheel makes of the tree by itself, without fetching what it is made with (packaging/build_backend.py).
.PHONY: wheel
wheel: base
	@rm -f dist/hege-*.whl
	$(PIP) wheel -q --no-deps --no-build-isolation --no-index -w dist .

# -- tests -------------------------------------------------------------------------------------------------------------

# Tests wait for servers and browsers much of their time, and mypy has one thread: the suite on SQLite and all the rest run
# side by side, each as if it had all cores: whichever ends first leaves them to the other. What the rest says is kept in
# var/ until the suite has ended.
SCRATCH = export TMPDIR="$$(tests/scratch)"; trap 'rm -rf "$$TMPDIR"' EXIT
WITH = trap 'kill $$!' INT TERM; status=0; $(1) || status=$$?; wait $$! || status=$$?

.PHONY: test others day days installed check static lint types mutants hostile rush fix bench
test: lint $(VENV)/.chromium var/wheels/.made
	@mkdir -p var
	@$(SCRATCH); $(MAKE) -s others >var/others.log 2>&1 & $(call WITH,$(TEST)); cat var/others.log; exit $$status

# All of it, also after a red day: what PostgreSQL says is wanted then too.
others: types installed
	@status=0; $(MAKE) -s day || status=$$?; $(BIN)/python -m tests.postgres -- $(TEST) || status=$$?; exit $$status

# What an office does with the wheel.
installed: wheel var/wheels/.made
	BIN=$(BIN) tests/install/run dist/hege-*.whl var/wheels

# What the machine of an office does with the files in packaging/: systemd, nginx, Caddy, two database users. As root on
# Debian; not a part of make test.
.PHONY: packaging
packaging: dev wheel var/wheels/.made
	$(BIN)/python -m tests.packaging.run dist/hege-*.whl var/wheels

# Verifiers that others wrote, fetched by their hashes into var/. With node and npm; not a part of make test.
.PHONY: conformance
conformance: dev
	$(BIN)/python -m tests.conformance

# Spark in a folder of its own; installed by itself it would be in everybody's way.
var/spark/.made: $(VENV)/.made requirements/spark.txt
	@rm -rf $(@D)
	$(PIP) install -qq --require-hashes -r requirements/spark.txt --target $(@D)
	@touch $@

# A master and two workers, held against DuckDB. With Java 17; not a part of make test.
.PHONY: city
city: dev var/spark/.made
	PYTHONPATH=$(CURDIR):$(CURDIR)/var/spark $(BIN)/python -m bench.cluster

# The two pictures of both READMEs, from the demo in a real browser.
.PHONY: pictures
pictures: dev $(VENV)/.chromium
	$(BIN)/python -m tests.pictures docs/pictures

# A Sunday that is the year's last day, the National Day, and 29 February: every test that asks what day it is on one of them,
# as its file says (tests/conftest.py). Not a part of make test: each of them on all three.
day: export SHARED_BY = $(DAYS)
day days: dev
	@$(SCRATCH); printf '%s\n' $(DAYS) | xargs -P $(JOBS) -I {} env FAKE_DAY={} $(BIN)/pytest -q -m "clock and not slow and not browser"

check: export HEGE_EXAMPLES = 20
check: lint
	@$(SCRATCH); $(MAKE) -s types & $(call WITH,$(TEST) -m "not slow and not pages and not papers and not browser"); exit $$status

static: lint types

lint: dev
	$(BIN)/ruff check -q
	$(BIN)/ruff format -q --check
	$(BIN)/lint-imports --no-cache | tail -n 5
	$(BIN)/hege makemigrations --check --dry-run -v 0 || { echo "models changed: run hege makemigrations"; exit 1; }

types: dev
	$(BIN)/mypy --no-error-summary

# Not a part of make test: it asks the tests whether they would tell.
mutants: dev
	$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.mutants

# Not a part of make test, which sends a hundredth of them.
hostile: dev
	$(BIN)/python -m tests.hostile

# Not a part of make test, which sends a tenth of them.
rush: dev
	env -u HEGE_DATABASE_URL $(BIN)/python -m tests.rush
	$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.rush

fix: dev
	$(BIN)/ruff check -q --fix || true
	$(BIN)/ruff format -q

bench: dev
	$(BIN)/python -m tests.postgres -- $(BIN)/python -m bench

# -- texts and pins ----------------------------------------------------------------------------------------------------

.PHONY: translations pot requirements
translations pot: dev
	$(BIN)/python -m tests.translations
	$(MAKE) -s dev

requirements:
	@mkdir -p var
	@test -x var/tools/bin/pip-compile || { $(PYTHON) -m venv var/tools && var/tools/bin/pip install -q pip-tools; }
	@for list in base build city dev spark; do CUSTOM_COMPILE_COMMAND="make requirements" var/tools/bin/pip-compile -q --strip-extras \
		--generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		-o requirements/$$list.txt requirements/$$list.in; done
