# make demo: watch a simulated company lose leads. make test: every check. Both set everything up first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
BENCH_VENV := .cache/bench-venv
BENCH_STAMP := $(BENCH_VENV)/.set-up
ARGS ?=
# Tests and benchmarks make and delete files by the thousand: in memory, where there is a disk in memory with room.
ROOMY := $(shell test "$$(df -kP /dev/shm 2>/dev/null | awk 'NR==2 {print $$4}')" -gt 6000000 2>/dev/null && echo /dev/shm)
export TMPDIR := $(or $(TMPDIR),$(ROOMY),/tmp)

.DEFAULT_GOAL := help
.PHONY: help setup demo up bench bench-identity test test-fast test-long test-faults check system lock release-schemas clean

help:
	@echo "make demo [ARGS='--seed 7 --speed 60']   a simulated company, boards in the browser"
	@echo "make up [ARGS='--for 10m']               broker, ClickHouse, worker and boards, waiting for your events"
	@echo "make test                                every check; installs Java, Maven and Chromium where it may"
	@echo "make test-fast                           without what takes long"
	@echo "make test-long                           100,000 seeded stories about identity"
	@echo "make bench [ARGS='--events 60000']        the worker beside a bare loop, Quix Streams and stock Faust"
	@echo "make bench ARGS='--profile'              where the worker's time goes"
	@echo "make test-faults                         whatever dies, every event is in the tables once"
	@echo "make bench-identity                      what it costs to know who is who"
	@echo "make setup | lock | release-schemas | clean"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; PYTHON=... names another"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || deploy/system-packages.sh python3-venv
	@echo "setting up $(VENV), once"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: setup
	@$(BIN)/funnelwatch demo $(ARGS)

up: setup
	@$(BIN)/funnelwatch up $(ARGS)

bench: setup system $(BENCH_STAMP)
	$(BIN)/python -m tests.bench $(ARGS)

# Quix Streams pins older clients than ours, so it gets packages of its own
$(BENCH_STAMP): tests/bench/requirements.txt
	@echo "setting up $(BENCH_VENV), once"
	@test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench-identity: setup
	$(BIN)/python -m tests.bench.identity $(ARGS)

# three at a time, as most of a test of real parts is waiting; each process has a Kafka and a ClickHouse of its own
test: setup system check
	$(BIN)/python -m tests.support.parts
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

test-fast: setup check
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

# 100,000 stories about who is who, each told badly in another way; about half an hour on 2 cores
test-long: setup
	$(BIN)/python -m tests.identity.stories $(ARGS)

# the fault matrix: a real Kafka, real workers, 200,000 events; about 20 minutes on 2 cores
test-faults: setup system
	$(BIN)/python -m tests.faults $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# what tests need and pip cannot bring: a real Kafka's Java, and a browser
system:
	@deploy/system-packages.sh java=default-jre-headless mvn=maven chromium=chromium

lock: setup
	$(BIN)/python -m pip install --quiet --upgrade -e '.[dev]'
	{ echo "# exact versions of everything; written by: make lock"; $(BIN)/python -m pip freeze --exclude-editable; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

release-schemas: setup
	$(BIN)/python -m schemas.release

clean:
	rm -rf $(VENV) .cache .bench .funnelwatch .funnelwatch.env .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
