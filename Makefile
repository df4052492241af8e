# Two commands do everything on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
QT_LIBRARIES := libegl1 libgl1 libxkbcommon0 libfontconfig1 libglib2.0-0 libx11-6 libdbus-1-3
X_LIBRARIES := libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0

POSTGRESQL := $(shell ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb)

.PHONY: demo test search test-postgres test-window app check coverage bench bench-batches bench-faults bench-slicers lint errors lock clean qt-libraries

demo: $(VENV)/.run
	$(BIN)/printcare demo --out demo-out

test: $(VENV)/.dev qt-libraries
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadfile

# The laws of the rooms where a wrong branch harms somebody, on examples never drawn before: run it over night.
search: $(VENV)/.dev
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadfile --hypothesis-profile search -m hypothesis

# The records suite once more, on a PostgreSQL server of its own, which is started in a temporary place and taken down.
test-postgres: $(VENV)/.dev
	@[ -n "$(POSTGRESQL)" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } || { \
	  echo "PostgreSQL is missing. On Debian: apt-get install postgresql"; exit 1; }
	$(BIN)/python tests/postgres/serve.py $(BIN)/python -m pytest -n 2 tests/records

# The flow of an order in a real window, on a virtual display without a window manager.
ON_A_DISPLAY = QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1440x900x24" $(BIN)/python
test-window: $(VENV)/.dev qt-libraries
	@command -v xvfb-run >/dev/null && $(ON_A_DISPLAY) -c 'from PySide6 import QtWidgets; QtWidgets.QApplication([])' 2>/dev/null || { \
	  echo "A virtual display is missing. On Debian: apt-get install xvfb xauth $(X_LIBRARIES)"; exit 1; }
	$(ON_A_DISPLAY) -m pytest tests/ui/test_whole_job.py tests/ui/test_locked_flow.py tests/ui/test_interrupted_batch.py

# A real window needs more of X than an offscreen test does; Qt itself only says that it cannot start.
app: $(VENV)/.dev qt-libraries
	@[ "$$(uname)" != Linux ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || { echo "There is no screen here (DISPLAY is not set). Start it from a desktop, or on a virtual one: xvfb-run make app"; exit 1; }
	@[ "$$(uname)" != Linux ] || [ -z "$$DISPLAY" ] || $(BIN)/python -c 'from PySide6 import QtWidgets; QtWidgets.QApplication([])' 2>/dev/null || { \
	  echo "Qt cannot open a window on this screen. On Debian: apt-get install $(X_LIBRARIES)"; exit 1; }
	$(BIN)/printcare

check: lint coverage

# The whole suite once more under coverage; the rooms where a wrong branch harms somebody stay at 100 %, by list.
coverage: $(VENV)/.dev qt-libraries
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=
	$(BIN)/python tests/covered.py

lint: $(VENV)/.dev qt-libraries
	$(BIN)/ruff format --check printcare tests
	$(BIN)/ruff check printcare tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/printcare recipe check recipes/*.toml recipes/*/*.toml firmware_profiles/*.toml

bench: $(VENV)/.dev
	for script in $(filter-out $(addprefix tests/benchmarks/bench_,slicers.py faults.py batches.py),$(wildcard tests/benchmarks/bench_*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The fault matrix, written into docs/control.md: about an hour on two cores. SEEDS at each moment, HOURS without a fault.
SEEDS ?= 20
HOURS ?= 24
bench-faults: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_faults.py $(SEEDS) $(HOURS)

# Batches of 30 with cartridges, lots and drifts of their own.
BATCHES ?= 12
bench-batches: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_batches.py $(BATCHES)

# The same mesh through whatever slicers this machine has; their absence is said, not failed.
bench-slicers: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_slicers.py

# The environment: pinned and hashed, the build backend included; the Qt wheels come with the development lock only.
$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes --no-deps -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes --no-deps -r requirements/dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Say which one to use: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python cannot create environments: install python3-venv (Debian: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

qt-libraries: $(VENV)/.dev
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -c 'from PySide6 import QtWidgets' 2>/dev/null || { \
	  QT_QPA_PLATFORM=offscreen $(BIN)/python -c 'from PySide6 import QtWidgets' 2>&1 | tail -n 1; \
	  echo "Qt needs shared libraries even without a screen. On Debian: apt-get install $(QT_LIBRARIES)"; exit 1; }

errors: $(VENV)/.dev
	$(BIN)/python tests/write_errors.py

lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade -q -o requirements/run.lock
	uv pip compile pyproject.toml --group build --group dev --extra window --extra postgresql --extra meshes --extra research --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade -q -o requirements/dev.lock

clean:
	rm -rf $(VENV) demo-out .mypy_cache .ruff_cache .hypothesis .coverage
