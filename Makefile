# Each target prepares what it needs on a fresh machine; run again, it starts in seconds.

VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1

# The demo and the real instance share one font pack
export FORMSVC_FONTS ?= $(CURDIR)/instance/fonts
export PYTHONUTF8 := 1
# Without kept bytecode every process compiles five hundred modules when it starts
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$p && break; done)
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
NOT_INSTALLED := { echo "Python 软件包没有装成。请检查网络和 pip 的软件源设置，然后再运行一次。" >&2; exit 1; }

.NOTPARALLEL:
.PHONY: demo serve test test-slow bench race busy-series crash backup-proof trial-proof container-proof load half-open tinydb-suite mutations planted-faults hostile overdue-cases register-rows row-bytes contact-sheet check texts goldens pictures api-page sbom licences venv lock python packages packages-tests fonts

demo: $(VENV)/ready fonts
	@$(BIN)/formsvc demo --port $(PORT)

serve: $(VENV)/ready fonts
	@$(BIN)/formsvc serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

test: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m pytest -n 2 --dist worksteal

# What `make test` leaves out: the long forms of its proofs
test-slow: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

bench: packages-tests $(VENV)/ready-tests fonts unoserver
	@$(BIN)/python -m benchmarks

# The two long proofs, with their figures: 400 acts by eight programs at once, then many clients at one thing; fifty clerks for five minutes
race: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.race 400 8 4
	@$(BIN)/python -m tests.proofs.contention
	@$(BIN)/python -m pytest -m slow tests/system/test_concurrency.py

# 64 clients issue 200 acts of one series while a monitor asks; `make race` has it too
busy-series: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.contention "200 acts"

# Writers killed at 2,000 random moments, and power cuts that take away whatever was not synced; POSIX only
crash: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.crash --kills 2000
	@$(BIN)/python -m pytest -m slow tests/system/test_crash.py
	@$(BIN)/python -m tests.proofs.crash --kills 0 --cuts 100

# 100,000 acts and 20,000 files saved while others issue, and brought back elsewhere
backup-proof: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.backup

# 10,000 files restored and checked as before, each synced, and by the trial
trial-proof: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.trial_restore

# The container file built by podman, or its steps carried out in a folder; then started without network
container-proof: packages-tests $(VENV)/ready-tests
	@$(BIN)/python -m tests.proofs.container

# 200 half-open connections while ten clerks work, in one process and in two
half-open: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.half_open

# TinyDB's own tests, of the release that is installed, against our storage and tables
tinydb-suite: $(VENV)/ready-tests
	@$(PIP) download --no-deps --no-binary tinydb --dest build/tinydb tinydb==$$($(BIN)/python -c 'import tinydb; print(tinydb.__version__)')
	@$(BIN)/python -m tests.proofs.tinydb_suite build/tinydb/tinydb-*.tar.gz

# 10,000 definitions changed at random; faults of each kind planted 20 times; the hostile corpus with its expensive entries
mutations: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.mutations

planted-faults: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.planted_faults
	@$(BIN)/python -m tests.proofs.check_speed

hostile: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m pytest -m slow tests/hostile
	@$(BIN)/python -m tests.proofs.hostile

# Ten thousand cases with overdue items: start, kill, start again in two processes, and the pages that list them
overdue-cases: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.overdue_cases

# A hundred thousand rows in a register: the import of ten thousand, and the lists over HTTP
register-rows: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.register_rows

# Every template with 1, 9, 60 and 400 rows, and tables made by chance: the same PDF with and without boxes for cells
row-bytes: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m pytest -m slow tests/docxpdf/test_line_rows.py

# The pages of every kind with least, usual and most content, as pictures to look at: build/contact-sheet/index.html
contact-sheet: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.proofs.contact_sheet

load: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python -m benchmarks.load --clerks 50 --seconds 300 --workers 4

# The yardstick of the benchmarks runs on the Python that has LibreOffice's uno; without it they go on without it
unoserver:
	@test -x $(VENV)/unoserver/bin/unoserver || for p in /usr/bin/python3 python3; do \
	$$p -c 'import uno' 2>/dev/null && $$p -m venv --system-site-packages $(VENV)/unoserver \
	&& $(VENV)/unoserver/bin/python -m pip --quiet --disable-pip-version-check install unoserver && break; done; \
	test -x $(VENV)/unoserver/bin/unoserver || echo "没有 unoserver，测速不与常驻的 LibreOffice 比较。" >&2

check: $(VENV)/ready-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/formsvc check
	@$(BIN)/python docs/dependencies.py audit

# zh_CN is the source language, so its catalogue says of each text the text itself; it is what a translation starts from
texts: $(VENV)/ready-tests
	@$(BIN)/python -m formsvc.i18n.extract

# The Chinese page of the API, from the same table as its routes
api-page: $(VENV)/ready
	@$(BIN)/python -m formsvc.web.api.openapi_page

# All parts with versions, hashes and licences, as CycloneDX: build/sbom.cdx.json
sbom: $(VENV)/ready-tests
	@$(BIN)/python docs/dependencies.py sbom

licences: $(VENV)/ready-tests
	@$(BIN)/python docs/dependencies.py licences

# The pictures of the handbooks, of the sample office; wants Chromium
pictures: packages-tests $(VENV)/ready-tests fonts
	@$(BIN)/python docs/take_pictures.py

# After a change of layout that is meant; what it changes is to be read
goldens: $(VENV)/ready-tests fonts
	@$(BIN)/python -m tests.support.golden_files

venv: $(VENV)/ready

python:
	@test -n "$(PYTHON)" || { echo "找不到 Python 3.11 或更高版本。请安装：Debian、Ubuntu 用 apt-get install python3 python3-venv，\
	Fedora 用 dnf install python3，macOS 用 brew install python，Windows 从微软应用商店安装 Python。" >&2; exit 2; }

# Runs on the system's own Python: without these libraries nothing else can be loaded
packages: python
	@$(PYTHON) -m formsvc.installation packages

packages-tests: python
	@$(PYTHON) -m formsvc.installation packages --tests

$(VENV)/ready: requirements.lock pyproject.toml | packages
	@echo "Python 环境：正在建立 $(VENV) 并安装软件包（第一次约一两分钟）……"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements.lock || $(NOT_INSTALLED)
	@$(PIP) install --no-deps --no-build-isolation -e . || $(NOT_INSTALLED)
	@touch $@

$(VENV)/ready-tests: requirements-dev.lock $(VENV)/ready
	@echo "Python 环境：正在安装测试和检查用的软件包……"
	@$(PIP) install --require-hashes -r requirements-dev.lock || $(NOT_INSTALLED)
	@touch $@

fonts: $(VENV)/ready
	@[ "$$FORMSVC_FONTS/pack/manifest.json" -nt formsvc/installation/font_pack.py ] || $(BIN)/formsvc setup

# For all systems and Pythons at once; setuptools builds the project itself
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/locking/bin/uv pip compile --quiet --no-config --universal \
	--python-version 3.11 --generate-hashes --upgrade --no-emit-index-url --no-emit-find-links

lock: python
	@$(PYTHON) -m venv $(VENV)/locking
	@$(VENV)/locking/bin/python -m pip --quiet --quiet install uv || $(NOT_INSTALLED)
	@echo "setuptools>=77" | $(LOCK) pyproject.toml - -o requirements.lock
	@$(LOCK) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	@rm -r $(VENV)/locking
