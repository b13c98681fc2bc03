# Everything needs only Python 3.11+, make and a package index.
PYTHON ?= python3
# Extras to install in addition, as in "make test EXTRAS=hf".
EXTRAS ?=
# Number of damaged runs that "make fuzz" reads.
MUTATIONS ?= 20000
BIN := .venv/bin
INSTALLED := .venv/.installed$(addprefix -,$(EXTRAS))
comma := ,

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench answers fuzz coverage catalogue clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vsbench needs Python 3.11 or later; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev$(addprefix $(comma),$(EXTRAS))]'
	touch $@

demo: $(INSTALLED) ## Play the games from their pictures, show the results, leave a replay to look at
	rm -rf demo
	$(BIN)/vsbench run --model sighted/oracle --protocol vsbench-1-quick --out demo/run
	$(BIN)/vsbench replay demo/run --html coin_dilemma/0 --to demo/replay.html
	@echo "Look at demo/replay.html in a browser; step with the arrow keys."

test: $(INSTALLED) ## Run the tests; with EXTRAS=hf those of models on this machine too
	$(BIN)/pytest -n auto --dist loadgroup -q -m "not slow"

test-all: $(INSTALLED) ## Run all tests, the slow ones too: a base install, emulators, storms
	$(BIN)/pytest -n auto --dist loadgroup -q

check: $(INSTALLED) ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(INSTALLED) ## Measure speed: games, harness, predictions, adapters, connections, hf
	$(BIN)/python tests/benchmarks/bench_envs.py
	$(BIN)/python tests/benchmarks/bench_harness.py
	$(BIN)/python tests/benchmarks/bench_predictions.py
	$(BIN)/python tests/benchmarks/bench_adapters.py
	$(BIN)/python tests/benchmarks/bench_connections.py
	PYTHONPATH=tests/support $(BIN)/python tests/benchmarks/bench_hf.py

fuzz: $(INSTALLED) ## Damage run directories at random and read them, MUTATIONS=20000 times
	$(BIN)/python tests/fuzzing/fuzz_runs.py $(MUTATIONS)

answers: $(INSTALLED) ## Print how the corpus of answers is read: ghost moves, answers lost
	PYTHONPATH=tests/support $(BIN)/python tests/support/answer_corpus.py

coverage: $(INSTALLED) ## Print coverage of intervals, errors of the gate, bias of stopped runs
	$(BIN)/python tests/statistics/interval_coverage.py
	PYTHONPATH=tests/support $(BIN)/python tests/statistics/gate_power.py
	$(BIN)/python tests/statistics/stopped_runs.py

catalogue: $(INSTALLED) ## Write envs/README.md and its pictures from the games
	$(BIN)/python -m vsbench_envs.catalogue envs

clean: ## Remove the output of the other targets
	rm -rf .venv demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
