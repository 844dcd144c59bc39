# `make demo` and `make test` set up all they need: Python 3.11 or later and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CONSTRAINED := $(PIP) --constraint constraints.txt

.PHONY: demo test test-all test-app test-gpu references references-loader test-references check bench clean

# A trained network that separates a song, from nothing.
demo: $(VENV)/.core
	$(BIN)/auralflow demo --folder demo --force

test: $(VENV)/.dev
	$(BIN)/python -m pytest

# Long tests too, those against other implementations, and those on real music where AURALFLOW_REAL_DATA names a folder of it.
test-all: $(VENV)/.dev references
	$(BIN)/python -m pytest --override-ini addopts="-q --strict-markers"

# The web page in a real Chromium, with the packages of the extra `app`.
test-app: $(VENV)/.dev
	$(CONSTRAINED) --editable '.[app]'
	$(BIN)/python -m pytest --override-ini addopts="-q --strict-markers -m app"

# On a machine with a CUDA GPU: what is particular to it, and then the tests of training once more, on the GPU.
test-gpu: $(VENV)/.dev
	$(BIN)/python -m pytest --override-ini addopts="-q --strict-markers -m gpu" tests/gpu
	AURALFLOW_TEST_CUDA=1 $(BIN)/python -m pytest tests/training

# The packages that networks are compared with, beside the project and without what they would bring along. They are pinned
# by themselves: museval's tables want an older pandas than the web page does.
references: | $(BIN)/python
	$(PIP) --upgrade --no-deps --target .references --requirement tests/references/requirements.txt

# The packages that loading is compared with. torchaudio's binaries want CUDA; without them it reads with soundfile.
references-loader: | $(BIN)/python
	$(PIP) --upgrade --no-deps --target .references-loader --requirement benchmarks/requirements.txt
	rm -f .references-loader/torchaudio/lib/*.so .references-loader/torio/lib/*.so

test-references: $(VENV)/.dev
	$(BIN)/python -m pytest --override-ini addopts="-q --strict-markers -m references"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/docs

bench: $(VENV)/.dev references references-loader
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

clean:
	rm -rf $(VENV) build dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "auralflow needs Python 3.11 or later, $(PYTHON) is older: run make with PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(CONSTRAINED) torch
	$(CONSTRAINED) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(CONSTRAINED) torch
	$(CONSTRAINED) --editable '.[test,check]'
	@touch $@
