# `make demo`, `make examples` and `make test` set up what they need; a second run installs nothing.

.DEFAULT_GOAL := help
.PHONY: help demo examples test check format docs bench bench-ledger bench-gate bench-peers fuzz soak constraints wheel wheel-test clean
.DELETE_ON_ERROR:

BIN := .venv/bin
PATHS := engine tests benchmarks examples
WORKERS ?= 2

help:             ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.stamp: pyproject.toml constraints.txt .ci/setup
	@.ci/setup

demo: .venv/.stamp  ## the whole story: an agent asks, people agree, it runs once, the log is checked
	@$(BIN)/python examples/story/story.py

examples: .venv/.stamp  ## decide a handful of agent actions with the rule pack
	@$(BIN)/assentry eval rules $(foreach file,$(sort $(wildcard examples/*.json)),--input $(file))

test: check       ## everything: check, then all tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal --durations 10 -rs

check: .venv/.stamp  ## style, types, imports, dependencies
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/mypy $(PATHS)
	$(BIN)/lint-imports
	$(BIN)/deptry engine

format: .venv/.stamp  ## put code into its official shape
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

docs: .venv/.stamp  ## refresh all outputs in the documentation, and write its generated parts anew
	$(BIN)/python tests/docs/regenerate.py

bench: .venv/.stamp  ## what a decision costs, every table from one run, written into docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py

bench-ledger: .venv/.stamp  ## the same of the ledger and of the gate
	@$(BIN)/python benchmarks/run.py ledger

bench-gate: .venv/.stamp  ## hold the budgets of benchmarks/budgets.toml
	@$(BIN)/python benchmarks/gate.py

bench-peers:      ## install the engines that the benchmarks compare with
	@benchmarks/peers

fuzz: .venv/.stamp  ## the laws over many more generated rule sets (ASSENTRY_LAWS_RULESETS=...)
	ASSENTRY_LAWS_RULESETS=$${ASSENTRY_LAWS_RULESETS:-20000} $(BIN)/pytest -n $(WORKERS) --dist worksteal --timeout 0 tests/laws tests/fuzz

soak: .venv/.stamp  ## gates under random load, killed again and again, for a time (ASSENTRY_SOAK_SECONDS=60)
	ASSENTRY_SOAK_SECONDS=$${ASSENTRY_SOAK_SECONDS:-60} $(BIN)/pytest -n 2 -rP tests/soak

constraints:      ## pin the newest versions of all packages anew
	.ci/constraints

wheel: .venv/.stamp  ## build the wheel into dist/
	$(BIN)/hatchling build -t wheel

wheel-test: wheel  ## install the wheel into a fresh environment and use it
	.ci/wheel-test

clean:            ## remove what make made
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
