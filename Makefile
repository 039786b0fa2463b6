# What there is to run. Every target sets up what it needs: a machine needs Python 3.11 and make.

PYTHON ?= python3
UV_VERSION := 0.13.8
TOOLS := .tools
UV := $(TOOLS)/bin/uv
RUN := $(UV) run --frozen --all-extras
# What starts no stack, makes no template and drives no browser.
QUICK := src tests/test_*.py tests/aws tests/cli tests/client tests/deployment tests/doctor tests/imaging tests/maintenance tests/site
PHOTOS ?= ../shared/photos

# Without cached bytecode, every program here compiles its modules at each start, which takes seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install up deploy template cdk-app dist test quick check check-types check-page check-style check-tests format docs chaos fuzz corpus benchmark screens tables web-types clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 14

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tintype needs Python 3.11 or newer; PYTHON=... names another")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# --inexact leaves what is installed besides, so that `make up` after `make test` uninstalls nothing.
install: $(UV) ## tintype and all it needs, into .venv
	$(UV) sync --frozen --inexact --all-extras --no-dev

up: $(UV) ## the whole stack on this machine, until Ctrl-C; UP="--port 9000" and the like
	@test -d .venv || echo "The first time downloads about 190 MB of Python packages and 170 MB of npm packages; unpacked they take 1 GB."
	@$(UV) sync --frozen --inexact --extra local --no-dev && exec .venv/bin/tintype up $(UP)

deploy: $(UV) ## the stack into your AWS account, after showing what will change; DEPLOY="--stack mine"
	@$(UV) sync --frozen --inexact --extra infra --no-dev && exec .venv/bin/tintype deploy $(DEPLOY)

template: $(UV) ## dist/release: template, packages, page and deploy.sh, for AWS's own tools and Terraform
	@$(RUN) python -m tintype_infra.release --out dist/release $(TEMPLATE)

cdk-app: $(UV) # what cdk.json has `cdk` run
	@$(RUN) python -m tintype_infra.plain

dist: $(UV) ## dist/: a wheel with the page in it, to install without a checkout, the npm package, and the release folder
	@$(RUN) python -m tintype_infra.dist --out dist

# Four workers on two cores: many tests wait. The second run, whose tests measure what a browser does in
# a moment, has what the first one made.
test: check ## everything: style, types, imports, and all tests
	@export TESTS_MADE=$$(mktemp -d) && trap 'rm -rf "$$TESTS_MADE"' EXIT && set -ex && \
	$(RUN) pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not alone" && \
	$(RUN) pytest -m alone tests/web

quick: $(UV) ## the tests that need no stack, template or browser
	$(RUN) pytest -n 4 --dist loadfile --no-loadscope-reorder $(QUICK)

# Two at a time, since mypy is half a minute longer than the page's checks; what each prints stays together.
# That half minute is for the tests: once read, they are compiled, and each of their workers need not do it.
check: $(UV) ## style, types and the direction of imports
	@$(UV) sync --frozen --all-extras --quiet
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) check-types check-page check-style check-tests

check-types:
	$(RUN) --no-sync mypy

check-page:
	$(RUN) --no-sync python -m tintype.site check test

check-style:
	$(RUN) --no-sync ruff format --check
	$(RUN) --no-sync ruff check
	$(RUN) --no-sync lint-imports

check-tests:
	@echo "pytest --collect-only"; found=$$($(RUN) --no-sync pytest --collect-only -qqq 2>&1) || { echo "$$found"; exit 1; }

format: $(UV) ## format the code, and let the linter fix what it can
	$(RUN) ruff format
	$(RUN) ruff check --fix
	$(RUN) python -m tintype.site format

docs: $(UV) ## the documentation's site, in dist/docs
	$(RUN) sphinx-build -q -W -n -b html docs dist/docs

chaos: $(UV) ## 500 images through a deployed stack while its functions are killed and messages doubled
	TINTYPE_CHAOS_IMAGES=500 $(RUN) pytest tests/cloud/test_chaos.py

fuzz: $(UV) ## five minutes of mutated files against the engine
	$(RUN) python -m tests.fuzz --seconds 300

corpus: $(UV) ## other people's pictures in DIR through the engine, beside Pillow; CORPUS="--help" lists its options
	$(RUN) python -m tests.corpus $(DIR) $(CORPUS)

benchmark: $(UV) ## side by side with Pillow and sharp; writes docs/explanation/benchmarks.md
	$(RUN) --group bench python -m benchmarks

screens: $(UV) ## draw the README's pictures: the terminal's from the photographs in PHOTOS, and the page's
	$(RUN) python -m docs.screens.terminal $(PHOTOS)
	$(RUN) python -m docs.screens.pages

tables: $(UV) ## write again what is made from the code: tables, diagram, permissions, actions for deploying, Terraform variables
	$(RUN) python -m docs.making.parts

web-types: $(UV) ## write the page's types from the GraphQL schema, the OpenAPI document and the formats
	$(RUN) python -m tintype.site types

clean: ## remove everything that make and the tools have made
	rm -rf .tools .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis benchmarks/node_modules tests/local/node/node_modules tests/web/node_modules web/node_modules web/.angular web/dist dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
