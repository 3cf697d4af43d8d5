# Telal. Needs python3 (3.11+) and git; every target prepares .venv by itself.
PY := .venv/bin/python
STAMP := .venv/.ready
# Some environments forbid it; the tests start Python a hundred times, and each time would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test test-upgrade test-alone test-packages understand test-stories-sqlite test-stories-postgresql test-stories-apart soak check format translations bench bench-all lock clean

setup: $(STAMP)

# A Debian python3 without ensurepip can still fill a venv with its own pip.
$(STAMP): requirements/dev.txt pyproject.toml
	@test -x $(PY) || python3 -m venv .venv 2>/dev/null || python3 -m venv --clear --without-pip .venv
	@$(PY) -m pip --version >/dev/null 2>&1 || python3 -m pip --python $(PY) install --quiet pip
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@.venv/bin/telal demo

# Two at a time: more of them on two cores make stories wait for each other longer than people would.
test: check
	@$(MAKE) --no-print-directory test-upgrade
	@$(MAKE) --no-print-directory --output-sync=target --jobs=2 \
		test-stories-postgresql test-stories-sqlite test-stories-apart test-packages

# By itself: what an old release had in hand when it died is a matter of seconds.
test-upgrade: setup
	$(PY) -m pytest tests/test_upgrade.py

# Real processes.
test-stories-sqlite: setup
	$(PY) -m pytest tests --ignore tests/test_upgrade.py -k sqlite

test-stories-postgresql: setup
	$(PY) -m pytest tests --ignore tests/test_upgrade.py -k postgresql

# Those in houses of their own.
test-stories-apart: setup
	$(PY) -m pytest tests --ignore tests/test_upgrade.py -k "not sqlite and not postgresql"

# What needs neither database nor browser nor simulator: while one writes.
test-alone: setup
	$(PY) -m pytest src --alone

# On SQLite and, what touches a database, once more on PostgreSQL.
test-packages: setup
	$(PY) -m pytest src
	TELAL_TEST_DATABASE=postgresql $(PY) -m pytest src

# How well the bot understands what people write, and how fast.
understand: setup
	$(PY) -m bench.understanding

# Many made-up examples for whatever decides; then trouble of every kind for MINUTES on each database, and the proof that everybody
# heard what they were to hear.
MINUTES ?= 10
soak: setup
	$(PY) -m pytest src --alone --hypothesis-profile many
	$(PY) -m tests.faults --minutes $(MINUTES) --database sqlite
	$(PY) -m tests.faults --minutes $(MINUTES) --database postgresql

# Format, lint, types, import contracts, migrations up to date, translations complete.
check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/telal check --code

# The texts of the staff screens, from code and templates into the catalogs; says what is still to be translated.
translations: setup
	$(PY) -m telal.config.translations

format: setup
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# On a quiet machine. The peers that we compare with have an environment of their own.
bench: setup .venv-peers/.ready
	$(PY) -m bench

# With millions of old messages, too: an hour.
bench-all: setup .venv-peers/.ready
	$(PY) -m bench all

.venv-peers/.ready: requirements/peers.txt | setup
	@test -x .venv-peers/bin/python || python3 -m venv --clear --without-pip .venv-peers
	$(PY) -m pip --python .venv-peers/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@touch $@

lock: setup
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		--custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		--custom-compile-command "make lock" --extra dev pyproject.toml -o requirements/dev.txt
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		--custom-compile-command "make lock" requirements/peers.in -o requirements/peers.txt

clean:
	rm -rf .venv .venv-peers .mypy_cache .pytest_cache .ruff_cache .hypothesis
