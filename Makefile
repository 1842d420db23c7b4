# Everything a newcomer, a hook or a build machine runs is spelled here, once.

PYTHON ?= python3
PORT   ?= 8000
DATA   ?= data
FACADE ?= http://127.0.0.1:8001

BIN      := .venv/bin
PAGES    := src/clientela/client_facade/pages/index.html
FRONTEND := $(shell find frontend/src frontend/public frontend/scripts -type f 2>/dev/null) \
            frontend/index.html frontend/vite.config.ts frontend/package.json

SUITE := tests/conformance/node_modules/.installed
LIGHTHOUSE := benchmarks/pages/node_modules/.installed
PEERS := benchmarks/peers/node/node_modules/.installed benchmarks/.venv/.installed .venv/.peers

.PHONY: run setup demo test test-wire test-rest check peers bench fmt openapi locks clean help

help: ## Tell what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: setup ## Install, build, and start everything on this machine
	@exec $(BIN)/clientela up --data "$(DATA)" --port $(PORT)

setup: .venv/.installed $(PAGES) ## Install and build, start nothing

demo: .venv/.installed ## Fill a running system with 1,000 believable clients and some traffic
	@$(BIN)/clientela demo --url "$(FACADE)"

test: setup .venv/.installed-dev .venv/.browser $(SUITE) ## Run every test: Python, system, browser, frontend
	npm --prefix frontend test
	@$(MAKE) --jobs=2 --no-print-directory test-wire test-rest

# Two halves that take about the same time, side by side: what speaks to services from outside only,
# and the rest.
WIRE := tests/browser tests/conformance tests/contracts

test-wire: LOG := .venv/test-wire.log
test-wire:
	@echo "Beside the rest run $(WIRE): what they find is told at their end."
	@$(BIN)/pytest $(WIRE) > $(LOG) 2>&1; status=$$?; echo; cat $(LOG); exit $$status

test-rest:
	$(BIN)/pytest $(WIRE:%=--ignore=%)

check: setup .venv/.installed-dev ## Lint, types, architecture, generated files, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm --prefix frontend run check
	$(BIN)/python .ci/audit.py
	$(MAKE) openapi
	git diff --exit-code -- docs/openapi frontend/src/core/api

peers: setup .venv/.installed-bench $(PEERS) ## Install what Clientela is compared with

bench: peers .venv/.browser $(LIGHTHOUSE) ## Measure what docs/benchmarks.md tells, and write it there
	$(BIN)/python benchmarks/compare.py --save
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/log_cost.py
	$(BIN)/python benchmarks/log_rate.py

fmt: setup .venv/.installed-dev ## Put every file into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm --prefix frontend run fmt

openapi: .venv/.installed frontend/node_modules/.installed ## Write the OpenAPI files and the frontend's types again
	$(BIN)/clientela openapi docs/openapi
	npm --prefix frontend run types

# Pins every dependency by hash; needs uv. The files name no package host.
PIN  := uv pip compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
        --universal --python-version 3.11 --quiet
LOCK := $(PIN) pyproject.toml --group setup
locks: ## Pin the newest versions of all Python dependencies
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --upgrade --group bench -c requirements-dev.lock -o requirements-bench.lock
	$(PIN) --upgrade --group peers -o requirements-peers.lock

clean: ## Remove what was installed and built; data stays
	rm -rf .venv frontend/node_modules tests/conformance/node_modules \
		benchmarks/pages/node_modules benchmarks/peers/node/node_modules benchmarks/.venv \
		src/clientela/client_facade/pages src/clientela/web/docs_page

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Clientela needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 run"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.made requirements.lock pyproject.toml
	@echo "Installing the Python packages ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "Installing the Python packages for tests ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.installed-bench: .venv/.installed-dev requirements-bench.lock
	@echo "Installing the Python packages for benchmarks ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

# What only tests need of the system: a browser (Debian's Chromium, elsewhere Playwright's own), and
# libfaketime and nginx where apt has them: without them no clock jumps in the fault battery, and the
# tests behind a shared cache are skipped.
.venv/.browser: .venv/.installed-dev
	@missing=""; \
	command -v chromium chromium-browser google-chrome >/dev/null || missing="chromium"; \
	if command -v apt-get >/dev/null; then \
		dpkg -s libfaketime >/dev/null 2>&1 || missing="$$missing libfaketime"; \
		command -v nginx >/dev/null || missing="$$missing nginx"; \
		[ -z "$$missing" ] || { echo "Installing for the tests: $$missing ..."; \
			root=$$([ "$$(id -u)" = 0 ] || echo sudo); $$root apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive $$root apt-get install -qq -y $$missing >/dev/null; \
		} || command -v chromium >/dev/null; \
	elif [ -n "$$missing" ]; then \
		echo "Installing Chromium for the browser tests ..."; \
		$(BIN)/playwright install chromium; \
	fi
	@touch $@

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "Clientela needs Node 20 with npm to build its pages."; exit 1; }
	@echo "Installing the frontend's packages ..."
	npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	@touch $@

$(SUITE): tests/conformance/package.json tests/conformance/package-lock.json
	@echo "Installing the feed's conformance suite ..."
	cd tests/conformance && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(LIGHTHOUSE): benchmarks/pages/package.json benchmarks/pages/package-lock.json
	@echo "Installing Lighthouse ..."
	cd benchmarks/pages && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The benchmark's peers. One that can't be installed is skipped there, and said to be: so these don't fail.
# better-sqlite3 alone needs its install script, which builds it.
benchmarks/peers/node/node_modules/.installed: benchmarks/peers/node/package.json benchmarks/peers/node/package-lock.json
	@echo "Installing the benchmark's peers on Node ..."
	@cd benchmarks/peers/node && npm ci --no-audit --no-fund --loglevel=error && \
		npm rebuild better-sqlite3 --ignore-scripts=false --loglevel=error && \
		touch node_modules/.installed || echo "Could not be installed: the peers on Node."

benchmarks/.venv/.installed: requirements-peers.lock
	@echo "Installing the benchmark's peers in Python ..."
	@$(PYTHON) -m venv benchmarks/.venv && benchmarks/.venv/bin/pip install --quiet \
		--disable-pip-version-check --require-hashes -r requirements-peers.lock && \
		touch $@ || echo "Could not be installed: the peers in Python."

# They serve on ports of their own; a system that starts what it installs starts these, too.
.venv/.peers: .venv/.installed
	@missing=""; for program in nginx redis-server nats-server wrk; do \
		command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	[ -z "$$missing" ] || { echo "Installing for the benchmark:$$missing ..."; \
		root=$$([ "$$(id -u)" = 0 ] || echo sudo); $$root apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$root apt-get install -qq -y $$missing >/dev/null; } && \
		touch $@ || echo "Could not be installed:$$missing."

$(PAGES): frontend/node_modules/.installed $(FRONTEND)
	@echo "Building the pages ..."
	npm --prefix frontend run build --silent
	@touch $@
