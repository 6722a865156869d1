# `make run` is all a new machine needs; `make help` lists the rest.
SHELL := /bin/sh
PYTHON := .venv/bin/python
QUICK := $(PYTHON) -m pytest tests -m "not e2e" --ignore=tests/e2e -n 3 --dist loadfile --no-loadscope-reorder
# Where it is set, every process compiles all of the program anew.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run test sure train eval bakeoff bench drill kills lock clean setup setup-test

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: setup ## set up what is missing and run everything; Ctrl-C stops it
	@$(PYTHON) -m bot.run

test: setup-test ## set up what is missing and run every test
	@$(QUICK)
	@$(PYTHON) -m nlu.train
	@$(PYTHON) -m pytest tests/e2e -n 2 --dist loadfile --no-loadscope-reorder

sure: setup-test ## before a commit: format, lint, types, import floors, quick tests
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@$(QUICK)

train: setup ## train the intent model
	@$(PYTHON) -m nlu.train

eval: setup ## measure the intent model
	@$(PYTHON) -m nlu.evaluate --all

bakeoff: setup ## train and measure every candidate of docs/nlu.md (hours; NAMES="control ours-fast" for some)
	@nice -n 10 $(PYTHON) -m nlu.bakeoff $(NAMES)

bench: setup-test ## measure board and tips among a million, and the throughput against Rasa's own REST channel
	@$(PYTHON) -m bench.board
	@$(PYTHON) -m bench.tips
	@$(PYTHON) -m bench

drill: setup ## play a victim against the running sandbox (make run in another terminal) and print how long it took
	@$(PYTHON) -m bot drill

kills: setup-test ## kill every process at random while losses are told, and check that nothing is lost or doubled
	@$(PYTHON) -m tests.e2e.kills

lock: setup-test ## write the pinned requirements anew from the *.in files
	@sh deploy/lock.sh

clean: ## remove environments, models and caches; the data folder stays
	@rm -rf .venv nlu/.venv nlu/models bench/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@sh deploy/setup.sh app nlu

setup-test:
	@sh deploy/setup.sh app nlu dev browser
