# Every job of the project by name; people, hooks and CI call the same ones. `make` alone lists them.

SHELL := /bin/bash -o pipefail
.DEFAULT_GOAL := help

PYTHON ?= python3
DIR ?= docs
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
UV_VERSION := 0.13.8
READY := .venv/.ready
XDIST := -n 2 --dist worksteal

# Bytecode makes the second start several times quicker; some containers switch it off for everything.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets
	@[ -t 1 ] && bold=$$(printf '\033[1m') plain=$$(printf '\033[0m'); \
		awk -F ':.*## ' -v b="$$bold" -v p="$$plain" '/^[a-z-]+:.*## /{printf "  %s%-12s%s %s\n", b, $$1, p, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## Digest the project's own docs (DIR=… for any folder, which is only read) into a report
	@$(BIN)/python examples/folder-digest/mirror.py "$(DIR)" demo-output/source
	@$(BIN)/py-orc run examples/folder-digest/pipeline.yaml --workspace demo-output \
		-i folder=source -i title="$(DIR)"
	@echo "The report: demo-output/digest.md"
	@echo "The page:   file://$(abspath demo-output/digest.html)"

.PHONY: test
test: $(READY) ## Run all tests
	@$(BIN)/pytest $(XDIST) -q

.PHONY: coverage
coverage: $(READY) ## Run all tests and show what they do not reach (branches included); fails below 95 %
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest $(XDIST) -q
	@$(BIN)/coverage combine -q && $(BIN)/coverage report

.PHONY: package
package: $(READY) ## Build the wheel and use it in an environment with the core's packages only
	@rm -rf .cache/package dist && mkdir -p .cache/package
	@$(UV) build --quiet --wheel --out-dir dist
	@$(UV) venv --quiet --python $(PYTHON) .cache/package/venv
	@$(UV) pip sync --quiet --python .cache/package/venv/bin/python --require-hashes requirements/core.txt
	@$(UV) pip install --quiet --python .cache/package/venv/bin/python --no-deps dist/*.whl
	@cd .cache/package && venv/bin/py-orc init project && cd project && ../venv/bin/py-orc check pipeline.yaml \
		&& ../venv/bin/py-orc run pipeline.yaml --quiet

.PHONY: check
check: $(READY) ## Lint, format, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports --no-cache

.PHONY: fix
fix: $(READY) ## Format, and mend what the linter can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: examples
examples: $(READY) ## Check, plan and run every example
	@$(BIN)/pytest -q tests/e2e/test_examples.py

.PHONY: bench
bench: $(READY) ## Measure against the raw limits of this machine, side by side
	@$(BIN)/python -m benchmarks

.PHONY: reference
reference: $(READY) ## Write the generated parts of the docs anew
	@$(BIN)/python -m docs.generate

.PHONY: setup
setup: $(READY) ## Make .venv with exactly the pinned packages

$(READY): requirements/dev.txt pyproject.toml
	@echo "Setting up .venv with the pinned packages (once; about half a minute)"
	@command -v $(UV) >/dev/null 2>&1 || $(MAKE) --no-print-directory .uv/bin/uv
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

# uv is fetched into the project when the machine has none; nothing outside is changed.
.uv/bin/uv:
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

.PHONY: lock
lock: $(UV) ## Compile the hash-pinned requirement files from pyproject.toml
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --quiet --output-file requirements/core.txt
	@$(UV) pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --quiet --output-file requirements/dev.txt
	@echo "uv==$(UV_VERSION)" | $(UV) pip compile - --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --quiet --output-file requirements/uv.txt

.PHONY: clean
clean: ## Remove everything that the targets made
	@rm -rf .venv .uv .pytest_cache .ruff_cache .hypothesis .import_linter_cache demo-output .coverage .coverage.*
