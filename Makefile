# Everything starts from here. Needs Python 3.11 or later and make; the rest is installed into .venv, with hashes.
#   make demo ARGS="--once --json"     make test ARGS="-k ledger"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

ARGS ?=
SEEDS ?= 300
EXAMPLES ?= 200
BIN := .venv/bin
INSTALLED := .venv/.installed
# The first that runs: a version manager's stand-in may be on the path without a Python behind it.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; break; }; done)
# A .venv whose Python is gone is made anew.
$(shell $(BIN)/python -c '' 2>/dev/null || rm -f $(INSTALLED))

# Commands of the house, each as `make NAME ARGS=…`.
COMMANDS := migrate first_administrator encrypt_anew grant_rights audit explain reconcile restate close_week pay_run fold_presence verify_receipt house_clock shell

.PHONY: help install lint test journeys slow demo run bench fuzz simulate mutate model kill screenshots schema sandbox lock weaknesses clean \
	$(COMMANDS)

help:
	@echo "make demo         a week of improv turns into money, from an empty folder"
	@echo "make run          everything up, without demo data, until Ctrl-C"
	@echo "make test         all claims, in twelve minutes     make journeys   the house from outside"
	@echo "make slow         what takes its time               make lint       all linters"
	@echo "make bench        speed, side by side in one run (ARGS=\"--only under_load\")"
	@echo "make fuzz         the API by requests made from its own document (EXAMPLES=1000)"
	@echo "make simulate     paydays from seeds: processes die anywhere, the line lies, time jumps (SEEDS=3000)"
	@echo "                  with ARGS=--life: thirty days of a small house, with all that people and a video provider do"
	@echo "make mutate       the code changed one place at a time: what does no test notice? (ARGS=\"--sample 60 --seed 1\")"
	@echo "make model        the same protocol alone, in memory     make sandbox    Stripe's stand-in, for any project"
	@echo "make kill         a payday whose workers, broker and database are killed, for six minutes"
	@echo "make screenshots  every page, phone and desktop"
	@echo "make schema       openapi.yaml anew, and the line that CHANGELOG.md wants"
	@echo "make $(firstword $(COMMANDS))      and $(wordlist 2,99,$(COMMANDS)): commands of the house, with ARGS=…"
	@echo "make lock         the locks anew from requirements/*.in     make clean    forget this folder's data"
	@echo "make weaknesses   the locks against the list of known weaknesses, over the network"

install: $(INSTALLED)

$(INSTALLED): requirements/dev.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install python3.11 and try again."; exit 1; }
	@echo "Installing into .venv (once, and when requirements/dev.lock changes)."
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps \
		--requirement requirements/dev.lock
	@touch $@

lint: $(INSTALLED)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint --lint --profile=django --quiet accounts callboard marketplace payments
	@$(BIN)/mypy .
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python .ci/check_deploy.py

# All claims, one journey a role, and of the simulation's stories a hundred.
test: $(INSTALLED)
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest -n 2 --ignore=tests/browser $(ARGS)

journeys: $(INSTALLED)
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest tests/journeys tests/browser -m "not slow_run" --every-door $(ARGS)

# More stories, every planted bug, the README pasted; then paydays whose processes are killed.
slow: $(INSTALLED)
	@$(BIN)/python -m pytest -n 2 -m slow_run $(ARGS)
	@$(BIN)/python -m tests.faults

demo: $(INSTALLED)
	@exec $(BIN)/python manage.py demo $(ARGS)

run: $(INSTALLED)
	@exec $(BIN)/python -m callboard.embedded run $(ARGS)

bench: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

# Requests made from openapi.yaml, so many of each operation and kind.
fuzz: $(INSTALLED)
	@FUZZ=$(EXAMPLES) $(BIN)/python -m pytest -n 2 tests/fuzz $(ARGS)

simulate: $(INSTALLED)
	@exec $(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

mutate: $(INSTALLED)
	@exec $(BIN)/python -m tests.mutation $(ARGS)

model: $(INSTALLED)
	@exec $(BIN)/python -m tests.simulation.model --seeds $(SEEDS) $(ARGS)

kill: $(INSTALLED)
	@exec $(BIN)/python -m tests.faults $(ARGS)

screenshots: $(INSTALLED)
	@$(BIN)/python -m tests.browser.chromium
	@exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

schema: $(INSTALLED)
	@$(BIN)/python manage.py write_schema

sandbox: $(INSTALLED)
	@exec $(BIN)/python -m payments.sandbox $(ARGS)

$(COMMANDS): $(INSTALLED)
	@exec $(BIN)/python manage.py $@ $(ARGS)

lock: $(INSTALLED)
	@for name in base dev; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 requirements/$$name.in --output-file requirements/$$name.lock; \
		sed -i "1i # Locked on $$(date -u +%Y-%m-%d)" requirements/$$name.lock; done

# Asks the list of known weaknesses, package by package: it needs the way out. ARGS="-f cyclonedx-json" is an SBOM with them.
weaknesses: $(INSTALLED)
	@for name in base dev; do $(BIN)/uv tool run --quiet pip-audit@2.10.1 --requirement requirements/$$name.lock \
		--disable-pip --require-hashes $(ARGS) || exit 1; done

clean:
	@rm -rf .callboard staticfiles
